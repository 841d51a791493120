internal import ArgumentParser
internal import Routing

struct Revert: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Put everything back as it was before the first change.")

  @OptionGroup var options: GlobalOptions

  func run() throws {
    try options.run { output throws(CommandFailure) in
      let start = ContinuousClock.now
      let session = Session(options: options, output: output)
      let report = try session.change { transaction throws(Failure) in try transaction.revert() }
      output.print(report, after: ContinuousClock.now - start)
      return report.exitCode
    }
  }
}
