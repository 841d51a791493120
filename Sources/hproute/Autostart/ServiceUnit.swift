internal import Routing

/// A unit of the user's service manager; see systemd.service(5), systemd.exec(5) and systemd.unit(5).
///
/// There is one text of it: as it comes along with the program, as it is written where none came along, and as a drop-in that
/// says what is different from the one that came along.
enum ServiceUnit {
  static let name = "hproute.service"
  /// What it begins with.
  static let target = "default.target"
  /// Prints the unit that comes along with a program, for 'make install'; not in the help.
  static let command = "__unit"

  /// The unit that comes along with a program.
  static func shipped(with program: String) -> String {
    unit(
      remark: "'hproute autostart enable' starts it at every login, until 'hproute autostart disable'.",
      words: [program, "watch"], environment: "", rest: "")
  }

  /// A unit of the user's own, for a program without one that the service manager knows.
  static func own(_ command: LoginCommand) -> String {
    unit(remark: remark, words: command.words, environment: environment(command), rest: "\n" + profiles(command))
  }

  /// What a drop-in has to say beside the unit that came along; nil if that says it all.
  static func dropIn(_ command: LoginCommand) -> String? {
    let hasOtherWords = command.words != [command.program, "watch"]
    guard hasOtherWords || !command.variables.isEmpty else { return nil }
    return """
      # \(remark)

      [Service]
      \(hasOtherWords ? "# The first line takes away what the unit says.\nExecStart=\n\(start(command.words))\n" : "")\
      \(environment(command))
      \(profiles(command))
      """
  }

  /// Whether a unit starts that program, and tells it nothing that a drop-in would take away.
  static func isFor(_ program: String, _ text: String) -> Bool {
    let lines = text.split(separator: "\n").filter { $0.hasPrefix("ExecStart=") }
    guard let line = lines.first, lines.count == 1 else { return false }
    // Where it was installed by another name of the directory.
    let words = line.dropFirst("ExecStart=".count).split(separator: " ").map(String.init)
    return line == start([program, "watch"]) || (words.count == 2 && words[1] == "watch" && Files.canonical(words[0]) == program)
  }

  // MARK: - Its lines

  private static let remark = "Written by 'hproute autostart enable'; 'hproute autostart disable' removes it."

  private static func unit(remark: String, words: [String], environment: String, rest: String) -> String {
    """
    # \(remark)

    [Unit]
    Description=Sound profiles for headphones
    Documentation=man:hproute(1)
    After=pipewire-pulse.socket pipewire-pulse.service pulseaudio.socket pulseaudio.service wireplumber.service

    [Service]
    Type=notify
    \(start(words))
    \(environment)Slice=session.slice
    Restart=on-failure
    RestartSec=2
    # A profile that is not there, or another watch, is no accident.
    RestartPreventExitStatus=64 65 66 75

    # What a client of the sound server does not need. The commands of a [hook] run under these limits as well:
    # 'systemctl --user edit hproute' loosens them.
    NoNewPrivileges=yes
    RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
    SystemCallFilter=@system-service
    SystemCallArchitectures=native
    MemoryDenyWriteExecute=yes
    LockPersonality=yes
    RestrictNamespaces=yes
    RestrictRealtime=yes
    RestrictSUIDSGID=yes
    UMask=0077

    [Install]
    WantedBy=\(target)
    \(rest)
    """
  }

  private static func start(_ words: [String]) -> String {
    // systemd takes no quotes, backslashes and dollars in the path of a program, but in its arguments.
    let isOdd = words[0].contains { "\"'\\$".contains($0) }
    return "ExecStart="
      + ((isOdd ? ["/usr/bin/env", "--"] : []) + words).map { quoted($0, isCommand: true) }.joined(separator: " ")
  }

  private static func environment(_ command: LoginCommand) -> String {
    command.variables.map { "Environment=\(quoted("\($0.name)=\($0.value)", isCommand: false))\n" }.joined()
  }

  private static func profiles(_ command: LoginCommand) -> String {
    """
    [X-hproute]
    X-hproute-Profiles=\(command.profiles.joined(separator: ";"))

    """
  }

  /// A word in quotes, so that nothing in it means anything. In a command a dollar begins a variable.
  private static func quoted(_ word: String, isCommand: Bool) -> String {
    let escaped = word.reduce(into: "") { result, character in
      switch character {
      case "\\", "\"": result += "\\\(character)"
      case "%": result += "%%"
      case "$" where isCommand: result += "$$"
      case "\n": result += "\\n"
      default: result.append(character)
      }
    }
    let isPlain = escaped == word && !word.isEmpty && word.allSatisfy { $0.isLetter || $0.isNumber || "-_./:=,+@".contains($0) }
    return isPlain ? word : "\"\(escaped)\""
  }
}
