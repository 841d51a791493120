internal import AudioGraph
internal import Glibc
internal import PulseAudio
internal import Routing

/// `hproute watch`: hands what happens to a ``Routing/Watch``, and does what it asks for.
final class Daemon {
  /// What happens in quick succession is looked at once: the sooner, the shorter a new stream is heard where it does not belong,
  /// or anything louder than its limit.
  private var gathering: Duration { .milliseconds(listensForStreams || holdsLimits ? 5 : 20) }
  /// Somebody who writes a file may not have finished.
  private static let writing = Duration.milliseconds(100)
  /// How soon it is looked again whether another hproute is done.
  private static let yielding = Duration.milliseconds(50)

  let session: Session
  let state: StateDirectory
  let loop: EventLoop
  let log: DaemonLog
  let notifier: Notifier
  private let readiness = ServiceNotifier()
  private let files: FileWatch
  private let start = ContinuousClock.now

  private(set) var shelf: ProfileCache
  var watch = Watch()
  var server: SoundServer?
  /// What server it is.
  private var info: ServerInfo?
  /// When to look at what there is; nil as long as nothing has happened.
  var lookAt: ContinuousClock.Instant?
  private var readAt: ContinuousClock.Instant?
  /// What was turned and switched when a profile was left, for when its device is back.
  var controls: [String: Controls] = [:]
  /// What a profile warns of is told once, however often it is applied.
  var toldWarnings: Set<String> = []
  /// What the last apply has left as it is; the next one tells what is new.
  var toldLeft: Set<String> = []
  /// The streams that have just begun.
  var newcomers = Newcomers()
  /// For which profiles the programs are there that they wait for.
  private var conditions = ProgramConditions()
  /// Whether the profile in force has rules for them, or one that may be chosen waits for one. Without, nobody needs to know of
  /// them.
  private(set) var listensForStreams = false
  /// Whether the profile in force lets nothing be louder than its limit.
  private var holdsLimits = false
  /// When each volume was above its limit last.
  var loweredAt: [Attribute: ContinuousClock.Instant] = [:]
  /// Whether anything has been done since memory was given back.
  private var hasWorked = true
  /// A journal that cannot be read is told of once.
  private var isDamageTold = false

  /// - Parameters:
  ///   - names: profiles that may be chosen although they do not say so.
  ///   - notifies: whether what is done is shown on the desktop.
  init(_ session: Session, choosing names: [String], notifies: Bool) throws(CommandFailure) {
    self.session = session
    state = try session.stateDirectory()
    loop = try session.loopWithSignals()
    log = DaemonLog(session.output)
    notifier = Notifier(isWanted: notifies)
    for name in names {
      guard !name.contains("/") else {
        throw CommandFailure(
          exitCode: 64, sentence: "watch takes names of profiles, and no paths: put the file into ~/.config/hproute/profiles.",
          objects: [name])
      }
      _ = try session.source(name)
    }
    shelf = ProfileCache(session.store, named: Set(names.map(ProfileStore.name)))
    do { files = try FileWatch(session.store.directories + [state.directory], on: loop) } catch {
      throw CommandFailure(Failure(error))
    }
  }

  /// Goes on until a signal comes, which is its ordinary end.
  func run() throws(CommandFailure) {
    shelf.read(session.output.diagnose)
    let names = shelf.candidates
    report(
      "started",
      names.isEmpty
        ? "watching; no profile says 'auto = yes', so only what is applied by hand is looked after"
        : "watching; to be chosen: \(names.joined(separator: ", "))")
    readiness.ready(summary)
    do throws(ServerError) { try goOn() } catch .interrupted {
      report("stopped", "stopped; what is in force stays so")
      readiness.stopping()
    } catch { throw CommandFailure(Failure(error)) }
  }

  private func goOn() throws(ServerError) {
    var events: [WatchEvent] = [.begin]
    while true {
      while !events.isEmpty {
        for action in watch.handle(events.removeFirst(), at: .now - start) {
          hasWorked = true
          events += try perform(action)
          // What must not be left half done does not stop at a signal; we do.
          if let signal = loop.stopSignal { throw .interrupted(signal: signal) }
        }
        readiness.tell(summary)
      }
      events = try next()
    }
  }

  // MARK: - What happens

  /// Waits for something to happen.
  private func next() throws(ServerError) -> [WatchEvent] {
    while true {
      if let server, !server.isOpen { return [lose("the connection to the sound server has ended")] }
      if files.hasChanged { noteFiles() }
      if server?.hasNews == true { lookAt = lookAt ?? .now + gathering }
      let now = ContinuousClock.now
      if let moment = readAt, moment <= now {
        readAt = nil
        shelf.read(session.output.diagnose)
        lookAt = lookAt ?? now
      }
      if let moment = lookAt, moment <= now {
        lookAt = nil
        hasWorked = true
        let events = try look()
        if !events.isEmpty { return events }
        continue
      }
      if let end = conditions.end, start + end <= now {
        conditions.expire()
        lookAt = lookAt ?? now
        continue
      }
      let wake = [watch.wakeAt, conditions.end].compactMap(\.self).min().map { start + $0 }
      // What has happened is looked at before anything is decided.
      if let wake, wake <= now, lookAt == nil { return [.timer] }
      let deadline = [lookAt ?? wake, readAt].compactMap(\.self).min()
      if deadline == nil, hasWorked {
        hasWorked = false
        EventLoop.releaseProgramPages()
      }
      try loop.wait(until: deadline) { [self] in
        files.hasChanged || server.map { !$0.isOpen || ($0.hasNews && lookAt == nil) } ?? false
      }
    }
  }

  /// What has changed among the files: profiles are read again, and in the state directory somebody has been at work.
  func noteFiles() {
    let changed = files.takeChanges()
    // Whoever is done closes the lock, which is told as well.
    let soon = ContinuousClock.now + gathering
    if changed.contains(state.directory) { lookAt = min(lookAt ?? soon, soon) }
    if changed.contains(where: { $0 != state.directory }) { readAt = .now + Self.writing }
  }

  /// - Returns: nothing where there is nothing to be seen yet, or nobody can tell.
  private func look() throws(ServerError) -> [WatchEvent] {
    guard let server else { return [] }
    guard !state.isBusy() else {
      lookAt = .now + Self.yielding
      return []
    }
    do throws(ServerError) {
      let graph = try server.graph()
      info = graph.server
      // The session manager is still starting; there will be news when it has.
      guard graph.server.defaultSink != nil else { return [] }
      let journal = journal(of: graph)
      // Who has applied a profile has finished writing it.
      if readAt != nil, Situation.Record(journal) != watch.situation?.record {
        readAt = nil
        shelf.read(session.output.diagnose)
      }
      shelf.follow(journal, watch.wishedProfile, session.output.diagnose)
      let new = newcomers.look(at: graph, now: .now - start)
      let situation = Situation(
        graph, journal, at: server.canonicalAddress, profiles: shelf.profiles, wish: watch.wishedProfile, newcomers: new,
        waiting: conditions.look(at: graph, shelf.profiles, now: .now - start), planner: Planner(user: getuid(), transaction: 0))
      newcomers.note(situation.strays, of: new)
      let profile = situation.profile.flatMap { shelf.profiles[$0] }?.profile
      holdsLimits = profile?.outputs.contains { $0.hold == .limit } ?? false
      let hasRules = profile?.streamRules.isEmpty == false || shelf.profiles.values.contains { $0.isWaiting }
      if hasRules != listensForStreams {
        listensForStreams = hasRules
        try server.listenForDevices(withStreams: hasRules)
        // What has begun by then has not been told.
        lookAt = .now
      }
      return [.saw(situation)]
    } catch .interrupted(let signal) { throw .interrupted(signal: signal) } catch { return [lose(error.fact)] }
  }

  func journal(of graph: Graph) -> Journal? {
    do throws(CommandFailure) {
      let journal = try session.journal(in: state, of: graph, at: server?.canonicalAddress ?? "")
      isDamageTold = false
      return journal
    } catch {
      if !isDamageTold { log.tell(error.sentence, .error) }
      isDamageTold = true
      return nil
    }
  }

  /// Gives up a connection that is of no use any more.
  func lose(_ reason: String) -> WatchEvent {
    (server, info, lookAt) = (nil, nil, nil)
    return .lost(reason)
  }

  // MARK: - What is told

  /// One line in the log, and one object for scripts.
  func report(_ event: String, _ text: String, _ level: DaemonLog.Level = .notice, profile: String?? = nil) {
    log.tell(text, level)
    let situation = watch.situation
    let server = info.map { StatusReport.ServerObject(name: $0.name, version: $0.version, kind: $0.kind.rawValue) }
    let inForce = profile ?? situation?.profile
    let state = inForce != nil ? "applied" : profile == nil && situation?.record == .interrupted ? "interrupted" : "none"
    log.print(
      WatchObject(
        event: event, state: state, profile: Nullable(inForce), choice: Nullable(situation?.choice), server: Nullable(server),
        message: text))
  }

  /// For who asks the service manager.
  private var summary: String {
    if case .away = watch.phase { return "waiting for the sound server" }
    return watch.situation?.profile.map { "\($0) is in force" } ?? "no profile is in force"
  }
}
