internal import ArgumentParser

struct Streams: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "streams", abstract: "List what plays and records, and where.")

  @OptionGroup var options: GlobalOptions

  func run() throws {
    try options.settings.run { output, _ throws(CommandFailure) in
      output.print(StreamList(try Session(settings: options.settings, output: output).graph()))
      return 0
    }
  }
}
