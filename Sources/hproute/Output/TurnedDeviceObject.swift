internal import AudioGraph
internal import Routing

/// A device after a key, as scripts get it.
private struct TurnedDeviceObject: Encodable {
  var label: Nullable<String>
  var name: String
  /// Of the loudest channel; null if the server does not tell it.
  var volume: Nullable<VolumeObject>
  var mute: Bool
  var dim: Bool
  var mono: Bool
  /// Null if the profile says none.
  var limit: Nullable<VolumeObject>

  init(_ device: TurnedDevice) {
    label = Nullable(device.it.label)
    name = device.it.device.name
    volume = Nullable(device.volume.map { VolumeObject($0.loudest) })
    (mute, dim, mono) = (device.isMuted, device.dimmed != nil, device.isMono)
    limit = Nullable(device.isLimitOfProfile ? VolumeObject(device.limit) : nil)
  }
}

extension Output {
  func print(_ device: TurnedDevice) {
    if isJSON { return print(json: TurnedDeviceObject(device)) }
    line("\(Output.printable(device.it.title)): \(device.text)")
  }
}

extension Notifier {
  func show(_ device: TurnedDevice) {
    show(
      device.it.title, device.text, level: device.isMuted ? 0 : device.volume.map { Int($0.loudest.percent.rounded()) })
  }
}

extension TurnedDevice {
  /// How it is.
  fileprivate var text: String {
    var words = [volume.map { VolumeText.channels($0) } ?? "its volume is known once something plays"]
    if isLimitOfProfile, let volume, volume.loudest >= limit { words.append("which is its limit") }
    if isMuted { words.append("muted") }
    if dimmed != nil { words.append("dimmed") }
    if isMono { words.append("mono") }
    return words.joined(separator: ", ")
  }
}
