internal import AudioGraph

/// What a command finds when it begins.
struct Found {
  var graph: Graph
  var journal: Journal?

  /// What an apply that was cut off may have sent, and the server may still do.
  var perhapsSent: Set<Setting> { journal?.perhapsSent ?? [] }

  func isApplied(_ profile: Profile) -> Bool { journal?.state == .applied && journal?.profile == profile.name }
}
