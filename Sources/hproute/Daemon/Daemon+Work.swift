internal import AudioGraph
internal import PulseAudio
internal import Routing

/// What the watch asks for.
extension Daemon {
  /// For so long another hproute is waited for before it is left to finish.
  private static let politeness = Duration.milliseconds(200)
  /// Who leans on a volume key is not told of each press.
  private static let tellingPause = Duration.seconds(5)

  func perform(_ action: WatchAction) throws(ServerError) -> [WatchEvent] {
    switch action {
    case .connect: return [try connect()]
    case .tell(let news):
      if case .byHand = news { controls = [:] }
      report(news.event, news.text, news.level)
      return []
    case .apply(let name, let extent, let reason): return [try apply(name, extent, reason)]
    case .revert(let reason): return [try revert(reason)]
    case .restorePending: return [try restorePending()]
    case .putBack: return [try putBack()]
    case .place: return [try place()]
    case .lower:
      if case .lost(let reason) = try lower() { return [.lost(reason)] }
      return []
    }
  }

  private func connect() throws(ServerError) -> WatchEvent {
    do throws(ServerError) {
      let found = try SoundServer(address: session.settings.server, timeout: session.settings.patience, on: loop)
      try found.listenForDevices(withStreams: listensForStreams)
      (server, lookAt, newcomers) = (found, .now, Newcomers())
      return .connected
    } catch .interrupted(let signal) { throw .interrupted(signal: signal) } catch { return lose(error.fact) }
  }

  // MARK: - Transactions

  private func apply(_ name: String, _ extent: WatchExtent, _ reason: WatchReason) throws(ServerError) -> WatchEvent {
    guard let it = shelf.profiles[name] else {
      return .finished(.failed("its file is gone", watch.situation?.record ?? .nothing))
    }
    return try transact { transaction, hooks throws(Failure) in
      let journal = try transaction.journal()
      remember(journal)
      // What was cut off is not what anybody has left so.
      var policy = reason == .interrupted ? ApplyPolicy.overrideManualChanges : .respectManualChanges
      if case .remainder(let steady) = extent { policy.steady = steady }
      policy.controls = controls[name] ?? Controls()
      return try transaction.apply(it.profile, policy, before: hooks.require)
    } done: { report, record throws(ServerError) in
      let isNews = !report.changes.isEmpty || watch.situation?.record != record
      if isNews { try tell("applied", "\(name) applied (\(reason.text(it.profile))): \(report.count)", report, name) }
      return .applied(name, report.presences, record, isNews: isNews)
    }
  }

  private func revert(_ reason: WatchReason) throws(ServerError) -> WatchEvent {
    try transact { transaction, _ throws(Failure) in
      remember(try transaction.journal())
      return try transaction.revert(reason == .interrupted ? .overrideManualChanges : .respectManualChanges)
    } done: { report, record throws(ServerError) in
      var report = report
      let waiting = report.warnings.isEmpty ? "" : "; what belongs to a device that is away is restored when it returns"
      report.warnings = []
      try tell(
        "reverted", "\(report.profile ?? "what was cut off") reverted (\(reason.text)): \(report.count)\(waiting)", report, nil)
      return .reverted(record)
    }
  }

  /// What is turned and switched, for when the profile is applied again.
  private func remember(_ journal: Journal?) {
    if let journal, let profile = journal.profile { controls[profile] = journal.controls }
  }

  private func restorePending() throws(ServerError) -> WatchEvent {
    try transact { transaction, _ throws(Failure) in
      try transaction.restorePending()
    } done: { report, record throws(ServerError) in
      var report = report
      report.warnings = []
      try tell("restored", "what waited for a device that is back: \(report.count)", report, record.profile)
      return .reverted(record)
    }
  }

  private func putBack() throws(ServerError) -> WatchEvent {
    try adjust { plan, graph in
      // The volume of a port that is about to be put back shows when it is in use.
      plan.guarded.filter { graph.value(of: $0) == nil }.union(plan.guarded.intersection(plan.changes.map(\.attribute)))
    } tell: { change, names, name in
      report(
        "held",
        "\(names.object(change)) was changed to \(names.value(change.from, of: change.attribute)); back to "
          + "\(names.value(change.to, of: change.attribute)), which \(name) holds")
    }
  }

  /// What somebody has turned up is turned down as a key would do it: it is no apply that could be cut off.
  private func lower() throws(ServerError) -> WatchEvent {
    guard let name = watch.situation?.profile, let it = shelf.profiles[name] else { return .finished(.putBack) }
    let event = try transact { transaction, _ throws(Failure) in
      try transaction.turn({ _ in it.profile }) { found throws(Failure) in
        let excesses = found.plan.excesses(in: found.graph)
        return (found.plan.lowered(excesses, found.controls), Set(excesses.keys))
      }
    } done: { report, _ throws(ServerError) in
      let names = AttributeText(report.graph)
      for change in report.changes {
        if loweredAt[change.attribute].map({ .now - $0 > Self.tellingPause }) ?? true {
          self.report(
            "lowered",
            "\(names.object(change)) was turned up to \(names.value(change.from, of: change.attribute)); back to "
              + "\(names.value(change.to, of: change.attribute)), as the limit of \(name) has it")
        }
        loweredAt[change.attribute] = .now
      }
      // Nothing to be seen that was not there before.
      if report.changes.isEmpty { lookAt = nil }
      return .putBack
    }
    if case .finished(.failed(let sentence, _)) = event {
      log.tell("the limit of \(name) could not be held: \(sentence)", .error)
    }
    return event
  }

  private func place() throws(ServerError) -> WatchEvent {
    let strays = watch.situation?.strays ?? []
    return try adjust { _, _ in
      strays
    } tell: { change, names, name in
      guard change.attribute.stream != nil else { return }
      let verb =
        switch change.attribute {
        case .streamSink: "plays to"
        case .streamSource: "records from"
        case .mute: "is"
        default: "is set to"
        }
      report("placed", "\(names.object(change)) \(verb) \(names.value(change.to, of: change.attribute)) now, as \(name) says")
    }
  }

  /// Makes a part of the profile in force hold again.
  private func adjust(
    _ scope: (Plan, Graph) -> Set<Attribute>, tell: (Change, AttributeText, String) -> Void
  ) throws(ServerError) -> WatchEvent {
    guard let name = watch.situation?.profile, let it = shelf.profiles[name] else { return .finished(.putBack) }
    return try transact { transaction, _ throws(Failure) in
      try transaction.adjust(it.profile, scope)
    } done: { report, _ throws(ServerError) in
      for change in report.changes { tell(change, AttributeText(report.graph), name) }
      return .putBack
    }
  }

  /// Runs a transaction alone, and makes an event of what comes of it.
  ///
  /// - Parameter done: what to tell where it has succeeded, with what is written down now.
  private func transact(
    _ body: (Transaction, HookRunner) throws(Failure) -> Report,
    done: (Report, Situation.Record) throws(ServerError) -> WatchEvent.Outcome
  ) throws(ServerError) -> WatchEvent {
    guard let server else { return lose("no sound server answers") }
    let hooks = HookRunner(on: loop)
    do throws(Failure) {
      var (report, record) = try withLock { () throws(Failure) in
        let transaction = session.transaction(server, state)
        // What has been decided is about what was seen, and somebody may have been faster.
        guard Situation.Record(try transaction.journal()) == watch.situation?.record else {
          throw Failure.state(.busy(holder: ""))
        }
        let report = try body(transaction, hooks)
        return (report, Situation.Record(try transaction.journal()))
      }
      hooks.run(report.due)
      report.hooks = hooks.outcomes
      try resume(server)
      if case .stopped(let signal)? = report.failure { throw Failure.stopped(signal: signal) }
      if let failure = report.failure ?? report.problems.first { return .finished(.failed(failure.sentence, record)) }
      do throws(ServerError) { return .finished(try done(report, record)) } catch { throw Failure(error) }
    } catch {
      switch error {
      case .stopped(let signal): throw .interrupted(signal: signal)
      case .state(.busy):
        lookAt = .now
        return .finished(.busy)
      case .server(let reason), .cutOff(let reason): return lose(reason.fact)
      default:
        do throws(Failure) { try resume(server) } catch { return lose(error.sentence) }
        return .finished(.failed(error.sentence, watch.situation?.record ?? .nothing))
      }
    }
  }

  private func withLock<T>(_ body: () throws(Failure) -> T) throws(Failure) -> T {
    let lock = try state.lock(until: .now + Self.politeness, on: loop)
    defer { withExtendedLifetime(lock) {} }
    return try body()
  }

  /// Back to listening, after a transaction.
  private func resume(_ server: SoundServer) throws(Failure) {
    do { try server.listenForDevices(withStreams: listensForStreams) } catch { throw Failure(error) }
    noteFiles()
    lookAt = .now
  }

  private func tell(_ event: String, _ text: String, _ report: Report, _ profile: String?) throws(ServerError) {
    self.report(event, text, .notice, profile: .some(profile))
    for warning in report.warnings where toldWarnings.insert(warning).inserted { log.tell(warning, .warning) }
    for problem in report.hooks.compactMap(\.sentence) { log.tell(problem, .warning) }
    let left = report.left.map { "left as it is: \($0.object): \($0.reason)" }
    for text in left where !toldLeft.contains(text) { log.tell(text) }
    if profile != nil { toldLeft = Set(left) }
    for outcome in report.hooks {
      for line in outcome.output.split(separator: "\n") { log.tell("\(outcome.hook.event.rawValue): \(line)") }
    }
    if !report.changes.isEmpty { notifier.show(profile ?? report.profile ?? "hproute", text) }
  }
}

extension WatchReason {
  fileprivate func text(_ profile: Profile) -> String { self == .fits && !profile.when.isEmpty ? "its program is there" : text }
}

extension Report {
  fileprivate var count: String { "\(changes.count) \(changes.count == 1 ? "change" : "changes")" }
}
