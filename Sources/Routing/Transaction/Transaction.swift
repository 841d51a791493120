public import AudioGraph

/// One command that changes something, all or nothing.
///
/// No change reaches the server before what it replaces is on disk. The first thing that goes wrong, and a signal, lead
/// back to the state before, which is verified like the state after.
public struct Transaction {
  private let server: any AudioServer
  let address: String
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

  /// What an apply would do now. Changes nothing, and writes nothing.
  public func plan(_ profile: Profile) throws(Failure) -> (plan: Plan, graph: Graph) {
    var found = try begin(isLocked: false)
    let plan = try plan(profile, found)
    guard !plan.unread.isEmpty else { return (plan, found.graph) }
    do {
      guard try server.recall(plan.unread) else { return (plan, found.graph) }
      found.graph = try server.graph()
    } catch { throw Failure(error) }
    return (try self.plan(profile, found), found.graph)
  }

  /// What is written down about the server.
  public func journal() throws(Failure) -> Journal? {
    let info: ServerInfo
    do { info = try server.info() } catch { throw Failure(error) }
    return try journal(of: info)
  }

  /// Makes `profile` hold.
  ///
  /// - Parameter run: runs the profile's `before-apply`, where there is something to do. What it throws ends the apply
  ///   before anything is changed.
  /// - Parameter confirm: asks, when all holds, whether it should stay, where something was changed. What it throws leads back
  ///   to the state before.
  /// - Returns: what was done. Where it failed on the way, the report says so, and all is as it was before.
  /// - Throws: ``Failure`` where nothing has been changed, and where the connection was lost, which leaves the journal.
  public func apply(
    _ profile: Profile, _ policy: ApplyPolicy = .overrideManualChanges, before run: (Hook) throws(Failure) -> Void = { _ in },
    confirm: () throws(Failure) -> Void = {}
  ) throws(Failure) -> Report {
    let wanted = profile.under(policy.controls)
    var found = try begin()
    var drift = try drift(of: wanted, policy, found)
    if let hook = Hook(.beforeApply, of: profile.name, profile.hooks.beforeApply) {
      let isThereWork = try plan(wanted, found).changes.contains { !drift.contains($0.attribute) }
      if isThereWork || !found.isApplied(profile) {
        // What it does may be what the profile finds then.
        try run(hook)
        found = try begin()
        drift = try self.drift(of: wanted, policy, found)
      }
    }
    let writer = writer(found, profile, controls: policy.controls)
    var report = try carryOut(wanted, found, writer, isGentle: policy.isGentle, exempt: drift, confirm: confirm)
    if report.failure == nil, report.result == .applied || !found.isApplied(profile) {
      let former = found.journal
      report.due = [
        former?.profile != profile.name ? Hook(.afterRevert, of: former?.profile, former?.afterRevert) : nil,
        Hook(.afterApply, of: profile.name, profile.hooks.afterApply),
      ].compactMap(\.self)
    }
    return report
  }

  private func drift(of profile: Profile, _ policy: ApplyPolicy, _ found: Found) throws(Failure) -> Set<Attribute> {
    guard let steady = policy.steady, let former = found.journal, found.isApplied(profile) else { return [] }
    return Drift(since: former, in: found.graph, steady: steady).attributes(in: try plan(profile, found))
  }

  /// Makes a part of a profile that is applied hold again, and nothing else.
  ///
  /// - Parameters:
  ///   - controls: what the user has turned and switched; nil for what is written down.
  ///   - scope: the attributes of the plan that are meant.
  public func adjust(
    _ profile: Profile, controls: Controls? = nil, _ scope: (Plan, Graph) -> Set<Attribute>
  ) throws(Failure) -> Report {
    let found = try begin()
    let controls = controls ?? found.journal?.controls ?? Controls()
    let wanted = profile.under(controls)
    guard found.isApplied(profile) else {
      // Somebody has been faster.
      return Report(profile: found.journal?.profile, result: .unchanged, graph: found.graph)
    }
    let part = scope(try plan(wanted, found), found.graph)
    return try carryOut(
      wanted, found, writer(found, profile, controls: controls, isPart: true), isGentle: false, scope: part)
  }

  func plan(_ profile: Profile, _ found: Found) throws(Failure) -> Plan {
    do { return try planner.plan(profile, in: found.graph, after: found.journal, at: address) } catch { throw .plan(error) }
  }

  func writer(
    _ found: Found, _ profile: Profile? = nil, controls: Controls = Controls(), isPart: Bool = false, isKey: Bool = false
  ) -> JournalWriter {
    JournalWriter(
      state: state, former: found.journal, server: ServerIdentity(found.graph.server, address: address), profile: profile,
      controls: controls, isPart: isPart, isKey: isKey, start: found.graph)
  }

  func carryOut(
    _ profile: Profile, _ found: Found, _ writer: JournalWriter, isGentle: Bool, exempt: Set<Attribute> = [],
    scope: Set<Attribute>? = nil, confirm: () throws(Failure) -> Void = {}
  ) throws(Failure) -> Report {
    var writer = writer
    writer.start = try settled(found.perhapsSent, from: found.graph)
    var context = PlanningContext(of: found.journal, writer.baseline, start: writer.start, isGentle: isGentle)
    (context.exempt, context.scope) = (exempt, scope)
    var reconciler = Reconciler(server, .apply, timeout: timeout, from: writer.start, context, trace)
    do throws(Failure) {
      let plan = try reconciler.reach(
        { graph, context throws(PlanError) in try planner.plan(graph, writer.baseline, profile, context) },
        prepare: { plan, graph throws(Failure) in try writer.record(plan, graph) })
      // Until then it counts as cut off, should anything happen to us.
      if !reconciler.made(writer.changes).isEmpty { try confirm() }
      // What was left alone from the beginning has been touched no more than the rest.
      try writer.finish(plan, reconciler.graph, exempt: reconciler.context.exempt.subtracting(exempt))
      trace?.mark("journal")
      var report = Report(profile.name, .unchanged, plan, reconciler, writer, from: found.graph)
      if !report.changes.isEmpty { report.result = .applied }
      report.warnings = plan.warnings
      report.notes = reconciler.graph.displacements(since: found.graph, except: Set(plan.wanted.map(\.attribute)))
      report.presences = plan.presences
      return report
    } catch {
      return try undo(writer, after: error, unseen: reconciler.unseen, to: found.graph)
    }
  }

  /// Leads back from what went wrong on the way, if anything was done.
  private func undo(
    _ writer: JournalWriter, after failure: Failure, unseen: Set<Setting>, to start: Graph
  ) throws(Failure) -> Report {
    guard writer.hasBegun else { throw failure }
    var writer = writer
    do throws(Failure) {
      switch failure {
      case .server(.timeout): throw failure
      case .server(.connectionLost), .server(.unreachable):
        // Another run of the server is for the next command: its devices are still coming.
        guard let graph = server.regain(cookie: start.server.cookie) else { throw failure }
        writer.noteLostModules(in: graph)
      default: break
      }
      return try rollBack(writer, after: failure.inTheMiddle, unseen: unseen, to: start)
    } catch { throw error.withoutAnEnd }
  }

  /// Undoes what an apply has done so far.
  ///
  /// - Parameter unseen: what was sent, and may still take effect.
  private func rollBack(
    _ writer: JournalWriter, after failure: Failure, unseen: Set<Setting>, to start: Graph
  ) throws(Failure) -> Report {
    var writer = writer
    // Where the connection is lost on the way back, that is what is told: the journal has what is left to do.
    let graph = try settled(unseen, inSpiteOfSignals: true)
    var reconciler = Reconciler(
      server, .undo, timeout: timeout, from: graph, PlanningContext(rollingBackTo: start, writer.baseline), trace)
    let plan = try reconciler.reach(
      { graph, context throws(PlanError) in planner.plan(graph, writer.baseline, restoring: writer.undo, context) },
      prepare: { plan, graph throws(Failure) in try writer.recordSilence(plan, graph) })
    var report = Report(writer.profile, .rolledBack, plan, reconciler, writer, from: start)
    (report.failure, report.changes, report.warnings) = (failure, [], plan.pendingWarnings(reconciler.graph))
    do {
      try writer.takeBack(pending: plan.later, problems: reconciler.unsettled)
    } catch { report.problems.append(error) }
    return report
  }

  /// Puts back what was there before the first change.
  ///
  /// - Throws: ``Failure`` where nothing has been changed, and where the connection was lost, which leaves the journal.
  public func revert(_ policy: ApplyPolicy = .overrideManualChanges) throws(Failure) -> Report {
    let found = try begin()
    var writer = writer(found)
    writer.start = try settled(found.perhapsSent, from: found.graph)
    let context = PlanningContext(of: found.journal, writer.baseline, start: writer.start, isGentle: policy.isGentle)
    var reconciler = Reconciler(server, .undo, timeout: timeout, from: writer.start, context, trace)
    let plan: Plan
    do throws(Failure) {
      plan = try reconciler.reach(
        { graph, context throws(PlanError) in try planner.plan(graph, writer.baseline, nil, context) },
        prepare: { plan, graph throws(Failure) in try writer.beginRevert(plan, graph) })
    } catch { throw writer.hasBegun ? error.withoutAnEnd : error }
    try writer.finishRevert(pending: plan.later, problems: reconciler.unsettled)
    let former = found.journal
    let wasApplied = former.map { $0.state != .none } ?? false
    var report = Report(former?.profile, .unchanged, plan, reconciler, writer, from: found.graph)
    if wasApplied || !report.changes.isEmpty { report.result = .reverted }
    report.warnings = plan.pendingWarnings(reconciler.graph)
    report.remarks = Report.remarks(on: report.changes)
    report.wasWrittenDown = former != nil
    report.notes = reconciler.graph.displacements(since: found.graph, except: Set(writer.changes.map(\.attribute)))
    if wasApplied, report.problems.isEmpty {
      report.due = [Hook(.afterRevert, of: former?.profile, former?.afterRevert)].compactMap(\.self)
    }
    return report
  }

  /// Puts back what a revert had to leave for devices that were away and are back, while a profile may be applied.
  public func restorePending() throws(Failure) -> Report {
    let found = try begin()
    guard let former = found.journal, former.state == .applied else { return try revert(.respectManualChanges) }
    let back = former.returned(in: found.graph)
    var writer = writer(found)
    let context = PlanningContext(of: former, writer.baseline, start: found.graph)
    var reconciler = Reconciler(server, .undo, timeout: timeout, from: found.graph, context, trace)
    let plan = try reconciler.reach(
      // With what is silenced meanwhile.
      { graph, context throws(PlanError) in
        planner.plan(graph, writer.baseline, restoring: back + writer.undo, context, isRevert: true)
      },
      prepare: { plan, graph throws(Failure) in try writer.recordSilence(plan, graph) })
    let rest = Set(plan.later.map(\.attribute)).union(reconciler.unsettled)
    try writer.settle(Set((back + writer.undo).map(\.attribute)).subtracting(rest))
    return Report(former.profile, .unchanged, plan, reconciler, writer, from: found.graph)
  }

  /// The graph, once what was sent has taken effect, or has had the time to.
  ///
  /// pipewire-pulse acknowledges before it acts. What is undone before it is done would be done afterwards.
  private func settled(
    _ unseen: Set<Setting>, from graph: Graph? = nil, inSpiteOfSignals isFinishing: Bool = false
  ) throws(Failure) -> Graph {
    var graph = if let graph { graph } else { try readInSpiteOfSignals() }
    guard graph.server.traits.actsAfterAnswering else { return graph }
    let deadline = server.now + .milliseconds(300)
    while server.now < deadline,
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
  ///
  /// - Parameter touchesStreams: whatever is done to one is remembered for the next of its program, and so has to be known.
  func begin(isLocked: Bool = true, touchesStreams: Bool = true) throws(Failure) -> Found {
    server.readsStreamMemory = touchesStreams
    var graph = try read()
    let journal = try journal(of: graph.server, isLocked: isLocked)
    // What has just begun would be written down as silent, and as nowhere.
    let deadline = server.now + .milliseconds(250)
    while touchesStreams, server.now < deadline,
      graph.foreignStreams.contains(where: { graph.isBeginning($0) && journal?.baseline[.volume($0.object)] == nil })
    {
      do { _ = try server.waitForChange(until: min(deadline, server.now + .milliseconds(20))) } catch { throw Failure(error) }
      graph = try read()
    }
    return Found(graph: graph, journal: journal)
  }

  private func read() throws(Failure) -> Graph {
    defer { trace?.mark("read the graph") }
    do { return try server.graph() } catch { throw Failure(error) }
  }

  /// For what must be finished once it has begun: a signal is told once, and not again.
  private func readInSpiteOfSignals() throws(Failure) -> Graph {
    do { return try read() } catch .stopped { return try read() }
  }

  private func journal(of info: ServerInfo, isLocked: Bool = true) throws(Failure) -> Journal? {
    do {
      return try state.journal(of: ServerIdentity(info, address: address), isLocked: isLocked)
    } catch { throw .state(error) }
  }
}
