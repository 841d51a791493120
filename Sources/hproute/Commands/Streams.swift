internal import ArgumentParser
internal import AudioGraph
internal import PulseAudio
internal import Routing

struct Streams: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "streams", abstract: "List what plays and records, and where.")

  @Flag(help: "Show as well what the server remembers for each program: where it begins the next time, and how loud.")
  var remembered = false

  @Option(
    help: ArgumentHelp(
      "Have the server forget where a program begins, so that it begins on the default output and input.", valueName: "program"))
  var forget: String?

  @OptionGroup var options: GlobalOptions

  func run() throws {
    try options.settings.run { output, _ throws(CommandFailure) in
      let session = Session(settings: options.settings, output: output)
      if let forget {
        output.print(try session.forgetPlaces(of: forget))
        return 0
      }
      let server = try session.connect()
      let graph =
        remembered ? try session.graph(of: server) { _, stream in !stream.isWitness } : try session.graph(of: server)
      let journal = try session.journal(in: try session.stateDirectory(), of: graph, at: server.canonicalAddress)
      let profile = journal?.appliedProfile.flatMap(session.silentProfile)?.under(journal?.controls)
      let plan = try? profile.map { try session.planner.plan($0, in: graph, after: journal, at: server.canonicalAddress) }
      output.print(StreamList(graph, profile, plan))
      return 0
    }
  }
}

extension Session {
  /// Has the server forget the output and the input of a program. How loud it is stays remembered.
  fileprivate func forgetPlaces(of program: String) throws(CommandFailure) -> ForgottenPlaces {
    let (state, loop) = (try stateDirectory(), try loopWithSignals())
    let lock = try lock(state, on: loop)
    defer { withExtendedLifetime(lock) {} }
    let server = try connect(on: loop)
    let isIts = { (key: String) in StreamMemory.title(of: key).lowercased() == program.lowercased() }
    do throws(ServerError) {
      server.readsStreamMemory = true
      var graph = try server.graph()
      // One that is not there is known by its name alone.
      let present = graph.foreignStreams.filter { $0.hasClient && isIts($0.memoryKey) }.map {
        ($0.memoryKey, $0.volume.channels.count)
      }
      let guessed = [DeviceKind.sink, .source].map { (StreamMemory.Program($0, program).key, 2) }
      if try server.recall(Dictionary(present + guessed, uniquingKeysWith: { first, _ in first })) { graph = try server.graph() }
      let memories = (graph.streamMemory ?? []).filter { isIts($0.key) }
      let places = memories.filter { $0.sink != nil }
      // Of one that is sent to what is the default now PipeWire shows nothing.
      let isHidden = graph.server.traits.programMemory == .session
      let changes = (isHidden ? memories : places).map { memory in
        var free = memory
        free.sink = nil
        return Change(.memory(memory.key), from: .memory(memory.sink == nil ? nil : memory), to: .memory(free))
      }
      if !changes.isEmpty {
        let result = try server.perform(changes)
        if let refusal = result.refusals.first { throw .failed(reason: refusal.reason) }
      }
      return ForgottenPlaces(program, places, in: graph)
    } catch { throw CommandFailure(Failure(error)) }
  }
}
