internal import AudioGraph

/// Writes the journal of one transaction, each thing before it happens.
struct Scribe {
  private let state: StateDirectory
  /// The journal as it was found.
  private let former: Journal?
  private var journal: Journal
  /// What the touched attributes were before this transaction, for rolling back.
  private(set) var undo: [Setting] = []
  /// What this transaction does, each attribute once: from what it was to what it shall be.
  private(set) var changes: [Change] = []
  /// Where in `changes` each attribute is.
  private var places: [Attribute: Int] = [:]
  /// Whether something has been written, and so perhaps done.
  private(set) var hasBegun = false

  init(state: StateDirectory, former: Journal?, server: ServerIdentity, profile: String?) {
    self.state = state
    self.former = former
    journal = former ?? Journal(server: server, state: .applying, profile: nil)
    if journal.server.cookie != server.cookie {
      // Another run of the server: its streams and modules have nothing to do with those of the former one.
      journal.baseline.keep { !$0.attribute.isOfOneRun }
      journal.server.cookie = server.cookie
    }
    if let profile { journal.profile = profile }
  }

  var baseline: Baseline { journal.baseline }
  var profile: String? { journal.profile }

  /// Writes down what `plan` replaces in `graph`, unless it is written already.
  mutating func record(_ plan: Plan, _ graph: Graph) throws(Failure) {
    let before = journal.baseline
    for change in plan.changes { note(change, graph) }
    journal.baseline.record(plan.changes, in: graph)
    guard !hasBegun || journal.baseline != before else { return }
    journal.state = .applying
    journal.held = held(plan)
    try write()
  }

  private mutating func note(_ change: Change, _ graph: Graph) {
    if let place = places[change.attribute] {
      changes[place].to = change.to
    } else {
      places[change.attribute] = changes.count
      // Where the server does not tell, it is what hproute set last, if it did.
      let from =
        graph.hidesVolume(of: change.attribute)
        ? journal.baseline[change.attribute]?.set ?? .unknown : graph.value(of: change.attribute) ?? change.from
      undo.append(Setting(change.attribute, from))
      changes.append(Change(change.attribute, from: from, to: change.to))
    }
  }

  /// Writes down that the profile holds. Writes nothing where that is what the journal says.
  ///
  /// - Parameter exempt: what turned out not to be changeable, and so has not been touched.
  mutating func finish(_ plan: Plan, _ graph: Graph, exempt: Set<Attribute>) throws(Failure) {
    let wanted = Set(plan.wanted.map(\.attribute))
    let waiting = Set(plan.pending.map(\.attribute))
    let before = journal
    journal.baseline.keep { entry in
      // What only a former profile had touched is back to what it was, unless its device is away.
      if exempt.contains(entry.attribute) && former?.baseline[entry.attribute] == nil { return false }
      return entry.isPending || wanted.contains(entry.attribute) || waiting.contains(entry.attribute)
        || (graph.value(of: entry.attribute) == nil && !entry.attribute.isOfOneRun)
    }
    journal.held = held(plan)
    if hasBegun && journal == before {
      do { try state.mark(&journal, .applied) } catch { throw .state(error) }
    } else if hasBegun || former?.state != .applied || former?.profile != journal.profile {
      journal.state = .applied
      try write()
    }
  }

  /// Writes down that a revert has begun.
  mutating func beginRevert(_ plan: Plan, _ graph: Graph) throws(Failure) {
    for change in plan.changes { note(change, graph) }
    guard !hasBegun, former != nil else { return }
    hasBegun = true
    // Without the mark an interruption is seen as one of an apply, which is undone in the same way.
    try? state.mark(&journal, .reverting)
  }

  /// Closes the journal of a revert. What could not be done stays in it.
  mutating func finishRevert(pending: [Setting], problems: Set<Attribute>) throws(Failure) {
    guard former != nil else { return }
    let away = Set(pending.map(\.attribute))
    journal.baseline.keep { away.contains($0.attribute) || problems.contains($0.attribute) }
    journal.held = []
    guard problems.isEmpty else {
      journal.state = .reverting
      return try write()
    }
    journal.baseline.markPending()
    journal.profile = nil
    journal.state = .none
    do throws(StateDirectory.Failure) {
      if journal.baseline.isEmpty { try state.remove(journal) } else { try state.write(journal) }
    } catch { throw .state(error) }
  }

  /// Closes the journal of an apply that was rolled back: it is what it was before, and holds what could not be undone.
  ///
  /// - Parameters:
  ///   - pending: of devices that are away.
  ///   - problems: what the server refused to undo, for the next revert to try again.
  mutating func takeBack(pending: [Setting], problems: Set<Attribute>) throws(Failure) {
    let away = Set(pending.map(\.attribute))
    let rest = journal.baseline.entries.compactMap { entry -> Baseline.Entry? in
      guard former?.baseline[entry.attribute] == nil else { return nil }
      if problems.contains(entry.attribute) { return entry }
      guard away.contains(entry.attribute) else { return nil }
      return Baseline.Entry(entry.attribute, was: entry.was, set: entry.set, isPending: true)
    }
    var restored = former
    if !rest.isEmpty {
      let empty = Journal(
        server: journal.server, state: problems.isEmpty ? .none : .reverting, profile: problems.isEmpty ? nil : journal.profile)
      restored = restored ?? empty
      restored?.baseline = Baseline((former?.baseline.entries ?? []) + rest)
    }
    do throws(StateDirectory.Failure) {
      if let restored { try state.write(restored) } else { try state.remove(journal) }
    } catch { throw .state(error) }
  }

  private mutating func write() throws(Failure) {
    do { try state.write(journal) } catch { throw .state(error) }
    hasBegun = true
  }

  /// What the profile wants and did not have to touch.
  private func held(_ plan: Plan) -> [Setting] {
    plan.wanted.filter { !$0.attribute.isOfOneRun && journal.baseline[$0.attribute] == nil }
  }
}

extension Attribute {
  /// Whether it is about something that ends with the server: a stream, or a module.
  var isOfOneRun: Bool {
    if case .loopback = self { return true }
    return isStream
  }
}

extension Failure {
  /// The same failure, after something had been changed: devices that are not there are then devices that left.
  var inTheMiddle: Failure {
    if case .plan(let error) = self { .devicesLeft(error) } else { self }
  }
}
