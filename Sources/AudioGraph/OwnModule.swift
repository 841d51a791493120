/// What hproute loads into a server.
public enum OwnModule: Hashable, Sendable {
  /// A `[monitor]`.
  case loopback(Loopback)
  /// The picked `channels` of an `[output]` or `[input]`.
  case remap(Remap)
  /// An `[output]` with `combine`.
  case combination(Combination)

  /// The mark by which it is found again.
  public var tag: Tag {
    switch self {
    case .loopback(let it): it.tag
    case .remap(let it): it.tag
    case .combination(let it): it.tag
    }
  }

  /// What a mixer calls it.
  public var title: String {
    switch self {
    case .loopback(let it): it.title
    case .remap(let it): it.title
    case .combination(let it): it.title
    }
  }

  /// Whether it is, and does what `wanted` should do.
  func isInPlace(of wanted: OwnModule?) -> Bool {
    switch (self, wanted) {
    case (.loopback(let found), .loopback(let wanted)?): found.source == wanted.source && found.sink == wanted.sink
    case (.remap(let found), .remap(let wanted)?): found.name == wanted.name && found.master == wanted.master
    case (.combination(let found), .combination(let wanted)?): found.name == wanted.name && found.members == wanted.members
    default: false
    }
  }
}

/// A pair of channels, or a single one, of a device with more of them, as a device of its own.
public struct Remap: Hashable, Sendable {
  /// Marks the module as ours; see ``Tag``.
  public var tag: Tag
  /// Whether the device below is a sink or a source; the new one is the same.
  public var kind: DeviceKind
  /// The name of the device that comes into being.
  public var name: String
  /// The device below.
  public var master: String
  /// The channels of the device below, in the order in which the new device has them.
  public var masterMap: ChannelMap
  /// What the new device calls them: a stereo pair, or mono.
  public var map: ChannelMap
  /// What a mixer calls it.
  public var title: String
  /// What it starts with, where the server can be told; it is set as well once the device is there.
  public var volume: Volume

  /// Stores its parameters.
  public init(
    tag: Tag, kind: DeviceKind, name: String, master: String, masterMap: ChannelMap, map: ChannelMap, title: String,
    volume: Volume
  ) {
    self.tag = tag
    self.kind = kind
    self.name = name
    self.master = master
    self.masterMap = masterMap
    self.map = map
    self.title = title
    self.volume = volume
  }
}

extension Remap {
  /// A sink that plays left and right, mixed, to both ears of another.
  ///
  /// - Parameter sink: the name of that one, which has a left and a right channel.
  public init(mixing sink: String, tag: Tag, name: String, title: String, on server: ServerTraits) {
    let (masterMap, map) = server.mixesIntoEachChannel ? (.stereo, Self.both) : (ChannelMap.mono, ChannelMap.mono)
    self.init(
      tag: tag, kind: .sink, name: name, master: sink, masterMap: masterMap, map: map, title: title, volume: .full)
  }

  /// Two channels that have the same.
  private static let both = ChannelMap(["mono", "mono"])

  /// Whether it mixes left and right, and plays both to both.
  public var isMix: Bool { kind == .sink && (map == Self.both || map == .mono && masterMap == .mono) }
}

/// A sink that plays to several others at once.
public struct Combination: Hashable, Sendable {
  /// Marks the module as ours; see ``Tag``.
  public var tag: Tag
  /// The name of the sink that comes into being.
  public var name: String
  /// The names of the sinks, sorted.
  public var members: [String]
  /// What a mixer calls it.
  public var title: String

  /// Stores its parameters, and sorts the members.
  public init(tag: Tag, name: String, members: [String], title: String) {
    self.tag = tag
    self.name = name
    self.members = members.sorted()
    self.title = title
  }
}

/// The names of the devices that hproute makes begin so, which sets them apart from the devices of a desk.
public enum OwnDevice {
  /// What follows is the label of a section, and `.2`, `.3`, … if another device has that name.
  public static let prefix = "hproute."
  /// Whether a sink or source of that name is one that hproute has made, for any user. The name alone counts.
  public static func isOne(_ name: String) -> Bool { name.hasPrefix(prefix) }
}

extension Graph {
  /// The sink or source that a module of ours has made.
  public func device(ofModule tag: Tag) -> Device? {
    sinks.first { $0.properties[.hprouteID] == tag.rawValue && OwnDevice.isOne($0.name) }?.device
      ?? sources.first { $0.properties[.hprouteID] == tag.rawValue && $0.monitorOf == nil && OwnDevice.isOne($0.name) }?.device
  }

  /// What has made a device, and does so now; nil for a device that is not ours.
  public func ownModule(of device: Device) -> OwnModule? {
    guard OwnDevice.isOne(device.name) else { return nil }
    return device.properties[.hprouteID].flatMap { ownModule(tagged: Tag(rawValue: $0)) }
  }

  /// What a module of ours does now. An end that has gone, or has not come yet, is an empty name.
  public func ownModule(tagged tag: Tag) -> OwnModule? {
    guard let module = module(tagged: tag) else { return nil }
    switch module.purpose {
    case .combination: return .combination(combination(module, tag))
    case .remap: return .remap(remap(module, tag))
    case .loopback: return .loopback(loopback(module, tag))
    }
  }

  private func loopback(_ module: Module, _ tag: Tag) -> Loopback {
    let stream = stream(of: .loopback(tag))
    let ends = ends(ofLoopback: module)
    return Loopback(
      tag: tag, source: ends?.source.name ?? "", sink: ends?.sink.name ?? "",
      latency: module.argument("latency_msec").flatMap { UInt32($0) } ?? 0,
      channelMap: module.channelMap("channel_map"), volume: stream?.volume.loudest ?? .full,
      isMuted: stream?.isMuted ?? false, title: stream?.properties[.mediaName] ?? "")
  }

  private func remap(_ module: Module, _ tag: Tag) -> Remap {
    let device = device(ofModule: tag)
    let below =
      device?.kind == .source
      ? sourceOutputs.first { $0.ownerModule == module.index }.flatMap { source(index: $0.source)?.name }
      : sinkInputs.first { $0.ownerModule == module.index }.flatMap { sink(index: $0.sink)?.name }
    return Remap(
      tag: tag, kind: device?.kind ?? .sink, name: device?.name ?? "", master: below ?? "",
      masterMap: module.channelMap("master_channel_map"), map: device?.channelMap ?? ChannelMap([]),
      title: device?.description ?? "", volume: device?.volume.loudest ?? .full)
  }

  private func combination(_ module: Module, _ tag: Tag) -> Combination {
    // PulseAudio has no stream to a member while nobody plays, so it is the arguments that tell who they are.
    let list = module.argument("sinks") ?? module.argument("slaves") ?? ""
    let device = device(ofModule: tag)
    return Combination(
      tag: tag, name: device?.name ?? "", members: list.filter { $0 != "'" }.split(separator: ",").map(String.init),
      title: device?.description ?? "")
  }
}
