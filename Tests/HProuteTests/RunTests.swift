import Foundation
import TestSupport
import Testing

/// `hproute run`: a profile for as long as a command runs, and back whatever ends either of them.
@Suite(.timeLimit(.minutes(45))) struct RunTests {
  private func desk(_ kind: ServerKind) throws -> (PrivateServer, [String]) {
    let server = try PrivateServer(kind)
    try server.addDesk()
    try server.play("Music")
    try server.writeProfile("studio", "[output phones]\nmatch = bus:usb\nvolume = 45%\n")
    try server.writeProfile("quiet", "[output phones]\nmatch = bus:usb\nvolume = 20%\n")
    return (server, try server.snapshot())
  }

  private func start(_ server: PrivateServer, _ profile: String, _ script: String) throws -> Program {
    try Program(
      [HProuteBinary.path, "run", profile, "--", "sh", "-c", script], environment: server.environment,
      log: "\(server.directory.path)/\(profile).log")
  }

  private func isUnchanged(_ server: PrivateServer, since before: [String]) throws -> Bool {
    try eventually { try server.snapshot() == before && server.succeed("status").hasPrefix("No profile is applied.") }
  }

  @Test(arguments: ServerKind.allCases) func itEndsAsTheCommandHasEnded(kind: ServerKind) throws {
    let (server, before) = try desk(kind)
    for (script, code) in [("exit 0", 0), ("exit 7", 7), ("kill -TERM $$", 143), ("kill -9 $$", 137)] as [(String, Int32)] {
      let outcome = try server.hproute("run", "studio", "--", "sh", "-c", "pactl get-default-sink; \(script)")
      #expect(outcome.exitCode == code && outcome.output == "interface\n", "\(outcome)")
      try server.requireUnchanged(since: before)
    }
    // Words are handed on as they are.
    #expect(try server.hproute("run", "studio", "--", "printf", "<%s>", "a b", "$HOME", "").output == "<a b><$HOME><>")
    for (words, code) in [(["nosuchprogram"], 127), (["/etc/passwd"], 126)] as [([String], Int32)] {
      let outcome = try Program.run([HProuteBinary.path, "run", "studio", "--"] + words, environment: server.environment)
      #expect(outcome.exitCode == code && outcome.errors.contains("cannot be run"), "\(outcome)")
    }
    #expect(try server.hproute("run", "nosuchprofile", "--", "true").exitCode == 125)
    #expect(try server.hproute("run", "studio").exitCode == 64)
    try server.writeProfile("away", "[output]\nmatch = bus:bluetooth\n")
    let away = try server.hproute("run", "away", "--", "echo", "never")
    #expect(away.exitCode == 125 && away.output.isEmpty, "\(away)")
    try server.requireUnchanged(since: before)
  }

  /// A signal, a terminal that is closed, a kill of hproute itself.
  @Test(arguments: ServerKind.allCases, ["INT", "TERM", "HUP", "KILL", "window", "key"])
  func whateverEndsIt(kind: ServerKind, ending: String) throws {
    let (server, before) = try desk(kind)
    let terminal = try PseudoTerminal(
      [HProuteBinary.path, "run", "studio", "--", "sleep", "60"], environment: server.environment,
      log: "\(server.directory.path)/terminal.log")
    #expect(
      try eventually { try server.pactl("get-default-sink") == "interface" && terminal.text.contains("studio: sound goes to") })
    let numbers = ["INT": SIGINT, "TERM": SIGTERM, "HUP": SIGHUP, "KILL": SIGKILL]
    // The command has begun when the profile holds.
    #expect(
      try eventually {
        try Program.run(["pgrep", "-P", "\(terminal.program.pid)", "sleep"], environment: server.environment).exitCode == 0
      })
    if let number = numbers[ending] {
      terminal.program.send(number)
    } else if ending == "key" {
      terminal.type("\u{03}")
    } else {
      terminal.hangUp()
    }
    let code = terminal.program.wait(within: 10)
    if let number = ["INT": SIGINT, "TERM": SIGTERM, "HUP": SIGHUP, "key": SIGINT][ending] { #expect(code == 128 + number) }
    #expect(try isUnchanged(server, since: before), "\(terminal.text)")
    // Whoever goes back in our place writes that last.
    #expect(
      try eventually {
        try !FileManager.default.contentsOfDirectory(atPath: "\(server.directory.path)/state/hproute").contains("runs")
      })
  }

  /// A signal that comes when the command has only just begun reaches it.
  @Test(arguments: ServerKind.allCases) func whateverComesAtOnce(kind: ServerKind) throws {
    let (server, before) = try desk(kind)
    for attempt in 1...5 {
      let outcome = try server.hproute("run", "studio", "--", "sh", "-c", "kill -TERM $PPID; exec sleep 8")
      #expect(outcome.exitCode == 128 + SIGTERM, "\(attempt): \(outcome)")
    }
    #expect(try isUnchanged(server, since: before))
  }

  /// Back to the profile of before, and to the first state whichever ends first.
  @Test(arguments: ServerKind.allCases) func oneInTheOther(kind: ServerKind) throws {
    let (server, before) = try desk(kind)
    try server.succeed("apply", "quiet")
    let inside = try server.hproute("run", "studio", "--", "pactl", "get-sink-volume", "interface")
    #expect(inside.output.contains(" 45% "))
    #expect(try server.volume(of: "interface").contains(" 20% "))
    try server.succeed("revert")
    try server.requireUnchanged(since: before)
    let isApplied = { (name: String) in try server.succeed("status").hasPrefix("\(name) is applied.") }
    for isFirstFirst in [true, false] {
      let names = ["one", "two"].map { "\(server.directory.path)/\($0)" }
      let wait = { (name: String) in "until [ -e '\(name)' ]; do sleep 0.02; done" }
      let one = try start(server, "studio", wait(names[0]))
      #expect(try eventually { try isApplied("studio") })
      let two = try start(server, "quiet", wait(names[1]))
      #expect(try eventually { try isApplied("quiet") })
      let order = isFirstFirst ? [(one, 0), (two, 1)] : [(two, 1), (one, 0)]
      for (program, name) in order {
        try server.directory.write("", to: ["one", "two"][name])
        #expect(program.wait(within: 10) == 0, "\(program.logText)")
        if program === order[0].0 { #expect(try isApplied(isFirstFirst ? "quiet" : "studio")) }
      }
      #expect(try isUnchanged(server, since: before))
      for name in names { try FileManager.default.removeItem(atPath: name) }
    }
    // What was turned before is turned afterwards, with a profile and without.
    try server.succeed("mute", "on")
    try server.succeed("volume", "55%")
    let turned = try server.snapshot()
    #expect(try server.hproute("run", "studio", "--", "true").exitCode == 0)
    #expect(try server.snapshot() == turned)
    try server.succeed("apply", "quiet")
    try server.succeed("volume", "12%")
    #expect(try server.hproute("run", "studio", "--", "true").exitCode == 0)
    #expect(try server.volume(of: "interface").contains(" 12% "))
    try server.succeed("revert")
    try server.requireUnchanged(since: before)
    // What somebody chooses meanwhile stays.
    #expect(try server.hproute("run", "studio", "--", HProuteBinary.path, "apply", "quiet").exitCode == 0)
    #expect(try isApplied("quiet"))
    try server.succeed("revert")
    try server.requireUnchanged(since: before)
  }
}
