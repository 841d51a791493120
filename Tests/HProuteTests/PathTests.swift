import Foundation
import TestSupport
import Testing

/// A profile that is applied by its path is found by it again, wherever one looks.
@Suite(.timeLimit(.minutes(45))) struct PathTests {
  private static let profile = """
    [output phones]
    match  = usb:1235:8211
    volume = 45%
    hold   = yes
    [input mic]
    match  = usb:1235:8211
    [monitor]
    from = mic
    to   = phones
    """

  /// A server, and a profile in a directory with a blank in its name, in which no profiles are looked for.
  private func desk(_ kind: ServerKind, withDesk: Bool = false) throws -> (server: PrivateServer, path: String) {
    let server = try PrivateServer(kind, withDesk: withDesk)
    if !withDesk { try server.addDesk() }
    return (server, try server.directory.write(Self.profile, to: "some where/mine.profile"))
  }

  /// Runs hproute in the directory of the profile.
  private func run(_ server: PrivateServer, _ command: String) throws -> Program.Outcome {
    try Program.run(
      ["sh", "-c", "cd \"$1\" && shift && exec \"$@\"", "sh", "\(server.directory.path)/some where", HProuteBinary.path]
        + command.split(separator: " ").map(String.init), environment: server.environment)
  }

  @Test(arguments: ServerKind.allCases) func everybodyFindsIt(kind: ServerKind) throws {
    let (server, path) = try desk(kind)
    // What is written down is the whole path, however it was named.
    let applied = try run(server, "apply ./mine.profile --json")
    #expect(applied.exitCode == 0 && applied.output.contains("\"profile\":\"\(path)\""), "\(applied)")
    #expect(
      try server.hproute("apply", "\(server.directory.path)/./some where/mine.profile", "--json").output.contains(
        "\"result\":\"unchanged\""))
    #expect(try server.hproute("status").output.hasPrefix("\(path) is applied"))
    #expect(try server.hproute("status", "--format", "waybar").output.contains("\"text\":\"mine\""))

    let list = try server.hproute("list").output
    #expect(list.contains("*  \(path)") && list.contains("applied"), "\(list)")
    let doctor = try server.hproute("doctor")
    #expect(doctor.exitCode == 0 && doctor.output.contains("fine   profile: \(path) is applied."), "\(doctor)")
    #expect(try run(server, "doctor ./mine.profile").output.contains("mine.profile is applied."))
    #expect(try server.hproute("test").exitCode == 0)

    #expect(try server.hproute("monitor", "off", "--json").output.contains("\"set-mute\""))
    #expect(try server.pactl("list", "sink-inputs").contains("Mute: yes"))
    #expect(try server.hproute("monitor", "toggle", "monitor").exitCode == 0)
    #expect(try server.hproute("__complete", "monitors").output.hasPrefix("monitor\t"))

    try server.pactl("set-sink-volume", "interface", "20%")
    #expect(try server.hproute("status").output.contains("'hproute apply '\(path)'' sets this again"))
    // The same file, pressed twice.
    #expect(try run(server, "toggle ./mine.profile --json").output.contains("\"reverted\""))
    #expect(try run(server, "toggle ./mine.profile --json").output.contains("\"applied\""))
    try FileManager.default.removeItem(atPath: path)
    // To go back the file is not needed.
    #expect(try server.hproute("doctor").output.contains("cannot be read any more"))
    #expect(try run(server, "toggle ./mine.profile --json").output.contains("\"reverted\""))
    #expect(try run(server, "apply ./mine.profile").exitCode == 66)
  }

  /// A profile that is piped in, on both servers, with its errors and its base.
  @Test(arguments: ServerKind.allCases) func fromStandardInput(kind: ServerKind) throws {
    let (server, _) = try desk(kind, withDesk: true)
    let before = try server.snapshot()
    let pipe = { (text: String, command: String) in
      try Program.run(
        ["sh", "-c", "printf '%s' \"$1\" | \"$0\" \(command) -", HProuteBinary.path, text], environment: server.environment)
    }
    try server.writeProfile("studio", "[output phones]\nmatch = bus:usb\nvolume = 45%\n")
    let planned = try pipe("[profile]\nbase = studio\n[output phones]\nvolume = 30%\n", "plan")
    #expect(planned.exitCode == 0 && planned.output.contains("30%"), "\(planned)")
    let wrong = try pipe("[output]\nmatch = bus:usb\nvolume = loud\n", "apply")
    #expect(wrong.exitCode == 65 && wrong.errors.contains("standard input has 1 error. Nothing was changed."), "\(wrong)")
    try server.requireUnchanged(since: before)
    let applied = try pipe("[profile]\nbase = studio\n[output phones]\nvolume = 30%\n", "apply")
    #expect(applied.exitCode == 0, "\(applied)")
    #expect(try server.volume(of: "interface").contains(" 30% "))
    // Nothing waits for input that has been read.
    #expect(try server.succeed("status").hasPrefix("standard input is applied."))
    #expect([0, 1].contains(try server.hproute("doctor").exitCode))
    try server.succeed("volume", "20%")
    try server.succeed("revert")
    try server.requireUnchanged(since: before)
  }

  /// A file that has a name as well.
  @Test func byItsPathAndByItsName() throws {
    let (server, _) = try desk(.any)
    try server.writeProfile("studio", Self.profile)
    try server.writeProfile("other", "[output]\nmatch = bus:pci\n")
    let path = "\(server.directory.path)/profiles/studio.profile"
    try server.succeed("apply", path)
    #expect(try server.succeed("list").contains("*  studio"))
    #expect(try server.succeed("doctor", "studio").contains("studio is applied"))
    // The next one behind it, and back by its name.
    #expect(try server.succeed("cycle", "studio", "other", "--json").contains("\"profile\":\"other\""))
    try server.succeed("apply", path)
    #expect(try server.succeed("toggle", "studio", "--json").contains("\"reverted\""))
    try server.succeed("apply", "studio")
    #expect(try server.succeed("toggle", path, "--json").contains("\"reverted\""))
  }

  /// It is looked after as any other that was applied by hand.
  @Test(arguments: ServerKind.allCases) func watchHoldsIt(kind: ServerKind) throws {
    let (server, path) = try desk(kind, withDesk: true)
    let watcher = try Watcher(server)
    try server.succeed("apply", path)
    #expect(try watcher.wait(for: "by_hand", count: 1), "\(watcher.log)")
    let isInForce = { try server.volume(of: "interface").contains(" 45% ") && server.pactl("get-default-sink") == "interface" }
    #expect(try eventually(isInForce))
    try server.pactl("set-sink-volume", "interface", "20%")
    #expect(try eventually(isInForce), "\(watcher.log)")
    #expect(try watcher.wait(for: "held", count: 1), "\(watcher.log)")
    server.stop()
    try server.start()
    #expect(try eventually(isInForce), "\(watcher.log)")
    try server.succeed("revert")
    #expect(try watcher.wait(for: "by_hand", count: 2), "\(watcher.log)")
  }

  /// Where somebody has put a profile and it is not found, they are told why.
  @Test func whyAProfileIsNotFound() throws {
    let (server, path) = try desk(.any)
    let here = try run(server, "apply mine")
    #expect(here.exitCode == 66 && here.errors.contains("There is one where you are: name it with its path, './mine.profile'."))
    let own = try #require(server.environment["HPROUTE_PROFILE_PATH"] ?? server.environment["XDG_CONFIG_HOME"])
    try server.writeProfile("good", Self.profile)
    let directory = server.environment["HPROUTE_PROFILE_PATH"] == nil ? "\(own)/hproute/profiles" : own
    try FileManager.default.createSymbolicLink(atPath: "\(directory)/gone.profile", withDestinationPath: "\(path).old")
    for name in ["two words.profile", "studio.conf", ".hidden", "good.profile~"] {
      try Data(Self.profile.utf8).write(to: URL(fileURLWithPath: "\(directory)/\(name)"))
    }
    let gone = try server.hproute("check", "gone")
    #expect(gone.exitCode == 66 && gone.errors.contains("gone.profile is a link to a file that is not there"), "\(gone)")
    let list = try server.hproute("list")
    #expect(list.exitCode == 0 && list.output.contains("good"))
    let told = list.errors.split(separator: "\n").filter { $0.contains("is no profile") }
    #expect(told.count == 2 && told[0].contains("studio.conf") && told[1].contains("two words.profile"), "\(list.errors)")
  }
}
