public import AudioGraph

/// What somebody types to change a volume.
public enum VolumeChange: Hashable, Sendable {
  /// `45%`, `45`, or `-24 dB`, with a blank, as in a profile.
  case to(Volume)
  /// `+3dB`, `-3dB`: so many decibels.
  case byDecibels(Double)
  /// `+5%`, `-5%`: so many points of what a mixer shows.
  case byPercent(Double)
  /// What the profile says.
  case reference

  /// - Returns: nil if it is none.
  public init?(_ text: String) {
    if text == "reference" {
      self = .reference
      return
    }
    guard let quantity = try? Quantity.parse(text).get() else { return nil }
    let isRelative = text.hasPrefix("+") || text.hasPrefix("-")
    switch quantity.unit.lowercased() {
    case "%" where isRelative: self = .byPercent(quantity.number)
    case "%", "": if isRelative { return nil } else { self = .to(Volume(percent: quantity.number)) }
    // Who has left out the blank has meant a step: an absolute one would be loud.
    case "db" where text.contains(" ") && !text.hasPrefix("+"): self = .to(Volume(decibels: quantity.number))
    case "db": if isRelative { self = .byDecibels(quantity.number) } else { return nil }
    default: return nil
    }
  }

  /// The volume after the change, with the same balance.
  ///
  /// - Parameters:
  ///   - volumes: as they are.
  ///   - limit: what no channel is louder than.
  /// - Returns: nil for ``reference``, which only a profile knows.
  public func changed(_ volumes: ChannelVolumes, limit: Volume) -> ChannelVolumes? {
    let now = volumes.loudest
    let wanted: Volume
    switch self {
    case .to(let volume): wanted = volume
    case .byDecibels(let step):
      // From silence nothing leads up but a volume.
      wanted = now == .silence ? (step > 0 ? Volume(decibels: -60) : now) : Volume(decibels: now.decibels + step)
    case .byPercent(let step): wanted = Volume(percent: now.percent + step)
    case .reference: return nil
    }
    return volumes.scaled(to: min(wanted, limit))
  }
}
