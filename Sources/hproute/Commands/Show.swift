internal import ArgumentParser
internal import Routing

struct Show: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Print a profile, and where it came from.")

  @Argument(help: "The name of a profile, or the path of a file if it contains a '/'.")
  var profile: String

  @OptionGroup var options: GlobalOptions

  func run() throws {
    try options.settings.run { output, _ throws(CommandFailure) in
      let (entry, source) = try Session(settings: options.settings, output: output).source(profile)
      if options.json {
        output.print(json: ShownProfile(name: entry.name, path: entry.path, text: source.text))
      } else {
        // A comment, so that what is printed is still a profile.
        output.line("# \(Output.printable(entry.path))")
        output.raw(source.text)
      }
      return 0
    }
  }

  private struct ShownProfile: Encodable {
    var name: String
    var path: String
    var text: String
  }
}
