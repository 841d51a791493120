/// What a server tells about an object beyond its fixed fields. The corresponding C type is `pa_proplist`.
///
/// Only the keys listed here are read; a desktop's property lists hold many more, and none of them is needed.
public struct Properties: Hashable, Sendable {
  /// The keys that are read. The raw value is the word of the server.
  public enum Key: String, CaseIterable, Sendable {
    /// `usb`, `pci`, `bluetooth`, …. The C macro is `PA_PROP_DEVICE_BUS`.
    case bus = "device.bus"
    /// Who made it: a hexadecimal number. The C macro is `PA_PROP_DEVICE_VENDOR_ID`.
    case vendorID = "device.vendor.id"
    /// The model: a hexadecimal number. The C macro is `PA_PROP_DEVICE_PRODUCT_ID`.
    case productID = "device.product.id"
    /// The model, as its maker calls it. The C macro is `PA_PROP_DEVICE_PRODUCT_NAME`.
    case productName = "device.product.name"
    /// The serial number. Systems make one up for a device that has none. The C macro is `PA_PROP_DEVICE_SERIAL`.
    case serial = "device.serial"
    /// `internal`, `headset`, `webcam`, …. The C macro is `PA_PROP_DEVICE_FORM_FACTOR`.
    case formFactor = "device.form_factor"
    /// What a mixer shows to a person. The C macro is `PA_PROP_DEVICE_DESCRIPTION`.
    case description = "device.description"
    /// What ALSA calls the card.
    case cardName = "alsa.card_name"
    /// The number of the card in ALSA: the 1 of `hw:1`.
    case cardNumber = "alsa.card"
    /// The same, where a card of PipeWire is switched off and does not tell the other.
    case apiCardNumber = "api.alsa.card"
    /// What a person calls the program. The C macro is `PA_PROP_APPLICATION_NAME`.
    case applicationName = "application.name"
    /// A domain turned round: `org.mozilla.firefox`. The C macro is `PA_PROP_APPLICATION_ID`.
    case applicationID = "application.id"
    /// The file name of the program. The C macro is `PA_PROP_APPLICATION_PROCESS_BINARY`.
    case applicationBinary = "application.process.binary"
    /// The number of the process, as decimal text. The C macro is `PA_PROP_APPLICATION_PROCESS_ID`.
    case processID = "application.process.id"
    /// What a stream plays or records. The C macro is `PA_PROP_MEDIA_NAME`.
    case mediaName = "media.name"
    /// What a stream is for: `music`, `phone`, `event`, …. The C macro is `PA_PROP_MEDIA_ROLE`.
    case mediaRole = "media.role"
    /// The device below a filter, where PulseAudio tells it.
    case masterDevice = "device.master_device"
    /// PipeWire's mark of the streams of one loopback or filter. A stream of an application has none.
    case linkGroup = "node.link-group"
    /// PipeWire's mark of a stream that only measures how loud something is.
    case streamMonitor = "stream.monitor"
    /// Under what PulseAudio remembers a stream; it writes it into every stream.
    case memoryKey = "module-stream-restore.id"
    /// Of a stream of hproute's own that carries the names of a program, to ask what is remembered for it.
    case probe = "hproute.probe"
    /// The ``Tag`` of what hproute has loaded. No server knows the key; each only keeps it.
    case hprouteID = "hproute.id"
  }

  private var values: [Key: String]

  /// Stores its parameter.
  public init(_ values: [Key: String] = [:]) { self.values = values }

  /// Nil if the server does not tell it.
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
