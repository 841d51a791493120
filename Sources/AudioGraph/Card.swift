/// A piece of hardware with sinks and sources. The corresponding C type is `pa_card_info`.
public struct Card: Hashable, Sendable {
  /// The number of the card in this run of the server. One that is plugged in again has another.
  public var index: UInt32
  /// The name by which a server knows the card, unique among cards. One that is plugged in again has the same.
  public var name: String
  /// All it offers, also what is not available now, and `off`.
  public var profiles: [CardProfile]
  /// Name of the card profile in force; nil if the server does not tell. In `off` it has no sinks and sources.
  public var activeProfile: String?
  /// All of the hardware, whichever card profile uses them.
  public var ports: [CardPort]
  /// What else the server tells, such as the numbers of vendor and product.
  public var properties: Properties

  /// Stores its parameters.
  public init(
    index: UInt32, name: String, profiles: [CardProfile] = [], activeProfile: String? = nil, ports: [CardPort] = [],
    properties: Properties = Properties()
  ) {
    self.index = index
    self.name = name
    self.profiles = profiles
    self.activeProfile = activeProfile
    self.ports = ports
    self.properties = properties
  }

  /// What a mixer shows to a person: `device.description`, else the name.
  public var description: String { properties[.description] ?? name }
}

/// A way to use a card, with the sinks and sources it then has. The corresponding C type is `pa_card_profile_info2`.
public struct CardProfile: Hashable, Sendable {
  /// The name by which a server knows the card profile: `output:analog-stereo`, `pro-audio`, `off`.
  public var name: String
  /// What a mixer shows to a person.
  public var description: String
  /// Whether it makes sense to choose it now, as far as the server can tell.
  public var isAvailable: Bool
  /// Which of several a server would rather have.
  public var priority: UInt32
  /// How many sinks and sources the card has in it.
  public var sinks: UInt32
  /// How many sources the card has in it.
  public var sources: UInt32

  /// Stores its parameters. The defaults are those of one that can be used, with a sink and a source.
  public init(
    name: String, description: String, isAvailable: Bool = true, priority: UInt32 = 0, sinks: UInt32 = 1, sources: UInt32 = 1
  ) {
    self.name = name
    self.description = description
    self.isAvailable = isAvailable
    self.priority = priority
    self.sinks = sinks
    self.sources = sources
  }
}

/// A place where a plug goes in, or a speaker that is built in. The corresponding C type is `pa_sink_port_info`.
public struct Port: Hashable, Sendable {
  /// The name by which a server knows the port: `analog-output-headphones`. Unique within a device.
  public var name: String
  /// What a mixer shows to a person.
  public var description: String
  /// `headphones`, `line`, `mic`, `speaker`, …; nil where the server does not tell.
  public var type: String?
  /// Whether something is plugged in.
  public var availability: Availability
  /// Which of several a server would rather use: the highest.
  public var priority: UInt32

  /// Stores its parameters.
  public init(name: String, description: String, type: String?, availability: Availability, priority: UInt32 = 0) {
    self.name = name
    self.description = description
    self.type = type
    self.availability = availability
    self.priority = priority
  }
}

/// A port, and where it is to be had. The corresponding C type is `pa_card_port_info`.
public struct CardPort: Hashable, Sendable {
  /// What a sink or source that has it says of it.
  public var port: Port
  /// What can have it: a sink, or a source.
  public var kind: DeviceKind
  /// The names of the card profiles in which one has it.
  public var profiles: [String]

  /// Stores its parameters.
  public init(_ port: Port, _ kind: DeviceKind, profiles: [String]) {
    (self.port, self.kind, self.profiles) = (port, kind, profiles)
  }
}

/// Whether something is plugged in, as far as the hardware can tell. The corresponding C type is `pa_port_available_t`.
public enum Availability: String, Hashable, Sendable { case yes, no, unknown }
