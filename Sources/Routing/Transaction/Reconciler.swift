internal import AudioGraph

/// Brings a server to where a plan leads: read, plan, do the next phase, look again, until the plan is empty.
struct Reconciler {
  /// What to do when a change cannot be made.
  enum Mode {
    /// Give up: the caller rolls back.
    case apply
    /// Go on with the rest, whatever comes: half undone is worse than undone but for one thing.
    case undo
  }

  /// What is not told is looked for after this time.
  private static let glance = Duration.milliseconds(40)
  /// A change that a server has lost is sent again after this time.
  private static let patience = Duration.milliseconds(250)
  /// A device that is played to runs by then, and tells its volume. Measured: 17 to 93 ms.
  private static let wakingTakesAtMost = Duration.milliseconds(500)
  /// A card may take its time, and may begin anew when it is asked again.
  private static let cardPatience = Duration.seconds(3)
  /// For so long pipewire-pulse may claim that a stream has moved; what has not moved then does not.
  private static let movePatience = Duration.milliseconds(1500)

  let server: any AudioServer
  let mode: Mode
  let timeout: Duration
  private let trace: Trace?
  var graph: Graph
  var left: [Left] = []
  var problems: [Failure] = []
  var context: PlanningContext
  /// What was sent and not refused, and has not been seen to hold.
  var unseen: Set<Setting> = []
  var firstSent: [Setting: ContinuousClock.Instant] = [:]
  var lastSent: [Setting: ContinuousClock.Instant] = [:]
  private var followers = DefaultFollowers()
  private var drains = DrainTimer()
  var optional: Set<Attribute> = []
  /// Everything that was sent.
  private var sent: Set<Attribute> = []
  var switches = SwitchSettling()
  var hasReconnected = false
  /// What has been refused to be moved, once.
  var resisting: Set<Attribute> = []
  /// The devices that have been made to run, by kind and name.
  private var woken: Set<String> = []

  init(
    _ server: any AudioServer, _ mode: Mode, timeout: Duration, from graph: Graph, _ context: PlanningContext, _ trace: Trace?
  ) {
    self.server = server
    self.mode = mode
    self.timeout = timeout
    self.graph = graph
    self.context = context
    self.trace = trace
  }

  /// - Parameters:
  ///   - goal: what has to be done in a given graph.
  ///   - prepare: called with the plan before any of it is sent; writes down what it replaces.
  /// - Returns: the last plan, which has no steps.
  mutating func reach(
    _ goal: (Graph, PlanningContext) throws(PlanError) -> Plan, prepare: (Plan, Graph) throws(Failure) -> Void
  ) throws(Failure) -> Plan {
    while true {
      let now = ContinuousClock.now
      drains.observe(graph, at: now)
      switches.observe(graph, since: context.start, at: now)
      unseen = unseen.filter { !graph.holds($0) }
      let plan: Plan
      do { plan = try goal(graph, context) } catch {
        guard error.isPassing, let limit = switches.comingUntil(timeout), limit > now,
          !(error.isAboutWhatIsThere && switches.hasArrived(at: now))
        else { throw .plan(error) }
        try look(after: limit)
        trace?.mark("wait for devices")
        continue
      }
      optional = plan.optional
      trace?.mark("plan")
      if try wake(plan.hidden) { continue }
      guard let phase = plan.steps.first?.phase else {
        guard let moment = unfinished(plan), moment > now else { return plan }
        try look(after: moment)
        trace?.mark("wait for what a switch brings")
        continue
      }
      if let moment = switches.doubtEnd(isDoubtful(plan), at: now), moment > now {
        try look(after: moment)
        continue
      }
      let changes = plan.burst(on: graph.server.traits, withMonitors: switches.holdEnd.map { $0 <= now } ?? true)
      if phase == .lower { switches.noteDeviation(at: now) }

      let overdue = changes.filter { change in firstSent[change.key].map { $0 + deadline(for: change) <= now } ?? false }
      if !overdue.isEmpty {
        for change in overdue { try giveUp(change) }
        continue
      }
      let due = changes.filter { nextAttempt(at: $0).map { $0 <= now } ?? true }
      if due.isEmpty {
        let next =
          changes.compactMap { change in
            firstSent[change.key].map { min($0 + deadline(for: change), nextAttempt(at: change) ?? now) }
          }.min() ?? now + timeout
        // pipewire-pulse does not tell of every link.
        try look(after: graph.server.traits.actsAfterAnswering ? min(next, now + Self.glance) : next)
        trace?.mark("wait for the effect: \(phase.title)")
        continue
      }
      if let moment = notBefore(phase, due), moment > now {
        try look(after: moment)
        trace?.mark("wait before: \(phase.title)")
        continue
      }
      if try recall(due) { continue }
      try prepare(plan, graph)
      trace?.mark("journal")
      try perform(due)
      trace?.mark(phase.title)
    }
  }

  /// Whether the plan is about a card profile or a port that was right to begin with, or about the volume of a port that was not
  /// in use, and nobody has changed them.
  private func isDoubtful(_ plan: Plan) -> Bool {
    plan.changes.contains { change in
      if change.attribute.isSwitch { return !sent.contains(change.attribute) && context.start.holds(change.outcome) }
      guard change.attribute.portName != nil, let device = change.attribute.device else { return false }
      let hasOther =
        context.start.device(device.kind, named: device.name).map { $0.activePort != change.attribute.portName } ?? false
      return hasOther && !sent.contains(.port(device.kind, name: device.name))
        && !sent.contains(where: { if case .cardProfile = $0 { true } else { false } })
    }
  }

  /// Until when a phase has to wait, if it has to.
  private func notBefore(_ phase: Phase, _ changes: [Change]) -> ContinuousClock.Instant? {
    if phase > .ports, let moment = switches.arrivalEnd, moment > .now { return moment }
    return switch phase {
    case .beforeCardProfile, .ports:
      // What is still in the queue of a sink gets the volume of its new port.
      drains.quietTime(before: changes)
    case .streams:
      followers.end(before: changes)
    case .monitors: switches.holdEnd
    case .raise:
      // What is raised must be empty of those that leave, and of what they left in its queue.
      [drains.quietTime(before: changes), followers.stragglersEnd(before: changes, in: graph), switches.holdEnd]
        .compactMap(\.self).max()
    default: nil
    }
  }

  /// Until when there may be more to do, although there is nothing to do now.
  private func unfinished(_ plan: Plan) -> ContinuousClock.Instant? {
    if !plan.awaited.isEmpty, let limit = switches.comingUntil(timeout), limit > .now { return limit }
    return [switches.holdEnd, followers.dragEnd(of: plan, in: graph)].compactMap(\.self).max()
  }

  /// Those of `changes` that were made, by hproute or by the server in their wake, and have made a difference.
  func made(_ changes: [Change]) -> [Change] {
    changes.filter { change in
      !context.exempt.contains(change.attribute) && change.from != change.to
        && (sent.contains(change.attribute) || graph.holds(change.outcome))
    }
  }

  /// What goes in front of changes that have been sent before. PipeWire takes a default that is named a second time for
  /// no news, so it is made news.
  private func reminders(of changes: [Change]) -> [Change] {
    guard graph.server.traits.ignoresRepeatedDefault else { return [] }
    return changes.filter { change in
      let isDefault = change.attribute == .defaultSink || change.attribute == .defaultSource
      return isDefault && change.from != .device(nil) && lastSent[change.key] != nil
    }.map(\.inverse)
  }

  private mutating func perform(_ changes: [Change]) throws(Failure) {
    let now = ContinuousClock.now
    let reminders = reminders(of: changes)
    for change in changes {
      firstSent[change.key] = firstSent[change.key] ?? now
      lastSent[change.key] = now
      unseen.insert(change.outcome)
      sent.insert(change.attribute)
      switches.note(change, at: now)
      context.assumed[change.attribute] = change.to
      if case .port(let kind, let name) = change.attribute, let device = graph.device(kind, named: name) {
        // As it is left, it is found again.
        context.assumed[.volume(device.object)] = .volume(device.volume)
        context.assumed[.mute(device.object)] = .mute(device.isMuted)
      }
      followers.note(change, on: graph.server.traits, at: now)
    }
    let outcome: BurstResult
    do { outcome = try server.perform(reminders + changes) } catch {
      try survive(error)
      // Nobody knows what of it was done: look, and do the rest.
      // A module may be on its way without being seen, and would be there twice.
      for change in changes where !change.isLoad { (firstSent[change.key], lastSent[change.key]) = (nil, nil) }
      return try look(after: now)
    }
    let before = graph
    graph = outcome.graph
    unseen.subtract(outcome.refusals.map(\.change.outcome))
    for refusal in outcome.refusals where changes.contains(refusal.change) { try accept(refusal, before) }
  }

  /// Has devices run whose volume is not told before: what cannot be read cannot be called applied.
  ///
  /// - Returns: whether their volumes may be told now.
  private mutating func wake(_ hidden: [Device]) throws(Failure) -> Bool {
    let asleep = hidden.filter { woken.insert("\($0.kind) \($0.name)").inserted }
    guard !asleep.isEmpty else { return false }
    let deadline = ContinuousClock.now + Self.wakingTakesAtMost
    do {
      try server.wake(asleep)
      repeat {
        _ = try server.waitForChange(until: min(deadline, .now + Self.glance))
        graph = try server.graph()
      } while ContinuousClock.now < deadline && asleep.contains { graph.hidesVolume(of: .volume($0.object)) }
    } catch {
      // One that does not let itself be played to is left as it is.
      if case .failed = error { return false }
      try survive(error)
    }
    trace?.mark("wake devices")
    return true
  }

  /// Asks what is remembered for the programs whose streams are about to be changed.
  ///
  /// - Returns: whether there is something new that has to be written down.
  private mutating func recall(_ changes: [Change]) throws(Failure) -> Bool {
    let touched = Set(changes.compactMap(\.attribute.stream))
    guard !touched.isEmpty else { return false }
    do {
      guard try server.recall(graph.foreignStreams.filter { touched.contains($0.identity) }) else { return false }
      graph = try server.graph()
    } catch { try survive(error) }
    trace?.mark("what programs are remembered for")
    return true
  }

  /// Waits for something to happen, and looks again.
  private mutating func look(after deadline: ContinuousClock.Instant) throws(Failure) {
    do {
      _ = try server.waitForChange(until: deadline)
      graph = try server.graph()
    } catch { try survive(error) }
  }

  // MARK: - Time

  private func deadline(for change: Change) -> Duration {
    if change.attribute.isPosition { return min(timeout, Self.movePatience) }
    return timeout
  }

  /// When a change is to be sent again; nil where it has not been sent. A module that was loaded twice would be there
  /// twice, so it is sent once.
  private func nextAttempt(at change: Change) -> ContinuousClock.Instant? {
    guard let last = lastSent[change.key] else { return nil }
    if change.isLoad { return last + timeout * 2 }
    if case .cardProfile = change.attribute { return last + Self.cardPatience }
    return last + Self.patience
  }
}

extension Change {
  /// By what it is known that it has been sent. A module is loaded once, whatever is asked of it on second thoughts.
  var key: Setting { isLoad ? Setting(attribute, .unknown) : outcome }
}
