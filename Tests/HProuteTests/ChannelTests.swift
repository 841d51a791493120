import Foundation
import TestSupport
import Testing

/// A tone of its own on every channel, and what is heard of it where.
@Suite(.timeLimit(.minutes(45))) struct ChannelTests {
  private static let half = -6.02

  /// An interface with twenty channels out and eighteen in: in pro-audio, which only PipeWire has, or multichannel. The
  /// latter starts at 50 %, which would be in series with the volume of the profile.
  ///
  /// Not so pro-audio: of a sink without a port PipeWire now and then loses a volume that is set while the sink starts, and
  /// shows it all the same.
  private func studio(_ kind: ServerKind, pro: Bool = true) throws -> (server: PrivateServer, tap: Tap) {
    let pro = pro && kind == .pipewire
    let card = try SimulatedCard("eighteen")
    let server = try CardTests.desk(kind, card)
    if pro {
      try server.pactl("set-card-profile", "alsa_card.usb-Focusrite_Scarlett_18i20_USB_P9ABC12345678-00", "pro-audio")
    }
    let suffix = pro ? "pro-output-0" : "multichannel-output"
    let sink = server.device("output", suffix, of: card.id)
    guard try eventually({ try server.pactl("list", "short", "sinks").contains(sink) }) else {
      throw PrivateServer.Failed(description: "no sink")
    }
    let volume = pro ? "100%" : "50%"
    guard
      try eventually({
        try server.pactl("set-sink-volume", sink, volume)
        return try steadily(within: 0.5) { try server.volume(of: sink).contains(" \(volume) ") }
      })
    else { throw PrivateServer.Failed(description: "the sink does not take a volume") }
    // Channel n of the interface plays 2000 Hz and n times 100.
    try server.card("eighteen", "tone", pro ? "3" : "1", "2000", "100", "0.5")
    return (server, Tap(sink, channels: 20, on: server))
  }

  /// PipeWire from 1.0 on tells two of the volumes of a source in pro-audio before it has run, and silence for the others.
  private func snapshotOfAllChannels(_ server: PrivateServer) throws -> [String] {
    let isSilent = { (block: PrivateServer.Block) in
      block.lines.contains { $0.hasPrefix("Volume: ") && $0.contains("aux2: 0 /") }
    }
    for source in try server.objects("sources").filter(isSilent) {
      let recorder = try server.record("Listener", from: source.name)
      #expect(try eventually { try !server.objects("sources").contains { $0.name == source.name && isSilent($0) } })
      recorder.kill()
      #expect(try eventually { try server.recorderPosition(of: "Listener") == nil })
    }
    return try server.snapshot()
  }

  private static let inputs = (0..<18).map { 2000 + 100 * Double($0) }

  @Test(arguments: ServerKind.allCases) func eachGoesWhereTheProfileSays(kind: ServerKind) throws {
    let (server, tap) = try studio(kind)
    try server.writeProfile(
      "channels",
      """
      [card interface]
      match = usb:1235:8215
      [output main]
      card     = interface
      channels = 7, 8
      volume   = 0 dB
      [output crossed]
      card     = interface
      channels = 12, 11
      volume   = -10 dB
      default  = no
      [output single]
      card     = interface
      channels = 20
      volume   = -6 dB
      default  = no
      [input voice]
      card     = interface
      channels = 3
      volume   = 100%
      [input pair]
      card     = interface
      channels = 17, 18
      volume   = -4 dB
      default  = no
      [monitor voice]
      from   = voice
      to     = main
      volume = -8 dB
      [monitor pair]
      from   = pair
      to     = crossed
      volume = 0 dB
      [stream Crossed]
      to = crossed
      [stream Single]
      to = single
      """)
    try server.play("Main", tone: Tone(frequency: 400, right: 500, peak: 0.25))
    try server.play("Crossed", tone: Tone(frequency: 600, right: 700, peak: 0.25))
    try server.play("Single", tone: Tone(frequency: 800, peak: 0.25))
    let before = try snapshotOfAllChannels(server)
    try server.succeed("apply", "channels")
    let quarter = -12.04
    // The microphone is heard in both ears; what is crossed is crossed on the way out, for monitors as well.
    let expected: [Int: [Double: Double]] = [
      6: [400: quarter, 2200: Self.half - 8], 7: [500: quarter, 2200: Self.half - 8],
      11: [600: quarter - 10, 3600: Self.half - 14], 10: [700: quarter - 10, 3700: Self.half - 14],
      // Left and right together: PulseAudio and PipeWire 1 take their mean, PipeWire 0.3 plays them 3 dB louder.
      19: [800: quarter - 6 + (try server.pactl("info").contains("PipeWire 0.3") ? 3.01 : 0)],
    ]
    let difference = tap.differs(from: expected, others: Self.inputs)
    #expect(difference == nil, "\(difference ?? "")")
    let again = try server.hproute("apply", "channels", "--json")
    #expect(again.output.contains("\"result\":\"unchanged\""), "\(again.output)")
    let appearances = [
      ("sinks", "main", "audio-headphones", "headphone"), ("sources", "voice", "audio-input-microphone", "microphone"),
    ]
    for (objects, name, icon, form) in appearances {
      let device = try server.objects(objects).first { $0.name == "hproute.\(name)" }
      #expect(device?.lines.contains("device.icon_name = \"\(icon)\"") == true, "\(device?.lines ?? [])")
      #expect(device?.lines.contains("device.form_factor = \"\(form)\"") == true, "\(device?.lines ?? [])")
    }
    try server.succeed("revert")
    try server.requireUnchanged(since: before)
  }

  @Test(arguments: ServerKind.allCases) func severalHeadphonesAtOnce(kind: ServerKind) throws {
    let (server, tap) = try studio(kind)
    try server.writeProfile(
      "both",
      """
      [card interface]
      match = usb:1235:8215
      [output both]
      combine = one, two
      [output one]
      card     = interface
      channels = 1, 2
      volume   = -12 dB
      [output two]
      card     = interface
      channels = 3, 4
      volume   = -20 dB
      """)
    try server.play("Player", tone: Tone(frequency: 400, right: 500, peak: 0.5))
    // In pro-audio the inputs run when the outputs do.
    let before = try snapshotOfAllChannels(server)
    try server.succeed("apply", "both")
    #expect(try server.pactl("get-default-sink") == "hproute.both")
    let difference = tap.differs(
      from: [
        0: [400: Self.half - 12], 1: [500: Self.half - 12], 2: [400: Self.half - 20], 3: [500: Self.half - 20],
      ], others: Self.inputs)
    #expect(difference == nil, "\(difference ?? "")")
    let again = try server.hproute("apply", "both", "--json")
    #expect(again.output.contains("\"result\":\"unchanged\""), "\(again.output)")
    try server.succeed("revert")
    try server.requireUnchanged(since: before)
  }

  /// One volume: that of the new device is what volume keys move, and what is heard.
  @Test(arguments: ServerKind.allCases) func oneVolumeIsLeft(kind: ServerKind) throws {
    let (server, tap) = try studio(kind, pro: false)
    try server.writeProfile("pair", "[output]\nmatch = bus:usb\nchannels = 5, 6\n")
    try server.play("Player", tone: Tone(frequency: 400, peak: 0.5))
    try server.succeed("apply", "pair")
    // The file names no volume: it is as loud as it would have been.
    #expect(try server.volume(of: "hproute.output").contains(" 50% "))
    var level = Self.half - 18.06
    var difference = tap.differs(from: [4: [400: level], 5: [400: level]])
    #expect(difference == nil, "\(difference ?? "")")
    try server.pactl("set-sink-volume", "hproute.output", "80%")
    level = Self.half - 5.81
    difference = tap.differs(from: [4: [400: level], 5: [400: level]])
    #expect(difference == nil, "\(difference ?? "")")
    let status = try server.hproute("status").output
    #expect(status.contains("output (Scarlett 18i20 USB 5+6): now 80% (-5.8 dB), pair set 50% (-18.1 dB)"), "\(status)")
  }

  /// An interface whose channels only have numbers: what plays is heard from the first two.
  @Test(arguments: ServerKind.allCases) func anOutputWithoutChannelsIsTheFirstPair(kind: ServerKind) throws {
    let card = try SimulatedCard("apollo")
    let server = try CardTests.desk(kind, card)
    let sink = server.device("output", "multichannel-output", of: card.id)
    #expect(try eventually { try server.pactl("list", "short", "sinks").contains(sink) })
    let tap = Tap(sink, channels: 8, on: server)
    try server.play("Player", tone: Tone(frequency: 400, right: 500, peak: 0.5))
    let before = try server.snapshot()
    try server.writeProfile("apollo", "[output]\nmatch = pci:1a00:0002\nvolume = 60%\n")
    try server.succeed("apply", "apollo")
    #expect(try server.pactl("get-default-sink") == "hproute.output")
    let level = Self.half - 13.31
    let difference = tap.differs(from: [0: [400: level], 1: [500: level]])
    #expect(difference == nil, "\(difference ?? "")")
    let doctor = try server.hproute("doctor")
    #expect(doctor.exitCode == 0, "\(doctor.output)")
    #expect(try server.hproute("apply", "apollo", "--json").output.contains("\"unchanged\""))
    try server.succeed("revert")
    try server.requireUnchanged(since: before)
  }

  /// A default output that is deaf to all programs is what doctor and test are asked about.
  @Test(arguments: ServerKind.allCases) func aDefaultOutputWithNumbersOnly(kind: ServerKind) throws {
    let server = try PrivateServer(kind)
    try server.addDesk()
    try server.addSink("mixer", "XR18", "device.bus=usb", map: (0..<4).map { "aux\($0)" }.joined(separator: ","))
    try server.pactl("set-sink-volume", "mixer", "40%")
    try server.chooseDefault("mixer")
    let (doctor, test) = (try server.hproute("doctor"), try server.hproute("test"))
    guard kind == .pulseaudio else {
      #expect(doctor.exitCode == 0 && test.exitCode == 0, "\(doctor.output)\(test)")
      return
    }
    #expect(
      doctor.exitCode == 1 && doctor.output.contains("wrong  default output: The channels of XR18 only have numbers"),
      "\(doctor.output)")
    #expect(test.exitCode == 1 && test.output.contains("\nNo program would be heard: its channels only have numbers"), "\(test)")
    try server.writeProfile("xr18", "[output]\nmatch = XR18\n[input mic]\nmatch = bus:usb\n[monitor]\nfrom = mic\nto = output\n")
    try server.succeed("apply", "xr18")
    let cured = try server.hproute("doctor")
    #expect(cured.exitCode == 0, "\(cured.output)")
    #expect(try server.hproute("test").exitCode == 0)
  }

  /// Channels of a card that has not played yet, which are to be silent: PipeWire 1.4 hides the volumes of such a card.
  @Test(arguments: ServerKind.allCases) func channelsThatAreMuted(kind: ServerKind) throws {
    let (server, _) = try studio(kind)
    try server.writeProfile("pair", "[output]\nmatch = bus:usb\nchannels = 3, 4\nmute = yes\nvolume = 40%\n")
    for _ in 0..<3 {
      let start = ContinuousClock.now
      try server.succeed("apply", "pair")
      #expect(ContinuousClock.now - start < .seconds(4))
      #expect(try server.pactl("get-sink-mute", "hproute.output") == "Mute: yes")
      #expect(try server.volume(of: "hproute.output").contains(" 40% "))
      try server.succeed("revert")
    }
    // Nothing has played to it when it gets another volume.
    for percent in ["40%", "20%"] {
      try server.writeProfile("pair", "[output]\nmatch = bus:usb\nchannels = 3, 4\nvolume = \(percent)\n")
      try server.succeed("apply", "pair")
    }
    try server.play("Player", to: "hproute.output")
    #expect(try eventually { try server.volume(of: "hproute.output").contains(" 20% ") })
  }

  @Test(arguments: ServerKind.allCases) func channelsThatAreNotThere(kind: ServerKind) throws {
    let (server, _) = try studio(kind)
    let before = try snapshotOfAllChannels(server)
    try server.writeProfile("far", "[output]\nmatch = bus:usb\nchannels = 21, 22\n")
    let outcome = try server.hproute("apply", "far")
    #expect(outcome.exitCode == 3)
    #expect(outcome.errors.contains("[output] asks for channels = 21, 22, and Scarlett 18i20 USB"), "\(outcome.errors)")
    // Which of the eighteen should be heard? The first, and that is said.
    try server.writeProfile(
      "all", "[output]\nmatch = bus:pci\n[input mic]\nmatch = bus:usb\n[monitor]\nfrom = mic\nto = output\n")
    let first = try server.hproute("apply", "all")
    #expect(first.exitCode == 0 && first.errors.contains("channel 1 is taken. For another one: channels = 2"), "\(first.errors)")
    let loopback = try #require(
      try server.pactl("list", "short", "modules").split(separator: "\n").last { $0.contains("source=hproute.mic") })
    #expect(loopback.contains("module-loopback"))
    try server.succeed("revert")
    try server.requireUnchanged(since: before)
  }
}
