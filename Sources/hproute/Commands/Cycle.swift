internal import ArgumentParser
internal import Routing

struct Cycle: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cycle",
    abstract: "Switch to the next profile in the list.",
    discussion: "Those that cannot be applied now are passed over. Without names: your own profiles.")

  @Argument(help: "Names of profiles, or paths of files.")
  var profiles: [String] = []

  @OptionGroup var options: GlobalOptions

  func run() throws {
    try options.settings.change { session throws(CommandFailure) in
      let candidates = try candidates(session)
      return try session.change { transaction, hooks throws(CommandFailure) in
        let applied = try transaction.appliedProfile()
        let place = candidates.firstIndex { session.store.isSame($0.name, applied) }.map { $0 + 1 } ?? 0
        for profile in candidates[place...] + candidates[..<place] where try transaction.canApply(profile) {
          return try transaction.apply(profile, with: hooks)
        }
        throw CommandFailure(
          exitCode: 3,
          sentence: "none of \(candidates.map(\.name).joined(separator: ", ")) can be applied now: their devices are "
            + "not there. 'hproute plan NAME' tells what is missing. Nothing was changed.", objects: candidates.map(\.name))
      }
    }
  }

  /// Those that were named have to be right; of the others, those that are not are passed over.
  private func candidates(_ session: Session) throws(CommandFailure) -> [Profile] {
    var candidates: [Profile] = []
    for name in profiles { candidates.append(try session.profile(name)) }
    if profiles.isEmpty {
      candidates = session.store.own().compactMap(session.store.profile)
    }
    guard candidates.isEmpty else { return candidates }
    let directory = session.store.ownDirectory ?? "~/.config/hproute/profiles"
    throw CommandFailure(
      exitCode: 66,
      sentence: "there is no profile of your own in \(directory). Name those you mean: hproute cycle studio speakers"
    )
  }
}
