/// One thing about one object that hproute can change, and therefore must be able to put back.
public enum Attribute: Hashable, Sendable {
  /// The sink of programs that choose none. The corresponding C function is `pa_context_set_default_sink`.
  case defaultSink
  /// The source of programs that choose none. The corresponding C function is `pa_context_set_default_source`.
  case defaultSource
  /// How loud something is; see `pa_context_set_sink_volume_by_name` and its kin.
  case volume(Object)
  /// Whether something is silent; see `pa_context_set_sink_mute_by_name` and its kin.
  case mute(Object)
  /// The sink a playback stream plays to.
  case streamSink(StreamIdentity)
  /// The source a recording stream records from.
  case streamSource(StreamIdentity)
  /// What a card is used for; see ``CardProfile``.
  case cardProfile(card: String)
  /// The port of a device that is in use.
  case port(DeviceKind, name: String)
  /// What is remembered for streams of a kind, by the key of ``StreamMemory``.
  case memory(String)
  /// Whether a module of ours is loaded.
  case module(Tag)
  /// Whether a module of somebody else is loaded, and how loud it plays.
  case userModule(UserModule)

  /// An object with a volume and a mute switch.
  public enum Object: Hashable, Sendable {
    /// A sink or source while `port` is in use: volume and mute belong to a port, and every port has its own. Nil for a
    /// device without ports, and in journals of 0.1.0, where it stands for whatever port is in use.
    case device(DeviceKind, name: String, port: String?)
    /// A stream that plays.
    case stream(StreamIdentity)
    /// A stream that records.
    case recording(StreamIdentity)
    /// The playing end of the loopback that carries the tag.
    case loopback(Tag)
  }
}

/// What an ``Attribute`` has.
public enum Value: Hashable, Sendable {
  /// Of ``Attribute/volume(_:)``: one for each channel the object has.
  case volume(ChannelVolumes)
  /// Of ``Attribute/mute(_:)``: true for silence.
  case mute(Bool)
  /// The name of a sink or source; nil where there is none.
  case device(String?)
  /// The name of a card profile or a port; nil where there is none.
  case choice(String?)
  /// Nil where nothing is remembered.
  case memory(StreamMemory?)
  /// Nil where it is not loaded.
  case module(OwnModule?)
  /// Nil where it is not loaded.
  case userModule(UserModule.State?)
  /// What the server did not tell, or what hproute has not set.
  case unknown
}

/// An attribute with the value it should have, or had.
public struct Setting: Hashable, Sendable {
  /// Of what.
  public var attribute: Attribute
  /// Of a kind that the attribute can have: a ``Value/volume(_:)`` for a volume, a ``Value/device(_:)`` for a default.
  public var value: Value

  /// Stores its parameters. Nobody checks that they fit together.
  public init(_ attribute: Attribute, _ value: Value) {
    self.attribute = attribute
    self.value = value
  }
}

extension Graph {
  /// What the server has for `attribute`; nil where the object is not there.
  public func value(of attribute: Attribute) -> Value? {
    switch attribute {
    case .defaultSink: return .device(server.defaultSink)
    case .defaultSource: return .device(server.defaultSource)
    case .volume(let object): return levels(of: object).map { .volume($0.volume) }
    case .mute(let object): return levels(of: object).map { .mute($0.isMuted) }
    // On its way from one device to another PipeWire shows a stream without any.
    case .streamSink(let identity): return sinkInput(identity).map { .device(sink(index: $0.sink)?.name) }
    case .streamSource(let identity): return sourceOutput(identity).map { .device(source(index: $0.source)?.name) }
    case .cardProfile(let name): return card(named: name).map { .choice($0.activeProfile) }
    case .port(let kind, let name): return device(kind, named: name).map { .choice($0.activePort) }
    case .memory(let key): return streamMemory.map { memory in .memory(memory.first { $0.key == key }) }
    case .module(let tag): return .module(ownModule(tagged: tag))
    case .userModule(let module): return .userModule(state(of: module))
    }
  }

  /// Whether the server has `setting`, within the tolerance of its devices. False where the object is not there.
  ///
  /// - Parameter assumed: what hproute set last. It stands in for what the server does not tell: what is remembered for a
  ///   program, and the volume of a sink that has never run, of which PipeWire 1.4 reports 100 %, whatever was set.
  public func holds(_ setting: Setting, assuming assumed: [Attribute: Value] = [:]) -> Bool {
    guard let found = value(of: setting.attribute) else { return false }
    switch (found, setting.value) {
    case (.volume(let found), .volume(let wanted)):
      if hidesVolume(of: setting.attribute), case .volume(let set)? = assumed[setting.attribute] {
        return set.isClose(to: wanted)
      }
      return found.isClose(to: wanted, step: volumeStep(of: setting.attribute))
    case (.memory(let found?), .memory(let wanted?)): return found.does(what: wanted)
    // A session manager tells what it remembers only when it is asked.
    case (.memory(nil), .memory(let wanted?)) where server.traits.programMemory == .session:
      guard case .memory(let set?)? = assumed[setting.attribute] else { return false }
      return set.does(what: wanted)
    case (.userModule(let found?), .userModule(let wanted?)):
      return plays(found, as: wanted)
    case (.module(let found), .module(let wanted)):
      return found?.isInPlace(of: wanted) ?? (wanted == nil)
    default: return found == setting.value
    }
  }

  /// Whether the volume the server reports may be a placeholder, and cannot be relied on: PipeWire 1.4 reports 100 % for
  /// a device without ports that has not played since it came, and is suspended all the while; it shows and obeys the real
  /// volume once it plays. Where there are ports, the volume is that of the port, which is told. From 1.0 on, such a device
  /// with more than two channels may tell of two of them only, and show silence for the others.
  ///
  /// See ``hidesChanges(of:)`` for what shows, and will not show another.
  public func hidesVolume(of attribute: Attribute) -> Bool {
    guard server.traits.idleVolumes != .told, case .volume(let object) = attribute, let device = device(of: object),
      device.state != .running, device.ports.isEmpty
    else { return false }
    let channels = device.volume.channels
    if hidesChanges(of: object) && channels.allSatisfy({ $0 == .full }) { return true }
    return channels.count > 2 && channels.prefix(2).allSatisfy { $0 > .silence }
      && channels.dropFirst(2).allSatisfy { $0 == .silence }
  }

  /// Whether a change of volume or mute may not show before the device runs: PipeWire 1.4 goes on showing what a device without
  /// ports came with until it has played. A device that has played and is suspended again cannot be told from it.
  public func hidesChanges(of object: Attribute.Object) -> Bool {
    guard server.traits.idleVolumes == .hidden, let device = device(of: object) else { return false }
    return device.state != .running && device.state != .idle && device.ports.isEmpty
  }

  /// The volume and mute of an object; nil where it is not there.
  private func levels(of object: Attribute.Object) -> (volume: ChannelVolumes, isMuted: Bool)? {
    switch object {
    case .device: return device(of: object).map { ($0.volume, $0.isMuted) }
    case .recording(let identity): return sourceOutput(identity).map { ($0.volume, $0.isMuted) }
    case .stream, .loopback: return stream(of: object).map { ($0.volume, $0.isMuted) }
    }
  }

  /// The device behind an object, if it is there and the port that is meant is in use.
  public func device(of object: Attribute.Object) -> Device? {
    guard case .device(let kind, let name, let port) = object, let device = device(kind, named: name) else { return nil }
    return port == nil || port == device.activePort ? device : nil
  }

  /// The playback stream behind an object; nil for one that is another thing.
  public func stream(of object: Attribute.Object) -> SinkInput? {
    switch object {
    case .device, .recording: nil
    case .stream(let identity): sinkInput(identity)
    case .loopback(let tag):
      module(tagged: tag).flatMap { module in sinkInputs.first { $0.ownerModule == module.index } }
    }
  }

  private func volumeStep(of attribute: Attribute) -> UInt32 {
    guard case .volume(let object) = attribute else { return 1 }
    return device(of: object)?.volumeStep ?? 1
  }
}
