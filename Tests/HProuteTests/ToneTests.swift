import Foundation
import TestSupport
import Testing

/// `hproute test`: a tone that listens to itself, and what another listener hears of it.
@Suite(.timeLimit(.minutes(45))) struct ToneTests {
  private func desk(_ kind: ServerKind) throws -> PrivateServer {
    let server = try PrivateServer(kind)
    try server.addDesk()
    try server.writeProfile("quiet", "[output]\nmatch = bus:usb\nvolume = 40%\n")
    return server
  }

  @Test(arguments: ServerKind.allCases) func itArrivesAndLeavesNothing(kind: ServerKind) throws {
    let server = try desk(kind)
    let before = try server.snapshot()
    let outcome = try server.hproute("test")
    #expect(outcome.exitCode == 0, "\(outcome)")
    #expect(
      outcome.output.hasPrefix(
        "A quiet tone in Built-in Speakers, 30% (-31.4 dB):\n  front-left   arrives\n  front-right  arrives\n  both         arrives\n"
      ), "\(outcome.output)")
    try server.requireUnchanged(since: before)
    // Beside something loud.
    try server.pactl("set-sink-volume", "builtin", "100%")
    try server.play("Music", tone: Tone(frequency: 440, right: 660, peak: 0.5), to: "builtin")
    #expect(try server.succeed("test", "Speakers").contains("both         arrives"))
  }

  @Test(arguments: ServerKind.allCases) func whatDoesNotArriveIsSaid(kind: ServerKind) throws {
    let server = try desk(kind)
    try server.pactl("set-sink-volume", "builtin", "60%", "0%")
    let half = try server.hproute("test", "builtin")
    #expect(
      half.exitCode == 1
        && half.output.contains("front-left   arrives\n  front-right  does not arrive\n  both         arrives on front-left\n"),
      "\(half)")
    try server.pactl("set-sink-volume", "builtin", "60%")
    try server.pactl("set-sink-mute", "builtin", "1")
    let muted = try server.hproute("test", "builtin", "--json")
    #expect(
      muted.exitCode == 1
        && muted.output.contains(
          #""healthy":false,"output":"builtin","steps":[{"channels":["front-left"],"drowned":false,"gaps":false,"heard":[]}"#),
      "\(muted)")
  }

  /// A label is what the user has given, and is not a part of something else's name; an input is listened to.
  @Test(arguments: ServerKind.allCases) func labelsAndInputs(kind: ServerKind) throws {
    let server = try desk(kind)
    try server.writeProfile("mine", "[output speakers]\nmatch = bus:usb\nvolume = 40%\n[input mic]\nmatch = bus:usb\n")
    try server.succeed("apply", "mine")
    #expect(try server.succeed("test", "speakers").hasPrefix("A quiet tone in Scarlett Solo USB, 40%"))
    // What the simulated microphone hears is what this plays in the room.
    try server.play("Voice", tone: Tone(frequency: 440, peak: 0.5), to: "mic-feed")
    let heard = try server.hproute("test", "mic")
    #expect(heard.exitCode == 0 && heard.output.contains("front-left   -6.0 dB\n"), "\(heard)")
    let json = try server.hproute("test", "mic", "--json").output
    #expect(json.contains(#""healthy":true,"input":"mic"}"#) && json.contains(#""peak_db":-6"#), "\(json)")
    try server.endPlayer("Voice")
    // PipeWire's remapped microphone begins with what was in its buffer when nobody listened any more.
    let recording = try Recording(of: "mic", on: server)
    let tap = Tap(recording)
    #expect(eventually { tap.listen(seconds: 0.2) && tap.peak(after: tap.position - 4_800) < 0.0001 })
    let silent = try server.hproute("test", "mic")
    #expect(silent.exitCode == 1 && silent.output.contains("nothing at all"), "\(silent)")
  }

  @Test(arguments: ServerKind.allCases) func someOfManyChannels(kind: ServerKind) throws {
    let server = try CardTests.desk(kind, try SimulatedCard("six"))
    let six = server.device("output", "analog-surround-51", of: "six")
    let some = try server.hproute("test", six, "--channels", "3-4,6")
    #expect(
      some.exitCode == 0 && some.output.contains("Not tested one by one: front-left, front-right, front-center."), "\(some)")
    #expect(some.output.components(separatedBy: "arrives").count == 5)
    let none = try server.hproute("test", six, "--channels", "7")
    #expect(none.exitCode == 64 && none.errors.contains("has no channel 7; it has 6"), "\(none)")
    for wrong in ["0", "4-3", "x", "1-20"] { #expect(try server.hproute("test", six, "--channels", wrong).exitCode == 64) }
  }

  /// Where the output is louder than the profile says, the tone is not.
  @Test(arguments: ServerKind.allCases) func neverLouderThanTheProfile(kind: ServerKind) throws {
    let server = try desk(kind)
    let recording = try Recording(of: "interface.monitor", on: server)
    let outcome = try server.hproute("test", "quiet")
    #expect(outcome.exitCode == 0 && outcome.output.hasPrefix("A quiet tone in Scarlett Solo USB, 100% (0.0 dB):"), "\(outcome)")
    #expect(recording.listen(seconds: 0.3))
    // -20 dB, and the 40 % of the profile.
    let wanted = Float(0.1 * pow(0.4, 3.0))
    let peak = recording.peak()
    #expect(peak > wanted / 2 && peak <= wanted * 1.05, "\(peak), and not \(wanted)")
  }

  @Test(arguments: ServerKind.allCases) func itIsSilentAtOnce(kind: ServerKind) throws {
    let server = try desk(kind)
    let before = try server.snapshot()
    let program = try Program(
      [HProuteBinary.path, "test"], environment: server.environment, log: "\(server.directory.path)/test.log")
    #expect(try eventually { try !server.streams("sink-inputs", on: "builtin").isEmpty })
    program.send(SIGINT)
    #expect(program.wait(within: 1) == 130, "\(program.logText)")
    #expect(try eventually { try server.streams("sink-inputs", on: "builtin").isEmpty })
    try server.requireUnchanged(since: before)
  }

  @Test func wrongNames() throws {
    let server = try desk(.any)
    #expect(try server.hproute("test", "nothing").exitCode == 66)
    try server.writeProfile("away", "[output]\nmatch = bus:bluetooth\n")
    #expect(try server.hproute("test", "away").exitCode == 3)
    try server.addSink("other", "Other Speakers")
    let two = try server.hproute("test", "speakers")
    #expect(
      two.exitCode == 3 && two.errors.contains("'speakers' could be any of these: Built-in Speakers, Other Speakers."),
      "\(two.errors)")
    server.stop()
    #expect(try server.hproute("test").exitCode == 69)
  }
}
