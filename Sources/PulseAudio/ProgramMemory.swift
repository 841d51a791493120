internal import AudioGraph

/// What PipeWire's session manager remembers for a program: where its next stream goes, how loud, and whether it is muted.
///
/// It cannot be asked, but it gives it to every stream that carries the program's names, and takes it from such a stream
/// when it is changed. So a stream of our own that plays nothing reads and writes it. A stream of the program that plays
/// meanwhile is not changed by that. Measured on 0.3.65, 1.4.2 and 1.6.9 with WirePlumber 0.4.13, 0.5.8 and 0.5.18.
///
/// The connection must not carry an application id, which a stream could not take off.
struct ProgramMemory {
  private let connection: Connection
  /// Who has asked for a change sees it before it is done.
  private let witness: Connection
  private let timeout: Duration

  init(_ address: String?, _ timeout: Duration, _ loop: EventLoop) throws(ServerError) {
    self.timeout = timeout
    connection = try Connection(address: address, timeout: timeout, on: loop)
    witness = try Connection(address: address, timeout: timeout, on: loop)
  }

  /// What is remembered for the programs of streams, each program once. Where a stream of theirs would go to the default there
  /// is no device.
  func read(_ streams: [Stream]) throws(ServerError) -> [StreamMemory] {
    let channels = Dictionary(streams.map { ($0.memoryKey, $0.volume.channels.count) }, uniquingKeysWith: { first, _ in first })
    let probes = try probes(channels.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
    return try states(of: probes, on: connection).map { $0.state.memory($0.probe.key) }
  }

  /// Has the session manager remember something else. Returns when another client can see it.
  func write(_ memories: [StreamMemory]) throws(ServerError) {
    let wanted = Dictionary(memories.map { ($0.key, $0) }, uniquingKeysWith: { $1 })
    var goals: [String: (memory: StreamMemory, place: String?)] = [:]
    var requests: [Request<Void>] = []
    let found = try states(of: probes(memories.map { ($0.key, max(1, $0.volume.channels.count)) }), on: connection)
    for (probe, state) in found {
      guard let memory = wanted[probe.key] else { continue }
      // The default clears what is remembered of a place.
      let place = memory.sink ?? state.defaultDevice
      goals[probe.key] = (memory, place)
      requests += [connection.setVolume(memory.volume, of: probe.target), connection.setMute(memory.isMuted, of: probe.target)]
      if memory.sink != state.memory(probe.key).sink, let place {
        requests.append(
          probe.program.kind == .sink
            ? connection.move(sinkInput: probe.stream.index, to: place)
            : connection.move(sourceOutput: probe.stream.index, to: place))
      }
    }
    for request in requests { _ = try request.outcome() }
    let deadline = ContinuousClock.now + min(timeout, .milliseconds(500))
    try witness.subscribe().value()
    while ContinuousClock.now < deadline {
      let isDone = try states(of: found.map(\.probe), on: witness).allSatisfy { probe, state in
        guard let goal = goals[probe.key] else { return true }
        return state.stream.volume == goal.memory.volume && state.stream.isMuted == goal.memory.isMuted
          && (goal.place == nil || state.stream.place == goal.place)
      }
      if isDone { break }
      // pipewire-pulse does not tell of every link.
      _ = try witness.waitForChange(until: min(deadline, .now + .milliseconds(20)))
    }
  }

  /// A stream of our own that carries the names of a program.
  private struct Probe {
    var key: String
    var program: StreamMemory.Program
    var stream: ToneStream

    var target: ChangeTarget { program.kind == .sink ? .sinkInput(stream.index) : .sourceOutput(stream.index) }
  }

  /// All are on their way before the first is waited for: fifty programs take as long as one.
  private func probes(_ keys: [(key: String, channels: Int)]) throws(ServerError) -> [Probe] {
    var probes: [Probe] = []
    for (key, channels) in keys {
      guard let program = StreamMemory.Program(key: key) else { continue }
      let names = [("application.name", program.name), ("application.id", program.id), ("media.role", program.role)]
        .filter { !$0.1.isEmpty }
      let title = program.media.isEmpty ? "hproute" : program.media
      let map = channels == 1 ? ChannelMap.mono : channels == 2 ? .stereo : ChannelMap((0..<channels).map { "aux\($0)" })
      let stream = try ToneStream(title, map, rate: 48_000, names: names, on: connection)
      try stream.beginCorked(as: program.kind)
      probes.append(Probe(key: key, program: program, stream: stream))
    }
    for probe in probes { try probe.stream.waitUntilReady() }
    return probes
  }

  private struct State {
    var stream: Stream
    var defaultDevice: String?

    func memory(_ key: String) -> StreamMemory {
      StreamMemory(
        key: key, sink: stream.place == defaultDevice ? nil : stream.place, volume: stream.volume, channelMap: ChannelMap([]),
        isMuted: stream.isMuted)
    }
  }

  private func states(
    of probes: [Probe], on connection: Connection
  ) throws(ServerError) -> [(probe: Probe, state: State)] {
    let graph = try connection.askGraph(withMemory: false).value()
    let streams = Dictionary(grouping: graph.foreignStreams, by: \.identity.index)
    return probes.compactMap { probe in
      guard let stream = streams[probe.stream.index]?.first(where: { $0.kind == probe.program.kind }) else { return nil }
      return (probe, State(stream: stream, defaultDevice: graph.server.defaultDevice(probe.program.kind)))
    }
  }
}
