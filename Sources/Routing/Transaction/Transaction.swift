public import AudioGraph

/// One command that changes something, all or nothing.
///
/// No change reaches the server before what it replaces is on disk. The first thing that goes wrong, and a signal, lead
/// back to the state before, which is verified like the state after.
public struct Transaction {
  private let server: any AudioServer
  private let address: String
  private let state: StateDirectory
  private let timeout: Duration
  private let planner: Planner
  private let trace: Trace?

  /// - Parameters:
  ///   - address: where `server` answers.
  ///   - state: must be locked by the caller for as long as the transaction lives.
  ///   - timeout: how long the effect of any one change may take.
  public init(
    server: any AudioServer, address: String, state: StateDirectory, timeout: Duration, planner: Planner,
    trace: Trace? = nil
  ) {
    self.server = server
    self.address = address
    self.state = state
    self.timeout = timeout
    self.planner = planner
    self.trace = trace
  }

  /// What ``apply(_:)`` would do now. Changes nothing, and writes nothing.
  public func plan(_ profile: Profile) throws(Failure) -> (plan: Plan, graph: Graph) {
    let (graph, found) = try begin(profile, isLocked: false)
    let journal = found?.continued(on: ServerIdentity(graph.server, address: address), graph)
    let baseline = journal?.baseline ?? Baseline()
    let experience = Experience(of: journal, baseline, start: graph)
    do { return (try planner.plan(graph, baseline, profile, experience), graph) } catch { throw .plan(error) }
  }

  /// Makes `profile` hold.
  ///
  /// - Returns: what was done. Where it failed on the way, the report says so, and all is as it was before.
  /// - Throws: ``Failure`` where nothing has been changed, and where the connection was lost, which leaves the journal.
  public func apply(_ profile: Profile) throws(Failure) -> Report {
    let (start, former) = try begin(profile)
    var scribe = Scribe(state: state, former: former, server: ServerIdentity(start.server, address: address), profile: profile.name, start: start)
    let settled = try settled(former?.perhapsSent ?? [], from: start)
    scribe.start = settled
    let experience = Experience(of: former, scribe.baseline, start: settled)
    var reconciler = Reconciler(server, .apply, timeout: timeout, from: settled, experience, trace)
    let outcome = Result { () throws(Failure) -> Plan in
      let plan = try reconciler.reach(
        { graph, experience throws(PlanError) in try planner.plan(graph, scribe.baseline, profile, experience) },
        prepare: { plan, graph throws(Failure) in try scribe.record(plan, graph) })
      try scribe.finish(plan, reconciler.graph, exempt: reconciler.experience.exempt)
      trace?.mark("journal")
      return plan
    }
    switch outcome {
    case .success(let plan):
      let changes = reconciler.made(scribe.changes)
      let isNews = !changes.isEmpty || former?.profile != profile.name || former?.state != .applied
      return Report(
        profile: profile.name, result: isNews ? .applied : .unchanged, changes: changes, left: plan.left + reconciler.left,
        warnings: plan.warnings, problems: [], graph: start)
    case .failure(let failure):
      guard scribe.hasBegun else { throw failure }
      do throws(Failure) {
        switch failure {
        case .server(.timeout): throw failure
        case .server(.connectionLost), .server(.unreachable):
          // Another run of the server is for the next command: its devices are still coming.
          guard let graph = server.regain(cookie: start.server.cookie) else { throw failure }
          scribe.noteLostModules(in: graph)
        default: break
        }
        return try rollBack(scribe, after: failure.inTheMiddle, unseen: reconciler.unseen, to: start)
      } catch { throw error.withoutAnEnd }
    }
  }

  /// Undoes what an apply has done so far.
  ///
  /// - Parameter unseen: what was sent, and may still take effect.
  private func rollBack(
    _ scribe: Scribe, after failure: Failure, unseen: Set<Setting>, to start: Graph
  ) throws(Failure) -> Report {
    var scribe = scribe
    // Where the connection is lost on the way back, that is what is told: the journal has what is left to do.
    let graph = try settled(unseen, inSpiteOfSignals: true)
    var reconciler = Reconciler(
      server, .undo, timeout: timeout, from: graph, Experience(scribe.baseline, start: start), trace)
    let plan = try reconciler.reach(
      { graph, experience throws(PlanError) in planner.plan(graph, scribe.baseline, restoring: scribe.undo, experience) },
      prepare: { plan, graph throws(Failure) in try scribe.recordSilence(plan, graph) })
    var problems = reconciler.problems
    do {
      try scribe.takeBack(pending: plan.pending + plan.awaited, problems: problems.isEmpty ? [] : reconciler.experience.exempt)
    } catch { problems.append(error) }
    return Report(
      profile: scribe.profile, result: .rolledBack, changes: [], left: plan.left + reconciler.left, warnings: [],
      failure: failure, problems: problems, graph: start)
  }

  /// Puts back what was there before the first change.
  ///
  /// - Throws: ``Failure`` where nothing has been changed, and where the connection was lost, which leaves the journal.
  public func revert() throws(Failure) -> Report {
    let (start, former) = try begin(nil)
    var scribe = Scribe(state: state, former: former, server: ServerIdentity(start.server, address: address), profile: nil, start: start)
    let settled = try settled(former?.perhapsSent ?? [], from: start)
    scribe.start = settled
    let experience = Experience(of: former, scribe.baseline, start: settled)
    var reconciler = Reconciler(server, .undo, timeout: timeout, from: settled, experience, trace)
    let plan: Plan
    do throws(Failure) {
      plan = try reconciler.reach(
        { graph, experience throws(PlanError) in try planner.plan(graph, scribe.baseline, nil, experience) },
        prepare: { plan, graph throws(Failure) in try scribe.beginRevert(plan, graph) })
    } catch { throw scribe.hasBegun ? error.withoutAnEnd : error }
    try scribe.finishRevert(pending: plan.pending + plan.awaited, problems: reconciler.problems.isEmpty ? [] : reconciler.experience.exempt)
    let wasApplied = former.map { $0.state != .none } ?? false
    return Report(
      profile: former?.profile, result: wasApplied || !reconciler.made(scribe.changes).isEmpty ? .reverted : .unchanged,
      changes: reconciler.made(scribe.changes), left: plan.left + reconciler.left,
      warnings: plan.pendingWarnings(reconciler.graph), notes: Self.notes(on: reconciler.made(scribe.changes)), problems: reconciler.problems,
      graph: start)
  }

  /// What a revert leaves behind although everything reads as it was.
  private static func notes(on changes: [Change]) -> [String] {
    let defaults = changes.filter { $0.attribute == .defaultSink || $0.attribute == .defaultSource }
    return defaults.isEmpty
      ? [] : ["The default devices are those of before; they now count as chosen, where the server may have picked them by itself."]
  }

  /// The graph, once what was sent has taken effect, or has had the time to.
  ///
  /// pipewire-pulse acknowledges before it acts. What is undone before it is done would be done afterwards.
  private func settled(
    _ unseen: Set<Setting>, from graph: Graph? = nil, inSpiteOfSignals isFinishing: Bool = false
  ) throws(Failure) -> Graph {
    var graph = if let graph { graph } else { try readInSpiteOfSignals() }
    guard graph.server.kind == .pipewire else { return graph }
    let deadline = ContinuousClock.now + .milliseconds(300)
    while ContinuousClock.now < deadline,
      unseen.contains(where: { graph.value(of: $0.attribute) != nil && !graph.holds($0) })
    {
      do { _ = try server.waitForChange(until: deadline) } catch .interrupted where isFinishing {} catch {
        throw Failure(error)
      }
      graph = isFinishing ? try readInSpiteOfSignals() : try read()
    }
    trace?.mark("let it settle")
    return graph
  }

  /// What there is, and what is written down about it.
  private func begin(_ profile: Profile?, isLocked: Bool = true) throws(Failure) -> (Graph, Journal?) {
    if profile.map({ !$0.streamRules.isEmpty }) ?? false { server.readsStreamMemory = true }
    let graph = try read()
    let journal = try journal(of: graph, isLocked: isLocked)
    let isTouched = journal?.baseline.entries.contains { if case .memory = $0.attribute { true } else { false } } ?? false
    guard isTouched, !server.readsStreamMemory else { return (graph, journal) }
    server.readsStreamMemory = true
    return (try read(), journal)
  }

  private func read() throws(Failure) -> Graph {
    defer { trace?.mark("read the graph") }
    do { return try server.graph() } catch { throw Failure(error) }
  }

  /// For what must be finished once it has begun: a signal is told once, and not again.
  private func readInSpiteOfSignals() throws(Failure) -> Graph {
    do { return try read() } catch .stopped { return try read() }
  }

  private func journal(of graph: Graph, isLocked: Bool = true) throws(Failure) -> Journal? {
    do {
      return try state.journal(of: ServerIdentity(graph.server, address: address), isLocked: isLocked)
    } catch { throw .state(error) }
  }
}

extension Experience {
  /// - Parameter journal: as it was found.
  fileprivate init(of journal: Journal?, _ baseline: Baseline, start: Graph) {
    let untouched = journal?.held.filter(\.attribute.isStream) ?? []
    self.init(baseline, start: start, isCertain: journal?.isInterrupted != true, untouched: Set(untouched))
  }
}

extension Journal {
  /// What an apply that was cut off may have sent, and the server may still do.
  fileprivate var perhapsSent: Set<Setting> {
    isInterrupted ? Set(baseline.entries.map { Setting($0.attribute, $0.set) }) : []
  }
}

extension Plan {
  /// What a revert has to leave for later, as sentences.
  fileprivate func pendingWarnings(_ graph: Graph) -> [String] {
    (pending + awaited).map { setting in
      let text = AttributeText(graph)
      return "\(text.object(setting.attribute)) is away; it will get back \(text.value(setting.value, of: setting.attribute)) "
        + "when it is there again and 'hproute revert' is run."
    }
  }
}
