internal import ArgumentParser
internal import Routing

struct Apply: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "apply",
    abstract: "Apply a profile, completely or not at all.",
    discussion: "If anything fails, and on Ctrl-C, everything is put back as it was before.")

  @Argument(help: "The name of a profile, the path of a file if it contains a '/', or '-' for standard input.")
  var profile: String

  @Flag(help: "Print what would be done, and change nothing.")
  var dryRun = false

  @Option(
    help: ArgumentHelp("Wait up to this many seconds for the sound server and the profile's devices.", valueName: "seconds"))
  var wait = 0.0

  @Option(help: ArgumentHelp("Go back to before unless somebody says yes within this time.", valueName: "seconds"))
  var confirm: Int?

  @OptionGroup var answer: AnswerOption
  @OptionGroup var options: GlobalOptions

  func validate() throws {
    guard wait >= 0, wait <= 86_400 else { throw ValidationError("--wait takes a number of seconds, such as 30.") }
    guard (1...86_400).contains(confirm ?? 1) else {
      throw ValidationError("--confirm takes a whole number of seconds, such as 15.")
    }
  }

  func run() throws {
    if dryRun { return try PlanCommand.show(profile, answer.answers, options, waiting: wait) }
    try Self.apply(profile, on: answer.answers, options.settings, waiting: wait, confirming: confirm)
  }

  /// - Parameters:
  ///   - answers: which of several devices is meant.
  ///   - seconds: how long the server and the devices may be missing.
  ///   - patience: for how many seconds somebody may say yes; nil to ask nobody.
  static func apply(
    _ argument: String, on answers: [MatchExpression] = [], _ settings: Settings, waiting seconds: Double = 0,
    confirming patience: Int? = nil
  ) throws {
    try settings.change { session throws(CommandFailure) in
      var profile = try session.profile(argument)
      profile.on = answers
      let loop = try session.loopWithSignals()
      let confirmation = try patience.map { seconds throws(CommandFailure) in
        try Confirmation(seconds: seconds, session.output, on: loop)
      }
      var question: DeviceQuestion?
      while true {
        let wanted = profile
        do throws(CommandFailure) {
          if seconds > 0 { try session.wait(for: wanted, until: .now + .milliseconds(Int64(seconds * 1000)), on: loop) }
          let report = try session.change(on: loop) { transaction, hooks throws(CommandFailure) in
            try transaction.apply(wanted, with: hooks, asking: confirmation)
          }
          if report.failure == nil { question?.finish() } else { question?.discard() }
          return report
        } catch {
          guard let choice = error.choice else {
            question?.discard()
            throw error.exitCode == 3 ? error.naming(session.profilesThatFit()) : error
          }
          if question == nil { question = try DeviceQuestion(about: argument, session, on: loop) }
          guard let answered = try question?.answer(choice, for: wanted) else { throw error }
          profile = answered
        }
      }
    }
  }
}
