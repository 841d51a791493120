/// A card or device for as long as it is there: what is plugged in again has the same name and another index.
public struct Presence: Hashable, Sendable {
  public enum Kind: String, Hashable, Sendable { case card, sink, source }

  public var kind: Kind
  public var name: String
  public var index: UInt32

  public init(_ kind: Kind, name: String, index: UInt32) {
    self.kind = kind
    self.name = name
    self.index = index
  }

  public init(_ card: Card) { self.init(.card, name: card.name, index: card.index) }
  public init(_ device: Device) { self.init(device.kind == .sink ? .sink : .source, name: device.name, index: device.index) }
}

extension Graph {
  /// All cards and devices that hproute has not made itself. A monitor source comes and goes with its sink.
  public var presences: Set<Presence> {
    let devices = sinks.map(\.device) + sources.filter { $0.monitorOf == nil }.map(\.device)
    return Set(cards.map { Presence($0) } + devices.filter { !OwnDevice.isOne($0.name) }.map { Presence($0) })
  }
}
