internal import AudioGraph

/// Writes the journal of one transaction, each thing before it happens.
struct JournalWriter {
  private let state: StateDirectory
  /// What there was before any change of this transaction.
  var start: Graph
  /// The journal as it was found.
  private let former: Journal?
  private var journal: Journal
  /// What the touched attributes were before this transaction, for rolling back.
  private(set) var undo: [Baseline.Entry] = []
  /// What this transaction does, each attribute once: from what it was to what it shall be.
  private(set) var changes: [Change] = []
  /// Where in `changes` each attribute is.
  private var places: [Attribute: Int] = [:]
  /// The side effects among `undo`.
  private var kept: Set<Attribute> = []
  /// Where streams were by themselves, as the former journal has it.
  private let heldPositions: [Setting]
  /// Whether only a part of the profile is at stake: the rest of what is written down stays.
  private let isPart: Bool
  /// Whether a key is at work: it is no apply that could be cut off. What it sets is written down, and what it has not set after
  /// all has drifted.
  private let isKey: Bool
  /// Whether something has been written, and so perhaps done.
  private(set) var hasBegun = false

  /// - Parameters:
  ///   - former: the journal as it was found.
  ///   - profile: what is applied; nil where something is reverted.
  ///   - controls: what the user has turned and switched.
  init(
    state: StateDirectory, former: Journal?, server: ServerIdentity, profile: Profile?, controls: Controls = Controls(),
    isPart: Bool = false, isKey: Bool = false, start: Graph
  ) {
    self.state = state
    (self.isPart, self.isKey) = (isPart, isKey)
    self.start = start
    self.former = former
    journal = former?.continued(on: server, start) ?? Journal(server: server, state: .applying, profile: nil)
    heldPositions = journal.held.filter(\.attribute.isStream)
    if let profile {
      journal.controls = controls
      if !isPart, !profile.isBlank {
        (journal.profile, journal.revision, journal.afterRevert) = (profile.name, profile.revision, profile.hooks.afterRevert)
        journal.on = profile.on
      }
    }
  }

  var baseline: Baseline { journal.baseline }
  var profile: String? { journal.profile }

  /// Writes down what `plan` replaces in `graph`, unless it is written already.
  mutating func record(_ plan: Plan, _ graph: Graph) throws(Failure) {
    let before = journal.baseline
    if !hasBegun, former?.isInterrupted == false {
      journal.baseline.noteChoices(in: start, except: isKey ? Set(plan.changes.map(\.attribute)) : [])
    }
    note(plan.sideEffects, graph)
    for change in plan.changes { note(change, graph) }
    if !isPart { journal.baseline.reclaim(plan.wanted) }
    journal.baseline.record(
      plan.changes, keeping: plan.sideEffects, in: graph, since: start, isRefreshing: former?.isInterrupted != true)
    if isPart {
      // What the profile found as it should be, and somebody else has changed, was so before.
      for setting in former?.held ?? [] where before[setting.attribute] == nil {
        journal.baseline.correct(setting.attribute, was: setting.value)
      }
    }
    guard !hasBegun || journal.baseline != before else { return }
    journal.state = isKey ? .applied : .applying
    if !keepsAll(plan) { journal.held = held(plan) }
    // The second press of a key replaces nothing that would have to be known.
    try write(isRevocable: isKey && journal.baseline.entries.count == before.entries.count)
  }

  /// Writes down what is silenced while something is undone, unless it is written already. It is undone with the rest.
  mutating func recordSilence(_ plan: Plan, _ graph: Graph) throws(Failure) {
    let mutes = plan.steps.filter { $0.phase == .silence && journal.baseline[$0.change.attribute] == nil }.map(\.change)
    guard !mutes.isEmpty else { return }
    for mute in mutes { note(mute, graph) }
    journal.baseline.record(mutes, in: graph, since: start)
    try write()
  }

  /// What the changes of this transaction may take along, in front of what is noted of them; see ``Baseline/record``.
  private mutating func note(_ sideEffects: [Setting], _ graph: Graph) {
    for sideEffect in sideEffects where places[sideEffect.attribute] == nil && kept.insert(sideEffect.attribute).inserted {
      undo.append(
        Baseline.Entry(sideEffect.attribute, was: before(sideEffect), set: nil, card: graph.cardName(of: sideEffect.attribute)))
    }
  }

  private func before(_ sideEffect: Setting) -> Value {
    // What had to be asked for was not known when this began.
    let value = start.value(of: sideEffect.attribute) ?? sideEffect.value
    return value == .memory(nil) ? sideEffect.value : value
  }

  private mutating func note(_ change: Change, _ graph: Graph) {
    if let place = places[change.attribute] {
      changes[place].to = change.to
    } else {
      places[change.attribute] = changes.count
      // Where the server does not tell, it is what hproute set last, if it did.
      let first = graph.known(change.attribute, since: start)
      let ours = journal.baseline[change.attribute]?.outcome?.value
      let from =
        first.hidesVolume(of: change.attribute)
        ? ours ?? .unknown
        : (first.hidesEnds(of: change.attribute) || first.isUnasked(change.attribute) ? ours : nil)
          ?? first.value(of: change.attribute) ?? change.from
      let card = graph.cardName(of: change.attribute)
      if kept.contains(change.attribute), let place = undo.firstIndex(where: { $0.attribute == change.attribute }) {
        undo[place].set = change.to
      } else {
        undo.append(Baseline.Entry(change.attribute, was: from, set: change.to, card: card))
      }
      changes.append(Change(change.attribute, from: from, to: change.to))
    }
  }

  /// Another run of pipewire-pulse has lost what a former profile had loaded: it is loaded again with the rest that is
  /// undone. The journal has it already.
  mutating func noteLostModules(in graph: Graph) {
    for entry in former?.baseline.entries ?? [] where places[entry.attribute] == nil {
      guard case .module(let tag) = entry.attribute, case .module(let loaded?)? = entry.set, graph.module(tagged: tag) == nil
      else {
        continue
      }
      undo.append(Baseline.Entry(entry.attribute, was: .module(loaded), set: .module(nil)))
    }
  }

  /// Writes down that the profile holds. Writes nothing where that is what the journal says.
  ///
  /// - Parameter exempt: what turned out not to be changeable, and so has not been touched.
  mutating func finish(_ plan: Plan, _ graph: Graph, exempt: Set<Attribute>) throws(Failure) {
    let wanted = Set(plan.wanted.map(\.attribute))
    let waiting = Set(plan.later.map(\.attribute))
    let before = journal
    let keepsAll = keepsAll(plan)
    if !isPart { journal.baseline.reclaim(plan.wanted) }
    let hasTakenOver = !isPart && journal.baseline.takeOver(plan.wanted, in: graph)
    journal.baseline.reclaimReloaded(in: graph)
    journal.baseline.settleStreams(
      in: graph, wanted: isPart ? Set(former?.baseline.lastSet.keys ?? [:].keys) : wanted, exempt: exempt, keepsEnded: keepsAll)
    journal.baseline.keep { entry in
      if keepsAll && former?.baseline[entry.attribute] != nil { return true }
      // What only a former profile had touched is back to what it was, unless its device is away.
      if exempt.contains(entry.attribute) && former?.baseline[entry.attribute] == nil { return entry.attribute.isPlacement }
      return entry.isPending || Baseline.isSideEffect(entry, of: wanted, in: graph) || wanted.contains(entry.attribute)
        || waiting.contains(entry.attribute) || plan.asleep.contains(entry.attribute)
        || (!keepsAll && entry.attribute.stream != nil) || ((!keepsAll || isPart) && entry.isKeptMemory)
        || (entry.isUserModule && graph.value(of: entry.attribute) == .userModule(nil))
        // A server that does not tell this time what it remembers may do so the next.
        || (graph.streamMemory == nil && Setting(entry.attribute, .unknown).isMemory)
    }
    // What only a former profile had touched, and could not be put back, is put back when its device is there.
    journal.baseline.markPending(waiting)
    if !keepsAll { journal.held = held(plan) }
    journal.fixed = journal.fixed.union(exempt.filter(\.isPlacement).compactMap(\.stream)).filter {
      graph.sinkInput($0) != nil || graph.sourceOutput($0) != nil
    }
    if hasBegun && journal == before {
      do { try state.mark(&journal, .applied) } catch { throw .state(error) }
    } else if hasBegun || hasTakenOver
      || former.map({ !$0.isOfTheSameApply(as: journal) }) ?? (!isKey || journal.controls != Controls())
    {
      journal.state = .applied
      try write(isRevocable: true)
    }
  }

  /// Whether the plan does not tell all that the profile wants.
  private func keepsAll(_ plan: Plan) -> Bool { isPart || plan.isPartial }

  /// Writes down that a revert has begun.
  mutating func beginRevert(_ plan: Plan, _ graph: Graph) throws(Failure) {
    for change in plan.changes { note(change, graph) }
    if !hasBegun { journal.state = .reverting }
    if former != nil {
      let before = journal.baseline
      journal.baseline.record(
        [], keeping: plan.sideEffects.filter { $0.attribute.isStream || $0.isMemory || $0.isUserModule }, in: graph, since: start,
        isRefreshing: former?.isInterrupted != true)
      if journal.baseline != before { try write() }
    }
    try recordSilence(plan, graph)
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
      return try write(isRevocable: true)
    }
    journal.baseline.markPending()
    (journal.profile, journal.revision, journal.afterRevert, journal.controls, journal.on) = (nil, nil, nil, Controls(), [])
    journal.state = .none
    do throws(StateDirectory.Failure) {
      if journal.baseline.isEmpty { try state.remove(journal) } else { try state.write(journal, isRevocable: true) }
    } catch { throw .state(error) }
  }

  /// Closes the journal after what was pending has been restored while a profile is applied.
  ///
  /// - Parameter settled: what is not pending any longer.
  mutating func settle(_ settled: Set<Attribute>) throws(Failure) {
    journal.baseline.keep { !settled.contains($0.attribute) }
    try write(isRevocable: true)
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
      return Baseline.Entry(entry.attribute, was: entry.was, set: entry.set, card: entry.card, isPending: true)
    }
    var restored = former
    if !rest.isEmpty {
      let empty = Journal(
        server: journal.server, state: problems.isEmpty ? .none : .reverting, profile: problems.isEmpty ? nil : journal.profile)
      restored = restored ?? empty
      restored?.baseline = Baseline((former?.baseline.entries ?? []) + rest)
    }
    do throws(StateDirectory.Failure) {
      if let restored { try state.write(restored, isRevocable: true) } else { try state.remove(journal) }
    } catch { throw .state(error) }
  }

  /// - Parameter isRevocable: whether the journal on the disk knows all that this one knows. Where this one cannot be
  ///   written, that one still holds, and everything can be undone by it.
  private mutating func write(isRevocable: Bool = false) throws(Failure) {
    do {
      if isKey, isRevocable { try state.append(journal) } else { try state.write(journal, isRevocable: isRevocable) }
    } catch {
      if !hasBegun { restoreFormer() }
      throw .state(error)
    }
    hasBegun = true
  }

  /// Nothing has been done: what is written down shall say so, if it can.
  private func restoreFormer() {
    if let former { try? state.write(former) } else { try? state.remove(journal) }
  }

  /// What the profile wants and did not have to touch, and what of streams no profile had to touch.
  private func held(_ plan: Plan) -> [Setting] {
    let moved = former?.baseline.movedApplications() ?? []
    let untouched = plan.wanted.filter { setting in
      guard journal.baseline[setting.attribute] == nil else { return false }
      switch (setting.attribute, setting.value) {
      case (.module, _): return false
      case (.streamSink(let identity), .device(let sink?)):
        // By itself, and not because it began after hproute had moved its application there.
        return start.holds(setting) && !moved.contains(Baseline.Move(application: identity.application, sink: sink))
      default: return !setting.attribute.isStream
      }
    }
    let known = Set(untouched)
    return untouched + heldPositions.filter { start.holds($0) && journal.baseline[$0.attribute] == nil && !known.contains($0) }
  }
}

extension Journal {
  /// Whether nothing has to be written down about an apply that has changed nothing.
  fileprivate func isOfTheSameApply(as other: Journal) -> Bool {
    state == .applied && profile == other.profile && revision == other.revision && afterRevert == other.afterRevert
      && controls == other.controls && on == other.on
      && pending == other.pending
  }
}
