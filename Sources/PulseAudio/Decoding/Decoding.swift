internal import AudioGraph
internal import CPulse

// The server's structures live only during the callback. Each is decoded to a plain value inside it, and nothing else
// gets out.

/// A C string as a Swift string; bytes that are no UTF-8 are replaced.
func text(_ pointer: UnsafePointer<CChar>?) -> String { pointer.map { String(cString: $0) } ?? "" }

/// An index, where the server has one.
func optionalIndex(_ index: UInt32) -> UInt32? { index == hproute_invalid_index() ? nil : index }

extension Properties {
  /// The keys hproute knows, out of a list that may hold dozens.
  init(_ list: OpaquePointer?) {
    self.init()
    guard let list else { return }
    for key in Key.allCases {
      if let value = pa_proplist_gets(list, key.rawValue) { self[key] = String(cString: value) }
    }
  }
}

extension ChannelVolumes {
  init(_ volume: pa_cvolume) {
    let count = Int(volume.channels)
    self.init(
      withUnsafeBytes(of: volume.values) { bytes in
        bytes.bindMemory(to: pa_volume_t.self).prefix(count).map { Volume(rawValue: $0) }
      })
  }

  /// The C structure for as many channels as there are; libpulse knows 32 at most.
  var cVolume: pa_cvolume {
    var result = pa_cvolume()
    result.channels = UInt8(min(channels.count, Int(PA_CHANNELS_MAX)))
    withUnsafeMutableBytes(of: &result.values) { bytes in
      for (index, volume) in channels.prefix(Int(PA_CHANNELS_MAX)).enumerated() {
        bytes.storeBytes(of: volume.rawValue, toByteOffset: index * MemoryLayout<pa_volume_t>.stride, as: pa_volume_t.self)
      }
    }
    return result
  }
}

extension ChannelMap {
  init(_ map: pa_channel_map) {
    let count = Int(map.channels)
    self.init(
      withUnsafeBytes(of: map.map) { bytes in
        bytes.bindMemory(to: pa_channel_position_t.self).prefix(count).map { text(pa_channel_position_to_string($0)) }
      })
  }
}

extension Availability {
  init(_ availability: Int32) {
    switch UInt32(bitPattern: availability) {
    case PA_PORT_AVAILABLE_NO.rawValue: self = .no
    case PA_PORT_AVAILABLE_YES.rawValue: self = .yes
    default: self = .unknown
    }
  }
}

extension Port {
  init(name: UnsafePointer<CChar>, description: UnsafePointer<CChar>?, type: UInt32, availability: Int32, priority: UInt32) {
    self.init(
      name: text(name), description: text(description), type: Port.types[type],
      availability: Availability(availability), priority: priority)
  }

  /// The words for the port types, as the servers write them in `port.type`. The corresponding C type is
  /// `pa_device_port_type_t`.
  private static let types: [UInt32: String] = [
    PA_DEVICE_PORT_TYPE_AUX.rawValue: "aux", PA_DEVICE_PORT_TYPE_SPEAKER.rawValue: "speaker",
    PA_DEVICE_PORT_TYPE_HEADPHONES.rawValue: "headphones", PA_DEVICE_PORT_TYPE_LINE.rawValue: "line",
    PA_DEVICE_PORT_TYPE_MIC.rawValue: "mic", PA_DEVICE_PORT_TYPE_HEADSET.rawValue: "headset",
    PA_DEVICE_PORT_TYPE_HANDSET.rawValue: "handset", PA_DEVICE_PORT_TYPE_EARPIECE.rawValue: "earpiece",
    PA_DEVICE_PORT_TYPE_SPDIF.rawValue: "spdif", PA_DEVICE_PORT_TYPE_HDMI.rawValue: "hdmi",
    PA_DEVICE_PORT_TYPE_TV.rawValue: "tv", PA_DEVICE_PORT_TYPE_RADIO.rawValue: "radio",
    PA_DEVICE_PORT_TYPE_VIDEO.rawValue: "video", PA_DEVICE_PORT_TYPE_USB.rawValue: "usb",
    PA_DEVICE_PORT_TYPE_BLUETOOTH.rawValue: "bluetooth", PA_DEVICE_PORT_TYPE_PORTABLE.rawValue: "portable",
    PA_DEVICE_PORT_TYPE_HANDSFREE.rawValue: "handsfree", PA_DEVICE_PORT_TYPE_CAR.rawValue: "car",
    PA_DEVICE_PORT_TYPE_HIFI.rawValue: "hifi", PA_DEVICE_PORT_TYPE_PHONE.rawValue: "phone",
    PA_DEVICE_PORT_TYPE_NETWORK.rawValue: "network", PA_DEVICE_PORT_TYPE_ANALOG.rawValue: "analog",
  ]
}

/// The structures that a pointer to `count` pointers leads to.
func structures<C>(_ list: UnsafeMutablePointer<UnsafeMutablePointer<C>?>?, _ count: UInt32) -> [C] {
  guard let list else { return [] }
  return (0..<Int(count)).compactMap { list[$0]?.pointee }
}
