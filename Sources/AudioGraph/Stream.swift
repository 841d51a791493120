/// A stream that plays or records, as far as both are alike.
public struct Stream: Hashable, Sendable {
  /// Of what kind the device is that it plays to or records from.
  public var kind: DeviceKind
  /// That of the ``SinkInput`` or ``SourceOutput``.
  public var identity: StreamIdentity
  /// Name of that device; nil where the server has lost it but kept the stream.
  public var place: String?
  /// Of the stream itself, one for each of its channels.
  public var volume: ChannelVolumes
  /// Whether the stream itself is muted.
  public var isMuted: Bool
  /// Index of the module that made it. PulseAudio names its protocol module here for streams of applications.
  public var ownerModule: UInt32?
  /// `media.role`: `music`, `phone`, `event`, …; nil if the client does not say.
  public var role: String?
  /// Whether it is an application's, and no loopback or filter of the server.
  public var hasClient: Bool
  /// The same, and no short desktop sound: it may be sent elsewhere.
  public var isMovable: Bool
  /// Whether it listens to what is played, or only measures how loud something is.
  public var isWitness = false
  /// Under what the server remembers it; see ``StreamMemory``.
  public var memoryKey: String

  /// Where it is.
  public var placement: Attribute { kind == .sink ? .streamSink(identity) : .streamSource(identity) }
  /// What has its volume and its mute switch.
  public var object: Attribute.Object { kind == .sink ? .stream(identity) : .recording(identity) }
  /// All that can be changed of it.
  public var attributes: Set<Attribute> { [placement, .volume(object), .mute(object)] }
}

extension Graph {
  /// Whether a stream may have just begun: PipeWire shows it as silent until its volume is known, and without a device.
  public func isBeginning(_ stream: Stream) -> Bool {
    server.traits.tellsStreamsLate && stream.hasClient
      && (stream.place == nil || !stream.volume.channels.contains { $0 > .silence })
  }

  private func memoryKey(_ kind: DeviceKind, _ properties: Properties) -> String {
    switch server.traits.programMemory {
    case .table: StreamMemory.key(kind == .sink ? "sink-input" : "source-output", properties)
    case .session: StreamMemory.Program(kind, properties).key
    }
  }

  /// Everything that plays and records, but for what hproute has loaded itself.
  public var foreignStreams: [Stream] {
    let sinks = Dictionary(sinks.map { ($0.index, $0.name) }, uniquingKeysWith: { first, _ in first })
    let sources = Dictionary(sources.map { ($0.index, $0.name) }, uniquingKeysWith: { first, _ in first })
    let monitors = Set(self.sources.filter { $0.monitorOf != nil }.map(\.index))
    let own = Set(modules.filter { $0.tag != nil }.map(\.index))
    let playing = sinkInputs.map { stream in
      Stream(
        kind: .sink, identity: stream.identity, place: stream.sink.flatMap { sinks[$0] }, volume: stream.volume,
        isMuted: stream.isMuted,
        ownerModule: stream.ownerModule, role: stream.properties[.mediaRole],
        hasClient: stream.client != nil, isMovable: stream.isMovable, memoryKey: memoryKey(.sink, stream.properties))
    }
    let recording = sourceOutputs.map { stream in
      Stream(
        kind: .source, identity: stream.identity, place: stream.source.flatMap { sources[$0] }, volume: stream.volume,
        isMuted: stream.isMuted, ownerModule: stream.ownerModule, role: stream.properties[.mediaRole],
        hasClient: stream.client != nil, isMovable: stream.isMovable,
        isWitness: stream.isMeter || stream.source.map(monitors.contains) ?? false,
        memoryKey: memoryKey(.source, stream.properties))
    }
    return (playing + recording).filter { !($0.ownerModule.map(own.contains) ?? false) }
  }
}

/// Which stream it is in this run of the server, whatever it is called by now: its number among those of its kind.
public struct StreamNumber: Hashable, Sendable {
  private var kind: DeviceKind
  private var index: UInt32?

  /// That of `stream`.
  public init(_ stream: Stream) { (kind, index) = (stream.kind, stream.identity.index) }
}
