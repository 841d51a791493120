internal import AudioGraph

/// What somebody else has changed since a profile was applied, and what therefore stays when only the rest of the profile is
/// made to hold.
struct Drift {
  private let journal: Journal
  private let graph: Graph
  /// The cards and devices that have been there all the time. What is about others cannot have been changed since.
  private let steady: Set<Presence>
  /// The streams that were there when the profile was applied.
  private let known: Set<StreamIdentity>
  private let held: Set<Setting>

  init(since journal: Journal, in graph: Graph, steady: Set<Presence>) {
    self.journal = journal
    self.graph = graph
    self.steady = steady
    held = Set(journal.held)
    known = Set((journal.baseline.entries.map(\.attribute) + journal.held.map(\.attribute)).compactMap(\.stream))
  }

  /// What a new plan of the profile would change although the last apply left it so.
  func attributes(in plan: Plan) -> Set<Attribute> {
    let wanted = Dictionary(plan.wanted.map { ($0.attribute, $0.value) }, uniquingKeysWith: { $1 })
    let changes = plan.changes.map(\.attribute)
    let others = Set(changes.filter { attribute in wanted[attribute].map { isChanged(Setting(attribute, $0)) } ?? false })
    guard others.contains(.defaultSink) else { return others }
    // Somebody has chosen another output, and what has followed it stays there.
    return others.union(
      changes.filter { if case .streamSink = $0 { graph.value(of: $0) == .device(graph.server.defaultSink) } else { false } })
  }

  private func isChanged(_ setting: Setting) -> Bool {
    guard isSteady(setting) else { return false }
    if let entry = journal.baseline[setting.attribute] {
      return !entry.isPending && entry.set.map { isAsAsked($0, setting.value) } ?? false
    }
    switch setting.attribute {
    // Right when it was applied, or it would have been written down.
    case .volume(.loopback), .mute(.loopback): return true
    case .volume(.stream(let identity)), .mute(.stream(let identity)): return known.contains(identity)
    // One that has come since is where it wants to be, unless it follows the default.
    case .streamSink: return held.contains(setting) || graph.value(of: setting.attribute) != .device(graph.server.defaultSink)
    default: return held.contains(setting)
    }
  }

  /// Whether the profile asks for what it has asked for before. The balance is that of somebody else where it says none.
  private func isAsAsked(_ before: Value, _ now: Value) -> Bool {
    if case (.volume(let before), .volume(let now)) = (before, now) { return before.loudest.isClose(to: now.loudest) }
    return before == now
  }

  /// Whether what it is about, and what it leads to, has been there all the time.
  private func isSteady(_ setting: Setting) -> Bool {
    if let device = setting.attribute.device ?? setting.destination { return isSteady(device.kind, device.name) }
    return switch (setting.attribute, setting.value) {
    case (.cardProfile(let name), _): steady.contains { $0.kind == .card && $0.name == name }
    case (.volume(.loopback(let tag)), _), (.mute(.loopback(let tag)), _): journal.baseline[.module(tag)] != nil
    case (.module, _): false
    default: true
    }
  }

  private func isSteady(_ kind: DeviceKind, _ name: String) -> Bool {
    if OwnDevice.isOne(name) { return graph.device(kind, named: name) != nil }
    return steady.contains { $0.name == name && $0.kind == (kind == .sink ? .sink : .source) }
  }
}
