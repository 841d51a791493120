import Foundation
import TestSupport
import Testing

/// What is printed where: not more than was asked for, and colour only where somebody looks.
@Suite(.timeLimit(.minutes(45))) struct OutputTests {
  /// `--quiet` prints nothing but errors.
  @Test(arguments: ServerKind.allCases) func quietlyMeansErrorsOnly(kind: ServerKind) throws {
    let server = try PrivateServer(kind)
    try server.addDesk()
    try server.writeProfile("silent", "[output]\nmatch = bus:usb\nmute = yes\n")
    let loud = try server.hproute("apply", "silent")
    #expect(loud.errors.contains("is muted, as silent says") && !loud.output.isEmpty)
    try server.succeed("revert")
    for command in [["apply", "silent"], ["plan", "silent"], ["status"], ["devices"], ["revert"]] {
      let outcome = try Program.run([HProuteBinary.path] + command + ["--quiet"], environment: server.environment)
      #expect(outcome.exitCode == 0 && outcome.output.isEmpty && outcome.errors.isEmpty, "\(command): \(outcome)")
    }
    try server.writeProfile("broken", "[output]\nmatch = name:nothing\n")
    #expect(try server.hproute("apply", "broken", "--quiet").errors.hasPrefix("hproute: error: "))
  }

  /// Colour in a terminal, unless somebody does not want it.
  @Test(
    arguments: [
      ([:], [], true), (["NO_COLOR": "1"], [], false), (["TERM": "dumb"], [], false), ([:], ["--no-color"], false),
    ] as [([String: String], [String], Bool)])
  func colour(environment: [String: String], options: [String], isColoured: Bool) throws {
    let server = try PrivateServer(.any)
    try server.addDesk()
    let all = server.environment.merging(["TERM": "xterm"]) { $1 }.merging(environment) { $1 }
    for command in [["devices"], ["apply", "nothing"]] {
      let terminal = try PseudoTerminal(
        [HProuteBinary.path] + command + options, environment: all, log: "\(server.directory.path)/terminal")
      #expect(terminal.program.wait(within: 10) == (command == ["devices"] ? 0 : 66))
      #expect(eventually { terminal.text.contains(command == ["devices"] ? "Scarlett" : "nothing") }, "\(terminal.text)")
      #expect(terminal.shown.contains("\u{1b}[") == isColoured, "\(terminal.shown)")
    }
    let pipe = try Program.run([HProuteBinary.path, "devices"] + options, environment: all)
    #expect(!pipe.output.contains("\u{1b}["))
  }

  /// Under nohup a terminal may close; without it that ends a watch like a Ctrl-C.
  @Test(arguments: [true, false]) func aTerminalThatCloses(isIgnored: Bool) throws {
    let server = try PrivateServer(.any)
    let script = isIgnored ? "trap '' HUP; exec \"$0\" watch" : "exec \"$0\" watch"
    let program = try Program(
      ["sh", "-c", script, HProuteBinary.path], environment: server.environment, log: "\(server.directory.path)/watch")
    #expect(eventually { program.logText.contains("watching") }, "\(program.logText)")
    program.send(SIGHUP)
    if isIgnored {
      #expect(steadily(within: 0.5) { program.isRunning })
      program.send(SIGTERM)
    }
    #expect(program.wait(within: 5) == 0)
  }
}
