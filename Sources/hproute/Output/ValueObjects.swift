internal import AudioGraph
internal import Routing

/// A volume as scripts get it.
struct VolumeObject: Encodable {
  var percent: Double
  /// Null for silence, which is minus infinity.
  var db: Nullable<Double>

  init(_ volume: Volume) {
    percent = Self.rounded(volume.percent)
    db = Nullable(volume == .silence ? nil : Self.rounded(volume.decibels))
  }

  /// To a hundredth: finer than any device.
  private static func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }
}

/// What is heard now, as scripts get it.
struct HeardObject: Encodable {
  var output: Nullable<DeviceObject>
  var input: Nullable<DeviceObject>
  var monitors: [MonitorObject]

  struct DeviceObject: Encodable {
    var name: String
    var description: String
    var volume: Nullable<VolumeObject>
    var mute: Bool

    init(_ device: Heard.Device) {
      (name, description, mute) = (device.name, device.title, device.isMuted)
      volume = Nullable(device.volume.map(VolumeObject.init))
    }
  }

  struct MonitorObject: Encodable {
    var from: String
    var to: String
    var volume: VolumeObject
    var mute: Bool
  }

  init(_ heard: Heard) {
    output = Nullable(heard.output.map(DeviceObject.init))
    input = Nullable(heard.input.map(DeviceObject.init))
    monitors = heard.monitors.map {
      MonitorObject(from: $0.from.name, to: $0.to.name, volume: VolumeObject($0.volume), mute: $0.isMuted)
    }
  }
}

/// A change as scripts get it, in the names of the server.
struct ChangeObject: Encodable {
  var action: String
  var object: String
  var from: ValueObject
  var to: ValueObject

  init(_ change: Change) {
    action = change.action
    object = change.attribute.scriptName
    from = ValueObject(change.from)
    to = ValueObject(change.to)
  }
}

/// The value of an attribute: volumes a channel, yes or no, a name, or what a monitor joins.
enum ValueObject: Encodable {
  case volumes([VolumeObject])
  case flag(Bool)
  case name(String)
  case monitor(Monitor)
  case channels(Channels)
  case combination([String])
  case none

  struct Monitor: Encodable {
    var from: String
    var to: String
    var latencyMs: UInt32
    var volume: VolumeObject
    var mute: Bool
  }

  struct Channels: Encodable {
    var name: String
    var of: String
    var channels: [String]
  }

  init(_ value: Value?) {
    switch value {
    case .volume(let volumes): self = .volumes(volumes.channels.map(VolumeObject.init))
    case .mute(let isMuted): self = .flag(isMuted)
    case .userModule(let state): self = .flag(state != nil)
    case .device(let name?), .choice(let name?): self = .name(name)
    case .module(.remap(let it)?): self = .channels(Channels(name: it.name, of: it.master, channels: it.masterMap.positions))
    case .module(.combination(let it)?): self = .combination(it.members)
    case .module(.loopback(let it)?):
      self = .monitor(
        Monitor(from: it.source, to: it.sink, latencyMs: it.latency, volume: VolumeObject(it.volume), mute: it.isMuted))
    case .memory(let it?): self = .name(it.sink ?? "")
    case .device(nil), .choice(nil), .memory(nil), .module(nil), .unknown, nil: self = .none
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .volumes(let volumes): try container.encode(volumes)
    case .flag(let flag): try container.encode(flag)
    case .name(let name): try container.encode(name)
    case .monitor(let monitor): try container.encode(monitor)
    case .channels(let channels): try container.encode(channels)
    case .combination(let members): try container.encode(members)
    case .none: try container.encodeNil()
    }
  }
}

extension Attribute {
  /// What the attribute is about, in the names of the server.
  var scriptName: String {
    switch self {
    case .defaultSink: "default-sink"
    case .defaultSource: "default-source"
    case .volume(let object), .mute(let object): object.scriptName
    case .streamSink(let identity), .streamSource(let identity): Self.scriptName(identity)
    case .cardProfile(let card): "card \(card)"
    case .port(let kind, let name): "\(kind.rawValue) \(name)"
    case .memory(let key): key
    case .module(let tag): "module \(tag.rawValue)"
    case .userModule(let module): module.title
    }
  }

  /// Which property of the object it is.
  var property: String {
    switch self {
    case .defaultSink, .defaultSource: "default"
    case .volume: "volume"
    case .mute: "mute"
    case .streamSink: "sink"
    case .streamSource: "source"
    case .cardProfile: "profile"
    case .port: "port"
    case .memory: "memory"
    case .module, .userModule: "loaded"
    }
  }

  fileprivate static func scriptName(_ stream: StreamIdentity) -> String {
    (["stream"] + [stream.index.map(String.init), stream.application.title].compactMap(\.self)).joined(separator: " ")
  }
}

extension Attribute.Object {
  fileprivate var scriptName: String {
    switch self {
    case .device(let kind, let name, _): "\(kind.rawValue) \(name)"
    case .stream(let identity), .recording(let identity): Attribute.scriptName(identity)
    case .loopback(let tag): "monitor \(tag.rawValue)"
    }
  }
}
