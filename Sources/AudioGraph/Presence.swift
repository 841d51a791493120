/// A card or device for as long as it is there: what is plugged in again has the same name and another index.
public struct Presence: Hashable, Sendable {
  /// What it is that is there.
  public enum Kind: String, Hashable, Sendable { case card, sink, source }

  /// What it is. A sink and a source may have the same name.
  public var kind: Kind
  /// Stays the same when it is plugged in again.
  public var name: String
  /// Is another when it has been plugged in again.
  public var index: UInt32

  /// Stores its parameters.
  public init(_ kind: Kind, name: String, index: UInt32) {
    self.kind = kind
    self.name = name
    self.index = index
  }

  /// The presence of a card, as it is now.
  public init(_ card: Card) { self.init(.card, name: card.name, index: card.index) }
  /// The presence of a sink or source, as it is now.
  public init(_ device: Device) { self.init(device.kind == .sink ? .sink : .source, name: device.name, index: device.index) }
}

extension Graph {
  /// All cards and devices that hproute has not made itself. A monitor source comes and goes with its sink.
  public var presences: Set<Presence> {
    let devices = sinks.map(\.device) + sources.filter { $0.monitorOf == nil }.map(\.device)
    return Set(cards.map { Presence($0) } + devices.filter { !OwnDevice.isOne($0.name) }.map { Presence($0) })
  }
}
