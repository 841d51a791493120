internal import ArgumentParser
internal import PulseAudio
internal import Routing
internal import SystemPackage

struct SetupCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "setup",
    abstract: "Make a profile of your own by answering a few questions.",
    discussion: """
      Finds the headphones by a tone that gets louder until you hear it, and the microphone by its level while you speak. \
      Nothing is changed before the last question, and nothing stays unless you say so there.
      """)

  @Option(help: ArgumentHelp("Take the answers from a file, one a line; '#' begins a remark.", valueName: "file"))
  var answers: String?

  @OptionGroup var options: GlobalOptions

  /// In seconds.
  private static let patience = 30

  func run() throws {
    var finished: Setup.Result?
    try options.settings.change { session throws(CommandFailure) in
      let loop = try session.loopWithSignals()
      let questioner = try Questioner(answers: answers, session.output, on: loop)
      let server = try session.connect(on: loop)
      let setup = Setup(session: session, server: server, graph: try session.graph(of: server), questioner: questioner)
      let result = try setup.ask()
      let path = try session.ownPath(result.name)
      guard let profile = session.store.parse(result.text, as: path.string).profile else {
        throw CommandFailure(exitCode: 65, sentence: "the answers do not make a profile:\n\(result.text)")
      }
      var (isAsked, isKept) = (false, false)
      let keep = { () throws(CommandFailure) in
        try session.write(result.text, to: path, isNew: true)
        isKept = true
      }
      // An interface may leave while its owner thinks, and the answers are right all the same.
      let offer = { (failure: CommandFailure) throws(CommandFailure) in
        guard answers == nil, !isAsked, failure.exitCode < 128 else { return }
        let isWanted: Bool
        do throws(CommandFailure) {
          isWanted = try setup.yes("It cannot be applied now. Keep your answers as '\(result.name)'? y or n", usual: true)
        } catch {
          guard error.exitCode > 128 else { return }
          throw error
        }
        if isWanted { try keep() }
      }
      defer {
        if isKept {
          questioner.say(
            "Kept as \(path). 'hproute edit \(result.name)' changes it, 'hproute apply \(result.name)' applies it again.")
        }
      }
      let (id, guardian) = session.guarded()
      defer { guardian.dismiss() }
      let report: Report
      do throws(CommandFailure) {
        report = try session.begin(profile, id, on: loop) { () throws(Failure) in
          isAsked = true
          try confirm(setup)
          do throws(CommandFailure) { try keep() } catch { throw .notConfirmed(error.sentence) }
        }
      } catch {
        try offer(error)
        throw error
      }
      if let failure = report.failure {
        try offer(CommandFailure(failure))
      } else {
        // Everything was so already, and nobody was asked.
        if !isKept { try keep() }
        finished = result
      }
      return report
    }
    guard let finished, finished.isForLogin else { return }
    SignalWatch.endIgnoring()
    let login = try AutostartCommand.Enable.parse(
      [finished.name] + options.settings.serverArguments + (options.json || options.quiet ? ["--quiet"] : []))
    try login.run()
  }

  private func confirm(_ setup: Setup) throws(Failure) {
    let isRight: Bool
    do throws(CommandFailure) {
      isRight = try setup.yes(
        "It is applied. Is it right so? Without an answer everything goes back in \(Self.patience) s. y or n",
        usual: true, until: .now + .seconds(Self.patience))
    } catch {
      if error.exitCode > 128 { throw .stopped(signal: error.exitCode - 128) }
      throw .notConfirmed(String(error.sentence.prefix { $0 != "." }))
    }
    if !isRight { throw .notConfirmed("the answer was no") }
  }
}
