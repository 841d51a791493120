public import AudioGraph

extension Report {
  /// What stays as it is because its journal has been dropped: nobody knows any more what was there before.
  ///
  /// - Parameters:
  ///   - journal: nil where nothing was written down.
  ///   - graph: what there is now; nil where no server answers.
  public init(forgetting journal: Journal?, in graph: Graph?) {
    let graph =
      graph
      ?? Graph(
        server: ServerInfo(name: "", version: "", cookie: 0, host: "", user: "", defaultSink: nil, defaultSource: nil))
    let entries = journal?.baseline.entries ?? []
    let lost = entries.filter { entry in
      // What was only kept for the case that the server loses it is not ours; a stream that has ended is nobody's.
      guard entry.isPending || !entry.isSideEffect, !entry.attribute.isStream || graph.value(of: entry.attribute) != nil else {
        return false
      }
      return !graph.holds(Setting(entry.attribute, entry.was))
    }
    let text = AttributeText(graph)
    self.init(
      profile: journal?.profile, result: journal == nil ? .unchanged : .forgotten,
      left: lost.map { entry in
        let isLoaded = if case .module = entry.attribute, entry.was == .module(nil) { true } else { false }
        return Left(
          object: text.object(entry.attribute),
          reason: isLoaded
            ? "stays loaded until 'hproute revert', or until the sound server ends"
            : "it was \(text.value(entry.was, of: entry.attribute))")
      },
      graph: graph)
  }
}
