internal import ArgumentParser
internal import AudioGraph
internal import Routing

struct List: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the profiles there are, and which can be applied now.")

  @OptionGroup var options: GlobalOptions

  func run() throws {
    try options.settings.run { output, _ throws(CommandFailure) in
      let session = Session(settings: options.settings, output: output)
      // Without a server the list is shorter by what only the server knows.
      let graph = try? session.graph()
      let state = try? session.stateDirectory()
      let journal = try state.flatMap { state throws(CommandFailure) in
        try session.journal(in: state, of: graph, at: session.expectedAddress)
      }
      let applied = journal?.appliedProfile
      var entries = session.store.all()
      // One that was applied by its path may be in none of the directories.
      if let applied, !entries.contains(where: { session.store.isEntry($0, applied) }),
        let entry = try? session.store.find(applied)
      {
        entries.append(entry)
      }
      let profiles = entries.map { entry in
        ListedProfile(session, entry, isApplied: session.store.isEntry(entry, applied), in: graph)
      }
      // What can be applied comes first; the sort is stable.
      output.print(profiles.filter(\.comesFirst) + profiles.filter { !$0.comesFirst })
      for path in session.store.passedOver() {
        output.warn("\(path) is no profile: profiles are files called NAME.profile, of letters, digits, '.', '_' and '-'.")
      }
      return 0
    }
  }
}

/// A profile as it is listed.
struct ListedProfile: Encodable {
  var name: String
  var description: Nullable<String>
  var path: String
  var applied: Bool
  /// Null without a server.
  var applicable: Nullable<Bool>
  /// Why it cannot be applied now; null if it can, and without a server.
  var reason: Nullable<String>
  var shadowed: Bool
  var hasErrors: Bool

  fileprivate var comesFirst: Bool { !shadowed && !hasErrors && (applied || applicable.value ?? true) }

  init(_ session: Session, _ entry: ProfileStore.Entry, isApplied: Bool, in graph: Graph?) {
    let profile = session.store.profile(entry)
    (name, path, applied, shadowed) = (entry.reference, entry.path, isApplied, entry.isShadowed)
    (description, hasErrors) = (Nullable(profile?.description), profile == nil)
    let obstacle = graph.flatMap { graph in profile.map { session.obstacle(to: $0, in: graph) } }
    applicable = Nullable(graph.map { _ in obstacle.map { $0 == nil } ?? false })
    reason = Nullable(obstacle?.map(\.briefReason))
  }
}

extension Session {
  /// Why a profile cannot be applied as things are; nil if it can.
  fileprivate func obstacle(to profile: Profile, in graph: Graph) -> PlanError? {
    do {
      _ = try planner.plan(graph, Baseline(), profile)
      return nil
    } catch { return error }
  }

  /// The names of the profiles that can be applied now, for who has asked for one that cannot.
  func profilesThatFit() -> [String] {
    guard let graph = try? graph() else { return [] }
    return store.all().filter { !$0.isShadowed }.compactMap(store.profile).filter { obstacle(to: $0, in: graph) == nil }.map(
      \.name)
  }
}
