internal import ArgumentParser
internal import AudioGraph
internal import PulseAudio
internal import Routing

struct Status: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Say what is applied, what has changed since, and what is left to do.",
    discussion: "Works without a sound server, from what is written down.")

  @OptionGroup var options: GlobalOptions

  func run() throws {
    try options.settings.run { output, _ throws(CommandFailure) in
      let session = Session(settings: options.settings, output: output)
      let state = try session.stateDirectory()
      let server = try? session.connect()
      let graph = server.flatMap { try? $0.graph() }
      let address = server?.canonicalAddress ?? session.expectedAddress
      let journal = try session.journal(in: state, of: graph, at: address)
      output.print(StatusReport(journal: journal, graph: graph, isBusy: state.isBusy()))
      return 0
    }
  }
}
