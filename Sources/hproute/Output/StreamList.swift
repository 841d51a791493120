internal import AudioGraph
internal import Routing

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
    /// The rule of the applied profile that is about it, and whether it is as that says.
    var rule: Nullable<String>
    var isAsRuled: Bool
    /// The server, if it never says what the latency is.
    var silentServer: String?
    /// What the server gives the next stream of the program; without if it was not asked.
    var remembered: RememberedObject?

    enum CodingKeys: String, CodingKey {
      case index, application, media, sink, sinkDescription, volume, mute, paused, movable, latencyAskedMs, latencyMs, rule
      case remembered
    }
  }

  struct RecordingObject: Encodable {
    var index: UInt32
    var application: String
    var media: String
    var source: Nullable<String>
    var sourceDescription: Nullable<String>
    var volume: [VolumeObject]
    var mute: Bool
    var rule: Nullable<String>
    var isAsRuled: Bool
    var remembered: RememberedObject?

    enum CodingKeys: String, CodingKey {
      case index, application, media, source, sourceDescription, volume, mute, rule, remembered
    }
  }

  /// What the server remembers for a program.
  struct RememberedObject: Encodable {
    /// The name of the sink or source; null if it begins on the default one.
    var device: Nullable<String>
    /// Empty where none is remembered.
    var volume: [VolumeObject]
    var mute: Bool
    var deviceDescription: String

    enum CodingKeys: String, CodingKey { case device, volume, mute }

    init(_ memory: StreamMemory, in graph: Graph) {
      device = Nullable(memory.sink)
      volume = memory.volume.channels.map(VolumeObject.init)
      mute = memory.isMuted
      deviceDescription =
        memory.sink.map { graph.device(memory.kind, named: $0)?.description ?? $0 }
        ?? "any \(memory.kind == .sink ? "output" : "input")"
    }
  }

  /// - Parameters:
  ///   - profile: the one that is applied.
  ///   - plan: what it wants.
  init(_ graph: Graph, _ profile: Profile?, _ plan: Plan?) {
    let streams = Dictionary(graph.foreignStreams.map { ($0.placement, $0) }, uniquingKeysWith: { first, _ in first })
    let rule = { (placement: Attribute) in streams[placement].flatMap { profile?.rule(for: $0) }?.title }
    let remembered = { (placement: Attribute) in
      graph.streamMemory?.first { $0.key == streams[placement]?.memoryKey }.map { RememberedObject($0, in: graph) }
    }
    let isAsRuled = { (placement: Attribute) in
      let attributes = streams[placement]?.attributes ?? []
      return plan?.wanted.filter { attributes.contains($0.attribute) }.allSatisfy { graph.holds($0) } ?? true
    }
    playback = graph.sinkInputs.map { stream in
      let sink = graph.sink(index: stream.sink)
      let loopback = graph.modules.first { $0.index == stream.ownerModule && $0.isLoopback }
      return PlaybackObject(
        index: stream.index, application: Self.title(stream.identity.application, stream.client),
        media: stream.properties[.mediaName] ?? "", sink: Nullable(sink?.name),
        sinkDescription: Nullable(sink?.description), volume: stream.volume.channels.map(VolumeObject.init),
        mute: stream.isMuted, paused: stream.isCorked, movable: stream.isMovable,
        latencyAskedMs: Nullable(loopback.flatMap { $0.argument("latency_msec") }.flatMap { UInt32($0) }),
        latencyMs: Nullable(loopback.flatMap { graph.latency(ofLoopback: $0) }.map { Double(($0 + 50) / 100) / 10 }),
        rule: Nullable(rule(.streamSink(stream.identity))), isAsRuled: isAsRuled(.streamSink(stream.identity)),
        silentServer: graph.server.traits.tellsLoopbackLatency ? nil : graph.server.traits.title,
        remembered: remembered(.streamSink(stream.identity)))
    }
    recording = graph.sourceOutputs.map { stream in
      let source = graph.source(index: stream.source)
      return RecordingObject(
        index: stream.index, application: Self.title(Application(stream.properties), stream.client),
        media: stream.properties[.mediaName] ?? "", source: Nullable(source?.name),
        sourceDescription: Nullable(source?.description), volume: stream.volume.channels.map(VolumeObject.init),
        mute: stream.isMuted, rule: Nullable(rule(.streamSource(stream.identity))),
        isAsRuled: isAsRuled(.streamSource(stream.identity)), remembered: remembered(.streamSource(stream.identity)))
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
          .init("-> \(Output.printable(stream.sinkDescription.value ?? "nowhere"))"),
          .init(stream.delay + Self.told(stream.rule.value, stream.isAsRuled, stream.remembered), .dim),
        ])
      }
      text += self.table(table, indent: 2)
    }
    if !streams.recording.isEmpty {
      text.append(Style.bold("Recording", if: isColored))
      var table = Table(flexible: [0, 1, 3])
      for stream in streams.recording {
        table.add([
          .init(Output.printable(stream.application)), .init(Output.printable(stream.media), .dim),
          .init(stream.mute ? "muted" : Self.volume(stream.volume)),
          .init("<- \(Output.printable(stream.sourceDescription.value ?? "nothing"))"),
          .init(Self.told(stream.rule.value, stream.isAsRuled, stream.remembered), .dim),
        ])
      }
      text += self.table(table, indent: 2)
    }
    lines(text.isEmpty ? ["Nothing plays or records."] : text)
  }

  private static func told(_ rule: String?, _ isAsRuled: Bool, _ remembered: StreamList.RememberedObject?) -> String {
    let rule = rule.map { isAsRuled ? printable($0) : "not as \(printable($0)) says" }
    let memory = remembered.map { memory in
      let level = memory.mute ? "muted" : memory.volume.isEmpty ? nil : volume(memory.volume)
      return "remembered: " + [printable(memory.deviceDescription), level].compactMap(\.self).joined(separator: ", ")
    }
    return [rule, memory].compactMap(\.self).joined(separator: "; ")
  }
}

extension StreamList.PlaybackObject {
  /// The latency of a loopback in words: never a number that nobody has measured.
  fileprivate var delay: String {
    guard let asked = latencyAskedMs.value else { return "" }
    guard let found = latencyMs.value else {
      return "\(asked) ms requested" + (silentServer.map { " (\($0) does not report the actual latency)" } ?? "")
    }
    return "\(found) ms, \(asked) ms requested"
  }
}
