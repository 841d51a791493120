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
      let address = server?.canonicalAddress ?? session.expectedAddress
      // Another hproute may change all of it meanwhile: what is told was so at one moment.
      var (graph, journal, isBusy): (Graph?, Journal?, Bool)
      var isSteady = false
      repeat {
        graph = server.flatMap { try? $0.graph() }
        journal = try session.journal(in: state, of: graph, at: address)
        isBusy = state.isBusy()
        isSteady = try journal == session.journal(in: state, of: graph, at: address)
      } while !isBusy && !isSteady
      output.print(StatusReport(journal: journal, graph: graph, isBusy: isBusy))
      return 0
    }
  }
}
