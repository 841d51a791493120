internal import ArgumentParser

struct Revert: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "revert",
    abstract: "Put everything back as it was before the first change.")

  @Flag(help: "Put nothing back: say what it was, leave it as it is, and forget it.")
  var forget = false

  @OptionGroup var options: GlobalOptions

  func run() throws {
    guard forget else { return try Self.revert(options.settings) }
    try options.settings.change { session throws(CommandFailure) in try session.forget() }
  }

  static func revert(_ settings: Settings) throws {
    try settings.change { session throws(CommandFailure) in
      try session.change { transaction, _ throws(CommandFailure) in try transaction.revertWithHooks() }
    }
  }
}
