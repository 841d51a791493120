import Foundation
import TestSupport
import Testing

/// What a person sees who presses the tab key, in the real shells. No sound server is there.
@Suite(.timeLimit(.minutes(45))) struct CompletionTests {
  private static let folder = URL(fileURLWithPath: #filePath).appendingPathComponent("../../../completions").standardized.path
  private static let scripts = ["hproute.bash", "_hproute", "hproute.fish"]

  private final class Desk {
    let directory: TemporaryDirectory
    let environment: [String: String]

    init(_ more: [String: String] = [:]) throws {
      directory = try TemporaryDirectory()
      _ = try directory.make("bin")
      try FileManager.default.createSymbolicLink(atPath: "\(directory.path)/bin/hproute", withDestinationPath: HProuteBinary.path)
      environment = [
        "HOME": directory.path, "PATH": "\(directory.path)/bin:/usr/bin:/bin", "TERM": "xterm", "LC_ALL": "C.UTF-8",
        "XDG_RUNTIME_DIR": directory.path, "XDG_DATA_DIRS": directory.path, "PULSE_SERVER": "unix:\(directory.path)/none",
        "HPROUTE_PROFILE_PATH": try directory.make("profiles"),
      ].merging(more) { $1 }
      try write("studio", "Headphones: loud & clear")
      try write("studio.24c-x", "Another")
      try write("podcast_1", nil)
    }

    func write(_ name: String, _ description: String?) throws {
      let text = (description.map { "[profile]\ndescription = \($0)\n" } ?? "") + "[output]\nmatch = bus:usb\n"
      try directory.write(text, to: "profiles/\(name).profile")
    }

    /// What fish offers for a command line, each with what it is.
    func fish(_ line: String) throws -> [String] {
      let script = "source \(CompletionTests.folder)/hproute.fish; complete -C \"\(line)\""
      let outcome = try Program.run(["fish", "--no-config", "-c", script], environment: environment)
      #expect(outcome.exitCode == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
      return outcome.output.split(separator: "\n").map(String.init)
    }

    func shell(_ arguments: String..., setup: String) throws -> PseudoTerminal {
      let terminal = try PseudoTerminal(arguments, environment: environment, log: "\(directory.path)/shell.log")
      guard terminal.type("\(setup)\n", until: { $0.contains("READY> ") }) else {
        throw PrivateServer.Failed(description: "\(arguments[0]) is not ready: \(terminal.text)")
      }
      return terminal
    }

    func bash() throws -> PseudoTerminal {
      try shell(
        "bash", "--norc", "--noprofile", "-i",
        setup: "bind 'set bell-style none'; source \(CompletionTests.folder)/hproute.bash; PS1='RE''ADY> '")
    }

    func fish() throws -> PseudoTerminal {
      try shell(
        "fish", "--no-config",
        setup: "source \(CompletionTests.folder)/hproute.fish; function fish_prompt; printf 'RE''ADY> '; end")
    }

    func zsh() throws -> PseudoTerminal {
      try shell(
        "zsh", "-f", "-i",
        setup:
          "fpath=(\(CompletionTests.folder) $fpath); autoload -Uz compinit; compinit -D -u; setopt no_beep list_ambiguous; PS1='RE''ADY> '"
      )
    }
  }

  /// What is shown when a line has been typed and the tab key pressed twice; then the line is given up.
  private func offered(_ terminal: PseudoTerminal, _ line: String, until words: [String]) -> String {
    var shown = ""
    _ = terminal.type("\(line)\t\t") {
      shown = $0
      return words.allSatisfy(shown.contains)
    }
    terminal.type("\u{03}")
    _ = terminal.type("\n", until: { $0.contains("READY> ") })
    return shown
  }

  // MARK: - Bash

  @Test func bashOffersWhatFits() throws {
    let desk = try Desk()
    defer { withExtendedLifetime(desk) {} }
    let terminal = try desk.bash()
    let commands = offered(terminal, "hproute ", until: ["apply", "watch"])
    for command in ["apply", "revert", "status", "autostart", "help"] { #expect(commands.contains(command), "\(commands)") }
    let profiles = offered(terminal, "hproute apply st", until: ["studio.24c-x"])
    #expect(profiles.contains("studio") && !profiles.contains("podcast"), "\(profiles)")
    // What is not to be mistaken is completed.
    #expect(terminal.type("hproute apply --dry-run pod\t", until: { $0.contains("podcast_1 ") }), "\(terminal.text)")
    terminal.type("\u{03}")
    #expect(offered(terminal, "hproute apply --", until: ["--wait", "--json"]).contains("--dry-run"))
    #expect(offered(terminal, "hproute monitor t", until: ["toggle"]).contains("toggle"))
    #expect(offered(terminal, "hproute autostart enable ", until: ["podcast_1"]).contains("studio"))
    #expect(offered(terminal, "hproute --timeout 3 plan ", until: ["podcast_1"]).contains("studio"))
    // Words that bash takes apart.
    for server in ["--server=unix:/run/a", "--server unix:/run/a", "--timeout=3"] {
      #expect(offered(terminal, "hproute \(server) plan ", until: ["podcast_1"]).contains("studio"), "\(server)")
    }
    for format in ["--format=", "--format=w", "--format "] {
      #expect(offered(terminal, "hproute status \(format)", until: ["waybar"]).contains("waybar"), "\(format)")
    }
  }

  // MARK: - Zsh

  @Test func zshOffersWhatFitsAndSaysWhatItIs() throws {
    let desk = try Desk()
    defer { withExtendedLifetime(desk) {} }
    let terminal = try desk.zsh()
    let commands = offered(terminal, "hproute ", until: ["autostart", "watch"])
    #expect(commands.contains("-- apply a profile, completely or not at all"), "\(commands)")
    let profiles = offered(terminal, "hproute apply st", until: ["studio.24c-x", "loud"])
    #expect(profiles.contains("-- Headphones: loud & clear") && !profiles.contains("podcast"), "\(profiles)")
    #expect(offered(terminal, "hproute watch --n", until: ["--no-"]).contains("--no-"))
    #expect(offered(terminal, "hproute monitor ", until: ["toggle"]).contains("off"))
    #expect(offered(terminal, "hproute autostart enable ", until: ["podcast_1"]).contains("studio"))
  }

  // MARK: - Fish

  @Test func fishShowsIt() throws {
    let desk = try Desk()
    defer { withExtendedLifetime(desk) {} }
    for (line, words) in [
      ("hproute apply st", ["studio", "(Headphones: loud & clear)", "studio.24c-x", "(Another)"]),
      ("hproute monitor ", ["off", "(Do not hear yourself)", "toggle"]), ("hproute apply --dry-run pod", ["podcast_1 "]),
    ] {
      let terminal = try desk.fish()
      #expect(terminal.type("\(line)\t", until: { shown in words.allSatisfy(shown.contains) }), "\(terminal.text)")
    }
  }

  @Test func fishOffersWhatFitsAndSaysWhatItIs() throws {
    let desk = try Desk()
    #expect(try desk.fish("hproute ").contains("apply\tApply a profile, completely or not at all"))
    #expect(try desk.fish("hproute apply st") == ["studio\tHeadphones: loud & clear", "studio.24c-x\tAnother"])
    #expect(try desk.fish("hproute --timeout 3 apply --json pod") == ["podcast_1"])
    #expect(try desk.fish("hproute apply studio ") == [])
    #expect(try desk.fish("hproute check studio p") == ["podcast_1"])
    #expect(try desk.fish("hproute autostart ").map { $0.prefix { $0 != "\t" } } == ["disable", "enable", "status"])
    #expect(try desk.fish("hproute autostart enable pod") == ["podcast_1"])
    #expect(
      try desk.fish("hproute status --format ") == [
        "line\tPrint one line, for a status bar", "waybar\tPrint one line, for a status bar",
      ])
    #expect(try desk.fish("hproute apply --w").map { $0.prefix { $0 != "\t" } } == ["--wait"])
  }

  // MARK: - All shells

  @Test func theyOfferFilesBehindASlash() throws {
    let desk = try Desk()
    try desk.directory.write("", to: "mine/own.profile")
    try desk.directory.write("", to: "mine/notes.txt")
    for terminal in [try desk.bash(), try desk.zsh()] {
      #expect(
        terminal.type("hproute check \(desk.directory.path)/mi\t\t", until: { $0.contains("own.profile") }), "\(terminal.text)")
    }
    #expect(try desk.fish("hproute check \(desk.directory.path)/mine/o") == ["\(desk.directory.path)/mine/own.profile"])
  }

  /// With many, the names are enough.
  @Test func aThousandProfiles() throws {
    let desk = try Desk()
    for number in 0..<1000 { try desk.write("desk-\(number)", "Number \(number)") }
    let names = try desk.fish("hproute apply desk-")
    #expect(names.count == 1000 && names.contains("desk-999"))
    for terminal in [try desk.bash(), try desk.zsh()] {
      #expect(
        terminal.type("hproute apply desk-99\t\t", until: { $0.contains("desk-999") && $0.contains("desk-990") }),
        "\(terminal.text.suffix(500))")
    }
  }

  @Test func theMonitorsOfTheProfileThatIsApplied() throws {
    let server = try PrivateServer(.any)
    try server.addDesk()
    try server.writeProfile("studio", ApplyTests.studio)
    #expect(try server.succeed("__complete", "monitors").isEmpty)
    try server.succeed("apply", "studio")
    #expect(try server.succeed("__complete", "monitors") == "monitor\tmic in phones\n")
  }

  @Test func theProgramsThatPlay() throws {
    let server = try PrivateServer(.any)
    try server.addDesk()
    try server.play("Media Player")
    try server.play("Talk")
    #expect(try server.succeed("__complete", "programs") == "Media Player\nTalk\n")
    let desk = try Desk(["PULSE_SERVER": server.environment["PULSE_SERVER"] ?? ""])
    #expect(try desk.fish("hproute streams --forget Med") == ["Media Player\tForget where a program begins"])
    for terminal in [try desk.bash(), try desk.zsh()] {
      #expect(
        terminal.type("hproute streams --forget Med\t", until: { $0.contains("Media\\ Player") }), "\(terminal.text.suffix(500))")
    }
  }

  // MARK: - All of it

  /// Every command and every option that the help knows is known to every shell.
  @Test(arguments: scripts) func nothingIsMissing(script: String) throws {
    let text = try String(contentsOfFile: "\(Self.folder)/\(script)", encoding: .utf8)
    let known = try HelpWords()
    let words = Set(text.split { !($0.isLetter || $0 == "-") }.map(String.init))
    for command in known.commands { #expect(words.contains(command), "\(command)") }
    if script.hasSuffix("fish") {
      for command in known.topCommands { #expect(text.contains("-a \(command) -d "), "\(command)") }
    }
    for option in known.options {
      #expect(script.hasSuffix("fish") ? text.contains("-l \(option)") : words.contains("--\(option)"), "\(option)")
    }
  }
}
