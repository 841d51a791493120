internal import AudioGraph
internal import Routing

/// The devices of a server, as scripts get them.
struct DeviceList: Encodable {
  var cards: [CardObject]
  var sinks: [DeviceObject]
  var sources: [DeviceObject]

  struct CardObject: Encodable {
    var name: String
    var description: String
    var match: String
    var profile: Nullable<String>
    var profiles: [CardProfileObject]
    var ports: [PortObject]
  }

  struct CardProfileObject: Encodable {
    var name: String
    var description: String
    var available: Bool
  }

  struct PortObject: Encodable {
    var name: String
    var description: String
    var type: Nullable<String>
    var available: String

    init(_ port: Port) {
      name = port.name
      description = port.description
      type = Nullable(port.type)
      available = port.availability.rawValue
    }
  }

  struct DeviceObject: Encodable {
    var name: String
    var description: String
    /// What to write in a profile for this device and no other.
    var match: String
    var isDefault: Bool
    var state: String
    var mute: Bool
    var channels: [String]
    /// Samples a second.
    var rate: Nullable<UInt32>
    var volume: [VolumeObject]
    var ports: [PortObject]
    var activePort: Nullable<String>
    var monitorOf: Nullable<String>
    /// Why this one of several of its card is taken; null if it is the only one, or another is, or it is asked.
    var picked: Nullable<String>

    private enum CodingKeys: String, CodingKey {
      case name, description, match
      case isDefault = "default"
      case state, mute, channels, rate, volume, ports, activePort, monitorOf, picked
    }
  }

  init(_ graph: Graph) {
    cards = graph.cards.map { card in
      CardObject(
        name: card.name, description: card.description, match: graph.matchExpression(for: card).text,
        profile: Nullable(card.activeProfile),
        profiles: card.profiles.map {
          CardProfileObject(name: $0.name, description: $0.description, available: $0.isAvailable)
        },
        ports: card.ports.map { PortObject($0.port) })
    }
    sinks = Self.objects(.sink, graph.sinks.map { ($0.device, nil) }, in: graph)
    sources = Self.objects(.source, graph.sources.map { ($0.device, $0.monitorOf) }, in: graph)
  }

  private static func objects(_ kind: DeviceKind, _ devices: [(Device, monitorOf: String?)], in graph: Graph) -> [DeviceObject] {
    let picked = Dictionary(graph.preferredDevices(kind).map { ($0.device.name, $0.reason) }, uniquingKeysWith: { $1 })
    return devices.map { device, monitorOf in
      DeviceObject(
        name: device.name, description: device.description, match: graph.matchExpression(for: device).text,
        isDefault: device.name == graph.server.defaultDevice(kind), state: device.state.rawValue, mute: device.isMuted,
        channels: device.channelMap.positions, rate: Nullable(device.rate > 0 ? device.rate : nil),
        volume: device.volume.channels.map(VolumeObject.init), ports: device.ports.map(PortObject.init),
        activePort: Nullable(device.activePort), monitorOf: Nullable(monitorOf), picked: Nullable(picked[device.name]))
    }
  }
}
