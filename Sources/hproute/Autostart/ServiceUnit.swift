/// A unit of the user's service manager; see systemd.service(5) and systemd.exec(5).
struct ServiceUnit {
  static let name = "hproute.service"
  /// What it begins with.
  static let target = "default.target"

  let text: String

  init(_ command: LoginCommand) {
    let environment = command.variables.map { "Environment=\(Self.quoted("\($0.name)=\($0.value)", isCommand: false))\n" }
      .joined()
    // systemd takes no quotes, backslashes and dollars in the path of a program, but in its arguments.
    let isOdd = command.words[0].contains { "\"'\\$".contains($0) }
    let words = (isOdd ? ["/usr/bin/env", "--"] : []) + command.words
    text = """
      # Written by 'hproute autostart enable'; 'hproute autostart disable' removes it.

      [Unit]
      Description=Sound profiles for headphones
      After=pipewire-pulse.socket pipewire-pulse.service pulseaudio.socket pulseaudio.service wireplumber.service

      [Service]
      Type=notify
      ExecStart=\(words.map { Self.quoted($0, isCommand: true) }.joined(separator: " "))
      \(environment)Restart=on-failure
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
      WantedBy=\(Self.target)

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
