import Foundation
import TestSupport
import Testing

/// What a profile wants to be run, on real servers.
@Suite(.timeLimit(.minutes(45))) struct HookTests {
  private func desk(_ kind: ServerKind, _ hooks: String) throws -> PrivateServer {
    let server = try PrivateServer(kind)
    try server.addDesk()
    try server.writeProfile("studio", ApplyTests.studio + "\n[hook]\n" + hooks)
    return server
  }

  @Test(arguments: ServerKind.allCases) func theyRunInOrderAndTellWhatTheySay(kind: ServerKind) throws {
    let line = "echo \"$HPROUTE_EVENT $HPROUTE_PROFILE\" | tee -a \"$HOME/events\""
    let server = try desk(kind, "before-apply = \(line)\nafter-apply = \(line)\nafter-revert = \(line)\n")
    let events = { try server.directory.read("home/events").split(separator: "\n").map(String.init) }
    let applied = try server.hproute("apply", "studio")
    #expect(applied.exitCode == 0)
    #expect(
      applied.output.hasSuffix("\n  before-apply: before-apply studio\n  after-apply: after-apply studio\n"), "\(applied.output)")
    // What holds already is not applied once more.
    try server.succeed("apply", "studio")
    #expect(try events() == ["before-apply studio", "after-apply studio"])

    // Another takes its place: it has been left.
    try server.writeProfile("plain", "[output]\nmatch = bus:pci\n")
    let json = try server.succeed("apply", "plain", "--json")
    #expect(
      json.contains(
        "\"hooks\":[{\"event\":\"after-revert\",\"output\":\"after-revert studio\\n\",\"problem\":null,\"profile\":\"studio\"}]"),
      "\(json)")
    try server.succeed("apply", "studio")
    // What was written down counts, and not what the file says by then.
    try server.writeProfile("studio", "[output]\nmatch = bus:usb\n[hook]\nafter-revert = echo other\n")
    #expect(try server.succeed("revert").hasSuffix("\n  after-revert: after-revert studio\n"))
    #expect(try events().suffix(1) == ["after-revert studio"])
    #expect(!(try server.succeed("revert").contains("after-revert")))
  }

  @Test(arguments: ServerKind.allCases) func oneThatFailsBeforeStopsItAll(kind: ServerKind) throws {
    let server = try desk(kind, "before-apply = echo the lamp is broken >&2; exit 3\nafter-apply = touch \"$HOME/never\"\n")
    let before = try server.snapshot()
    let outcome = try server.hproute("apply", "studio")
    #expect(outcome.exitCode == 1)
    #expect(outcome.errors == "hproute: error: before-apply of studio ended with 3: the lamp is broken. Nothing was changed.\n")
    try server.requireUnchanged(since: before)
    #expect(!FileManager.default.fileExists(atPath: "\(server.directory.path)/home/never"))
    #expect(try server.hproute("status").output.hasPrefix("No profile is applied."))
  }

  /// All of the line is the command.
  @Test func severalCommandsInARow() throws {
    let server = try desk(.any, "before-apply = true ; exit 7\n")
    let outcome = try server.hproute("apply", "studio")
    #expect(outcome.exitCode == 1 && outcome.errors.contains("before-apply of studio ended with 7"), "\(outcome)")
    #expect(try server.pactl("get-default-sink") == "builtin")
  }

  @Test func oneThatFailsAfterwardsIsSaidAndUndoesNothing() throws {
    let server = try desk(.any, "after-apply = exit 4\nafter-revert = kill -9 $$\n")
    let applied = try server.hproute("apply", "studio")
    #expect(
      applied.exitCode == 0 && applied.errors.contains("warning: after-apply of studio ended with 4\n"), "\(applied.errors)")
    #expect(try server.pactl("get-default-sink") == "interface")
    let reverted = try server.hproute("revert")
    #expect(
      reverted.exitCode == 0 && reverted.errors.contains("warning: after-revert of studio was ended by signal 9\n"),
      "\(reverted.errors)")
  }

  /// With all that it has started. What is left in the background keeps nobody waiting.
  @Test func oneThatDoesNotEndIsEnded() throws {
    let server = try desk(.any, "before-apply = echo $$ > \"$HOME/pid\"; sleep 1000; true\nafter-apply = sleep 1000 &\n")
    let start = ContinuousClock.now
    let outcome = try server.hproute("apply", "studio")
    #expect(outcome.exitCode == 1 && outcome.errors.contains("before-apply of studio was ended after 10 s"), "\(outcome.errors)")
    #expect(ContinuousClock.now - start < .seconds(20))
    let pid = try #require(Int32(try server.directory.read("home/pid").trimmingCharacters(in: .whitespacesAndNewlines)))
    #expect(eventually { kill(-pid, 0) != 0 })

    try server.writeProfile("studio", ApplyTests.studio + "\n[hook]\nafter-apply = sleep 30 & echo $! > \"$HOME/pid\"\n")
    let second = ContinuousClock.now
    try server.succeed("apply", "studio")
    #expect(ContinuousClock.now - second < .seconds(8))
    kill(try #require(Int32(try server.directory.read("home/pid").trimmingCharacters(in: .whitespacesAndNewlines))), SIGKILL)
  }

  @Test func aSignalEndsIt() throws {
    let server = try desk(.any, "before-apply = touch \"$HOME/begun\"; sleep 1000\n")
    let before = try server.snapshot()
    let program = try Program(
      [HProuteBinary.path, "apply", "studio"], environment: server.environment, log: "\(server.directory.path)/hproute.log")
    #expect(eventually { FileManager.default.fileExists(atPath: "\(server.directory.path)/home/begun") })
    program.send(SIGINT)
    #expect(program.wait(within: 5) == 128 + SIGINT)
    try server.requireUnchanged(since: before)
  }
}
