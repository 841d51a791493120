internal import ArgumentParser
internal import Routing

struct Apply: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "apply",
    abstract: "Make a profile hold: all of it, or nothing.",
    discussion: "Where anything fails, and on Ctrl-C, everything is put back as it was before.")

  @Argument(help: "The name of a profile, or the path of a file if it holds a '/'.")
  var profile: String

  @Flag(help: "Print what would be done, and change nothing.")
  var dryRun = false

  @OptionGroup var options: GlobalOptions

  func run() throws {
    if dryRun { return try PlanCommand.show(profile, options) }
    try Self.apply(profile, options.settings)
  }

  static func apply(_ argument: String, _ settings: Settings) throws {
    try settings.run { output, trace throws(CommandFailure) in
      let start = ContinuousClock.now
      let session = Session(settings: settings, output: output, trace: trace)
      let profile = try session.profile(argument)
      let report = try session.change { transaction throws(Failure) in try transaction.apply(profile) }
      output.print(report, after: ContinuousClock.now - start)
      return report.exitCode
    }
  }
}
