/// What a server tells about an object beyond its fixed fields. The corresponding C type is `pa_proplist`.
///
/// Only the keys listed here are read; a desktop's property lists hold many more, and none of them is needed.
public struct Properties: Hashable, Sendable {
  public enum Key: String, CaseIterable, Sendable {
    case bus = "device.bus"
    case vendorID = "device.vendor.id"
    case productID = "device.product.id"
    case productName = "device.product.name"
    case serial = "device.serial"
    case formFactor = "device.form_factor"
    case description = "device.description"
    case cardName = "alsa.card_name"
    case cardNumber = "alsa.card"
    /// The same, where a card of PipeWire is switched off and does not tell the other.
    case apiCardNumber = "api.alsa.card"
    case applicationName = "application.name"
    case applicationID = "application.id"
    case applicationBinary = "application.process.binary"
    case processID = "application.process.id"
    case mediaName = "media.name"
    case mediaRole = "media.role"
    /// The device below a filter, where PulseAudio tells it.
    case masterDevice = "device.master_device"
    case linkGroup = "node.link-group"
    /// Under what PulseAudio remembers a stream; it writes it into every stream.
    case memoryKey = "module-stream-restore.id"
    case hprouteID = "hproute.id"
  }

  private var values: [Key: String]

  public init(_ values: [Key: String] = [:]) { self.values = values }

  public subscript(key: Key) -> String? {
    get { values[key] }
    set { values[key] = newValue }
  }

  /// These properties, and those of `other` where a key is missing here.
  public func merged(with other: Properties) -> Properties {
    Properties(values.merging(other.values) { own, _ in own })
  }

  /// The vendor or product number: servers write `1235` or `0x1235`, both hexadecimal.
  public func number(_ key: Key) -> UInt32? {
    guard let text = self[key] else { return nil }
    return UInt32(text.hasPrefix("0x") ? String(text.dropFirst(2)) : text, radix: 16)
  }
}
