import Foundation
import TestSupport
import Testing

/// From a login to headphones, without a command.
@Suite(.timeLimit(.minutes(45))) struct AutostartTests {
  /// Everything below the directory of settings, but for what the sound server itself keeps there.
  private func files(_ server: PrivateServer) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: "\(server.directory.path)/config").filter { !$0.hasPrefix("pulse") }
      .sorted()
  }

  private func desk(_ kind: ServerKind) throws -> PrivateServer {
    let server = try PrivateServer(kind, withDesk: true)
    try server.writeProfile("studio", WatchTests.studio.replacingOccurrences(of: "auto = yes", with: "auto = no"))
    return server
  }

  @Test(arguments: ServerKind.allCases) func asAServiceOfSystemd(kind: ServerKind) throws {
    let server = try desk(kind)
    var manager = try UserManager(server)
    let before = try files(server)
    let unit = "\(server.directory.path)/config/systemd/user/hproute.service"
    let enabled = try server.hproute("autostart", "enable", "studio")
    #expect(enabled.exitCode == 0, "\(enabled.errors)")
    #expect(enabled.output.hasPrefix("autostart enabled for studio: \(unit)\n"))
    // It shows what it has written.
    let text = try String(contentsOfFile: unit, encoding: .utf8)
    let shown = enabled.output.split(separator: "\n", omittingEmptySubsequences: false).filter { $0.hasPrefix("  ") }.map {
      $0.dropFirst(2)
    }
    #expect(shown.joined(separator: "\n") == text)
    #expect(enabled.output.hasSuffix("It runs; 'journalctl --user -u hproute' shows what it does.\n"), "\(enabled.output)")
    let verified = try Program.run(["systemd-analyze", "--user", "--man=no", "verify", unit], environment: server.environment)
    #expect(verified.exitCode == 0 && verified.errors.isEmpty, "\(verified.errors)")
    #expect(try eventually { try WatchRestartTests.isInForce(server) })
    #expect(try eventually { try manager.systemctl("show", "--value", "-p", "StatusText", "hproute") == "studio is in force" })
    #expect(try manager.systemctl("is-enabled", "hproute") == "enabled")
    let status = try server.succeed("autostart", "status", "--json")
    #expect(
      status.contains("\"active\":true,\"enabled\":true,\"method\":\"systemd\"") && status.contains("\"profiles\":[\"studio\"]"),
      "\(status)")

    // Out, and in again.
    manager.logOut()
    #expect(try WatchRestartTests.isInForce(server))
    try server.succeed("revert")
    manager = try UserManager(server)
    #expect(try eventually { try WatchRestartTests.isInForce(server) })

    // What fails is started again.
    let pid = try manager.systemctl("show", "--value", "-p", "MainPID", "hproute")
    kill(try #require(Int32(pid)), SIGKILL)
    #expect(try eventually { try !["0", pid].contains(manager.systemctl("show", "--value", "-p", "MainPID", "hproute")) })
    #expect(try eventually { try manager.systemctl("is-active", "hproute") == "active" })

    let disabled = try server.succeed("autostart", "disable")
    #expect(disabled == "autostart disabled\nremoved \(unit)\n", "\(disabled)")
    #expect(try files(server) == before)
    #expect(try manager.systemctl("is-active", "hproute") == "inactive")
    #expect(try server.succeed("autostart", "status") == "autostart not enabled\n")
    #expect(try server.succeed("autostart", "disable") == "autostart was not enabled\n")
    // What is in force stays so until somebody reverts it.
    #expect(try WatchRestartTests.isInForce(server))
  }

  /// The unit that comes along, where the service manager looks for those of packages in a home.
  @discardableResult
  private func ship(_ server: PrivateServer, for program: String = HProuteBinary.path) throws -> String {
    let unit = try Program.run([HProuteBinary.path, "__unit", program], environment: server.environment).output
    return try server.directory.write(unit, to: "data/systemd/user/hproute.service")
  }

  /// What is different here is written beside the unit that came along, and nothing else.
  @Test func asTheServiceThatCameAlong() throws {
    let server = try desk(.any)
    let manager = try UserManager(server)
    let shown = { (property: String) in try manager.systemctl("show", "--value", "-p", property, "hproute") }
    let before = try files(server)
    let own = "\(server.directory.path)/config/systemd/user/hproute.service"
    let dropIn = "\(own).d/autostart.conf"
    // None came along with the version before, and then with this one.
    try ship(server, for: "/usr/bin/true")
    #expect(try server.succeed("autostart", "enable", "studio").hasPrefix("autostart enabled for studio: \(own)\n"))
    let shipped = try ship(server)
    #expect(try server.succeed("autostart", "enable", "studio").hasPrefix("autostart enabled for studio: \(dropIn)\n"))
    #expect(!FileManager.default.fileExists(atPath: own))
    #expect(try shown("FragmentPath") == shipped && shown("DropInPaths") == dropIn)
    #expect(try shown("Slice") == "session.slice" && shown("Type") == "notify" && shown("NoNewPrivileges") == "yes")
    #expect(try eventually { try shown("StatusText") == "studio is in force" })
    #expect(try manager.systemctl("is-enabled", "hproute") == "enabled")
    let verified = try Program.run(["systemd-analyze", "--user", "--man=no", "verify", shipped], environment: server.environment)
    #expect(verified.exitCode == 0 && verified.errors.isEmpty, "\(verified.errors)")
    let status = try server.succeed("autostart", "status", "--json")
    #expect(status.contains("\"active\":true,\"enabled\":true") && status.contains("\"profiles\":[\"studio\"]"), "\(status)")

    // One that does not start this program is not taken any more.
    try ship(server, for: "/usr/bin/true")
    #expect(try server.succeed("autostart", "enable", "studio").hasPrefix("autostart enabled for studio: \(own)\n"))
    #expect(try shown("FragmentPath") == own && shown("DropInPaths").isEmpty)
    try ship(server)
    try server.succeed("autostart", "enable", "studio")
    // What 'systemctl edit' has written is not ours.
    let edited = try server.directory.write("[Service]\nNice=1\n", to: "config/systemd/user/hproute.service.d/override.conf")
    #expect(try server.succeed("autostart", "disable") == "autostart disabled\nremoved \(dropIn)\n")
    #expect(try FileManager.default.contentsOfDirectory(atPath: "\(own).d") == ["override.conf"])
    try FileManager.default.removeItem(atPath: edited)
    try FileManager.default.removeItem(atPath: "\(own).d")
    #expect(try files(server) == before)
    #expect(try shown("ActiveState") == "inactive")
  }

  /// All or nothing: a systemd that does as it is told but for one thing leaves what was there before.
  @Test(arguments: [false, true]) func whatFailsIsAsItWas(isShipped: Bool) throws {
    let server = try desk(.any)
    let manager = try UserManager(server)
    if isShipped { try ship(server) }
    try server.writeProfile("other", WatchTests.studio)
    try server.succeed("autostart", "enable", "studio")
    let (before, status) = (try files(server), try server.succeed("autostart", "status"))
    var environment = server.environment
    let script = try server.directory.write(
      "#!/bin/sh\ncase $* in *reenable*) exit 1 ;; *) exec /usr/bin/systemctl \"$@\" ;; esac\n", to: "bin/systemctl")
    chmod(script, 0o755)
    environment["PATH"] = "\(server.directory.path)/bin:\(environment["PATH"] ?? "")"
    // It would be the other way about: the unit that came along, or one of the user's own.
    try ship(server, for: isShipped ? "/usr/bin/true" : HProuteBinary.path)
    let failed = try Program.run([HProuteBinary.path, "autostart", "enable", "other"], environment: environment)
    #expect(failed.exitCode == 1 && failed.errors.contains("reenable hproute.service' does not succeed"), "\(failed)")
    if isShipped { try ship(server) }
    #expect(try files(server) == before)
    #expect(try server.succeed("autostart", "status") == status)
    #expect(try manager.systemctl("is-enabled", "hproute") == "enabled")
    try server.succeed("autostart", "disable")
  }

  /// Nothing is written where the unit that came along says it all.
  @Test func withNothingToAdd() throws {
    let server = try desk(.any)
    let manager = try UserManager(server)
    let shipped = try ship(server)
    try server.directory.write(WatchTests.studio, to: "config/hproute/profiles/studio.profile")
    try server.directory.write(WatchTests.studio, to: "profiles/studio.profile")
    // Everything is where it is by default.
    _ = try server.directory.make("home/.local")
    for (name, place) in [("config", ".config"), ("data", ".local/share"), ("state", ".local/state")] {
      try FileManager.default.createSymbolicLink(
        atPath: "\(server.directory.path)/home/\(place)", withDestinationPath: "\(server.directory.path)/\(name)")
    }
    let kept = ["PATH", "HOME", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS", "DBUS_SYSTEM_BUS_ADDRESS"]
    let environment = server.environment.filter { kept.contains($0.key) }
    let autostart = { (words: String...) in
      try Program.run([HProuteBinary.path, "autostart"] + words, environment: environment)
    }
    let before = try files(server)
    let enabled = try autostart("enable")
    #expect(
      enabled.output == "autostart enabled: \(shipped)\nIt runs; 'journalctl --user -u hproute' shows what it does.\n",
      "\(enabled)")
    let links = ["systemd/user/default.target.wants", "systemd/user/default.target.wants/hproute.service"]
    #expect(try files(server) == (before + links).sorted())
    #expect(try eventually { try WatchRestartTests.isInForce(server) })
    #expect(try manager.systemctl("is-enabled", "hproute") == "enabled")
    #expect(try autostart("status").output == enabled.output)
    #expect(try autostart("disable").output == "autostart disabled\n")
    #expect(try files(server) == before)
    #expect(try autostart("status").output == "autostart not enabled\n")
    #expect(try manager.systemctl("is-active", "hproute") == "inactive")
  }

  @Test(arguments: ServerKind.allCases) func asAnEntryOfTheDesktop(kind: ServerKind) throws {
    let server = try desk(kind)
    let before = try files(server)
    let entry = "\(server.directory.path)/config/autostart/hproute.desktop"
    let enabled = try server.succeed("autostart", "enable", "studio")
    #expect(enabled.hasPrefix("autostart enabled for studio: \(entry)\n"))
    #expect(enabled.hasSuffix("It begins at the next login; 'hproute watch studio' starts it now.\n"), "\(enabled)")
    #expect(
      try server.succeed("autostart", "status", "--json").contains("\"active\":null,\"enabled\":true,\"method\":\"desktop\""))
    // As a desktop starts it.
    let desktop = try Program(["gio", "launch", entry], environment: server.environment, log: "\(server.directory.path)/gio.log")
    #expect(try eventually { try WatchRestartTests.isInForce(server) }, "\(desktop.logText)")
    try endWatch(server)
    try server.succeed("autostart", "disable")
    #expect(try files(server) == before)
  }

  /// Ends the watch that a desktop has started, by its pid.
  private func endWatch(_ server: PrivateServer) throws {
    let holder = try server.directory.read("state/hproute/watch.lock")
    let pid = try #require(Int32(holder.dropFirst("process ".count).prefix { $0.isNumber }))
    kill(pid, SIGTERM)
    #expect(eventually { kill(pid, 0) != 0 })
  }

  /// Whatever the paths are made of, they are paths and nothing else.
  @Test(arguments: ["systemd", "shipped", "desktop"]) func oddPathsStayPaths(method: String) throws {
    let server = try desk(.any)
    let odd = try server.directory.make("a b\"c$HOME%h\\d'e`f")
    let program = "\(odd)/hproute"
    // By a process of its own: what is started elsewhere in this one at that moment would still hold the copy open for writing,
    // and nobody can run it then.
    #expect(try Program.run(["cp", HProuteBinary.path, program], environment: server.environment).exitCode == 0)
    try FileManager.default.copyItem(atPath: "\(server.directory.path)/profiles/studio.profile", toPath: "\(odd)/studio.profile")
    try FileManager.default.removeItem(atPath: "\(server.directory.path)/profiles/studio.profile")
    let manager = method == "desktop" ? nil : try UserManager(server)
    if method == "shipped" { try ship(server, for: program) }
    var environment = server.environment
    environment["HPROUTE_PROFILE_PATH"] = odd
    let outcome = try Program.run([program, "autostart", "enable", "studio"], environment: environment)
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("/hproute.service.d/autostart.conf\n") == (method == "shipped"), "\(outcome.output)")
    if manager == nil {
      let entry = "\(server.directory.path)/config/autostart/hproute.desktop"
      _ = try Program.run(["gio", "launch", entry], environment: server.environment)
    }
    let isInForce = try eventually { try WatchRestartTests.isInForce(server) }
    let said = try manager?.systemctl("status", "hproute") ?? ""
    #expect(isInForce, "\(outcome.output) \(said)")
    if manager == nil { try endWatch(server) }
    #expect(try Program.run([program, "autostart", "disable"], environment: environment).exitCode == 0)
  }

  @Test func whatCannotBeIsSaid() throws {
    let server = try desk(.any)
    let before = try files(server)
    let none = try server.hproute("autostart", "enable")
    #expect(none.exitCode == 64)
    #expect(
      none.errors.contains(
        "no profile says 'auto = yes', so there is nothing to choose from. Name one, as in 'hproute autostart enable studio'. There is: studio."
      ), "\(none.errors)")
    #expect(try server.hproute("autostart", "enable", "studoi").exitCode == 66)
    #expect(try server.hproute("autostart", "enable", "./studio.profile").exitCode == 64)
    #expect(try server.hproute("autostart").exitCode == 0)
    #expect(try server.hproute("autostart", "enabel").exitCode == 64)
    #expect(try files(server) == before)
    // One that chooses by itself need not be named.
    try server.writeProfile("studio", WatchTests.studio)
    #expect(try server.succeed("autostart", "enable").contains("Exec=env "))
    // One that cannot be started leaves nothing behind.
    try server.succeed("autostart", "disable")
    let socket = try server.directory.make("run/systemd") + "/private"
    _ = FileManager.default.createFile(atPath: socket, contents: nil)
    let failed = try server.hproute("autostart", "enable", "studio")
    #expect(
      failed.exitCode == 1 && failed.errors.contains("'systemctl --user daemon-reload' does not succeed"), "\(failed.errors)")
    #expect(try server.succeed("autostart", "status") == "autostart not enabled\n")
  }
}
