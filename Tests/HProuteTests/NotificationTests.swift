import Foundation
import TestSupport
import Testing

/// What the desktop shows of what `watch` does.
@Suite(.timeLimit(.minutes(45))) struct NotificationTests {
  private func desk(withTool: Bool) throws -> (server: PrivateServer, environment: [String: String]) {
    let server = try PrivateServer(.any, withDesk: true)
    try server.writeProfile(
      "studio", WatchTests.studio.replacingOccurrences(of: "[profile]", with: "[profile]\ndescription = -x $(touch \"$HOME/no\")")
    )
    var environment = server.environment
    let tools = try server.directory.make("tools")
    if withTool {
      let script = try server.directory.write(
        "#!/bin/sh\nfor word; do printf '%s\\n' \"$word\"; done >> \"$HOME/shown\"\n", to: "tools/notify-send")
      chmod(script, 0o755)
    }
    environment["PATH"] = "\(tools):/usr/bin:/bin"
    environment["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=\(server.directory.path)/run/bus"
    return (server, environment)
  }

  private func watch(_ environment: [String: String], _ server: PrivateServer, _ arguments: String...) throws -> Program {
    let program = try Program(
      [HProuteBinary.path, "watch"] + arguments, environment: environment, log: "\(server.directory.path)/watch.log")
    #expect(try eventually { try WatchRestartTests.isInForce(server) }, "\(program.logText)")
    return program
  }

  @Test func itIsTold() throws {
    let (server, environment) = try desk(withTool: true)
    let program = try watch(environment, server)
    #expect(
      eventually {
        (try? server.directory.read("home/shown"))?.contains("\nstudio\nstudio applied (its devices are there): ") ?? false
      }, "\(program.logText)")
    #expect(!FileManager.default.fileExists(atPath: "\(server.directory.path)/home/no"))
  }

  @Test func itIsNotToldToWhoDoesNotWantToKnow() throws {
    let (server, environment) = try desk(withTool: true)
    let program = try watch(environment, server, "--no-notify")
    program.send(SIGTERM)
    #expect(program.wait(within: 5) == 0)
    #expect(!FileManager.default.fileExists(atPath: "\(server.directory.path)/home/shown"))
  }

  @Test func aDesktopWithoutItIsNoError() throws {
    let (server, environment) = try desk(withTool: false)
    let program = try watch(environment, server)
    #expect(!program.logText.contains("notify"), "\(program.logText)")
    program.send(SIGTERM)
    #expect(program.wait(within: 5) == 0)
  }
}
