internal import AudioGraph

/// What a profile makes of its own: names and marks that nothing else has, and what runs already is kept.
extension Resolution {
  enum Maker { case device, monitor, mix }

  /// A mark for what a section makes, the same in every plan of this apply.
  func tag(_ maker: Maker, _ label: String, _ kind: DeviceKind) -> Tag {
    // Each kind of section counts for itself; a label stands once within its kind.
    let kinds =
      switch maker {
      case .monitor: 0
      case .device: kind == .sink ? 1 : 2
      case .mix: 3
      }
    let number = label.utf8.reduce(UInt32(kinds + 5381)) { ($0 &* 33) ^ UInt32($1) }
    return Tag(user: planner.user, transaction: planner.transaction, ordinal: Int(number % 10_000_000))
  }

  /// What we have loaded already and can go on with, so that nothing drops out.
  func running(_ isIt: (OwnModule) -> Bool) -> OwnModule? {
    let taken = Set(settings.map(\.attribute))
    return graph.ownModules(of: planner.user).lazy.filter { !taken.contains(.module($0.tag)) }
      .compactMap { graph.ownModule(tagged: $0.tag) }.first(where: isIt)
  }

  /// `name`, or one like it that no other device has.
  func freeName(_ name: String, _ kind: DeviceKind, _ tag: Tag) -> String {
    let isFree = { (name: String) in
      guard let device = graph.device(kind, named: name) else { return true }
      guard let owner = device.properties[.hprouteID].map(Tag.init(rawValue:)), owner != tag else {
        return device.properties[.hprouteID] != nil
      }
      // One that has lost the device below it goes first, and leaves its name.
      guard owner.belongs(to: planner.user), let module = graph.ownModule(tagged: owner) else {
        return owner.belongs(to: planner.user)
      }
      if case .remap(let it) = module { return it.master.isEmpty } else { return false }
    }
    let others = (2...).lazy.map { "\(name).\($0)" }
    return isFree(name) ? name : others.first(where: isFree) ?? name
  }
}

extension OwnModule {
  /// Whether it is what `wanted` asks for, or has just been loaded for it.
  func doesTheSame(as wanted: OwnModule) -> Bool {
    if tag == wanted.tag { return true }
    switch (self, wanted) {
    case (.remap(let a), .remap(let b)):
      return a.kind == b.kind && a.master == b.master && a.masterMap == b.masterMap && a.map == b.map && !a.name.isEmpty
    case (.combination(let a), .combination(let b)): return a.members == b.members && !a.name.isEmpty
    case (.loopback(let a), .loopback(let b)): return a.source == b.source && a.sink == b.sink && a.latency == b.latency
    default: return false
    }
  }
}
