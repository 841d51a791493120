internal import ArgumentParser
internal import AudioGraph
internal import Glibc
internal import PulseAudio
internal import Routing

struct Status: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Show which profile is applied and what has changed since.",
    discussion: "Works without a sound server, from what is written down.")

  enum Format: String, CaseIterable, ExpressibleByArgument { case waybar }

  @Option(help: ArgumentHelp("Print it for a status bar: 'waybar'.", valueName: "format"))
  var format: Format?

  @OptionGroup var options: GlobalOptions

  func run() throws {
    try options.settings.run { output, _ throws(CommandFailure) in
      let session = Session(settings: options.settings, output: output)
      let state = try session.stateDirectory()
      var isRefused = false
      var server: SoundServer?
      do throws(CommandFailure) { server = try session.connect() } catch { isRefused = error.exitCode == 77 }
      let address = server?.canonicalAddress ?? session.expectedAddress
      // Another hproute may change all of it meanwhile: what is told was so at one moment.
      var graph: Graph?
      var journal: Journal?
      var (isBusy, isSteady) = (false, false)
      repeat {
        do throws(ServerError) { graph = try server?.graph() } catch { isRefused = error == .accessDenied }
        journal = try session.journal(in: state, of: graph, at: address)
        isBusy = state.isBusy()
        isSteady = try journal == session.journal(in: state, of: graph, at: address)
      } while !isBusy && !isSteady
      let report = StatusReport(
        journal: journal, graph: graph, isBusy: isBusy, isRefused: isRefused, user: getuid(), damaged: state.damagedJournals())
      if format == .waybar { output.print(object: WaybarStatus(report)) } else { output.print(report) }
      return 0
    }
  }
}
