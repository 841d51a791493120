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
    (mute, dim, mono) = (device.isMuted, device.dimmed != nil, false)
    limit = Nullable(device.isLimitOfProfile ? VolumeObject(device.limit) : nil)
  }
}

extension Output {
  func print(_ device: TurnedDevice) {
    if isJSON { return print(json: TurnedDeviceObject(device)) }
    var words = [device.volume.map { VolumeText.channels($0) } ?? "its volume is known once something plays"]
    if device.isLimitOfProfile, let volume = device.volume, volume.loudest >= device.limit { words.append("which is its limit") }
    if device.isMuted { words.append("muted") }
    if device.dimmed != nil { words.append("dimmed") }
    line("\(Output.printable(device.it.title)): \(words.joined(separator: ", "))")
  }
}
