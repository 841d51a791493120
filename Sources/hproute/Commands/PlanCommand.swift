internal import ArgumentParser
internal import Routing

struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan", abstract: "Print what applying a profile would do, and change nothing.")

  @Argument(help: "The name of a profile, or the path of a file if it contains a '/'.")
  var profile: String

  @OptionGroup var answer: AnswerOption
  @OptionGroup var options: GlobalOptions

  func run() throws { try Self.show(profile, answer.answers, options) }

  /// - Parameter seconds: how long the server and the devices may be missing.
  static func show(_ argument: String, _ answers: [MatchExpression], _ options: GlobalOptions, waiting seconds: Double = 0) throws
  {
    try options.settings.run { output, _ throws(CommandFailure) in
      let start = ContinuousClock.now
      let session = Session(settings: options.settings, output: output)
      var profile = try session.profile(argument)
      profile.on = answers
      let loop = seconds > 0 ? try session.loopWithSignals() : nil
      if let loop { try session.wait(for: profile, until: start + .milliseconds(Int64(seconds * 1000)), on: loop) }
      let transaction = session.transaction(try session.connect(on: loop), try session.stateDirectory())
      let (plan, graph) = try transaction.failing { () throws(Failure) in try transaction.plan(profile) }
      output.print(plan, of: profile, in: graph, after: ContinuousClock.now - start)
      return 0
    }
  }
}
