internal import ArgumentParser

internal import Glibc

/// The command line.
struct HProute: ParsableCommand {
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "hproute",
    abstract: "Sends the desktop's sound to your headphones, and puts everything back as it was.",
    discussion: """
      A profile is a short text file that says where the sound should go. 'hproute apply NAME' makes it so, \
      all or nothing; 'hproute revert' goes back to what was there before the first change.
      """,
    version: version,
    subcommands: [
      Apply.self, Revert.self, Status.self, PlanCommand.self, List.self, Devices.self, Streams.self, Check.self,
      Show.self,
    ])
}

@main
enum Main {
  static func main() {
    // A pipe that nobody reads any more is not an error: what is to be done is done all the same.
    signal(SIGPIPE, SIG_IGN)
    do {
      var command = try HProute.parseAsRoot()
      try command.run()
    } catch {
      let code = HProute.exitCode(for: error)
      if code == .validationFailure && CommandLine.arguments.contains("--json") {
        Output(json: true).fail(
          CommandFailure(exitCode: code.rawValue, sentence: HProute.message(for: error)), quietly: true)
      }
      HProute.exit(withError: error)
    }
  }
}
