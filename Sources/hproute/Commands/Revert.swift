internal import ArgumentParser

struct Revert: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "revert",
    abstract: "Put everything back as it was before the first change.")

  @OptionGroup var options: GlobalOptions

  func run() throws { try Self.revert(options.settings) }

  static func revert(_ settings: Settings) throws {
    try settings.change { session throws(CommandFailure) in
      try session.change { transaction, _ throws(CommandFailure) in try transaction.goBack() }
    }
  }
}
