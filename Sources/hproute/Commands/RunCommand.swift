internal import ArgumentParser
internal import AudioGraph
internal import Glibc
internal import PulseAudio
internal import Routing

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Apply a profile for as long as a command runs.",
    discussion: """
      Then everything goes back to what was in force before, whatever ends the command, or hproute. Ends with what the command \
      has ended with; with 125 if the profile cannot be applied, 126 if the command cannot be run, 127 if there is none.
      """)

  /// What goes back in our place, should we be killed.
  static let ending = "__end-run"

  @Argument(help: "The name of a profile, or the path of a file if it contains a '/'.")
  var profile: String

  @Argument(parsing: .postTerminator, help: "The command and its arguments, behind '--'.")
  var command: [String] = []

  @OptionGroup var answer: AnswerOption
  @OptionGroup var options: GlobalOptions

  func validate() throws {
    if command.isEmpty {
      throw ValidationError("There is no command to run. Write it behind '--': hproute run \(profile) -- firefox")
    }
  }

  func run() throws {
    try options.settings.run { output, trace throws(CommandFailure) in
      let session = Session(settings: options.settings, output: output, trace: trace)
      let id = "\(getpid())-\(UInt32.random(in: 0 ... .max))"
      let guardian = Guardian([Self.ending, id] + options.settings.serverArguments)
      defer { guardian.dismiss() }
      do throws(CommandFailure) {
        var profile = try session.profile(profile)
        profile.on = answer.answers
        let report = try session.begin(profile, id)
        if let failure = report.failure { throw CommandFailure(failure) }
        if let now = report.now, !output.isJSON { output.log("hproute: \(profile.name): \(now.sentence)", isError: false) }
      } catch {
        // A script tells by it that the command has not run.
        var failure = error
        if failure.exitCode < 128 { failure.exitCode = 125 }
        throw failure
      }
      let status = ForegroundProgram(command).run()
      if status == 126 || status == 127 {
        output.error("'\(command[0])' cannot be run\(status == 127 ? ": there is no such program" : "").")
      }
      let report = try session.end(id)
      if let failure = report?.failure ?? report?.problems.first { throw CommandFailure(failure) }
      return status
    }
  }

  /// Goes back in place of one that was killed.
  static func end(_ id: String, _ server: String?) -> Never {
    var settings = Settings()
    settings.server = server
    settings.timeout = 30
    _ = try? Session(settings: settings, output: Output(json: false, quiet: true)).end(id)
    Glibc.exit(0)
  }
}

extension Session {
  /// Applies a profile for a command that is about to run, and writes down what was in force before.
  fileprivate func begin(_ profile: Profile, _ id: String) throws(CommandFailure) -> Report {
    let state = try stateDirectory()
    return try change { transaction, hooks throws(CommandFailure) in
      let journal = try transaction.failing { () throws(Failure) in try transaction.journal() }
      if let journal, journal.isInterrupted { throw CommandFailure(.unfinished(profile: journal.profile)) }
      var stack = state.runs()
      stack.begin(
        .init(
          id: id, address: transaction.place, profile: profile.name, former: journal?.appliedProfile,
          on: journal?.on ?? [], controls: journal?.controls ?? Controls()))
      do throws(StateDirectory.Failure) { try state.write(stack) } catch { throw CommandFailure(.state(error)) }
      var hasFailed = true
      defer {
        if hasFailed {
          _ = stack.end(id)
          try? state.write(stack)
        }
      }
      let report = try transaction.apply(profile, with: hooks)
      hasFailed = report.failure != nil
      return report
    }
  }

  /// Goes back to what was in force before a command has run, unless a later one still runs, or somebody has chosen otherwise
  /// meanwhile.
  ///
  /// - Returns: nil if there was nothing to do.
  fileprivate func end(_ id: String) throws(CommandFailure) -> Report? {
    let (state, loop) = (try stateDirectory(), try loopWithSignals())
    let hooks = HookRunner(on: loop)
    let report = try alone(in: state, on: loop, hooks) { transaction, hooks throws(CommandFailure) -> Report? in
      var stack = state.runs()
      let run = stack.end(id)
      let journal = try transaction.failing { () throws(Failure) in try transaction.journal() }
      var report: Report?
      if let run, journal?.profile == run.profile {
        if let former = run.former, var profile = silentProfile(former) {
          profile.on = run.on
          var policy = ApplyPolicy.overrideManualChanges
          policy.controls = run.controls
          report = try transaction.failing { () throws(Failure) in
            try transaction.apply(profile, policy, before: hooks.require)
          }
        } else {
          report = try transaction.revertWithHooks()
          if !run.controls.levels.isEmpty {
            _ = try transaction.failing { () throws(Failure) in
              try transaction.turn(nil) { _, _, _ in (run.controls, Set(run.controls.levels.keys)) }
            }
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
}
