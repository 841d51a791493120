import Foundation
import TestSupport
import Testing

/// Each profile that comes along, applied to the card it is meant for, in every shape that the kernel and UCM give it.
@Suite(.timeLimit(.minutes(45))) struct ShippedProfilesOnCardsTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var profile: String
    var card: String
    /// Texts of the card file and what stands there instead.
    var replacing: [String: String] = [:]
    /// The sink below, as the card's file calls it; on PulseAudio, where it is another one.
    var sink: String
    var sinkOnPulseAudio: String?
    /// How many channels the sink has.
    var channels = 2
    /// Where left and right of the desktop are heard, counted from 0, and how loud.
    var desktop: [(left: Int, right: Int, decibels: Double)]
    /// The frequency of the microphone that is monitored: 2000 Hz and 100 for each channel, 1000 more for each source.
    var microphone: Double?
    var monitor = -6.0
    var only: ServerKind?

    var testDescription: String { "\(profile) on \(card) \(replacing.values.sorted().joined(separator: " "))" }
  }

  static let percent45 = -20.81
  static let cases: [Case] = [
    Case(profile: "scarlett-solo", card: "solo", sink: "analog-stereo", desktop: [(0, 1, percent45)], microphone: 2000),
    Case(
      profile: "scarlett-solo", card: "solo", replacing: ["0x8211": "0x8205"], sink: "analog-stereo",
      desktop: [(0, 1, percent45)], microphone: 2000),
    Case(
      profile: "scarlett-solo", card: "solo", replacing: ["0x8211": "0x801c"], sink: "analog-stereo",
      desktop: [(0, 1, percent45)], microphone: 2000),
    Case(profile: "scarlett-solo", card: "solo-ucm", sink: "HiFi__Line1__sink", desktop: [(0, 1, percent45)], microphone: 2000),
    Case(profile: "scarlett-solo", card: "solo4", sink: "analog-stereo", desktop: [(0, 1, percent45)], microphone: 2100),
    Case(profile: "scarlett-solo", card: "solo4-ucm", sink: "HiFi__Line1__sink", desktop: [(0, 1, percent45)], microphone: 3000),
    // Nothing but pro-audio, which only PipeWire has.
    Case(
      profile: "scarlett-solo", card: "solo4", replacing: ["avail=unknown desc=\"Analog": "avail=no desc=\"Analog"],
      sink: "pro-output-0", desktop: [(0, 1, percent45)], microphone: 3100, only: .pipewire),
    Case(profile: "studio-24c", card: "studio24c", sink: "analog-stereo", desktop: [(0, 1, percent45)], microphone: 2000),
    Case(
      profile: "apollo-twin", card: "apollo", sink: "pro-output-0", sinkOnPulseAudio: "multichannel-output", channels: 8,
      desktop: [(0, 1, -24)]),
    Case(profile: "usb-mixer", card: "mixer", sink: "analog-stereo", desktop: [(0, 1, -5.81)]),
    Case(profile: "headphone-amp", card: "dac", sink: "analog-stereo", desktop: [(0, 1, -30)]),
    Case(
      profile: "multi-headphones", card: "six", sink: "pro-output-0", sinkOnPulseAudio: "analog-surround-51", channels: 6,
      desktop: [(0, 1, percent45), (2, 3, -23.88)]),
    Case(profile: "podcast", card: "solo", sink: "analog-stereo", desktop: [(0, 1, percent45)], microphone: 2000, monitor: -9),
    Case(
      profile: "podcast", card: "solo-ucm", sink: "HiFi__Line1__sink", desktop: [(0, 1, percent45)], microphone: 2000, monitor: -9
    ),
    Case(profile: "studio", card: "studio24c", sink: "analog-stereo", desktop: [(0, 1, percent45)]),
    Case(profile: "studio", card: "solo-ucm", sink: "HiFi__Line1__sink", desktop: [(0, 1, percent45)], microphone: 2000),
    Case(profile: "headphones", card: "mixer", sink: "analog-stereo", desktop: [(0, 1, percent45)]),
  ]

  /// Each case on the servers that it is for.
  static let runs = cases.flatMap { test in (test.only.map(ServerKind.only) ?? ServerKind.allCases).map { ($0, test) } }

  @Test(arguments: runs) func itDoesWhatItSays(kind: ServerKind, test: Case) throws {
    var text = try SimulatedCard(test.card)
    for (old, new) in test.replacing { text = text.replacing(old, new) }
    let server = try CardTests.desk(kind, text)
    for (number, device) in text.sources.enumerated() {
      try server.card(test.card, "tone", "\(device)", "\(2000 + 1000 * number)", "100", "0.25")
    }
    try server.play("Desktop", tone: Tone(frequency: 400, right: 500, peak: 0.5))
    let before = try server.snapshot()
    try server.useShippedProfiles()
    let report = try server.succeed("apply", test.profile)
    // What is heard is the headphones, and not the output that is recorded.
    if test.profile == "podcast" { #expect(report.contains(" at 45 %, through desktop; "), "\(report)") }

    let name = kind == .pulseaudio ? test.sinkOnPulseAudio ?? test.sink : test.sink
    let sink = server.device("output", name, of: test.card)
    let tap = Tap(sink, channels: test.channels, on: server)
    var expected: [Int: [Double: Double]] = [:]
    for (left, right, decibels) in test.desktop {
      expected[left] = [400: -6.02 + decibels]
      expected[right] = [500: -6.02 + decibels]
    }
    if let microphone = test.microphone {
      for channel in 0...1 { expected[channel]?[microphone] = -12.04 + test.monitor + test.desktop[0].decibels }
    }
    // 'studio' does not pick a channel: both are heard, each in its ear.
    if test.profile == "studio", test.microphone == nil {
      expected[0]?[2000] = -12.04 - 6 + Self.percent45
      expected[1]?[2100] = -12.04 - 6 + Self.percent45
    }
    let others = (20...37).map { Double($0) * 100 }
    let difference = tap.differs(from: expected, others: others)
    let streams = difference == nil ? "" : try server.pactl("list", "sink-inputs") + server.pactl("list", "source-outputs")
    #expect(difference == nil, "\(difference ?? "")\n\(streams)")

    // A recording of the desktop has what is played, and not the microphone that is heard beside it.
    if test.profile == "podcast" {
      let recording = try Recording(of: "\(try server.pactl("get-default-sink")).monitor", on: server)
      let difference = Tap(recording).differs(from: [0: [400: -6.02], 1: [500: -6.02]], others: others)
      #expect(difference == nil, "\(difference ?? "")")
    }

    let again = try server.hproute("apply", test.profile, "--json")
    #expect(again.output.contains("\"unchanged\""), "\(again.output)")
    let status = try server.hproute("status").output
    #expect(!status.contains("Changed since"), "\(status)")
    try server.succeed("revert")
    try server.requireUnchanged(since: before)

    // Once more, for what a server may remember of the first time.
    guard test.profile == "multi-headphones" else { return }
    try server.succeed("apply", test.profile)
    let second = tap.differs(from: expected, others: others)
    #expect(second == nil, "\(second ?? "")")
  }

  /// The laptop: its speakers, its socket, and a headset without a wire.
  @Test(arguments: ServerKind.allCases) func theLaptop(kind: ServerKind) throws {
    let server = try CardTests.desk(kind, try SimulatedCard("headset"))
    let (builtin, wireless) = (
      server.device("output", "analog-stereo", of: "laptop"), server.device("output", "a2dp-sink", of: "headset")
    )
    try server.useShippedProfiles()
    try server.play("Desktop")
    let before = try server.snapshot()
    try server.succeed("apply", "headphones")
    #expect(try server.pactl("get-default-sink") == wireless)
    #expect(try server.volume(of: wireless).contains(" 50% "))
    try server.succeed("revert")
    try server.requireUnchanged(since: before)

    try server.unplug("headset")
    // None of all those that it would do with.
    let nothing = try server.hproute("apply", "headphones")
    #expect(
      nothing.exitCode == 3 && nothing.errors.contains("  [output socket]: nothing is plugged into 'Headphones'"), "\(nothing)")
    #expect(try server.activePort(of: builtin) == "analog-output-speaker")
    try server.card("laptop", "avail", "analog-output-headphones", "yes")
    #expect(try steadily { try server.activePort(of: builtin) == "analog-output-headphones" })
    try server.succeed("apply", "headphones")
    #expect(try server.activePort(of: builtin) == "analog-output-headphones")
    #expect(try server.volume(of: builtin).contains(" 30% "))
    try server.succeed("apply", "speakers")
    #expect(try server.activePort(of: builtin) == "analog-output-speaker")
    #expect(try server.volume(of: builtin).contains(" 60% "))
    try server.succeed("revert")
    #expect(try server.activePort(of: builtin) == "analog-output-headphones")
  }
}
