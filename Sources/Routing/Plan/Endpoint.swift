internal import AudioGraph

/// What an `[output]` or `[input]` section stands for on this desk.
struct Endpoint {
  /// The device that streams go to or come from: one of the hardware, or one of ours that is there, or will be.
  var name: String
  var description: String
  /// The devices of the hardware that it plays to or records from.
  var hardware: [Device]
  /// Which channels of the hardware, counted from 0; nil for all of them.
  var channels: [Int]?
  /// The channels it has.
  var channelMap: ChannelMap
  /// The name of another device of ours that it plays to, which plays to the hardware.
  var ownBelow: String?
  /// The module that makes it, where it is not the hardware itself.
  var module: OwnModule?

  /// The hardware itself.
  init(_ device: Device) {
    (name, description, hardware, channelMap) = (device.name, device.description, [device], device.channelMap)
  }

  /// Some channels of a device.
  init(_ remap: Remap, of device: Device, channels: [Int]) {
    (name, description, hardware, channelMap) = (remap.name, remap.title, [device], remap.map)
    self.channels = channels
    module = .remap(remap)
  }

  /// Left and right of another, mixed.
  init(_ mix: Remap, over below: Endpoint) {
    (name, description, hardware, channelMap) = (mix.name, below.description, below.hardware, mix.map)
    channels = below.channels ?? (below.module == nil ? Array(below.channelMap.positions.indices) : nil)
    ownBelow = below.module == nil ? nil : below.name
    module = .remap(mix)
  }

  /// Several outputs at once.
  init(_ combination: Combination, of members: [Endpoint]) {
    (name, description) = (combination.name, combination.title)
    hardware = members.flatMap(\.hardware)
    channelMap = .stereo
    module = .combination(combination)
  }

  /// Whether the two cannot be had at the same time: they use the same channels of the same device.
  func overlaps(_ other: Endpoint) -> Bool {
    guard hardware.map(\.name) == other.hardware.map(\.name) else { return false }
    guard let channels, let others = other.channels else { return true }
    return !Set(channels).isDisjoint(with: others)
  }
}

extension ChannelPick {
  /// The channel of `map` it means, counted from 0; nil where there is none.
  func index(in map: ChannelMap) -> Int? {
    switch self {
    case .number(let number): map.positions.indices.contains(number - 1) ? number - 1 : nil
    case .name(let name): map.positions.firstIndex(of: name)
    }
  }

  /// As it is written in a profile.
  var text: String {
    switch self {
    case .number(let number): String(number)
    case .name(let name): name
    }
  }
}
