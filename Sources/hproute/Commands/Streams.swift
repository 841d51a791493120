internal import ArgumentParser
internal import PulseAudio
internal import Routing

struct Streams: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "streams", abstract: "List what plays and records, and where.")

  @OptionGroup var options: GlobalOptions

  func run() throws {
    try options.settings.run { output, _ throws(CommandFailure) in
      let session = Session(settings: options.settings, output: output)
      let server = try session.connect()
      let graph = try session.graph(of: server)
      let journal = try session.journal(in: try session.stateDirectory(), of: graph, at: server.canonicalAddress)
      let profile = journal?.appliedProfile.flatMap(session.silentProfile)?.switching(journal?.switches ?? [:])
      let plan = try? profile.map { try session.planner.plan($0, in: graph, after: journal, at: server.canonicalAddress) }
      output.print(StreamList(graph, profile, plan))
      return 0
    }
  }
}
