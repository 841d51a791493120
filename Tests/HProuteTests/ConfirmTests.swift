import Foundation
import TestSupport
import Testing

/// `apply --confirm`, in a terminal with somebody in front of it, or nobody.
@Suite(.timeLimit(.minutes(45))) struct ConfirmTests {
  private func desk(_ kind: ServerKind) throws -> (PrivateServer, [String]) {
    let server = try PrivateServer(kind)
    try server.addDesk()
    try server.writeProfile("studio", ApplyTests.studio)
    try server.writeProfile("other", "[output]\nmatch = bus:pci\nvolume = 11%\n")
    return (server, try server.snapshot())
  }

  private func ask(_ server: PrivateServer, _ seconds: Int) throws -> PseudoTerminal {
    let terminal = try PseudoTerminal(
      [HProuteBinary.path, "apply", "studio", "--confirm", "\(seconds)"], environment: server.environment,
      log: "\(server.directory.path)/terminal.log")
    guard eventually({ terminal.text.contains("Do you hear it? Press y to keep it; back to before in ") }) else {
      throw PrivateServer.Failed(description: "nobody is asked: \(terminal.text)")
    }
    // It is heard while it is asked about, and not applied before the answer.
    #expect(try server.pactl("get-default-sink") == "interface")
    #expect(try server.succeed("status", "--json").contains("\"state\":\"none\""))
    #expect(try server.succeed("status").contains("studio is being applied."))
    return terminal
  }

  @Test(arguments: ServerKind.allCases) func yesKeepsIt(kind: ServerKind) throws {
    let (server, before) = try desk(kind)
    let terminal = try ask(server, 60)
    terminal.type("y")
    #expect(terminal.program.wait(within: 5) == 0, "\(terminal.text)")
    #expect(try server.hproute("status").output.hasPrefix("studio is applied"))
    try server.succeed("revert")
    try server.requireUnchanged(since: before)
  }

  /// Another key, and silence: back to the profile that was there before, and not only to what was before all.
  @Test(arguments: ServerKind.allCases, ["n", ""]) func anythingElseGoesBack(kind: ServerKind, key: String) throws {
    let (server, before) = try desk(kind)
    try server.succeed("apply", "other")
    let applied = try server.snapshot()
    let terminal = try ask(server, key.isEmpty ? 2 : 60)
    if key.isEmpty { #expect(eventually { terminal.text.contains("before in 1 s") }) }
    terminal.type(key)
    #expect(terminal.program.wait(within: 10) == 1, "\(terminal.text)")
    let reason = key.isEmpty ? "nobody has said yes within 2 s" : "the answer was no"
    #expect(
      eventually { terminal.text.contains("error: not confirmed: \(reason). Everything is as it was before.") },
      "\(terminal.text)")
    try server.requireUnchanged(since: applied)
    #expect(try server.hproute("status").output.hasPrefix("other is applied"))
    try server.succeed("revert")
    try server.requireUnchanged(since: before)
  }

  @Test(arguments: ServerKind.allCases, [SIGINT, SIGTERM, SIGHUP]) func aSignalGoesBack(kind: ServerKind, signal: Int32) throws {
    let (server, before) = try desk(kind)
    let terminal = try ask(server, 60)
    if signal == SIGINT { terminal.type("\u{03}") } else { terminal.program.send(signal) }
    #expect(terminal.program.wait(within: 10) == 128 + signal, "\(terminal.text)")
    try server.requireUnchanged(since: before)
  }

  /// The window is closed.
  @Test func aTerminalThatGoesGoesBack() throws {
    let (server, before) = try desk(.any)
    var terminal: PseudoTerminal? = try ask(server, 60)
    let program = try #require(terminal?.program)
    terminal?.hangUp()
    #expect(program.wait(within: 10).map { [1, 128 + SIGHUP].contains($0) } == true)
    terminal = nil
    try server.requireUnchanged(since: before)
    #expect(try server.hproute("status").output.hasPrefix("No profile is applied."))
  }

  /// Killed while it asks: cut off, and said so.
  @Test func aKillLeavesTheJournal() throws {
    let (server, before) = try desk(.any)
    let terminal = try ask(server, 60)
    terminal.program.kill()
    #expect(try server.hproute("status").output.hasPrefix("studio was cut off while it was being applied"))
    try server.succeed("revert")
    try server.requireUnchanged(since: before)
  }

  /// Back to a profile whose rules send programs to its own output, which is the default again by then.
  @Test(arguments: ServerKind.allCases) func rulesOfTheFormerProfileAreBack(kind: ServerKind) throws {
    let (server, before) = try desk(kind)
    try server.writeProfile(
      "show", "[output phones]\nmatch = bus:usb\nchannels = 2, 1\nvolume = 30%\n[stream Caller]\nto = phones\nvolume = 60%\n")
    try server.succeed("apply", "show")
    let terminal = try ask(server, 60)
    terminal.type("n")
    #expect(terminal.program.wait(within: 20) == 1, "\(terminal.text)")
    #expect(try server.succeed("status").hasPrefix("show is applied."))
    try server.play("Caller")
    #expect(try eventually { try server.position(of: "Caller") == "hproute.phones" })
    try server.endPlayer("Caller")
    try server.succeed("revert")
    try server.requireUnchanged(since: before)
  }

  @Test func withoutATerminalNobodyCanBeAsked() throws {
    let (server, before) = try desk(.any)
    let outcome = try server.hproute("apply", "studio", "--confirm", "5")
    #expect(
      outcome.exitCode == 64 && outcome.errors.contains("there is no terminal to ask in. Nothing was changed."),
      "\(outcome.errors)")
    try server.requireUnchanged(since: before)
    #expect(try server.hproute("apply", "studio", "--confirm", "0").exitCode == 64)
    // What holds already needs no answer.
    try server.succeed("apply", "studio")
    let again = try PseudoTerminal(
      [HProuteBinary.path, "apply", "studio", "--confirm", "60"], environment: server.environment,
      log: "\(server.directory.path)/terminal.log")
    #expect(again.program.wait(within: 5) == 0)
  }

  /// Where nobody can answer nothing is begun.
  @Test func inTheBackground() throws {
    let (server, before) = try desk(.any)
    let terminal = try PseudoTerminal(
      ["bash", "-c", "set -m; \(HProuteBinary.path) apply studio --confirm 60 & wait $!"], environment: server.environment,
      log: "\(server.directory.path)/terminal.log")
    #expect(terminal.program.wait(within: 10) == 64, "\(terminal.text)")
    #expect(
      eventually { terminal.text.contains("nobody can answer in the background. Nothing was changed.") }, "\(terminal.text)")
    try server.requireUnchanged(since: before)
  }
}
