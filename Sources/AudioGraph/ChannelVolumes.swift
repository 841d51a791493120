/// The volume of every channel of a device or stream, in the order of its channel map.
///
/// The corresponding C type is `pa_cvolume`; `scaled` and `balanced` follow `pa_cvolume_scale` and
/// `pa_cvolume_set_balance`.
public struct ChannelVolumes: Hashable, Sendable {
  /// One for each channel. Empty if there is no volume to speak of, as in a ``StreamMemory`` without one.
  public var channels: [Volume]

  /// Stores its parameter.
  public init(_ channels: [Volume]) { self.channels = channels }
  /// Gives all of `count` channels the same volume. The corresponding C function is `pa_cvolume_set`.
  public init(_ volume: Volume, count: Int) { channels = Array(repeating: volume, count: count) }

  /// The loudest channel, which is what a mixer shows as the volume.
  public var loudest: Volume { channels.max() ?? .silence }

  /// The same balance, with the loudest channel at `volume`.
  public func scaled(to volume: Volume) -> ChannelVolumes {
    let loudest = loudest
    guard loudest > .silence else { return ChannelVolumes(volume, count: channels.count) }
    return ChannelVolumes(channels.map { $0.scaled(by: volume, over: loudest) })
  }

  /// The same loudness with another balance: -1 is left only, 0 the middle, 1 right only. Channels of `map` that are
  /// neither left nor right keep their volume.
  public func balanced(_ balance: Double, map: ChannelMap) -> ChannelVolumes {
    let loudest = loudest.rawValue
    let quieter = Volume(rawValue: UInt32((Double(loudest) * (1 - abs(balance))).rounded()))
    var result = self
    for (index, position) in map.positions.enumerated() where index < channels.count {
      switch ChannelMap.side(of: position) {
      case .left: result.channels[index] = balance > 0 ? quieter : Volume(rawValue: loudest)
      case .right: result.channels[index] = balance < 0 ? quieter : Volume(rawValue: loudest)
      case nil: break
      }
    }
    return result
  }

  /// The balance with which ``balanced(_:map:)`` gives these volumes; nil where none does.
  public func balance(map: ChannelMap) -> Double? {
    let sides = zip(map.positions, channels).map { (side: ChannelMap.side(of: $0), volume: $1) }
    guard let left = sides.first(where: { $0.side == .left })?.volume,
      let right = sides.first(where: { $0.side == .right })?.volume,
      max(left, right) > .silence
    else { return nil }
    let quieter = 1 - Double(min(left, right).rawValue) / Double(max(left, right).rawValue)
    let balance = left > right ? -quieter : quieter
    return balanced(balance, map: map).isClose(to: self) ? balance : nil
  }

  /// Channel by channel, the quieter of the two.
  public func lower(of other: ChannelVolumes) -> ChannelVolumes {
    ChannelVolumes(zip(channels, other.channels).map { min($0, $1) })
  }

  /// Whether every channel is the same within the tolerance of ``Volume/isClose(to:step:)``.
  public func isClose(to other: ChannelVolumes, step: UInt32 = 1) -> Bool {
    channels.count == other.channels.count
      && zip(channels, other.channels).allSatisfy { $0.isClose(to: $1, step: step) }
  }
}

/// Where each channel of a device belongs, in libpulse's words: `front-left`, `mono`, `aux0`.
///
/// The corresponding C type is `pa_channel_map`.
public struct ChannelMap: Hashable, Sendable {
  /// One word for each channel, in the order of the samples in a frame.
  public var positions: [String]

  /// Stores its parameter. Nobody checks that libpulse knows the words.
  public init(_ positions: [String]) { self.positions = positions }

  /// Left, then right. The corresponding C function is `pa_channel_map_init_stereo`.
  public static let stereo = ChannelMap(["front-left", "front-right"])
  /// One channel, on neither side. The corresponding C function is `pa_channel_map_init_mono`.
  public static let mono = ChannelMap(["mono"])

  /// The names of positions, beside `aux0` to `aux31`. The corresponding C type is `pa_channel_position_t`.
  public static let names = [
    "mono", "front-left", "front-right", "front-center", "lfe", "rear-left", "rear-right", "rear-center", "side-left",
    "side-right", "front-left-of-center", "front-right-of-center", "top-center", "top-front-left", "top-front-center",
    "top-front-right", "top-rear-left", "top-rear-center", "top-rear-right",
  ]

  /// What the field writes for them, in lower case, as PipeWire does: `fl` is `front-left`. Beside `aux0` and the like.
  public static let shortNames = [
    "fl": "front-left", "fr": "front-right", "fc": "front-center", "rl": "rear-left", "rr": "rear-right", "rc": "rear-center",
    "sl": "side-left", "sr": "side-right", "flc": "front-left-of-center", "frc": "front-right-of-center", "tc": "top-center",
    "tfl": "top-front-left", "tfc": "top-front-center", "tfr": "top-front-right", "trl": "top-rear-left",
    "trc": "top-rear-center", "trr": "top-rear-right",
  ]

  /// Whether libpulse knows a channel of that name: one of ``names``, or `aux0` to `aux31`. Case matters.
  public static func isPosition(_ name: String) -> Bool {
    names.contains(name) || (0...31).contains { name == "aux\($0)" }
  }

  /// Whether the channels only have numbers: a device in pro-audio mode.
  public var isNumbered: Bool { positions.contains { $0.hasPrefix("aux") } }

  enum Side { case left, right }

  static func side(of position: String) -> Side? {
    if position.hasSuffix("-left") || position.hasSuffix("left-of-center") { return .left }
    if position.hasSuffix("-right") || position.hasSuffix("right-of-center") { return .right }
    return nil
  }
}
