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
    var volume: [VolumeObject]
    var ports: [PortObject]
    var activePort: Nullable<String>
    var monitorOf: Nullable<String>

    private enum CodingKeys: String, CodingKey {
      case name, description, match
      case isDefault = "default"
      case state, mute, channels, volume, ports, activePort, monitorOf
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
        ports: card.ports.map(PortObject.init))
    }
    sinks = graph.sinks.map { sink in
      Self.object(sink.device, in: graph, isDefault: sink.name == graph.server.defaultSink, monitorOf: nil)
    }
    sources = graph.sources.map { source in
      Self.object(
        source.device, in: graph, isDefault: source.name == graph.server.defaultSource, monitorOf: source.monitorOf)
    }
  }

  private static func object(_ device: Device, in graph: Graph, isDefault: Bool, monitorOf: String?) -> DeviceObject {
    DeviceObject(
      name: device.name, description: device.description, match: graph.matchExpression(for: device).text,
      isDefault: isDefault, state: device.state.rawValue, mute: device.isMuted, channels: device.channelMap.positions,
      volume: device.volume.channels.map(VolumeObject.init), ports: device.ports.map(PortObject.init),
      activePort: Nullable(device.activePort), monitorOf: Nullable(monitorOf))
  }
}

extension Output {
  func print(_ devices: DeviceList) {
    if isJSON { return print(json: devices) }
    var text: [String] = []
    let inputs = devices.sources.filter { $0.monitorOf.value == nil }
    for (title, list) in [("Outputs", devices.sinks), ("Inputs", inputs)] where !list.isEmpty {
      text.append(Style.bold(title, if: isColored))
      var table = Table(flexible: [1, 3])
      for device in list { table.add(cells(device)) }
      text += self.table(table, indent: 2)
    }
    if !devices.cards.isEmpty {
      text.append(Style.bold("Cards", if: isColored))
      var table = Table(flexible: [1, 2])
      for card in devices.cards {
        table.add([
          .init(" "), .init(Output.printable(card.description)), .init(card.profile.value ?? "-"),
          .init(card.match, .cyan),
        ])
      }
      text += self.table(table, indent: 2)
    }
    lines(text.isEmpty ? ["The sound server has no device."] : text)
  }

  /// Default mark, name, volume, plug, and what to write in a profile.
  private func cells(_ device: DeviceList.DeviceObject) -> [Table.Cell] {
    let port = device.ports.first { $0.name == device.activePort.value }
    let plug = port.map { $0.description + ($0.available == Availability.no.rawValue ? " (unplugged)" : "") }
    return [
      .init(device.isDefault ? "*" : " ", .green), .init(Output.printable(device.description)),
      .init(device.mute ? "muted" : Self.volume(device.volume)), .init(Output.printable(plug ?? "")),
      OwnDevice.isOne(device.name) ? .init("made by hproute", .dim) : .init("match = \(Output.printable(device.match))", .cyan),
    ]
  }

  /// `45% -20.8 dB` of the loudest channel.
  static func volume(_ channels: [VolumeObject]) -> String {
    guard let loudest = channels.max(by: { $0.percent < $1.percent }) else { return "" }
    return VolumeText.both(Volume(percent: loudest.percent))
  }
}
