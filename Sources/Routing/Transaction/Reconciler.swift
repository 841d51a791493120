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

  /// Why a stream stays that a server refuses to move: "Invalid argument" is all that it says.
  static let isFixed = "it does not let itself be moved"

  /// What is not told is looked for after this time.
  private static let glance = Duration.milliseconds(40)
  /// A change that a server has lost is sent again after this time.
  private static let patience = Duration.milliseconds(250)
  /// For so long pipewire-pulse may need to take the streams along when the default changes. A stream that is moved
  /// although it would have followed costs more: a second connection, to see whether it has really moved.
  private static let followingTakes = Duration.milliseconds(25)
  /// A stream that has not followed by then stays.
  private static let followingTakesAtMost = Duration.milliseconds(150)
  /// For so long somebody who is to stay on what was the default may still be taken along. Measured: a tenth of a second
  /// where many streams are, a quarter where the machine is busy as well.
  private static let draggingTakesAtMost = Duration.milliseconds(300)
  /// A device that is played to runs by then, and tells its volume. Measured: 17 to 93 ms.
  private static let wakingTakesAtMost = Duration.milliseconds(500)
  /// A card may take its time, and may begin anew when it is asked again.
  private static let cardPatience = Duration.seconds(3)
  /// For so long pipewire-pulse may claim that a stream has moved; what has not moved then does not.
  private static let movePatience = Duration.milliseconds(1500)

  private struct Followers {
    /// The default that streams may be leaving.
    var former: String?
    var since: ContinuousClock.Instant
  }

  private let server: any AudioServer
  private let mode: Mode
  private let timeout: Duration
  private let trace: Trace?
  private(set) var graph: Graph
  private(set) var left: [Left] = []
  private(set) var problems: [Failure] = []
  private(set) var experience: Experience
  /// What was sent and not refused, and has not been seen to hold.
  private(set) var unseen: Set<Setting> = []
  private var firstSent: [Setting: ContinuousClock.Instant] = [:]
  private var lastSent: [Setting: ContinuousClock.Instant] = [:]
  /// Streams may still be following a default that was changed.
  private var followers: [DeviceKind: Followers] = [:]
  private var departures = DepartureWatch()
  private var optional: Set<Attribute> = []
  /// Everything that was sent.
  private var sent: Set<Attribute> = []
  private var switches = SwitchWatch()
  private var hasReconnected = false
  /// What has been refused to be moved, once.
  private var resisting: Set<Attribute> = []
  /// The devices that have been made to run, by kind and name.
  private var woken: Set<String> = []

  init(
    _ server: any AudioServer, _ mode: Mode, timeout: Duration, from graph: Graph, _ experience: Experience, _ trace: Trace?
  ) {
    self.server = server
    self.mode = mode
    self.timeout = timeout
    self.graph = graph
    self.experience = experience
    self.trace = trace
  }

  /// - Parameters:
  ///   - goal: what has to be done in a given graph.
  ///   - prepare: called with the plan before any of it is sent; writes down what it replaces.
  /// - Returns: the last plan, which has no steps.
  mutating func reach(
    _ goal: (Graph, Experience) throws(PlanError) -> Plan, prepare: (Plan, Graph) throws(Failure) -> Void
  ) throws(Failure) -> Plan {
    while true {
      let now = ContinuousClock.now
      departures.observe(graph, at: now)
      switches.observe(graph, since: experience.start, at: now)
      unseen = unseen.filter { !graph.holds($0) }
      let plan: Plan
      do { plan = try goal(graph, experience) } catch {
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
      if change.attribute.isSwitch { return !sent.contains(change.attribute) && experience.start.holds(change.outcome) }
      guard change.attribute.portName != nil, let device = change.attribute.device else { return false }
      let hasOther =
        experience.start.device(device.kind, named: device.name).map { $0.activePort != change.attribute.portName } ?? false
      return hasOther && !sent.contains(.port(device.kind, name: device.name))
        && !sent.contains(where: { if case .cardProfile = $0 { true } else { false } })
    }
  }

  /// Until when a phase has to wait, if it has to.
  private func notBefore(_ phase: Phase, _ changes: [Change]) -> ContinuousClock.Instant? {
    if phase > .ports, let moment = switches.arrivalEnd, moment > .now { return moment }
    return switch phase {
    case .farewell, .ports:
      // What is still in the queue of a sink gets the volume of its new port.
      departures.quietTime(before: changes)
    case .streams:
      // Without a device it is on its way already.
      followers.values.map {
        $0.since + (changes.allSatisfy { $0.from == .device(nil) } ? Self.followingTakesAtMost : Self.followingTakes)
      }.max()
    case .monitors: switches.holdEnd
    case .raise:
      // What is raised must be empty of those that leave, and of what they left in its queue.
      [departures.quietTime(before: changes), followers[.sink].flatMap { stragglers(behind: $0, changes) }, switches.holdEnd]
        .compactMap(\.self).max()
    default: nil
    }
  }

  /// Until when there may be more to do, although there is nothing to do now.
  private func unfinished(_ plan: Plan) -> ContinuousClock.Instant? {
    if !plan.awaited.isEmpty, let limit = switches.comingUntil(timeout), limit > .now { return limit }
    let drags = followers.compactMap { kind, change in
      isAtRisk(plan, kind, change) ? change.since + Self.draggingTakesAtMost : nil
    }
    return ([switches.holdEnd] + drags).compactMap(\.self).max()
  }

  /// Whether the server may still take somebody along who is to stay on what was the default.
  private func isAtRisk(_ plan: Plan, _ kind: DeviceKind, _ change: Followers) -> Bool {
    (plan.guards + plan.wanted).contains { guarded in
      guard guarded.attribute.isPosition, let home = guarded.destination, graph.value(of: guarded.attribute) != nil else {
        return false
      }
      if home.kind == kind { return home.name == change.former }
      // What records from the monitor source of the default sink goes along as well.
      return home.kind == .source && graph.source(named: home.name)?.monitorOf.map { $0 == change.former } ?? false
    }
  }

  /// Those of `changes` that were made, by hproute or by the server in their wake, and have made a difference.
  func made(_ changes: [Change]) -> [Change] {
    changes.filter { change in
      !experience.exempt.contains(change.attribute) && change.from != change.to
        && (sent.contains(change.attribute) || graph.holds(change.outcome))
    }
  }

  /// Until when streams may still be on their way out of a sink that is to be raised, and was the default till now.
  private func stragglers(behind change: Followers, _ changes: [Change]) -> ContinuousClock.Instant? {
    guard let sink = change.former.flatMap({ graph.sink(named: $0) }),
      changes.contains(where: { $0.attribute.isAbout(sink: sink.name) }),
      graph.sinkInputs.contains(where: { $0.sink == sink.index && $0.isMovable && !$0.isCorked })
    else { return nil }
    return change.since + Self.followingTakesAtMost
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
      experience.assumed[change.attribute] = change.to
      if case .port(let kind, let name) = change.attribute, let device = graph.device(kind, named: name) {
        // As it is left, it is found again.
        experience.assumed[.volume(device.object)] = .volume(device.volume)
        experience.assumed[.mute(device.object)] = .mute(device.isMuted)
      }
      if change.attribute.isDefault, graph.server.traits.actsAfterAnswering, case .device(let former) = change.from {
        followers[change.attribute == .defaultSink ? .sink : .source] = Followers(former: former, since: now)
      }
    }
    let performance: Performance
    do { performance = try server.perform(reminders + changes) } catch {
      try survive(error)
      // Nobody knows what of it was done: look, and do the rest.
      // A module may be on its way without being seen, and would be there twice.
      for change in changes where !change.isLoad { (firstSent[change.key], lastSent[change.key]) = (nil, nil) }
      return try look(after: now)
    }
    let before = graph
    graph = performance.graph
    unseen.subtract(performance.refusals.map(\.change.outcome))
    for refusal in performance.refusals where changes.contains(refusal.change) { try accept(refusal, before) }
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

  // MARK: - What goes wrong

  private mutating func accept(_ refusal: Refusal, _ before: Graph) throws(Failure) {
    let attribute = refusal.change.attribute
    if case .cardProfile = attribute { switches.forget() }
    if attribute.isStream && graph.value(of: attribute) == nil { return }  // It has ended.
    if attribute.isPosition, resisting.insert(attribute).inserted {
      // A loopback may be in its own way, until its other end is where it belongs.
      lastSent[refusal.change.key] = nil
      return
    }
    if isDispensable(attribute) { return leave(refusal.change, attribute.isPosition ? Self.isFixed : refusal.reason) }
    try fail(Failure(refusal, in: before), attribute)
  }

  private mutating func giveUp(_ change: Change) throws(Failure) {
    if isDispensable(change.attribute) { return leave(change, "the sound server has not done it") }
    let object = AttributeText(graph).object(change)
    try fail(.noEffect(object: object, action: change.action, seconds: timeout / .seconds(1)), change.attribute)
  }

  /// A stream that the server does not move stays where it is, and that is no failure; nor is what a profile does not
  /// require.
  private func isDispensable(_ attribute: Attribute) -> Bool {
    if attribute.isPosition { return true }
    if case .userModule = attribute { return true }
    return optional.contains(attribute)
  }

  private mutating func leave(_ change: Change, _ reason: String) {
    experience.exempt.insert(change.attribute)
    left.append(Left(object: AttributeText(graph).object(change), reason: reason))
  }

  private mutating func fail(_ failure: Failure, _ attribute: Attribute) throws(Failure) {
    guard mode == .undo else { throw failure }
    experience.exempt.insert(attribute)
    // Of a device that has left: not a problem, but something that waits for it.
    if graph.value(of: attribute) != nil { problems.append(failure) }
  }

  /// A signal does not keep an undoing from its end, nor does a lost connection, if the same run of the server can be
  /// asked again.
  private mutating func survive(_ error: ServerError) throws(Failure) {
    guard mode == .undo else { throw Failure(error) }
    switch error {
    case .interrupted: return
    case .connectionLost where !hasReconnected, .unreachable where !hasReconnected:
      hasReconnected = true
      guard let now = server.regain(cookie: graph.server.cookie) else { throw Failure(error) }
      graph = now
      // pipewire-pulse may have been started again, and have lost what it had loaded.
      (firstSent, lastSent, unseen) = ([:], [:], [])
    default: throw Failure(error)
    }
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
  fileprivate var key: Setting { isLoad ? Setting(attribute, .unknown) : outcome }
}
