internal import AudioGraph

/// Decides what to do next about a plan. The same history, plan, graph and moment give the same step: the clock is the caller's,
/// and nothing here waits.
///
/// An example on PipeWire, which answers before it acts. The default goes to the headphones, and Firefox has to go with it:
///
///      0 ms  send set-default-sink: it is answered, and not done yet
///      3 ms  wait until 25 ms: Firefox may follow the default by itself, and a move costs more
///     25 ms  it has not: send move-stream
///     31 ms  it is there; wait until 300 ms, if somebody else is to stay on the old default, whom the server may still drag
///    300 ms  done
///
/// What was lost is sent again after 250 ms, and given up at the end of its time.
struct Pace {
  typealias Instant = ContinuousClock.Instant

  enum Step {
    /// Nothing has to be done, and nothing is on its way.
    case done
    case wait(until: Instant, Reason)
    /// Nothing came of these in all the time that they had.
    case giveUp([Change])
    case send([Change], Phase)
  }

  enum Reason: Hashable {
    /// A device that a card profile brings.
    case devices
    /// What a card profile or a port brings may still change.
    case settling
    /// A card profile or a port reads as if somebody had changed it.
    case secondLook
    /// It has been sent, and does not show yet.
    case effect(Phase)
    /// What comes next has to wait for something to become quiet, or to go by itself.
    case quiet(Phase)

    /// As `--trace` shows it.
    var text: String {
      switch self {
      case .devices: "wait for devices"
      case .settling: "wait for what a switch brings"
      case .secondLook: "look again"
      case .effect(let phase): "wait for the effect: \(phase.title)"
      case .quiet(let phase): "wait before: \(phase.title)"
      }
    }
  }

  /// What is not told is looked for after this time.
  static let glance = Duration.milliseconds(40)
  /// A change that a server has lost is sent again after this time.
  private static let patience = Duration.milliseconds(250)
  /// A card may take its time, and may begin anew when it is asked again.
  private static let cardPatience = Duration.seconds(3)
  /// For so long pipewire-pulse may claim that a stream has moved; what has not moved then does not.
  private static let movePatience = Duration.milliseconds(1500)

  private let timeout: Duration
  /// What there was to begin with.
  private let start: Graph
  private(set) var ledger = SentChanges()
  private var followers = DefaultFollowers()
  private var drains: DrainTimer
  private var switches = SwitchSettling()
  /// What has been refused to be moved, once.
  private var resisting: Set<Attribute> = []

  /// - Parameters:
  ///   - timeout: how long the effect of any one change may take.
  ///   - congestion: see ``AudioGraph/AudioServer/congestion``.
  init(from start: Graph, timeout: Duration, congestion: @escaping () -> Double = { 1 }) {
    self.start = start
    self.timeout = timeout
    drains = DrainTimer(congestion: congestion)
  }

  // MARK: - What has happened

  /// Takes in what is there at this moment.
  mutating func observe(_ graph: Graph, at now: Instant) {
    drains.observe(graph, at: now)
    switches.observe(graph, since: start, at: now)
    followers.observe(graph, at: now)
    ledger.observe(graph)
  }

  /// Takes in what is about to be sent.
  mutating func noteSent(_ changes: [Change], on server: ServerTraits, at now: Instant) {
    ledger.note(changes, at: now)
    for change in changes {
      switches.note(change, at: now)
      followers.note(change, on: server, at: now)
    }
  }

  mutating func noteRefusal(of change: Change) {
    ledger.noteRefusal(of: change)
    // There is nothing to wait for.
    if case .cardProfile = change.attribute { switches.forget() }
  }

  /// Whether a stream that was refused to be moved may be moved once more: a loopback may be in its own way, until its other end
  /// is where it belongs.
  mutating func allowsSecondMove(_ change: Change) -> Bool {
    guard change.attribute.isPlacement, resisting.insert(change.attribute).inserted else { return false }
    ledger.allowAgain(change)
    return true
  }

  mutating func noteLoss(of changes: [Change]) { ledger.noteLoss(of: changes) }

  mutating func noteNewServer() { ledger.noteNewServer() }

  // MARK: - What comes next

  /// What to do about a profile that does not fit: wait for a device that a card profile may still bring. Nil if there is nothing
  /// to wait for.
  func step(after error: PlanError, at now: Instant) -> Step? {
    guard error.isPassing, let limit = switches.comingUntil(timeout), limit > now,
      !(error.isAboutWhatIsThere && switches.hasArrived(at: now))
    else { return nil }
    return .wait(until: limit, .devices)
  }

  mutating func next(_ plan: Plan, _ graph: Graph, at now: Instant) -> Step {
    guard let phase = plan.steps.first?.phase else {
      guard let moment = unfinished(plan, graph, at: now), moment > now else { return .done }
      return .wait(until: moment, .settling)
    }
    if let moment = switches.doubtEnd(isDoubtful(plan), at: now), moment > now { return .wait(until: moment, .secondLook) }
    let changes = plan.burst(on: graph.server.traits, withMonitors: switches.holdEnd.map { $0 <= now } ?? true)
    if phase == .lower { switches.noteDeviation(at: now) }
    let overdue = changes.filter { change in ledger.first(change).map { $0 + deadline(for: change) <= now } ?? false }
    if !overdue.isEmpty { return .giveUp(overdue) }
    let due = changes.filter { nextAttempt(at: $0).map { $0 <= now } ?? true }
    if due.isEmpty {
      let next =
        changes.compactMap { change in
          ledger.first(change).map { min($0 + deadline(for: change), nextAttempt(at: change) ?? now) }
        }.min() ?? now + timeout
      // pipewire-pulse does not tell of every link.
      let moment = graph.server.traits.actsAfterAnswering ? min(next, now + Self.glance) : next
      return .wait(until: moment, .effect(phase))
    }
    if let moment = notBefore(phase, due, graph, at: now), moment > now { return .wait(until: moment, .quiet(phase)) }
    return .send(due, phase)
  }

  /// Whether the plan is about a card profile or a port that was right to begin with, or about the volume of a port that was not
  /// in use, and nobody has changed them.
  private func isDoubtful(_ plan: Plan) -> Bool {
    let sent = ledger.attributes
    return plan.changes.contains { change in
      if change.attribute.isSwitch { return !sent.contains(change.attribute) && start.holds(change.outcome) }
      guard change.attribute.portName != nil, let device = change.attribute.device else { return false }
      let hasOther = start.device(device.kind, named: device.name).map { $0.activePort != change.attribute.portName } ?? false
      return hasOther && !sent.contains(.port(device.kind, name: device.name))
        && !sent.contains(where: { if case .cardProfile = $0 { true } else { false } })
    }
  }

  /// Until when a phase has to wait, if it has to.
  private func notBefore(_ phase: Phase, _ changes: [Change], _ graph: Graph, at now: Instant) -> Instant? {
    if phase > .ports, let moment = switches.arrivalEnd, moment > now { return moment }
    return switch phase {
    case .beforeCardProfile, .ports:
      // What is still in the queue of a sink gets the volume of its new port.
      drains.quietTime(before: changes)
    case .streams: followers.end(before: changes)
    case .monitors: switches.holdEnd
    case .raise:
      // What is raised must be empty of those that leave, and of what they left in its queue.
      [drains.quietTime(before: changes), followers.stragglersEnd(before: changes, in: graph), switches.holdEnd]
        .compactMap(\.self).max()
    default: nil
    }
  }

  /// Until when there may be more to do, although there is nothing to do now.
  private func unfinished(_ plan: Plan, _ graph: Graph, at now: Instant) -> Instant? {
    if !plan.awaited.isEmpty, let limit = switches.comingUntil(timeout), limit > now { return limit }
    return [switches.holdEnd, followers.dragEnd(of: plan, in: graph)].compactMap(\.self).max()
  }

  private func deadline(for change: Change) -> Duration {
    change.attribute.isPlacement ? min(timeout, Self.movePatience) : timeout
  }

  /// When a change is to be sent again; nil if it has not been sent. A module that was loaded twice would be there twice, so it
  /// is sent once.
  private func nextAttempt(at change: Change) -> Instant? {
    guard let last = ledger.last(change) else { return nil }
    if change.isLoad { return last + timeout * 2 }
    if case .cardProfile = change.attribute { return last + Self.cardPatience }
    return last + Self.patience
  }
}
