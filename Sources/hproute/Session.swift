internal import AudioGraph
internal import Glibc
internal import PulseAudio
internal import Routing

/// What a command needs from outside: profiles, the state directory, and the server.
struct Session {
  let settings: Settings
  let output: Output
  var trace: Trace?
  let store = ProfileStore(Environment())

  // MARK: - Profiles

  /// A profile that can be applied, called by its name or, where it is named by one, by its path. What is wrong with the file
  /// is printed, all of it.
  func profile(_ argument: String) throws(CommandFailure) -> Profile {
    let (path, source, parsed): (String, SourceText, ParsedProfile)
    if argument == Self.standardInput {
      path = "standard input"
      source = SourceText(name: path, try textOfStandardInput())
      parsed = store.parse(source.text, as: path)
    } else {
      let entry: ProfileStore.Entry
      (entry, source) = try self.source(argument)
      (path, parsed) = (entry.path, Parser.parse(source, name: entry.reference))
    }
    output.diagnose(parsed.diagnostics, in: source)
    guard let profile = parsed.profile else {
      let count = parsed.diagnostics.count { $0.severity == .error }
      throw CommandFailure(
        exitCode: 65, sentence: "\(path) has \(count) \(count == 1 ? "error" : "errors"). Nothing was changed.", objects: [path])
    }
    trace?.mark("profile")
    return profile
  }

  /// What is typed in place of a profile that is piped in.
  private static let standardInput = "-"

  /// - Throws: where it is longer than any profile.
  private func textOfStandardInput() throws(CommandFailure) -> String {
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 65_536)
    while bytes.count <= 1 << 20 {
      let count = read(STDIN_FILENO, &part, part.count)
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else {
        if !bytes.isEmpty { return String(decoding: bytes, as: UTF8.self) }
        // What should have been piped in has failed.
        throw CommandFailure(exitCode: 65, sentence: "standard input is empty. Nothing was changed.")
      }
      bytes += part[..<count]
    }
    throw CommandFailure(exitCode: 65, sentence: "standard input is no profile: it does not end. Nothing was changed.")
  }

  /// The same for who only wants to say more about something else; nil if there is anything wrong with it.
  func silentProfile(_ name: String) -> Profile? {
    guard let (entry, source) = try? source(name) else { return nil }
    return Parser.parse(source, name: entry.reference).profile
  }

  func source(_ argument: String) throws(CommandFailure) -> (ProfileStore.Entry, SourceText) {
    do throws(ProfileStore.Failure) {
      let entry = try store.find(argument)
      return (entry, try store.source(entry))
    } catch { throw CommandFailure(error) }
  }

  // MARK: - The server

  /// - Parameter loop: with the signals that lead back, where something will be changed.
  func connect(on loop: EventLoop? = nil) throws(CommandFailure) -> SoundServer {
    do {
      return try SoundServer(address: settings.server, timeout: settings.patience, on: loop)
    } catch {
      var failure = CommandFailure(Failure(error))
      // The sound server is the user's, and root is another one.
      if case .unreachable = error, getuid() == 0, let user = Environment()["SUDO_USER"] {
        failure.sentence += " It is the one of \(Output.printable(user)) that you hear: type the same without sudo."
      }
      throw failure
    }
  }

  func loopWithSignals() throws(CommandFailure) -> EventLoop {
    do { return try EventLoop(signals: SignalWatch()) } catch { throw CommandFailure(Failure(error)) }
  }

  /// Reads everything, for commands that only look.
  func graph() throws(CommandFailure) -> Graph { try graph(of: try connect()) }

  func graph(of server: SoundServer) throws(CommandFailure) -> Graph {
    do { return try server.graph() } catch { throw CommandFailure(Failure(error)) }
  }

  /// The graph with what the server remembers for some programs; on PipeWire that takes a short silent stream for each.
  func graph(of server: SoundServer, recalling isMeant: (Graph, AudioGraph.Stream) -> Bool) throws(CommandFailure) -> Graph {
    server.readsStreamMemory = true
    let graph = try graph(of: server)
    let streams = graph.foreignStreams.filter { $0.hasClient && isMeant(graph, $0) }
    let programs = Dictionary(streams.map { ($0.memoryKey, $0.volume.channels.count) }, uniquingKeysWith: max)
    do { return try server.recall(programs) ? server.graph() : graph } catch { throw CommandFailure(Failure(error)) }
  }

  // MARK: - State

  func stateDirectory() throws(CommandFailure) -> StateDirectory {
    do { return try StateDirectory(Environment()) } catch { throw CommandFailure(.state(error)) }
  }

  /// The journal of the server that answers, or, where none does, of the one that would.
  func journal(in state: StateDirectory, of graph: Graph?, at address: String) throws(CommandFailure) -> Journal? {
    do throws(StateDirectory.Failure) {
      if let graph { return try state.journal(of: ServerIdentity(graph.server, address: address)) }
      return try state.journals(at: address).first
    } catch { throw CommandFailure(.state(error)) }
  }

  /// Runs a command that changes something: alone, and with signals that lead back.
  ///
  /// - Parameter loop: where it waits; one of its own where nothing was waited for before.
  func change(
    on loop: EventLoop? = nil, _ body: (Transaction, HookRunner) throws(CommandFailure) -> Report
  ) throws(CommandFailure) -> Report {
    let state = try stateDirectory()
    let loop = if let loop { loop } else { try loopWithSignals() }
    let hooks = HookRunner(on: loop)
    var report = try alone(in: state, on: loop, hooks, body)
    // Others are let in again: what is run may want to use hproute.
    hooks.run(report.due)
    report.hooks = hooks.outcomes
    return report
  }

  /// Runs it while nobody else changes anything.
  func alone<T>(
    in state: StateDirectory, on loop: EventLoop, _ hooks: HookRunner,
    _ body: (Transaction, HookRunner) throws(CommandFailure) -> T
  ) throws(CommandFailure) -> T {
    let lock = try lock(state, on: loop)
    defer { withExtendedLifetime(lock) {} }
    let server = try connect(on: loop)
    trace?.mark("connect")
    return try body(transaction(server, state), hooks)
  }

  /// Waits until nobody else changes anything. The lock is held for as long as it lives.
  func lock(_ state: StateDirectory, on loop: EventLoop) throws(CommandFailure) -> StateLock {
    defer { trace?.mark("lock") }
    do { return try state.lock(until: settings.deadline, on: loop) } catch { throw CommandFailure(error) }
  }

  func transaction(_ server: SoundServer, _ state: StateDirectory) -> Transaction {
    Transaction(
      server: server, address: server.canonicalAddress, state: state, timeout: settings.patience,
      planner: planner, trace: trace)
  }

  var planner: Planner {
    let isWatched = (try? StateDirectory(Environment()))?.isWatched() ?? false
    return Planner(user: getuid(), transaction: .random(in: 1 ... .max), isWatched: isWatched)
  }

  /// Where libpulse looks for a server, as far as that can be told without one.
  var expectedAddress: String {
    let environment = Environment()
    if let address = settings.server ?? environment["PULSE_SERVER"] { return address }
    let runtime = environment["PULSE_RUNTIME_PATH"] ?? environment["XDG_RUNTIME_DIR"].map { "\($0)/pulse" }
    return "unix:\(runtime ?? "/run/user/\(getuid())/pulse")/native"
  }
}
