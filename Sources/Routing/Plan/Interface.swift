public import AudioGraph

/// What a person would call one thing on the desk: a card with its outputs and inputs, or a device that has no card.
public struct Interface: Hashable, Sendable {
  /// Two channels of an output, or one that has no more: where a pair of headphones may be plugged in.
  public struct Pair: Hashable, Sendable {
    /// The output.
    public var sink: Sink
    /// Which channels of it, counted from 0; nil for all of them.
    public var channels: [Int]?
  }

  /// What a person calls it.
  public var title: String
  /// Where headphones may be, those first in which they most likely are.
  public var pairs: [Pair]
  /// The microphones and lines, the most likely microphone first.
  public var inputs: [Source]
  /// What to press on it to hear oneself without the computer; nil if nothing is known of that.
  public var directMonitoring: String?
  /// The smaller, the more likely it is the one that was bought for this.
  fileprivate var rank: Int

  /// Those with an output, the most likely first.
  public static func all(in graph: Graph) -> [Interface] {
    let cards = graph.cards.map { card in
      Interface(
        card.description, graph.sinks.filter { $0.device.card == card.index },
        graph.sources.filter { $0.device.card == card.index }, card.properties, in: graph)
    }
    let sources = graph.sources.filter { $0.device.card == nil }
    let others = graph.sinks.filter { $0.device.card == nil }.map { sink in
      // Devices of software that say of which product they are belong to those that say the same.
      let keys = { (device: Device) in
        [.bus, .vendorID, .productID, .serial].map { (key: Properties.Key) in graph.properties(of: device)[key] ?? "" }
      }
      let its = sources.filter { keys($0.device) == keys(sink.device) && !keys(sink.device)[1].isEmpty }
      return Interface(sink.description, [sink], its, graph.properties(of: sink.device), in: graph)
    }
    return (cards + others).filter { !$0.pairs.isEmpty }.enumerated()
      .sorted { ($0.element.rank, $0.offset) < ($1.element.rank, $1.offset) }.map(\.element)
  }

  /// Whether it has been plugged in, and is neither the computer's own sound nor a television.
  public var isExternal: Bool { rank < 2 }

  private init(_ title: String, _ sinks: [Sink], _ sources: [Source], _ properties: Properties, in graph: Graph) {
    let isMeant = { (device: Device) in
      device.properties[.hprouteID] == nil && !device.name.hasPrefix("auto_null") && !device.isUnplugged
    }
    let sinks = sinks.filter { isMeant($0.device) }
    let sources = sources.filter { isMeant($0.device) && $0.monitorOf == nil }
    self.title = title
    let first = { (devices: [Device]) in DevicePreference().narrowed(devices).devices.first?.name }
    let (output, input) = (first(sinks.map(\.device)), first(sources.map(\.device)))
    pairs = (sinks.filter { $0.name == output } + sinks.filter { $0.name != output }).flatMap { sink in
      let count = sink.channelMap.positions.count
      return count <= 2
        ? [Pair(sink: sink, channels: nil)]
        : stride(from: 0, to: count - 1, by: 2).map { Pair(sink: sink, channels: [$0, $0 + 1]) }
    }
    inputs = sources.filter { $0.name == input } + sources.filter { $0.name != input }
    directMonitoring = DirectMonitoring.means(of: properties)
    let isPluggedIn = ["usb", "firewire"].contains(properties[.bus] ?? "") && properties[.formFactor] != "webcam"
    rank = isPluggedIn ? (sources.isEmpty ? 1 : 0) : properties[.bus] == "bluetooth" ? 2 : properties[.bus] == nil ? 4 : 3
  }
}

extension Interface.Pair {
  /// What a person calls it: the output with its port, and the numbers of its channels if they are some of several.
  public var title: String {
    channels.map { "\(sink.device.title), outputs \($0.map { "\($0 + 1)" }.joined(separator: " and "))" } ?? sink.device.title
  }
}
