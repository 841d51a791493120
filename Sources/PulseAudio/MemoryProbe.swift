internal import AudioGraph

/// A stream of our own that carries the names of a program.
struct MemoryProbe {
  let key: String
  let channels: Int
  let program: StreamMemory.Program
  private(set) var stream: ToneStream

  /// It is on its way; see ``ToneStream/waitUntilReady(until:)``.
  ///
  /// - Returns: nil for a key that names no program.
  init?(_ key: String, channels: Int, on connection: Connection) throws(ServerError) {
    guard let program = StreamMemory.Program(key: key) else { return nil }
    (self.key, self.channels, self.program) = (key, channels, program)
    stream = try Self.stream(program, channels, on: connection)
  }

  /// Another one in its place.
  mutating func renew(on connection: Connection) throws(ServerError) {
    stream = try Self.stream(program, channels, on: connection)
  }

  private static func stream(
    _ program: StreamMemory.Program, _ channels: Int, on connection: Connection
  ) throws(ServerError) -> ToneStream {
    let names =
      [("application.name", program.name), ("application.id", program.id), ("media.role", program.role)]
      .filter { !$0.1.isEmpty } + ToneStream.probe
    let title = program.media.isEmpty ? "hproute" : program.media
    let map = channels == 1 ? ChannelMap.mono : channels == 2 ? .stereo : ChannelMap((0..<channels).map { "aux\($0)" })
    let stream = try ToneStream(title, map, rate: 48_000, names: names, on: connection)
    try stream.beginCorked(as: program.kind)
    return stream
  }

  var target: ChangeTarget { program.kind == .sink ? .sinkInput(stream.index) : .sourceOutput(stream.index) }
}
