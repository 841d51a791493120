internal import ArgumentParser
internal import Glibc
internal import Routing
internal import SystemPackage

struct Edit: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "edit",
    abstract: "Open a profile in your editor, and check it afterwards.",
    discussion: """
      The editor is $VISUAL, else $EDITOR. A profile that came along is copied into your own directory first, and the copy is \
      used from then on; if you change nothing, the copy is removed again.
      """)

  @Argument(help: "The name of a profile, or the path of a file if it contains a '/'.")
  var profile: String

  @OptionGroup var options: GlobalOptions

  func run() throws {
    try options.settings.run { output, _ throws(CommandFailure) in
      let session = Session(settings: options.settings, output: output)
      guard isatty(STDIN_FILENO) == 1 || Self.editor != nil else {
        throw CommandFailure(
          exitCode: 64, sentence: "there is no terminal to edit in. 'hproute show \(profile.shellQuoted)' prints it.")
      }
      let (entry, source) = try session.source(profile)
      let isCopy = !session.store.isOwn(entry)
      let path = isCopy ? try session.ownPath(entry.name) : FilePath(entry.path)
      if isCopy { try session.write(source.text, to: path, isNew: true) }
      let (status, _) = ForegroundProgram(shell: Self.editor ?? Self.fallback, [path.string]).run()
      let (edited, text) = try session.source(isCopy ? path.string : profile)
      if isCopy, text.text == source.text {
        try? Files.remove(path)
        guard status == 0 else { throw failure(status) }
        output.line("Nothing was changed: \(entry.name) is still \(Output.printable(entry.path)).")
        return 0
      }
      guard status == 0 else { throw failure(status) }
      let parsed = Parser.parse(text, name: entry.name)
      output.diagnose(parsed.diagnostics, in: text)
      output.print([CheckedProfile(edited, parsed, text)])
      if parsed.hasErrors { output.warn("'hproute edit \(profile.shellQuoted)' opens it again.") }
      return parsed.hasErrors ? 65 : 0
    }
  }

  private static var editor: String? { Environment()["VISUAL"] ?? Environment()["EDITOR"] }

  /// The first that most systems have.
  private static let fallback = "$(command -v sensible-editor || command -v nano || command -v vim || echo vi)"

  private func failure(_ status: Int32) -> CommandFailure {
    let hint = status == 127 ? " Say which editor to use: EDITOR=nano hproute edit \(profile.shellQuoted)" : ""
    return CommandFailure(exitCode: 1, sentence: "the editor ended with \(status).\(hint)")
  }
}
