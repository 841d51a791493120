import Foundation
import TestSupport
import Testing

/// Nothing is ever louder than both before and asked for: heard, not computed.
@Suite(.timeLimit(.minutes(45))) struct EarsTests {
  /// A louder profile for the same headphones, and the speakers up: what is raised must be raised late.
  private static let stage = """
    [output phones]
    match  = usb:1235:8211
    volume = 60%
    [output speakers]
    match   = bus:pci
    default = no
    volume  = 100%
    """

  @Test(arguments: ServerKind.allCases) func noSampleIsTooLoud(kind: ServerKind) throws {
    let server = try PrivateServer(kind, fillingMemory: true)
    try server.addDesk()
    try server.writeProfile("studio", ApplyTests.studio)
    try server.writeProfile("stage", Self.stage)
    let loud = Tone(frequency: 440, peak: 0.5)
    try server.play("Loud", tone: loud)
    try server.play("Singer", tone: Tone(frequency: 1000, peak: 0.5), to: "mic-feed")
    // The singer stays at the microphone: it stands for the world outside the desktop.
    for name in ["studio", "stage"] {
      let text = try server.directory.read("profiles/\(name).profile")
      try server.writeProfile(
        name, text + "\n[output feed]\nmatch = name:mic-feed\ndefault = no\n[stream Singer]\nto = feed\n")
    }
    let speakers = try Recording(of: "builtin.monitor", on: server)
    let phones = try Recording(of: "interface.monitor", on: server)
    #expect(speakers.listen(seconds: 0.2) && phones.listen(seconds: 0.2))
    #expect(abs(speakers.peak() / (0.5 * gain(30)) - 1) < 0.12, "the tone is heard before: \(speakers.peak())")
    #expect(phones.peak() == 0)

    // Half a decibel of tolerance of the volumes, and half a decibel for resampling.
    let tolerance: Float = 1.122
    let monitored: Float = 0.5 * 0.512 * 0.501  // The singer, at 80 % and then at -6 dB.
    let steps: [(command: [String], phones: Float, speakers: Float)] = [
      (["apply", "studio"], (0.5 + monitored) * gain(45), 0.5 * gain(30)),
      (["apply", "stage"], 0.5 * gain(60), 0.5 * gain(30)),
      (["apply", "studio"], max(0.5 * gain(60), (0.5 + monitored) * gain(45)), 0.5 * gain(30)),
      (["revert"], (0.5 + monitored) * gain(45), 0.5 * gain(30)),
    ]
    var reached: Float = 0
    for step in steps {
      let (phonesStart, speakersStart) = (phones.position, speakers.position)
      let outcome = try Program.run([HProuteBinary.path] + step.command, environment: server.environment)
      #expect(outcome.exitCode == 0, "\(step.command): \(outcome.errors)")
      #expect(phones.listen(seconds: 0.3) && speakers.listen(seconds: 0.3))
      let (heard, outside) = (phones.peak(afterSample: phonesStart), speakers.peak(afterSample: speakersStart))
      #expect(heard <= step.phones * tolerance, "\(step.command): \(heard / step.phones) times what is allowed in the headphones")
      #expect(outside <= step.speakers * tolerance, "\(step.command): \(outside / step.speakers) times what is allowed outside")
      reached = max(reached, heard)
    }
    // The recording did hear the headphones, with what they should have played.
    #expect(reached > 0.5 * gain(60) * 0.9)
  }

  /// Streams that hproute does not move itself: they follow the default, or start later.
  @Test(arguments: ServerKind.allCases) func streamsOfOthersAreNotTooLoudEither(kind: ServerKind) throws {
    let server = try PrivateServer(kind, fillingMemory: true)
    try server.addDesk()
    try server.writeProfile("keep", "[profile]\nstreams = keep\n[output]\nmatch = bus:usb\nvolume = 45%\n")
    let phones = try Recording(of: "interface.monitor", on: server)
    #expect(phones.listen(seconds: 0.1))
    try server.succeed("apply", "keep")
    try server.play("Late", tone: Tone(frequency: 440, peak: 0.5))
    #expect(try server.position(of: "Late") == "interface")
    #expect(phones.listen(seconds: 0.3))
    try server.succeed("revert")
    #expect(phones.listen(seconds: 0.3))
    #expect(try server.position(of: "Late") == "builtin")
    #expect(try server.volume(of: "interface").contains(" 100% "))
    let allowed = 0.5 * gain(45)
    #expect(phones.peak() > allowed * 0.9)
    #expect(phones.peak() <= allowed * 1.122, "\(phones.peak() / allowed) times what is allowed")
  }

  /// The gain of a volume in percent.
  private func gain(_ percent: Float) -> Float { pow(percent / 100, 3) }
}
