internal import ArgumentParser
internal import Routing

struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Say what is wrong with profiles. Needs no sound server.")

  @Argument(help: "Names of profiles, or paths of files; all profiles if there is none.")
  var profiles: [String] = []

  @OptionGroup var options: GlobalOptions

  func run() throws {
    try options.settings.run { output, _ throws(CommandFailure) in
      let session = Session(settings: options.settings, output: output)
      let arguments = profiles.isEmpty ? session.store.all().map(\.path) : profiles
      var results: [CheckedProfile] = []
      var unreadable: [CommandFailure] = []
      for argument in arguments {
        let (entry, source): (ProfileStore.Entry, SourceText)
        do throws(CommandFailure) { (entry, source) = try session.source(argument) } catch {
          unreadable.append(error)
          continue
        }
        let parsed = Parser.parse(source, name: entry.name)
        output.diagnose(parsed.diagnostics, in: source)
        results.append(CheckedProfile(entry, parsed, source))
      }
      output.print(results)
      // The others are checked all the same.
      for failure in unreadable.dropFirst() { output.error(failure.sentence) }
      if let first = unreadable.first { throw first }
      return results.contains { $0.errors > 0 } ? 65 : 0
    }
  }
}

/// What came of checking one file.
struct CheckedProfile: Encodable {
  var name: String
  var path: String
  var errors: Int
  var warnings: Int
  var diagnostics: [Message]

  struct Message: Encodable {
    var line: Int
    var column: Int
    var severity: String
    var message: String
    var help: Nullable<String>
  }

  init(_ entry: ProfileStore.Entry, _ parsed: ParsedProfile, _ source: SourceText) {
    name = entry.name
    path = entry.path
    errors = parsed.diagnostics.count { $0.severity == .error }
    warnings = parsed.diagnostics.count - errors
    let message = { (diagnostic: Diagnostic) in
      let (line, column) = source.position(of: diagnostic.range.lowerBound)
      return Message(
        line: line, column: column, severity: diagnostic.severity.rawValue, message: diagnostic.message,
        help: Nullable(diagnostic.help))
    }
    diagnostics = parsed.diagnostics.map(message)
  }
}
