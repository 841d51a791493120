internal import AudioGraph

/// What plays and records, as scripts get it.
struct StreamList: Encodable {
  var playback: [PlaybackObject]
  var recording: [RecordingObject]

  struct PlaybackObject: Encodable {
    var index: UInt32
    var application: String
    var media: String
    var sink: Nullable<String>
    var sinkDescription: Nullable<String>
    var volume: [VolumeObject]
    var mute: Bool
    var paused: Bool
    /// Whether 'apply' may send it elsewhere.
    var movable: Bool
    /// Of a loopback: what was asked for, and what the server says it is. Null where it does not say, or it is none.
    var latencyAskedMs: Nullable<UInt32>
    var latencyMs: Nullable<Double>
  }

  struct RecordingObject: Encodable {
    var index: UInt32
    var application: String
    var media: String
    var source: Nullable<String>
    var sourceDescription: Nullable<String>
  }

  init(_ graph: Graph) {
    playback = graph.sinkInputs.map { stream in
      let sink = graph.sink(index: stream.sink)
      let loopback = graph.modules.first { $0.index == stream.ownerModule && $0.isLoopback }
      return PlaybackObject(
        index: stream.index, application: Self.title(stream.identity.application, stream.client),
        media: stream.properties[.mediaName] ?? "", sink: Nullable(sink?.name),
        sinkDescription: Nullable(sink?.description), volume: stream.volume.channels.map(VolumeObject.init),
        mute: stream.isMuted, paused: stream.isCorked, movable: stream.isMovable,
        latencyAskedMs: Nullable(loopback.flatMap { $0.argument("latency_msec") }.flatMap { UInt32($0) }),
        latencyMs: Nullable(loopback.flatMap { graph.latency(ofLoopback: $0) }.map { Double(($0 + 50) / 100) / 10 }))
    }
    recording = graph.sourceOutputs.map { stream in
      let source = graph.source(index: stream.source)
      return RecordingObject(
        index: stream.index, application: Self.title(Application(stream.properties), stream.client),
        media: stream.properties[.mediaName] ?? "", source: Nullable(source?.name),
        sourceDescription: Nullable(source?.description))
    }
  }

  /// Streams without a client are the server's own: loopbacks and filters.
  private static func title(_ application: Application, _ client: UInt32?) -> String {
    client == nil ? "the sound server" : application.title
  }
}

extension Output {
  func print(_ streams: StreamList) {
    if isJSON { return print(json: streams) }
    var text: [String] = []
    if !streams.playback.isEmpty {
      text.append(Style.bold("Playing", if: isColored))
      var table = Table(flexible: [0, 1, 3])
      for stream in streams.playback {
        let level = stream.mute ? "muted" : stream.paused ? "paused" : Self.volume(stream.volume)
        table.add([
          .init(Output.printable(stream.application)), .init(Output.printable(stream.media), .dim), .init(level),
          .init("-> \(Output.printable(stream.sinkDescription.value ?? "nowhere"))"), .init(stream.delay, .dim),
        ])
      }
      text += self.table(table, indent: 2)
    }
    if !streams.recording.isEmpty {
      text.append(Style.bold("Recording", if: isColored))
      var table = Table(flexible: [0, 1, 2])
      for stream in streams.recording {
        table.add([
          .init(Output.printable(stream.application)), .init(Output.printable(stream.media), .dim),
          .init("<- \(Output.printable(stream.sourceDescription.value ?? "nothing"))"),
        ])
      }
      text += self.table(table, indent: 2)
    }
    lines(text.isEmpty ? ["Nothing plays or records."] : text)
  }
}

extension StreamList.PlaybackObject {
  /// The latency of a loopback in words: never a number that nobody has measured.
  fileprivate var delay: String {
    guard let asked = latencyAskedMs.value else { return "" }
    guard let found = latencyMs.value else { return "\(asked) ms asked; the server does not tell what it is" }
    return "\(found) ms, \(asked) ms asked"
  }
}
