internal import AudioGraph

/// What somebody else has changed since hproute set it, and what is therefore theirs.
///
/// It is told once, from what there is when a transaction begins: on the way hproute changes the same things itself.
extension Baseline {
  /// - Parameter isGentle: whether this is about everything. What waits for a device that is back is put back only as it was
  ///   left in any case.
  func changedByOthers(in graph: Graph, isGentle: Bool) -> Set<Attribute> {
    var cards: Set<String> = []
    if isGentle {
      for entry in entries {
        if case .cardProfile(let card) = entry.attribute, !isAsLeft(entry, in: graph) { cards.insert(card) }
      }
    }
    var attributes: Set<Attribute> = []
    for entry in entries where isGentle || (entry.isPending && graph.value(of: entry.attribute) != nil) {
      // What was only kept goes with the card profile it was kept for.
      let isAsLeft =
        if entry.isSideEffect && !entry.isUserModule && !(entry.isPending && entry.isKeptMemory) {
          !entry.isPending && (entry.card.map { !cards.contains($0) } ?? cards.isEmpty)
        } else { isAsLeft(entry, in: graph) }
      if !isAsLeft { attributes.insert(entry.attribute) }
    }
    return isGentle ? attributes.union(tooLoud(under: attributes, in: graph)) : attributes
  }

  /// Whether nobody but hproute and the server has changed it. What is not there cannot have been changed, and a server falls
  /// back to something else where the device it was told has left.
  private func isAsLeft(_ entry: Entry, in graph: Graph) -> Bool {
    if case .module = entry.attribute { return true }
    if entry.isUserModule { return graph.value(of: entry.attribute) == .userModule(nil) }
    guard graph.value(of: entry.attribute) != nil else { return true }
    if graph.value(of: entry.attribute) == .device(nil) && entry.attribute.isPlacement { return true }
    guard let left = entry.outcome else { return false }
    if let device = left.destination, graph.device(device.kind, named: device.name) == nil { return true }
    return graph.holds(left, assuming: [left.attribute: left.value])
  }

  /// What would get louder under a stream that somebody has moved there, and that stays.
  private func tooLoud(under changedByOthers: Set<Attribute>, in graph: Graph) -> [Attribute] {
    let occupied = Set(
      changedByOthers.compactMap { attribute -> String? in
        guard case .streamSink = attribute, case .device(let sink?)? = graph.value(of: attribute) else { return nil }
        return sink
      })
    return entries.filter { entry in
      guard entry.attribute.deviceName.map(occupied.contains) ?? false else { return false }
      switch (entry.was, graph.value(of: entry.attribute)) {
      case (.volume(let was), .volume(let now)?): return was.lower(of: now) != was
      case (.mute(let was), .mute(let now)?): return now && !was
      default: return false
      }
    }.map(\.attribute)
  }
}
