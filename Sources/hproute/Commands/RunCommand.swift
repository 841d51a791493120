internal import ArgumentParser
internal import AudioGraph
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
      let (id, guardian) = session.guarded()
      do throws(CommandFailure) {
        var profile = try session.profile(profile)
        profile.on = answer.answers
        let report = try session.begin(profile, id)
        SignalWatch.endIgnoring()
        if let failure = report.failure { throw CommandFailure(failure) }
        if let now = report.now, !output.isJSON { output.log("hproute: \(profile.name): \(now.sentence)", isError: false) }
      } catch {
        guardian.dismiss()
        // A script tells by it that the command has not run.
        var failure = error
        if failure.exitCode < 128 { failure.exitCode = 125 }
        throw failure
      }
      let (status, reason) = ForegroundProgram(command).run()
      if let reason { output.error("'\(command[0])' cannot be run: \(status == 127 ? "there is no such program" : reason).") }
      let report = try session.end(id)
      if let failure = report?.failure ?? report?.problems.first { throw CommandFailure(failure) }
      // Not before: what could not be put back it tries once more.
      guardian.dismiss()
      return status
    }
  }
}
