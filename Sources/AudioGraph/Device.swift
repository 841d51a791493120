/// What a sink and a source have in common.
public struct Device: Hashable, Sendable {
  /// Whether it is a sink or a source, which may have the same name and index.
  public var kind: DeviceKind
  /// The number of the device in this run of the server. One that is plugged in again has another.
  public var index: UInt32
  /// The name by which a server knows the device; unique among sinks, and among sources.
  public var name: String
  /// What a mixer shows to a person.
  public var description: String
  /// One for each channel of ``channelMap``. Of a device that does not run it may be a placeholder: see
  /// ``Graph/hidesVolume(of:)``.
  public var volume: ChannelVolumes
  /// Where each channel belongs. In pro-audio mode the channels only have numbers: see ``ChannelMap/isNumbered``.
  public var channelMap: ChannelMap
  /// Samples a second; 0 where the server does not tell. Of a device that does not run it may be another when it does.
  public var rate: UInt32
  /// Whether the port in use is muted; each port has a mute switch of its own.
  public var isMuted: Bool
  /// Whether it is at work.
  public var state: DeviceState
  /// How many positions the volume control of the device has; 65,537 for a control made of software.
  public var volumeSteps: UInt32
  /// Index of the card the device belongs to, nil for virtual devices.
  public var card: UInt32?
  /// Index of the module that made the device.
  public var ownerModule: UInt32?
  /// Those of the card that this device can use. Empty for a virtual device, and for hardware that has none to choose from.
  public var ports: [Port]
  /// Name of the port in use; nil where the device has none.
  public var activePort: String?
  /// Those of the device itself. ``Graph/properties(of:)`` adds those of its card.
  public var properties: Properties

  /// Stores its parameters. The defaults are those of an idle device made of software.
  public init(
    kind: DeviceKind, index: UInt32, name: String, description: String, volume: ChannelVolumes,
    channelMap: ChannelMap, rate: UInt32 = 0, isMuted: Bool = false, state: DeviceState = .idle, volumeSteps: UInt32 = 65_537,
    card: UInt32? = nil, ownerModule: UInt32? = nil, ports: [Port] = [], activePort: String? = nil,
    properties: Properties = Properties()
  ) {
    self.kind = kind
    self.index = index
    self.name = name
    self.description = description
    self.volume = volume
    self.channelMap = channelMap
    self.rate = rate
    self.isMuted = isMuted
    self.state = state
    self.volumeSteps = volumeSteps
    self.card = card
    self.ownerModule = ownerModule
    self.ports = ports
    self.activePort = activePort
    self.properties = properties
  }

  /// What has its volume and its mute switch: the device with the port that is in use.
  public var object: Attribute.Object { .device(kind, name: name, port: activePort) }

  /// The port in use.
  public var port: Port? { ports.first { $0.name == activePort } }

  /// Whether nothing is plugged into any of its ports, as far as the hardware can tell. No server uses such a device by itself.
  public var isUnplugged: Bool { !ports.isEmpty && ports.allSatisfy { $0.availability == .no } }

  /// The distance between two positions of the device's volume control, on the scale of ``Volume``.
  public var volumeStep: UInt32 { volumeSteps > 1 ? max(1, Volume.full.rawValue / (volumeSteps - 1)) : 1 }
}

/// Whether a device plays (`pa_sink_info`) or records (`pa_source_info`).
public enum DeviceKind: String, Hashable, Sendable, CaseIterable { case sink, source }

/// Whether a device is at work. The corresponding C types are `pa_sink_state_t` and `pa_source_state_t`.
public enum DeviceState: String, Hashable, Sendable { case running, idle, suspended, unknown }

/// Something that plays sound. The corresponding C type is `pa_sink_info`.
@dynamicMemberLookup
public struct Sink: Hashable, Sendable {
  /// What it has in common with a source. Its members can be read and written on the sink as well.
  public var device: Device
  /// Name of the source that hears what this sink plays.
  public var monitorSource: String?
  /// How long a sample takes from the server to the air, in microseconds; 0 where the server does not tell.
  public var latency: UInt64

  /// Stores its parameters.
  public init(_ device: Device, monitorSource: String? = nil, latency: UInt64 = 0) {
    self.device = device
    self.monitorSource = monitorSource
    self.latency = latency
  }

  /// A member of ``device``.
  public subscript<T>(dynamicMember member: WritableKeyPath<Device, T>) -> T {
    get { device[keyPath: member] }
    set { device[keyPath: member] = newValue }
  }
}

/// Something that records sound: a microphone, or the monitor source of a sink. The corresponding C type is
/// `pa_source_info`.
@dynamicMemberLookup
public struct Source: Hashable, Sendable {
  /// What it has in common with a sink. Its members can be read and written on the source as well.
  public var device: Device
  /// Name of the sink this source listens to; nil for a real source.
  public var monitorOf: String?

  /// Stores its parameters.
  public init(_ device: Device, monitorOf: String? = nil) {
    self.device = device
    self.monitorOf = monitorOf
  }

  /// A member of ``device``.
  public subscript<T>(dynamicMember member: WritableKeyPath<Device, T>) -> T {
    get { device[keyPath: member] }
    set { device[keyPath: member] = newValue }
  }
}
