/// An entry that a desktop starts at login; see the Desktop Entry and Autostart specifications of freedesktop.org.
struct DesktopEntry {
  let text: String

  init(_ command: LoginCommand) {
    let environment = command.variables.map { "\($0.name)=\($0.value)" }
    let words = environment.isEmpty ? command.words : ["env"] + environment + command.words
    text = """
      # Written by 'hproute autostart enable'; 'hproute autostart disable' removes it.
      [Desktop Entry]
      Type=Application
      Name=hproute
      Comment=Sound profiles for headphones
      Exec=\(words.map(Self.quoted).joined(separator: " "))
      Icon=audio-headphones
      Terminal=false
      NoDisplay=true
      X-hproute-Profiles=\(command.profiles.map { "\($0);" }.joined())

      """
  }

  /// An argument in quotes, escaped once for the command line and once for the value of a key.
  private static func quoted(_ word: String) -> String {
    let isPlain = !word.isEmpty && word.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) || "-_./:=,+@".contains($0) }
    if isPlain { return word }
    let escaped = word.reduce(into: "") { result, character in
      switch character {
      case "\"", "`", "$": result += "\\\\\(character)"
      case "\\": result += "\\\\\\\\"
      case "%": result += "%%"
      case "\n": result += "\\n"
      default: result.append(character)
      }
    }
    return "\"\(escaped)\""
  }
}
