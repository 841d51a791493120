import Foundation
import TestSupport
import Testing

/// `hproute levels`: how loud what is played and recorded really is, and nothing left behind.
@Suite(.timeLimit(.minutes(45))) struct LevelsTests {
  private struct Moment: Decodable {
    struct Level: Decodable {
      struct Channel: Decodable {
        var name: String
        var peakDb: Double?
        var holdDb: Double?
        var clips: Int
      }

      var label: String?
      var name: String
      var kind: String
      var channels: [Channel]
    }

    var schema: Int
    var levels: [Level]
  }

  /// What is told until somebody presses Ctrl-C, a moment a line.
  private final class Meter {
    private let server: PrivateServer
    private let program: Program
    private let file: String

    init(_ server: PrivateServer, _ names: String...) throws {
      self.server = server
      file = "\(server.directory.path)/levels.json"
      program = try Program(
        ["sh", "-c", "exec \"$@\" >\"$0\"", file, HProuteBinary.path, "levels", "--json"] + names,
        environment: server.environment, log: "\(server.directory.path)/levels.log")
    }

    var moments: [Moment] {
      let decoder = JSONDecoder()
      decoder.keyDecodingStrategy = .convertFromSnakeCase
      let text = (try? server.directory.read("levels.json")) ?? ""
      return text.split(separator: "\n").compactMap { try? decoder.decode(Moment.self, from: Data($0.utf8)) }
    }

    /// The last moment in which a device was told.
    func level(of name: String) -> Moment.Level? { moments.last?.levels.first { $0.name == name } }

    /// As somebody at a terminal ends it.
    func end() -> Int32? {
      program.send(SIGINT)
      return program.wait(within: 5)
    }

    var log: String { program.logText }
  }

  private func isClose(_ level: Double?, _ wanted: Double) -> Bool { level.map { abs($0 - wanted) <= 0.5 } ?? false }

  @Test(arguments: ServerKind.allCases) func aSineReadsAsLoudAsItIs(kind: ServerKind) throws {
    let server = try PrivateServer(kind)
    try server.addDesk()
    try server.pactl("set-sink-volume", "interface", "100%")
    try server.play("Tone", tone: Tone(frequency: 440, right: 660, peak: 0.1), to: "interface")
    let before = try server.snapshot()
    let meter = try Meter(server, "interface", "builtin")
    #expect(
      eventually {
        meter.level(of: "interface")?.channels.allSatisfy { isClose($0.peakDb, -20) && isClose($0.holdDb, -20) && $0.clips == 0 }
          ?? false
      }, "\(String(describing: meter.moments.last)) \(meter.log)")
    let level = try #require(meter.level(of: "interface"))
    #expect(level.channels.map(\.name) == ["front-left", "front-right"] && level.kind == "output" && level.label == nil)
    #expect(meter.level(of: "builtin")?.channels.allSatisfy { $0.peakDb == nil } == true)
    #expect(meter.moments.allSatisfy { $0.schema == 1 })
    // A channel that is turned down is told as it is heard.
    try server.pactl("set-sink-volume", "interface", "100%", "50%")
    #expect(
      eventually {
        meter.level(of: "interface").map { isClose($0.channels[0].peakDb, -20) && isClose($0.channels[1].peakDb, -38.1) } ?? false
      }, "\(String(describing: meter.moments.last))")
    // Nobody else sees it.
    #expect(try !server.succeed("streams").contains("hproute"))
    #expect(meter.end() == 0, "\(meter.log)")
    try server.pactl("set-sink-volume", "interface", "100%")
    #expect(try eventually { try server.snapshot() == before })
    #expect(try !server.pactl("list", "source-outputs").contains("Levels"))
  }

  @Test(arguments: ServerKind.allCases) func whatIsClippedIsCounted(kind: ServerKind) throws {
    let server = try PrivateServer(kind)
    try server.addDesk()
    try server.pactl("set-sink-volume", "interface", "100%")
    try server.play("Loud", tone: Tone(frequency: 440, peak: 1.4), to: "interface")
    let meter = try Meter(server, "interface")
    #expect(
      eventually { meter.level(of: "interface")?.channels.allSatisfy { $0.clips > 5 } ?? false },
      "\(String(describing: meter.moments.last))")
    try server.endPlayer("Loud")
    let held = try #require(meter.level(of: "interface")).channels.map(\.clips)
    // The count stays, and the peak does not.
    #expect(
      eventually { meter.level(of: "interface")?.channels.allSatisfy { $0.peakDb == nil && $0.holdDb == nil } ?? false },
      "\(String(describing: meter.moments.last))")
    #expect(zip(try #require(meter.level(of: "interface")).channels.map(\.clips), held).allSatisfy { $0 >= $1 })
    // Four moments a second.
    let count = meter.moments.count
    #expect(eventually(within: 5) { meter.moments.count >= count + 8 })
  }

  /// The labels are those of the profile that is applied, and what it hears is told under them.
  @Test(arguments: ServerKind.allCases) func labelsOfTheProfile(kind: ServerKind) throws {
    let server = try PrivateServer(kind)
    try server.addDesk()
    try server.play("Voice", tone: Tone(frequency: 300, peak: 0.05), to: "mic-feed")
    try server.writeProfile(
      "studio", "[output phones]\nmatch = bus:usb\nvolume = 100%\nlimit = 0 dB\n[input mic]\nmatch = bus:usb\n")
    try server.succeed("apply", "studio")
    try server.play("Song", tone: Tone(frequency: 440, peak: 0.1))
    let meter = try Meter(server)
    #expect(
      eventually {
        let levels = meter.moments.last?.levels ?? []
        return levels.map(\.label) == ["phones", "mic"] && levels.map(\.kind) == ["output", "input"]
          && levels[0].channels.allSatisfy { isClose($0.peakDb, -20) }
          && levels[1].channels.allSatisfy { isClose($0.peakDb, -26) }
      }, "\(String(describing: meter.moments.last)) \(meter.log)")
    // What is reverted meanwhile is called by its name again.
    try server.succeed("revert")
    #expect(
      eventually { meter.moments.last.map { $0.levels.allSatisfy { $0.label == nil } } ?? false },
      "\(String(describing: meter.moments.last))")
    #expect(meter.end() == 0)
    let wrong = try server.hproute("levels", "phnes")
    #expect(wrong.exitCode == 3 && wrong.errors.contains("there is no output or input 'phnes'."), "\(wrong)")
    // Who has read enough ends it.
    let plain = try Program.run(
      ["bash", "-c", "'\(HProuteBinary.path)' levels --plain | head -n 1"], environment: server.environment, within: 10)
    #expect(plain.output.hasPrefix("Built-in Speakers: left "), "\(plain)")
  }

  /// Drawn as wide and as high as the window is, and gone afterwards but for what was seen last.
  @Test(arguments: ServerKind.allCases, [UInt16(40), 100]) func onATerminal(kind: ServerKind, columns: UInt16) throws {
    let server = try PrivateServer(kind)
    try server.addDesk()
    try server.pactl("set-sink-volume", "builtin", "100%")
    try server.play("Tone", tone: Tone(frequency: 440, peak: 1.2))
    let terminal = try PseudoTerminal(
      [HProuteBinary.path, "levels", "builtin"], environment: server.environment.merging(["TERM": "xterm"]) { $1 },
      columns: columns, log: "\(server.directory.path)/terminal.log")
    // A sink of 16 bits goes no further than full scale.
    #expect(eventually { terminal.text.contains(#/ (1\.6|0\.0) dB/#) }, "\(terminal.text.suffix(300))")
    #expect(terminal.shown.hasPrefix("\u{1B}[?1049h\u{1B}[?25l"))
    // Suspended, the terminal is as it was; and drawn on again afterwards.
    terminal.program.send(SIGTSTP)
    #expect(eventually { terminal.shown.hasSuffix("\u{1B}[?25h\u{1B}[?1049l") }, "\(terminal.shown.suffix(100).debugDescription)")
    // What comes sooner wakes nobody.
    #expect(eventually { terminal.program.isSuspended })
    let suspended = terminal.shown.utf8.count
    terminal.program.send(SIGCONT)
    #expect(eventually { terminal.shown.utf8.dropFirst(suspended).starts(with: "\u{1B}[?1049h\u{1B}[?25l".utf8) })
    terminal.type("\u{03}")
    #expect(terminal.program.wait(within: 5) == 0, "\(terminal.text.suffix(300))")
    let frames = { terminal.shown.components(separatedBy: "\u{1B}[?25h\u{1B}[?1049l") }
    #expect(
      eventually { frames().count == 3 && frames()[2].contains("Ctrl-C ends") }, "\(terminal.shown.suffix(300).debugDescription)")
    let lines = terminal.shown.replacing(#/\u{1B}\[(H|\?1049l)/#, with: "\n").replacing(
      #/\u{1B}\[[0-9;?]*[A-Za-z]|\r/#.matchingSemantics(.unicodeScalar), with: ""
    )
    .split(separator: "\n")
    let tooLong = lines.first { $0.count > Int(columns) + 2 }
    #expect(tooLong == nil)
    #expect(terminal.text.contains("clipped") == (columns == 100))
  }

  /// Nobody is woken who has not been named.
  @Test(arguments: ServerKind.only(.pipewire)) func whoSleepsSleepsOn(kind: ServerKind) throws {
    let server = try PrivateServer(kind)
    try server.addDesk()
    // The devices of the desk never sleep.
    try server.pactl(
      "load-module", "module-null-sink", "sink_name=sleeper",
      "sink_properties='device.description=\"Sleeper\" device.bus=firewire'")
    let isAsleep = {
      try server.pactl("list", "short", "sinks").split(separator: "\n").contains {
        $0.contains("sleeper") && $0.hasSuffix("SUSPENDED")
      }
    }
    #expect(try eventually(within: 15) { try isAsleep() })
    try server.writeProfile("studio", "[output phones]\nmatch = Sleeper\ndefault = no\n")
    try server.succeed("apply", "studio")
    #expect(try eventually(within: 15) { try isAsleep() })
    let meter = try Meter(server)
    #expect(eventually { meter.moments.count > 3 })
    #expect(meter.level(of: "sleeper")?.channels.allSatisfy { $0.peakDb == nil } == true, "\(meter.log)")
    #expect(try isAsleep())
    // Somebody plays: it is heard at once.
    try server.pactl("set-sink-volume", "sleeper", "100%")
    try server.play("Tone", tone: Tone(frequency: 440, peak: 0.1), to: "sleeper")
    #expect(
      eventually { meter.level(of: "sleeper")?.channels.allSatisfy { isClose($0.peakDb, -20) } ?? false },
      "\(String(describing: meter.moments.last))")
    #expect(meter.end() == 0)
  }

  /// A device leaves, and is heard again when it is back.
  @Test(arguments: ServerKind.allCases) func aDeviceLeavesAndReturns(kind: ServerKind) throws {
    let server = try CardTests.desk(kind, try SimulatedCard("solo"))
    let sink = server.device("output", "analog-stereo", of: "solo")
    let meter = try Meter(server, sink)
    #expect(eventually { meter.level(of: sink)?.channels.isEmpty == false }, "\(meter.log)")
    try server.unplug("solo")
    let count = meter.moments.count
    #expect(eventually { meter.moments.count > count + 2 }, "\(meter.log)")
    try server.plug("solo")
    try server.pactl("set-sink-volume", sink, "100%")
    try server.play("Tone", tone: Tone(frequency: 440, peak: 0.1), to: sink)
    #expect(
      eventually { meter.level(of: sink).map { $0.channels.contains { ($0.peakDb ?? -100) > -60 } } ?? false },
      "\(String(describing: meter.moments.last)) \(meter.log)")
    #expect(meter.end() == 0)
  }

  /// What `doctor` says of a microphone that nothing comes from, that is too loud, and that is on both channels.
  @Test(arguments: ServerKind.allCases) func whatDoctorHears(kind: ServerKind) throws {
    let server = try PrivateServer(kind)
    try server.addDesk()
    try server.pactl("set-default-source", "mic")
    let before = try server.snapshot()
    var text = ""
    let isSaid = { (sentence: String) in
      try eventually {
        text = try server.hproute("doctor").output
        return text.contains(sentence)
      }
    }
    #expect(try isSaid("Scarlett Mic delivers nothing at all, not even noise."), "\(text)")
    try server.play("Voice", tone: Tone(frequency: 300, peak: 0.1), to: "mic-feed")
    #expect(try isSaid("Scarlett Mic has the same on both channels."), "\(text)")
    try server.endPlayer("Voice")
    try server.play("Voice", tone: Tone(frequency: 300, right: 400, peak: 1.4), to: "mic-feed")
    #expect(
      try isSaid("Scarlett Mic (channel 1 and 2) is too loud and clips."), "\(text)")
    try server.pactl("set-sink-volume", "mic-feed", "30%", "20%")
    #expect(try isSaid("Scarlett Mic delivers -"), "\(text)")
    try server.endPlayers()
    try server.pactl("set-sink-volume", "mic-feed", "100%")
    #expect(try eventually { try server.snapshot() == before })
  }
}
