import Foundation
import TestSupport
import Testing

/// The commands that are made for keys and bars: toggle, cycle, monitor, `status --format waybar`, and `apply --wait`.
@Suite(.timeLimit(.minutes(45))) struct KeyTests {
  static func desk(_ kind: ServerKind) throws -> PrivateServer {
    let server = try PrivateServer(kind)
    try server.addDesk()
    try server.writeProfile("studio", ApplyTests.studio)
    return server
  }

  // MARK: - Monitors

  /// Whether the loopback of hproute is heard; nil where there is none.
  private func isHeard(_ server: PrivateServer) throws -> Bool? {
    try server.pactl("list", "sink-inputs").components(separatedBy: "Sink Input #").first { $0.contains("hproute.id") }
      .map { $0.contains("Mute: no") }
  }

  @Test(arguments: ServerKind.allCases) func aMonitorIsSwitched(kind: ServerKind) throws {
    let server = try Self.desk(kind)
    let before = try server.snapshot()
    #expect(try server.hproute("monitor", "off").errors.contains("no profile is applied, so there is no monitor to switch"))
    try server.succeed("apply", "studio")
    try server.pactl("set-sink-volume", "interface", "31%")
    for (position, isOn) in [("off", false), ("off", false), ("toggle", true), ("toggle", false), ("on", true), ("off", false)] {
      try server.succeed("monitor", position)
      #expect(try isHeard(server) == isOn, "\(position)")
      // Nothing else is touched.
      #expect(try server.volume(of: "interface").contains(" 31% "))
    }
    let status = try server.hproute("status").output
    #expect(status.contains("studio is applied") && !status.contains("monitor"), "\(status)")
    // The next apply ends it.
    try server.succeed("apply", "studio")
    #expect(try isHeard(server) == true)
    try server.succeed("monitor", "toggle", "monitor")
    #expect(try isHeard(server) == false)
    let unknown = try server.hproute("monitor", "on", "monitr")
    #expect(
      unknown.exitCode == 64 && unknown.errors.contains("studio has no [monitor monitr]. Did you mean 'monitor'?"),
      "\(unknown.errors)")
    #expect(try server.hproute("monitor", "louder").exitCode == 64)
    try server.succeed("revert")
    try server.requireUnchanged(since: before)
  }

  @Test(arguments: ServerKind.allCases) func oneOfTwoMonitorsIsSwitched(kind: ServerKind) throws {
    let server = try Self.desk(kind)
    try server.writeProfile(
      "two",
      "[output phones]\nmatch = bus:usb\n[output speakers]\nmatch = bus:pci\ndefault = no\n[input mic]\nmatch = bus:usb\n"
        + "[monitor ears]\nfrom = mic\nto = phones\n[monitor room]\nfrom = mic\nto = speakers\nmute = yes\n")
    try server.succeed("apply", "two")
    let heard = { (sink: String) in
      try server.streams("sink-inputs", on: sink).contains { $0.contains("hproute.id") && $0.contains("Mute: no") }
    }
    try server.succeed("monitor", "on", "room")
    #expect(try heard("interface") && heard("builtin"))
    try server.succeed("monitor", "off", "ears")
    #expect(try !heard("interface") && heard("builtin"))
    // One of them is heard, so the key makes it silent.
    try server.succeed("monitor", "toggle")
    #expect(try !heard("interface") && !heard("builtin"))
  }

  // MARK: - Profiles

  @Test(arguments: ServerKind.allCases) func toggleGoesThereAndBack(kind: ServerKind) throws {
    let server = try Self.desk(kind)
    let before = try server.snapshot()
    #expect(try server.succeed("toggle", "studio").hasPrefix("Applied studio: "))
    try server.writeProfile("studio", "rubbish")
    // To go back the file is not needed.
    #expect(try server.succeed("toggle", "studio").hasPrefix("Reverted: "))
    try server.requireUnchanged(since: before)
    #expect(try server.hproute("toggle", "studio").exitCode == 65)
    // A key that is pressed twice does it twice, however fast.
    try server.writeProfile("studio", ApplyTests.studio)
    let both = try (0..<2).map {
      try Program(
        [HProuteBinary.path, "toggle", "studio"], environment: server.environment, log: "\(server.directory.path)/key-\($0)")
    }
    for program in both { #expect(program.wait(within: 20) == 0, "\(program.logText)") }
    try server.requireUnchanged(since: before)
  }

  @Test(arguments: ServerKind.allCases) func cycleGoesOnToTheNextThatCanBe(kind: ServerKind) throws {
    let server = try Self.desk(kind)
    try server.writeProfile("absent", "[output]\nmatch = bus:bluetooth\n")
    try server.writeProfile("wrong", "rubbish")
    try server.writeProfile("speakers", "[output]\nmatch = bus:pci\n")
    // The first of them holds already.
    #expect(try server.succeed("cycle").hasPrefix("Nothing to do: everything is already as speakers says"))
    for name in ["studio", "speakers"] { #expect(try server.succeed("cycle").hasPrefix("Applied \(name): ")) }
    for name in ["studio", "speakers"] {
      #expect(try server.succeed("cycle", "studio", "absent", "speakers").hasPrefix("Applied \(name): "))
    }
    let none = try server.hproute("cycle", "absent")
    #expect(none.exitCode == 3 && none.errors.contains("none of absent can be applied now"), "\(none.errors)")
    #expect(try server.hproute("cycle", "wrong").exitCode == 65)
    #expect(try server.hproute("cycle", "nothing").exitCode == 66)
  }

  // MARK: - Waiting

  @Test(arguments: ServerKind.allCases) func applyWaitsForServerAndDevice(kind: ServerKind) throws {
    let server = try PrivateServer(kind, cards: [try SimulatedCard("laptop"), try SimulatedCard("solo")])
    try server.writeProfile("solo", "[output]\nmatch = usb:1235:8211\nvolume = 30%\n")
    server.stop()
    let program = try Program(
      [HProuteBinary.path, "apply", "solo", "--wait", "30"], environment: server.environment,
      log: "\(server.directory.path)/hproute.log")
    let short = try server.hproute("apply", "solo", "--wait", "0.3")
    #expect(short.exitCode == 69, "\(short.errors)")
    try server.start(isWaiting: false)
    #expect(eventually { (try? server.pactl("info")) != nil })
    try server.plug("laptop")
    let absent = try server.hproute("apply", "solo", "--wait", "0.3")
    #expect(absent.exitCode == 3 && absent.errors.contains("nothing that is connected fits [output]"), "\(absent.errors)")
    #expect(program.isRunning)
    try server.plug("solo")
    #expect(program.wait(within: 10) == 0, "\(program.logText)")
    #expect(try server.pactl("get-default-sink") == server.device("output", "analog-stereo", of: "solo"))
    #expect(try server.hproute("apply", "solo", "--wait", "-1").exitCode == 64)
  }

  @Test func aWaitCanBeGivenUp() throws {
    let server = try Self.desk(.any)
    try server.writeProfile("absent", "[output]\nmatch = bus:bluetooth\n")
    let before = try server.snapshot()
    let program = try Program(
      [HProuteBinary.path, "apply", "absent", "--wait", "60"], environment: server.environment,
      log: "\(server.directory.path)/hproute.log")
    // It waits in the loop once it is connected.
    #expect(try eventually { try server.pactl("list", "clients").contains("hproute") })
    program.send(SIGINT)
    #expect(program.wait(within: 5) == 128 + SIGINT)
    try server.requireUnchanged(since: before)
  }

  // MARK: - Bars

  @Test func waybarGetsWhatItUnderstands() throws {
    let server = try Self.desk(.any)
    let status = { () throws -> [String: String] in
      let text = try server.succeed("status", "--format", "waybar")
      return try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: String])
    }
    #expect(Set(try status().keys) == ["text", "tooltip", "class", "alt"])
    #expect(try status()["text"] == "–" && status()["alt"] == "none" && status()["class"] == "none")
    try server.succeed("apply", "studio")
    #expect(try status()["text"] == "studio" && status()["class"] == "applied")
    try server.pactl("set-sink-volume", "interface", "20%")
    let changed = try status()
    #expect(changed["class"] == "changed" && changed["alt"] == "applied")
    #expect(changed["tooltip"]?.contains("\n'hproute apply studio' sets this again") == true)
    // Markup is text.
    try server.pactl("set-sink-mute", "interface", "0")
    server.stop()
    #expect(try status()["alt"] == "offline" && status()["text"] == "studio")
    #expect(try server.hproute("status", "--format", "xml").exitCode == 64)
  }
}
