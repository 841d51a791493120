/// A piece of hardware with sinks and sources. The corresponding C type is `pa_card_info`.
public struct Card: Hashable, Sendable {
  public var index: UInt32
  public var name: String
  public var profiles: [CardProfile]
  public var activeProfile: String?
  public var ports: [Port]
  public var properties: Properties

  public init(
    index: UInt32, name: String, profiles: [CardProfile] = [], activeProfile: String? = nil, ports: [Port] = [],
    properties: Properties = Properties()
  ) {
    self.index = index
    self.name = name
    self.profiles = profiles
    self.activeProfile = activeProfile
    self.ports = ports
    self.properties = properties
  }

  public var description: String { properties[.description] ?? name }
}

/// A way to use a card, with the sinks and sources it then has. The corresponding C type is `pa_card_profile_info2`.
public struct CardProfile: Hashable, Sendable {
  public var name: String
  public var description: String
  public var isAvailable: Bool
  /// Which of several a server would rather have.
  public var priority: UInt32
  /// How many sinks and sources the card has in it.
  public var sinks: UInt32
  public var sources: UInt32

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
  public var name: String
  public var description: String
  /// `headphones`, `line`, `mic`, `speaker`, …; nil where the server does not tell.
  public var type: String?
  public var availability: Availability

  public init(name: String, description: String, type: String?, availability: Availability) {
    self.name = name
    self.description = description
    self.type = type
    self.availability = availability
  }
}

/// Whether something is plugged in, as far as the hardware can tell. The corresponding C type is `pa_port_available_t`.
public enum Availability: String, Hashable, Sendable { case yes, no, unknown }
