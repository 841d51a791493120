internal import AudioGraph
internal import PulseAudio
internal import Routing

extension Settings {
  /// Runs a command that changes something, and reports what it has done.
  ///
  /// - Parameter headline: the first line, if it is not the usual one.
  func change(_ body: (Session) throws(CommandFailure) -> Report, headline: (Report) -> String? = { _ in nil }) throws {
    try run { output, trace throws(CommandFailure) in
      let start = ContinuousClock.now
      let report = try body(Session(settings: self, output: output, trace: trace))
      output.print(report, after: ContinuousClock.now - start, headline: headline(report))
      return report.exitCode
    }
  }
}

extension Session {
  /// Waits until a profile can be applied: for the server, its session manager, and the devices.
  ///
  /// - Throws: what is missing at `deadline`, and what no waiting helps against.
  func wait(for profile: Profile, until deadline: ContinuousClock.Instant, on loop: EventLoop) throws(CommandFailure) {
    let state = try stateDirectory()
    var server: SoundServer?
    while true {
      do throws(CommandFailure) {
        let present = if let server { server } else { try connect(on: loop) }
        server = present
        _ = try transaction(present, state).failing { () throws(Failure) in try transaction(present, state).plan(profile) }
        return
      } catch {
        guard error.mayPass, ContinuousClock.now < deadline else { throw error }
        // No server: every now and then. No device: when something has changed.
        if error.exitCode == 69, !(server?.isOpen ?? false) { server = nil }
        do {
          guard let server else {
            try loop.wait(until: min(deadline, .now + .milliseconds(100))) { false }
            continue
          }
          _ = try server.waitForChange(until: deadline)
        } catch .interrupted(let signal) { throw CommandFailure(.stopped(signal: signal)) } catch { server = nil }
      }
    }
  }

  /// Drops what is written down about the server, which need not answer, and changes nothing there.
  func forget() throws(CommandFailure) -> Report {
    let (state, loop) = (try stateDirectory(), try loopWithSignals())
    let lock = try lock(state, on: loop)
    defer { withExtendedLifetime(lock) {} }
    var (graph, address): (Graph?, String) = (nil, expectedAddress)
    do throws(CommandFailure) {
      let server = try connect(on: loop)
      address = server.canonicalAddress
      graph = try self.graph(of: server)
    } catch { if error.exitCode >= 128 { throw error } }
    do throws(StateDirectory.Failure) {
      let journal =
        if let graph {
          try state.journal(of: ServerIdentity(graph.server, address: address), isLocked: true)
        } else { try state.journals(at: address).first }
      if let journal { try state.remove(journal) }
      return Report(forgetting: journal, in: graph)
    } catch { throw CommandFailure(.state(error)) }
  }
}

extension StateDirectory {
  /// Waits for the lock in the loop, where signals are heard.
  ///
  /// - Throws: ``Failure``, mostly that somebody is at work.
  func lock(_ name: String = "lock", until deadline: ContinuousClock.Instant, on loop: EventLoop) throws(Routing.Failure)
    -> StateLock
  {
    while true {
      do { return try lock(name, until: .now) } catch {
        guard case .busy = error, ContinuousClock.now < deadline else { throw .state(error) }
      }
      do { try loop.wait(until: .now + .milliseconds(5)) { false } } catch { throw Routing.Failure(error) }
    }
  }
}

/// The transactions of commands, whose failures end the command.
extension Transaction {
  func failing<T>(_ body: () throws(Failure) -> T) throws(CommandFailure) -> T {
    do { return try body() } catch { throw CommandFailure(error) }
  }

  func apply(_ profile: Profile, with hooks: HookRunner, asking confirmation: Confirmation? = nil) throws(CommandFailure)
    -> Report
  {
    do {
      return try apply(profile, before: hooks.require) { () throws(Failure) in try confirmation?.ask() }
    } catch { throw CommandFailure(error) }
  }

  func revertWithHooks() throws(CommandFailure) -> Report {
    do { return try revert() } catch { throw CommandFailure(error) }
  }

  /// What is written down, where a profile is applied.
  func appliedJournal() throws(CommandFailure) -> Journal? {
    let found = try failing { () throws(Failure) -> Journal? in try journal() }
    return found?.state == .applied ? found : nil
  }

  func appliedProfile() throws(CommandFailure) -> String? { try appliedJournal()?.profile }

  /// Whether the devices of a profile are there.
  func canApply(_ profile: Profile) throws(CommandFailure) -> Bool {
    do { _ = try plan(profile) } catch .plan { return false } catch { throw CommandFailure(error) }
    return true
  }
}
