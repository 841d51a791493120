internal import AudioGraph
internal import Glibc
internal import PulseAudio
internal import Routing

/// Profiles that are in force for a while: as long as a command runs, or a question is asked.
extension Session {
  /// Applies a profile for a while, and writes down what was in force before.
  ///
  /// - Parameter confirm: asks whether it should stay, if it is for no longer than the question.
  func begin(
    _ profile: Profile, _ id: String, on loop: EventLoop? = nil, confirm: (() throws(Failure) -> Void)? = nil
  ) throws(CommandFailure) -> Report {
    let state = try stateDirectory()
    return try change(on: loop) { transaction, hooks throws(CommandFailure) in
      let journal = try transaction.failing { () throws(Failure) in try transaction.journal() }
      if let journal, journal.isInterrupted { throw CommandFailure(.unfinished(profile: journal.profile)) }
      var stack = state.runs()
      stack.begin(
        .init(
          id: id, address: transaction.place, profile: profile.name, former: journal?.appliedProfile,
          on: journal?.on ?? [], controls: journal?.controls ?? Controls()))
      do throws(StateDirectory.Failure) { try state.write(stack) } catch { throw CommandFailure(.state(error)) }
      var isOver = true
      defer {
        if isOver {
          _ = stack.end(id)
          try? state.write(stack)
        }
      }
      let report = try transaction.failing { () throws(Failure) in
        try transaction.apply(profile, before: hooks.require) { () throws(Failure) in try confirm?() }
      }
      isOver = report.failure != nil || confirm != nil
      return report
    }
  }

  /// Goes back to what was in force before it, unless a later one still runs, or somebody has chosen otherwise
  /// meanwhile.
  ///
  /// - Returns: nil if there was nothing to do.
  func end(_ id: String) throws(CommandFailure) -> Report? {
    let (state, loop) = (try stateDirectory(), try loopWithSignals())
    let hooks = HookRunner(on: loop)
    let report = try alone(in: state, on: loop, hooks) { transaction, hooks throws(CommandFailure) -> Report? in
      var stack = state.runs()
      let run = stack.end(id)
      let journal = try transaction.failing { () throws(Failure) in try transaction.journal() }
      var report: Report?
      if let run, journal?.profile == run.profile {
        var policy = ApplyPolicy.overrideManualChanges
        policy.controls = run.controls
        if let former = run.former, var profile = silentProfile(former) {
          profile.on = run.on
          report = try transaction.failing { () throws(Failure) in
            try transaction.apply(profile, policy, before: hooks.require)
          }
        } else {
          report = try transaction.revertWithHooks()
          if run.controls != Controls() {
            _ = try transaction.failing { () throws(Failure) in try transaction.apply(.blank, policy) }
          }
        }
      }
      // Only now: who is killed in between is followed by another who tries again.
      do throws(StateDirectory.Failure) { try state.write(stack) } catch { throw CommandFailure(.state(error)) }
      return report
    }
    hooks.run(report?.due ?? [])
    return report
  }

  /// What tells a while from others, and the process that ends it in our place, should we be killed.
  func guarded() -> (id: String, guardian: Guardian) {
    let id = "\(getpid())-\(UInt32.random(in: 0 ... .max))"
    return (id, Guardian([Self.ending, id] + settings.serverArguments))
  }

  /// The command by which that process does it.
  static let ending = "__end-run"

  /// Does it.
  static func end(_ id: String, _ server: String?) -> Never {
    let settings = Settings(server: server, timeout: 30)
    _ = try? Session(settings: settings, output: Output(json: false, quiet: true)).end(id)
    Glibc.exit(0)
  }
}
