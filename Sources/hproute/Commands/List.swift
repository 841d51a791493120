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
      output.print(
        entries.map { entry in
          let source = try? session.store.source(entry)
          let parsed = source.map { Parser.parse($0, name: entry.name) }
          return ListedProfile(
            name: entry.reference, description: Nullable(parsed?.profile?.description), path: entry.path,
            applied: session.store.isEntry(entry, applied),
            applicable: Nullable(graph.map { Self.isApplicable(parsed, in: $0) }), shadowed: entry.isShadowed,
            hasErrors: parsed?.hasErrors ?? true)
        })
      return 0
    }
  }

  private static func isApplicable(_ parsed: ParsedProfile?, in graph: Graph) -> Bool {
    guard let parsed, let profile = parsed.profile else { return false }
    let planner = Planner(user: 0, transaction: 0)
    return (try? planner.plan(graph, Baseline(), profile)) != nil
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
  var shadowed: Bool
  var hasErrors: Bool
}
