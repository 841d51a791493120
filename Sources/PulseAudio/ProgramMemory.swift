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
    var memories: [StreamMemory] = []
    for (key, stream) in Dictionary(streams.map { ($0.memoryKey, $0) }, uniquingKeysWith: { first, _ in first }).sorted(by: {
      $0.key < $1.key
    }) {
      guard let program = StreamMemory.Program(key: key) else { continue }
      let probe = try probe(program, channels: stream.volume.channels.count)
      if let found = try state(of: probe, program.kind, on: connection) { memories.append(found.memory(key)) }
    }
    return memories
  }

  /// Has the session manager remember something else. Returns when another client can see it.
  func write(_ memories: [StreamMemory]) throws(ServerError) {
    for memory in memories {
      guard let program = StreamMemory.Program(key: memory.key) else { continue }
      let probe = try probe(program, channels: max(1, memory.volume.channels.count))
      guard let found = try state(of: probe, program.kind, on: connection) else { continue }
      let target = program.kind == .sink ? ChangeTarget.sinkInput(probe.index) : .sourceOutput(probe.index)
      var requests = [connection.setVolume(memory.volume, of: target), connection.setMute(memory.isMuted, of: target)]
      // The default clears what is remembered of a place.
      let place = memory.sink ?? found.defaultDevice
      if memory.sink != found.memory(memory.key).sink, let place {
        requests.append(
          program.kind == .sink
            ? connection.move(sinkInput: probe.index, to: place) : connection.move(sourceOutput: probe.index, to: place))
      }
      for request in requests { _ = try request.outcome() }
      let deadline = ContinuousClock.now + min(timeout, .milliseconds(500))
      try witness.subscribe().value()
      while let now = try state(of: probe, program.kind, on: witness) {
        let isDone =
          now.stream.volume == memory.volume && now.stream.isMuted == memory.isMuted
          && (place == nil || now.stream.place == place)
        if isDone { break }
        guard ContinuousClock.now < deadline else { break }
        // pipewire-pulse does not tell of every link.
        _ = try witness.waitForChange(until: min(deadline, .now + .milliseconds(20)))
      }
    }
  }

  private func probe(_ program: StreamMemory.Program, channels: Int) throws(ServerError) -> ToneStream {
    var names: [(String, String)] = [
      ("application.name", program.name), ("application.id", program.id), ("media.role", program.role),
    ]
    names = names.filter { !$0.1.isEmpty }
    let title = program.media.isEmpty ? "hproute" : program.media
    let map = channels == 1 ? ChannelMap.mono : channels == 2 ? .stereo : ChannelMap((0..<channels).map { "aux\($0)" })
    let stream = try ToneStream(title, map, rate: 48_000, names: names, on: connection)
    try stream.wait(as: program.kind)
    return stream
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

  private func state(of probe: ToneStream, _ kind: DeviceKind, on connection: Connection) throws(ServerError) -> State? {
    let graph = try connection.askGraph(withMemory: false).value()
    guard let stream = graph.foreignStreams.first(where: { $0.kind == kind && $0.identity.index == probe.index }) else {
      return nil
    }
    return State(stream: stream, defaultDevice: kind == .sink ? graph.server.defaultSink : graph.server.defaultSource)
  }
}
