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

  /// A device that is played to runs by then, and tells its volume. Measured: 17 to 93 ms.
  private static let wakingTakesAtMost = Duration.milliseconds(500)

  let server: any AudioServer
  let mode: Mode
  let timeout: Duration
  private let trace: Trace?
  var graph: Graph
  var left: [Left] = []
  /// What could not be undone, and why.
  var problems: [(attribute: Attribute, failure: Failure)] = []
  var context: PlanningContext
  var pace: Pace
  var optional: Set<Attribute> = []
  /// What a profile says itself.
  var wanted: [Setting] = []
  var hasReconnected = false
  /// The devices that have been made to run, by kind and name.
  private var woken: Set<String> = []
  /// The programs of which has been asked what is remembered for them.
  private var recalled: Set<String> = []

  init(
    _ server: any AudioServer, _ mode: Mode, timeout: Duration, from graph: Graph, _ context: PlanningContext, _ trace: Trace?
  ) {
    self.server = server
    self.mode = mode
    self.timeout = timeout
    self.graph = graph
    self.context = context
    self.trace = trace
    pace = Pace(from: context.start, timeout: timeout, congestion: { server.congestion })
  }

  /// What stays written down for the next revert to try again.
  var unsettled: Set<Attribute> { Set(problems.map(\.attribute)) }

  /// What was sent and not refused, and has not been seen to hold.
  var unseen: Set<Setting> { pace.ledger.unseen }

  /// - Parameters:
  ///   - goal: what has to be done in a given graph.
  ///   - prepare: called with the plan before any of it is sent; writes down what it replaces.
  /// - Returns: the last plan, which has no steps.
  mutating func reach(
    _ goal: (Graph, PlanningContext) throws(PlanError) -> Plan, prepare: (Plan, Graph) throws(Failure) -> Void
  ) throws(Failure) -> Plan {
    while true {
      let now = server.now
      pace.observe(graph, at: now)
      let plan: Plan
      do { plan = try goal(graph, context) } catch {
        guard case .wait(let moment, let reason)? = pace.step(after: error, at: now) else { throw .plan(error) }
        try look(until: moment, reason)
        continue
      }
      (optional, wanted) = (plan.optional, plan.wanted)
      trace?.mark("plan")
      if try wake(plan.hidden) { continue }
      switch pace.next(plan, graph, at: now) {
      case .done:
        if try recall([], plan.unread) { continue }
        return plan
      case .wait(let moment, let reason): try look(until: moment, reason)
      case .giveUp(let changes): for change in changes { try giveUp(change) }
      case .send(let changes, let phase):
        if try recall(changes, plan.unread) { continue }
        try prepare(plan, graph)
        trace?.mark("journal")
        try perform(changes)
        trace?.mark(phase.title)
      }
    }
  }

  /// Those of `changes` that were made, by hproute or by the server in their wake, and have made a difference.
  func made(_ changes: [Change]) -> [Change] {
    changes.filter { change in
      !context.exempt.contains(change.attribute) && change.from != change.to
        && (pace.ledger.attributes.contains(change.attribute) || graph.holds(change.outcome))
    }
  }

  /// What goes in front of changes that have been sent before. PipeWire takes a default that is named a second time for
  /// no news, so it is made news.
  private func reminders(of changes: [Change]) -> [Change] {
    guard graph.server.traits.ignoresRepeatedDefault else { return [] }
    return changes.filter { change in
      let isDefault = change.attribute == .defaultSink || change.attribute == .defaultSource
      return isDefault && change.from != .device(nil) && pace.ledger.last(change) != nil
    }.map(\.inverse)
  }

  private mutating func perform(_ changes: [Change]) throws(Failure) {
    let now = server.now
    let reminders = reminders(of: changes)
    let assumed = context.assumed
    for change in changes {
      context.assumed[change.attribute] = change.to
      if case .port(let kind, let name) = change.attribute, let device = graph.device(kind, named: name) {
        // As it is left, it is found again.
        context.assumed[.volume(device.object)] = .volume(device.volume)
        context.assumed[.mute(device.object)] = .mute(device.isMuted)
      }
    }
    pace.noteSent(changes, on: graph.server.traits, at: now)
    let outcome: BurstResult
    do { outcome = try server.perform(reminders + changes.map { $0.since(assumed) }) } catch {
      try survive(error)
      // Nobody knows what of it was done: look, and do the rest. What cannot be looked at is done again.
      context.assumed = assumed
      pace.noteLoss(of: changes)
      return try look(until: now)
    }
    let before = graph
    graph = outcome.graph
    for refusal in outcome.refusals { pace.noteRefusal(of: refusal.change) }
    // What was sent may start from somewhere else than what was planned.
    let outcomes = Set(changes.map(\.outcome))
    for refusal in outcome.refusals where outcomes.contains(refusal.change.outcome) { try accept(refusal, before) }
  }

  /// Has devices run whose volume is not told before: what cannot be read cannot be called applied.
  ///
  /// - Returns: whether their volumes may be told now.
  private mutating func wake(_ hidden: [Device]) throws(Failure) -> Bool {
    let asleep = hidden.filter { woken.insert("\($0.kind) \($0.name)").inserted }
    guard !asleep.isEmpty else { return false }
    let deadline = server.now + Self.wakingTakesAtMost
    do {
      try server.wake(asleep)
      repeat {
        _ = try server.waitForChange(until: min(deadline, server.now + Pace.glance))
        graph = try server.graph()
      } while server.now < deadline
        && asleep.contains { graph.hidesVolume(of: .volume($0.object)) || graph.hidesChanges(of: $0.object) }
    } catch {
      // One that does not let itself be played to is left as it is.
      if case .failed = error { return false }
      try survive(error)
    }
    trace?.mark("wake devices")
    return true
  }

  /// Asks what is remembered for the programs whose streams are about to be changed, and for those of `unread`, each once.
  ///
  /// - Returns: whether there is something new that has to be written down.
  private mutating func recall(_ changes: [Change], _ unread: [String: Int]) throws(Failure) -> Bool {
    let touched = Set(changes.compactMap(\.attribute.stream))
    let streams = touched.isEmpty ? [] : graph.foreignStreams.filter { touched.contains($0.identity) && $0.hasClient }
    let playing = Dictionary(streams.map { ($0.memoryKey, $0.volume.channels.count) }, uniquingKeysWith: { first, _ in first })
    let programs = playing.merging(unread) { first, _ in first }.filter { recalled.insert($0.key).inserted }
    guard !programs.isEmpty else { return false }
    do {
      guard try server.recall(programs, known: context.memories(of: programs.keys, in: graph)) else { return false }
      graph = try server.graph()
    } catch {
      // Nobody knows it yet: who does not ask again takes it for nothing.
      recalled.subtract(programs.keys)
      try survive(error)
    }
    trace?.mark("what programs are remembered for")
    return true
  }

  /// Waits for something to happen, and looks again.
  private mutating func look(until deadline: ContinuousClock.Instant, _ reason: Pace.Reason? = nil) throws(Failure) {
    do {
      _ = try server.waitForChange(until: deadline)
      graph = try server.graph()
    } catch { try survive(error) }
    if let reason { trace?.mark(reason.text) }
  }
}

extension Change {
  /// The same, from what hproute set last, if it is about what a server does not tell.
  fileprivate func since(_ assumed: [Attribute: Value]) -> Change {
    guard from == .memory(nil), let known = assumed[attribute] else { return self }
    return Change(attribute, from: known, to: to)
  }
}
