import Foundation
import TestSupport
import Testing

/// What the commands print and how they end.
@Suite(.timeLimit(.minutes(45))) struct CommandLineTests {
  /// A server that is not there, and directories that are.
  private final class Nowhere {
    let directory: TemporaryDirectory
    let environment: [String: String]

    init() throws {
      directory = try TemporaryDirectory()
      environment = [
        "HOME": directory.path, "XDG_RUNTIME_DIR": directory.path, "PULSE_SERVER": "unix:\(directory.path)/no-server",
        "HPROUTE_PROFILE_PATH": try directory.make("profiles"), "XDG_DATA_DIRS": directory.path,
        "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin",
      ]
    }

    func hproute(_ arguments: String...) throws -> Program.Outcome {
      try Program.run([HProuteBinary.path] + arguments, environment: environment)
    }
  }

  @Test func withoutAServerItSaysSo() throws {
    let nowhere = try Nowhere()
    try nowhere.directory.write("[output]\nmatch = bus:usb\n", to: "profiles/studio.profile")
    for command in [["apply", "studio"], ["plan", "studio"], ["revert"], ["devices"], ["streams"]] {
      let outcome = try Program.run([HProuteBinary.path] + command, environment: nowhere.environment)
      #expect(outcome.exitCode == 69, "\(command)")
      #expect(outcome.errors.hasPrefix("hproute: error: no sound server answers at unix:\(nowhere.directory.path)/no-server"))
      #expect(outcome.output.isEmpty)
    }
    let status = try nowhere.hproute("status")
    #expect(status.exitCode == 0)
    #expect(status.output == "No profile is applied.\nNo sound server is running; this is the last known state.\n")
    let list = try nowhere.hproute("list", "--json")
    #expect(list.exitCode == 0)
    #expect(list.output.contains("\"applicable\":null"))
  }

  @Test func aWrongNameIsNoDeadEnd() throws {
    let nowhere = try Nowhere()
    try nowhere.directory.write("[output]\nmatch = bus:usb\n", to: "profiles/studio.profile")
    let outcome = try nowhere.hproute("apply", "studoi")
    #expect(outcome.exitCode == 66)
    #expect(outcome.errors == "hproute: error: there is no profile 'studoi'. Did you mean 'studio'?\n")
    #expect(try nowhere.hproute("show", "../no-such").exitCode == 66)
    #expect(try nowhere.hproute("show", "-- -x").exitCode == 64)
    #expect(try nowhere.hproute("check", "studio.profile").exitCode == 0)
    #expect(try nowhere.hproute("check", "\(nowhere.directory.path)/profiles/studio.profile").exitCode == 0)
  }

  @Test func usageErrorsAre64() throws {
    let nowhere = try Nowhere()
    for arguments in [["aply"], ["apply"], ["apply", "a", "b"], ["status", "--timeout", "0"], ["status", "--timeout", "x"]] {
      #expect(try Program.run([HProuteBinary.path] + arguments, environment: nowhere.environment).exitCode == 64)
    }
    let json = try nowhere.hproute("apply", "--json")
    #expect(json.output.hasPrefix("{\"schema\":1,\"error\":{\"exit\":64,"))
    #expect(try nowhere.hproute("aply").errors.hasPrefix("Error: There is no command 'aply'. Did you mean 'apply'?\n"))
    #expect(try nowhere.hproute("--json", "--timeout", "1", "status").output.hasPrefix("{\"schema\":1,"))
    #expect(try nowhere.hproute("--version").output == "0.1.0\n")
    #expect(try nowhere.hproute("apply", "--help").exitCode == 0)
  }

  @Test func everyMistakeInAProfileHasItsMessage() throws {
    let nowhere = try Nowhere()
    let path = try nowhere.directory.write(Sample.elevenMistakes, to: "profiles/wrong.profile")
    let outcome = try nowhere.hproute("check", "wrong")
    #expect(outcome.exitCode == 65)
    let errors = outcome.errors.split(separator: "\n").filter { $0.hasPrefix("\(path):") && $0.contains(": error: ") }
    #expect(errors.count == 11)
    #expect(outcome.errors.split(separator: "\n").count { $0.contains("    | ") && $0.contains("^") } == 11)
    #expect(outcome.errors.contains("    | ^~~~~~~ did you mean 'streams'?\n"))
    let apply = try nowhere.hproute("apply", "wrong", "--json")
    #expect(apply.exitCode == 65)
    #expect(apply.output.contains("\"exit\":65"))
  }

  @Test func showPrintsTheFileAndWhereItCameFrom() throws {
    let nowhere = try Nowhere()
    let path = try nowhere.directory.write("# mine\n[output]\nmatch = bus:usb", to: "profiles/mine.profile")
    #expect(try nowhere.hproute("show", "mine").output == "# \(path)\n# mine\n[output]\nmatch = bus:usb\n")
  }

  @Test func listSaysWhatHidesWhat() throws {
    let nowhere = try Nowhere()
    let own = "[profile]\ndescription = My own\n[output]\nmatch = bus:usb\n"
    try nowhere.directory.write(own, to: "profiles/studio.profile")
    try nowhere.directory.write("[output]\nmatch = bus:usb\n", to: ".config/hproute/profiles/studio.profile")
    try nowhere.directory.write("rubbish\n", to: ".config/hproute/profiles/wrong.profile")
    let text = try nowhere.hproute("list").output
    #expect(
      text == """
           studio  My own
           studio          hidden by one of the same name
           wrong           has errors: hproute check wrong

        """)
  }

  @Test func theStateDirectoryIsPrivateAndRequired() throws {
    let nowhere = try Nowhere()
    try nowhere.directory.write("[output]\nmatch = bus:usb\n", to: "profiles/studio.profile")
    _ = try nowhere.hproute("apply", "studio")
    let mode = try FileManager.default.attributesOfItem(atPath: "\(nowhere.directory.path)/.local/state/hproute")[
      .posixPermissions]
    #expect(mode as? Int == 0o700)
    var environment = nowhere.environment
    environment["HOME"] = nil
    let outcome = try Program.run([HProuteBinary.path, "apply", "studio"], environment: environment)
    #expect(outcome.exitCode == 74)
    #expect(outcome.errors.contains("neither HOME nor XDG_STATE_HOME is set"))
  }

  @Test func anotherOneAtWorkIsWaitedForAndNamed() throws {
    let nowhere = try Nowhere()
    try nowhere.directory.write("[output]\nmatch = bus:usb\n", to: "profiles/studio.profile")
    let lock = try nowhere.directory.write("process 1: apply other", to: ".local/state/hproute/lock")
    let holder = try Program(
      ["flock", lock, "sleep", "60"], environment: nowhere.environment, log: "\(nowhere.directory.path)/flock.log")
    defer { holder.kill() }
    #expect(try eventually { try Program.run(["flock", "-n", lock, "true"], environment: nowhere.environment).exitCode == 1 })
    let outcome = try nowhere.hproute("apply", "studio", "--timeout", "0.2")
    #expect(outcome.exitCode == 75)
    #expect(outcome.errors.contains("another hproute is at work (process 1: apply other)"))
  }

  @Test func aClosedPipeIsNoError() throws {
    let nowhere = try Nowhere()
    let outcome = try Program.run(
      // The reader has gone before the report is written.
      ["bash", "-c", "(exec 3>&1; (\"$0\" status; echo $? >&3) | true)", HProuteBinary.path], environment: nowhere.environment)
    #expect(outcome.output == "0\n")
  }

  /// What could not be printed has not been told: not so where nobody reads it any more.
  @Test(arguments: [
    "status", "status --json", "status --format waybar", "list", "show studio", "check", "autostart status", "--help",
    "--version",
    "apply --help", "__complete profiles", "__unit /usr/bin/hproute",
  ])
  func aFullDiskIsAnError(arguments: String) throws {
    let nowhere = try Nowhere()
    try nowhere.directory.write("[output]\nmatch = bus:usb\n", to: "profiles/studio.profile")
    let run = { (redirection: String) in
      try Program.run(["sh", "-c", "\"$0\" \(arguments) \(redirection)", HProuteBinary.path], environment: nowhere.environment)
    }
    let full = try run("> /dev/full")
    #expect(full.exitCode == 74)
    #expect(full.errors == "hproute: error: standard output cannot be written (No space left on device).\n")
    // Nobody wants it.
    for redirection in ["> /dev/null", ">&-"] { #expect(try run(redirection).exitCode == 0, "\(redirection)") }
  }

  // MARK: - With a server

  @Test(arguments: ServerKind.allCases) func everyReportIsOneJSONObject(kind: ServerKind) throws {
    let server = try PrivateServer(kind)
    try server.addDesk()
    try server.writeProfile("studio", ApplyTests.studio)
    let odd = try Program(
      ["pacat", "--raw", "--client-name=Odd \"name\" \u{1B}[31m", "/dev/zero"], environment: server.environment,
      log: "\(server.directory.path)/odd.log")
    defer { odd.kill() }
    #expect(try eventually { try server.pactl("list", "sink-inputs").contains("Odd") })
    var objects: [String: [String: Any]] = [:]
    let commands = [
      ["plan", "studio"], ["apply", "studio"], ["status"], ["devices"], ["streams"], ["list"], ["check"],
      ["show", "studio"], ["revert"],
    ]
    for command in commands {
      let outcome = try Program.run([HProuteBinary.path] + command + ["--json"], environment: server.environment)
      #expect(outcome.exitCode == 0, "\(command): \(outcome.errors)")
      #expect(outcome.output.hasPrefix("{\"schema\":1,"))
      let object = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
      objects[command[0]] = try #require(object as? [String: Any])
    }
    #expect(objects["plan"]?["result"] as? String == "planned")
    #expect(objects["apply"]?["result"] as? String == "applied")
    #expect(objects["apply"]?["elapsed_ms"] is Int)
    let changes = try #require(objects["apply"]?["changes"] as? [[String: Any]])
    #expect(Set(changes.compactMap { $0["action"] as? String }) == ["set-volume", "set-default", "move-stream", "load"])
    #expect(changes.allSatisfy { Set($0.keys) == ["action", "object", "from", "to"] })
    #expect(objects["status"]?["state"] as? String == "applied")
    #expect((objects["status"]?["server"] as? [String: Any])?["kind"] as? String == kind.rawValue)
    #expect(objects["revert"]?["result"] as? String == "reverted")
    let sinks = try #require(objects["devices"]?["sinks"] as? [[String: Any]])
    let interface = try #require(sinks.first { $0["name"] as? String == "interface" })
    #expect(interface["match"] as? String == "usb:1235:8211")
    #expect(((interface["volume"] as? [[String: Any]])?.first)?["percent"] as? Double == 45)
    let text = try server.hproute("streams").output
    #expect(text.contains("Odd \"name\" \\u{1b}[31m"))
    #expect(!text.contains("\u{1B}"))
  }

  /// What is done is done, and has not been told.
  @Test(arguments: ServerKind.allCases) func whatCannotBePrintedIsDoneAllTheSame(kind: ServerKind) throws {
    let server = try PrivateServer(kind)
    try server.addDesk()
    try server.writeProfile("studio", ApplyTests.studio)
    let code = { (command: String) in
      try Program.run(["sh", "-c", "\"$0\" \(command) > /dev/full", HProuteBinary.path], environment: server.environment).exitCode
    }
    for command in ["devices", "devices --json", "streams", "plan studio", "apply studio"] {
      #expect(try code(command) == 74, "\(command)")
    }
    #expect(try server.pactl("get-default-sink") == "interface")
    #expect(try code("revert --json") == 74)
    #expect(try server.pactl("get-default-sink") == "builtin")
    // The first thing that goes wrong is what counts.
    #expect(try code("apply nosuch --json") == 66)
  }

  @Test(arguments: ServerKind.allCases) func statusTellsWhatHasChangedSince(kind: ServerKind) throws {
    let server = try PrivateServer(kind)
    try server.addDesk()
    try server.writeProfile("studio", ApplyTests.studio)
    try server.succeed("apply", "studio")
    #expect(try server.hproute("status").output.hasPrefix("studio is applied.\nSound goes to "))
    try server.pactl("set-sink-volume", "interface", "20%")
    let text = try server.hproute("status").output
    #expect(text.contains("Changed since:\n  Scarlett Solo USB: now 20% (-41.9 dB), studio set 45% (-20.8 dB)\n"))
    let json = try server.hproute("status", "--json").output
    #expect(json.contains("\"attribute\":\"volume\""))
    try server.succeed("revert")
    #expect(try server.volume(of: "interface").contains(" 100% "))
  }

  /// A device that comes back with other channels has not been turned, unless it is louder or quieter; and what differs reads
  /// different.
  @Test(arguments: ServerKind.allCases) func statusOfADeviceWithOtherChannels(kind: ServerKind) throws {
    let server = try PrivateServer(kind)
    try server.addDesk()
    try server.writeProfile("half", "[output]\nmatch = bus:usb\nvolume = 50%\n")
    try server.succeed("apply", "half")
    try server.unload("sink_name=interface")
    try server.addSink("interface", "Scarlett", "device.bus=usb", map: "front-left,front-right,rear-left,rear-right")
    try server.pactl("set-default-sink", "interface")
    try server.pactl("set-sink-volume", "interface", "50%")
    #expect(
      try eventually {
        try server.hproute("status").output.hasPrefix("half is applied.\nSound goes to ")
      },
      "\(String(describing: try? server.hproute("status")))")
    try server.pactl("set-sink-volume", "interface", "50%", "50%", "50%", "20%")
    let text = try server.hproute("status").output
    #expect(text.contains("  Scarlett: now 50% / 50% / 50% / 20%, half set 50% (-18.1 dB)\n"), "\(text)")
  }

  @Test(arguments: ServerKind.allCases) func aStalledServerIsNotWaitedForLong(kind: ServerKind) throws {
    let server = try PrivateServer(kind)
    try server.writeProfile("studio", ApplyTests.studio)
    let pids = server.pids
    pids.forEach { kill($0, SIGSTOP) }
    defer { pids.forEach { kill($0, SIGCONT) } }
    let outcome = try server.hproute("apply", "studio", "--timeout", "0.3")
    #expect(outcome.exitCode == 69)
    #expect(outcome.errors.contains("has not answered within 0.3 s"))

    let waiting = try Program(
      [HProuteBinary.path, "apply", "studio", "--timeout", "60"], environment: server.environment,
      log: "\(server.directory.path)/waiting.log")
    // It holds the lock once it is on its way to the server.
    #expect(try eventually { try server.directory.read("state/hproute/lock").contains("process \(waiting.pid)") })
    waiting.send(SIGTERM)
    #expect(waiting.wait(within: 5) == 128 + SIGTERM)
  }
}
