import Foundation
import TestSupport
import Testing

/// `hproute`, and `hproute status` in one line.
@Suite(.timeLimit(.minutes(45))) struct StatusTests {
  /// Without a command: what is applied, what is heard where, and what to type next.
  @Test(arguments: ServerKind.allCases) func withoutACommand(kind: ServerKind) throws {
    let server = try KeyTests.desk(kind)
    try server.play("Fire & Fox")
    try server.play("Zoom")
    try server.play("Alarm", to: "interface")
    let before = try server.snapshot()
    let bare = try server.hproute()
    #expect(bare.exitCode == 0 && bare.errors.isEmpty, "\(bare)")
    let lines = bare.output.split(separator: "\n").map(String.init)
    #expect(lines.first == "No profile is applied." && lines.count < 12, "\(bare.output)")
    #expect(lines.contains("  Fire & Fox, Zoom  -> Built-in Speakers, 30 %"), "\(bare.output)")
    #expect(lines.contains("  Alarm             -> Scarlett Solo USB, 100 %"), "\(bare.output)")
    #expect(lines.last?.hasPrefix("'hproute list' shows the profiles") == true)
    #expect(try server.snapshot() == before)
    try server.succeed("apply", "studio")
    let applied = try server.hproute().output
    #expect(applied.hasPrefix("studio is applied.\n") && applied.contains("'hproute revert' puts everything back"), "\(applied)")
    #expect(
      try server.succeed("status") + "'hproute revert' puts everything back; 'hproute --help' lists the commands.\n" == applied)
    #expect(try server.succeed("-j").hasPrefix(#"{"schema":1,"#))
    #expect(try server.succeed("status", "-q").isEmpty)
    // Many programs are a few lines.
    for number in 1...6 { try server.play("Program \(number)", to: "interface") }
    #expect(try eventually { try server.hproute().output.contains(" and ") })
    #expect(try server.hproute().output.split(separator: "\n").count < 12)
  }

  @Test(arguments: ServerKind.allCases) func inOneLine(kind: ServerKind) throws {
    let server = try KeyTests.desk(kind)
    func line(_ format: String) throws -> String { try server.succeed("status", "--format", format) }
    #expect(try line("line") == "Built-in Speakers 30 %\n")
    #expect(try line("[{profile}] {state} {output}") == "[] none Built-in Speakers\n")
    try server.succeed("apply", "studio")
    #expect(try line("line") == "studio: Scarlett Solo USB 45 %\n")
    #expect(try line("{profile} {volume} {input} {monitor} {") == "studio 45 % Scarlett Mic on {\n")
    try server.pactl("set-sink-volume", "interface", "20%")
    #expect(try eventually { try line("line") == "studio: Scarlett Solo USB 20 % (changed)\n" })
    try server.pactl("set-sink-mute", "interface", "1")
    #expect(try eventually { try line("{volume}") == "muted\n" })
    let wrong = try server.hproute("status", "--format", "{volume} {loudness}")
    #expect(wrong.exitCode == 64 && wrong.errors.contains("--format does not know {loudness}. There are {profile} {state} "))
    #expect(try server.hproute("status", "--format", "xml").exitCode == 64)
    server.stop()
    #expect(try line("line") == "studio: no sound server\n")
    #expect(try line("{state}") == "offline\n")
  }

  /// What other programs call it.
  @Test func otherWords() throws {
    let environment = ["PATH": "/usr/bin:/bin"]
    for (word, command) in [("undo", "revert"), ("Undo", "revert"), ("ls", "list"), ("sinks", "devices"), ("revret", "revert")] {
      let outcome = try Program.run([HProuteBinary.path, word], environment: environment)
      #expect(outcome.exitCode == 64 && outcome.errors.contains("There is no command '\(word)'. Did you mean '\(command)'?"))
    }
    #expect(try Program.run([HProuteBinary.path, "-V"], environment: environment).output == "0.1.0\n")
    let sudo = try Program.run(
      [HProuteBinary.path, "devices"],
      environment: environment.merging(["SUDO_USER": "me", "PULSE_SERVER": "unix:/nonexistent"]) { $1 })
    #expect(sudo.exitCode == 69 && sudo.errors.contains("type the same without sudo") == (getuid() == 0), "\(sudo.errors)")
  }
}
