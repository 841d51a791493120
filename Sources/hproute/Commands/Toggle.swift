internal import ArgumentParser
internal import Routing

struct Toggle: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "toggle",
    abstract: "Apply a profile, or revert it if it is applied.",
    discussion: "Made for a key: pressed twice in a hurry, it does the one and then the other.")

  @Argument(help: "The name of a profile, or the path of a file if it contains a '/'.")
  var profile: String

  @OptionGroup var answer: AnswerOption
  @OptionGroup var options: GlobalOptions

  func run() throws {
    try options.settings.change { session throws(CommandFailure) in
      try session.change { transaction, hooks throws(CommandFailure) in
        // What is applied is looked at when nobody else can change it. To revert it the file is not needed.
        let applied = try transaction.appliedProfile()
        if session.store.isSame(applied, ProfileStore.reference(of: profile)) { return try transaction.revertWithHooks() }
        var wanted = try session.profile(profile)
        wanted.on = answer.answers
        return try transaction.apply(wanted, with: hooks)
      }
    }
  }
}
