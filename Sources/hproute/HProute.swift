internal import ArgumentParser
internal import Glibc
internal import Routing

/// The command line.
struct HProute: ParsableCommand {
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "hproute",
    abstract: "Sends the desktop's sound to your headphones, and puts everything back as it was.",
    discussion: """
      A profile is a short text file that says where the sound should go. 'hproute apply NAME' makes it so, \
      all or nothing; 'hproute revert' goes back to what was there before the first change. 'hproute' alone shows what is heard \
      where.
      """,
    version: version,
    groupedSubcommands: [
      CommandGroup(
        name: "Every day",
        subcommands: [
          Apply.self, Revert.self, Status.self, Toggle.self, Cycle.self, VolumeCommand.self, MuteCommand.self, DimCommand.self,
          MonoCommand.self,
          MonitorCommand.self, RunCommand.self,
        ]),
      CommandGroup(
        name: "To look",
        subcommands: [
          PlanCommand.self, List.self, Devices.self, Streams.self, Levels.self, DoctorCommand.self, TestCommand.self,
        ]),
      CommandGroup(name: "Profiles", subcommands: [SetupCommand.self, Save.self, Edit.self, Show.self, Check.self]),
      CommandGroup(name: "By itself", subcommands: [WatchCommand.self, AutostartCommand.self]),
    ])
}

@main
enum Main {
  static func main() {
    // A pipe that nobody reads any more is not an error: what is to be done is done all the same.
    signal(SIGPIPE, SIG_IGN)
    // Who starts us may not want to hear of its children; we do.
    signal(SIGCHLD, SIG_DFL)
    // A file that may not get longer is a disk that is full, and not the end.
    signal(SIGXFSZ, SIG_IGN)
    findRuntimeDirectory()
    keepStandardStreams()
    let arguments = withOptionsBehindTheCommand(Array(CommandLine.arguments.dropFirst()))
    if arguments.first == Guardian.command { Guardian.wait(thenBecome: Array(arguments.dropFirst())) }
    if arguments.first == Session.ending, arguments.count > 1 {
      Session.end(arguments[1], arguments.dropFirst(2).first == "--server" ? arguments.last : nil)
    }
    do {
      if try runWithoutOptions(arguments) { return }
      try refuseUnknownCommand(arguments)
      var command = try HProute.parseAsRoot(arguments)
      try command.run()
    } catch {
      // A command that has run has told already what it ends with.
      if !(error is ExitCode) { tell(error, arguments) }
      HProute.exit(withError: error)
    }
  }

  /// Tells a script what is wrong with a command line; a person is told by ArgumentParser. Help and version, which are asked
  /// for, are printed as everything else is.
  private static func tell(_ error: any Error, _ arguments: [String]) {
    let code = HProute.exitCode(for: error)
    if code == .success { end(Output(json: false), HProute.fullMessage(for: error)) }
    guard arguments.prefix(while: { $0 != "--" }).contains(where: ["--json", "-j"].contains) else { return }
    let output = Output(json: true)
    output.fail(CommandFailure(exitCode: code.rawValue, sentence: HProute.message(for: error)), quietly: true)
    _ = output.finish(code.rawValue)
  }

  private static func end(_ output: Output, _ text: String) -> Never {
    output.raw(text)
    exit(output.finish(0))
  }

  /// No command, the two of every day, and the one that stays, where there is nothing to parse: ArgumentParser takes longer
  /// to look at a command line than a sound server to change its default device, and leaves its traces in memory.
  private static func runWithoutOptions(_ arguments: [String]) throws -> Bool {
    guard arguments.allSatisfy({ !$0.hasPrefix("-") }) else { return false }
    switch (arguments.first, arguments.count) {
    case (CompletionCandidates.command, 2):
      end(Output(json: false), CompletionCandidates(arguments[1])?.lines.joined(separator: "\n") ?? "")
    case (ServiceUnit.command, 2): end(Output(json: false), ServiceUnit.shipped(with: arguments[1]))
    case (nil, _): try Status.show(Settings(), isBare: true)
    case ("apply", 2): try Apply.apply(arguments[1], Settings())
    case ("revert", 1): try Revert.revert(Settings())
    case ("volume", _): try VolumeCommand.run(Array(arguments.dropFirst()), Settings())
    case ("mute", _): try MuteCommand.run(Array(arguments.dropFirst()), Settings())
    case ("dim", 1): try DimCommand.run(.toggle, Settings())
    case ("watch", _): try WatchCommand.watch(Array(arguments.dropFirst()), Settings())
    default: return false
    }
    return true
  }

  /// Where the user's sound server is, for who was not told: cron, and `su`.
  private static func findRuntimeDirectory() {
    guard getenv("XDG_RUNTIME_DIR") == nil, getenv("PULSE_SERVER") == nil, getenv("PULSE_RUNTIME_PATH") == nil else { return }
    let path = "/run/user/\(getuid())"
    if access(path, X_OK) == 0 { setenv("XDG_RUNTIME_DIR", path, 0) }
  }

  /// Of a standard stream that is closed, another file would get the number, and what is printed: a journal, or the
  /// connection to the server.
  private static func keepStandardStreams() {
    for descriptor in 0...2 where fcntl(Int32(descriptor), F_GETFD) < 0 { _ = open("/dev/null", O_RDWR) }
  }

  /// The options that stand everywhere stand in front of the command as well: 'hproute --json status'.
  private static func withOptionsBehindTheCommand(_ arguments: [String]) -> [String] {
    var leading: [String] = []
    var rest = arguments[...]
    while let option = rest.first, GlobalOptions.names.contains(where: { option == $0 || option.hasPrefix("\($0)=") }) {
      let count = GlobalOptions.namesWithValue.contains(option) ? 2 : 1
      leading += rest.prefix(count)
      rest = rest.dropFirst(count)
    }
    // Options alone are about what no command at all shows.
    if rest.first == "volume" {
      // What begins with a minus sign and a digit is a change, and no option.
      return ["volume"]
        + rest.dropFirst().map { word in
          word.first == "-" && word.dropFirst().first?.isNumber == true ? "\(VolumeCommand.minus)\(word.dropFirst())" : word
        } + leading
    }
    if rest.isEmpty { return arguments.isEmpty ? [] : ["status"] + leading }
    return (rest == ["-V"] ? ["--version"] : Array(rest)) + leading
  }

  /// What other programs call it.
  private static let otherWords = [
    "undo": "revert", "reset": "revert", "restore": "revert", "off": "revert", "stop": "revert", "back": "revert",
    "load": "apply", "set": "apply", "use": "apply", "start": "apply", "on": "apply", "switch": "apply", "enable": "apply",
    "ls": "list", "profiles": "list", "sinks": "devices", "sources": "devices", "outputs": "devices", "inputs": "devices",
    "cards": "devices", "ps": "streams", "programs": "streams", "apps": "streams", "info": "status", "diff": "plan",
    "validate": "check", "lint": "check", "cat": "show", "new": "save", "create": "save", "next": "cycle", "daemon": "watch",
    "loopback": "monitor", "vol": "volume", "exec": "run", "with": "run", "louder": "volume", "unmute": "mute",
    "login": "autostart", "init": "setup",
    "configure": "setup", "wizard": "setup", "meter": "levels",
    "vu": "levels", "fix": "doctor", "diagnose": "doctor",
    "tone": "test",
  ]

  /// ArgumentParser calls a mistyped command an unexpected argument.
  private static func refuseUnknownCommand(_ arguments: [String]) throws {
    let commands = HProute.configuration.subcommands.compactMap { $0.configuration.commandName }
    guard let word = arguments.first, !word.hasPrefix("-"), word != "help", !commands.contains(word) else { return }
    let meant = Suggestion.nearest(to: word, among: commands) ?? otherWords[word.lowercased()]
    let hint = meant.map { "Did you mean '\($0)'?" } ?? "See 'hproute --help'."
    throw ValidationError("There is no command '\(word)'. \(hint)")
  }
}
