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
        "#!/bin/sh\nfor word; do printf '%s\\n' \"$word\"; done >> \"$HOME/shown\"; echo 17\n", to: "tools/notify-send")
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

  /// One that takes the place of the one before, with a bar.
  @Test func aKeyIsShown() throws {
    let (server, environment) = try desk(withTool: true)
    let press = { (words: String...) in
      let outcome = try Program.run([HProuteBinary.path] + words, environment: environment)
      #expect(outcome.exitCode == 0, "\(outcome.errors)")
    }
    let shown = { (try? server.directory.read("home/shown")) ?? "" }
    try press("volume", "40%")
    #expect(eventually { shown().hasSuffix("--hint=int:value:40\n--\nbuiltin\n40% (-23.9 dB)\n") }, "\(shown())")
    #expect(!shown().contains("--replace-id"))
    #expect(eventually { (try? server.directory.read("run/hproute-notification")) == "17\n" })
    try press("mute", "on")
    #expect(eventually { shown().contains("\n--replace-id=17\n") && shown().contains("\n--hint=int:value:0\n") }, "\(shown())")
    let before = shown()
    try press("volume", "30%", "--json")
    try press("volume", "20%", "--quiet")
    #expect(steadily(for: 0.3) { shown() == before })
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
