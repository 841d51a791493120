internal import ArgumentParser
internal import Routing

struct Revert: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "revert",
    abstract: "Put everything back as it was before the first change.")

  @OptionGroup var options: GlobalOptions

  func run() throws { try Self.revert(options.settings) }

  static func revert(_ settings: Settings) throws {
    try settings.run { output, trace throws(CommandFailure) in
      let start = ContinuousClock.now
      let session = Session(settings: settings, output: output, trace: trace)
      let report = try session.change { transaction throws(Failure) in try transaction.revert() }
      output.print(report, after: ContinuousClock.now - start)
      return report.exitCode
    }
  }
}
