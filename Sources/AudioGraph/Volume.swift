import Glibc

/// A loudness on the scale that every PulseAudio mixer shows: 0 is silence, 65,536 is 100 % or 0 dB.
///
/// The scale is cubic: the gain applied to the samples is the cube of `rawValue / 65_536`.
/// The corresponding C type is `pa_volume_t`; the conversions give the same integers as `pa_sw_volume_from_dB` and
/// its kin, without calling them.
public struct Volume: RawRepresentable, Hashable, Comparable, Sendable {
  /// 0 is silence, 65,536 is 100 %.
  public var rawValue: UInt32

  /// What is larger than a server accepts becomes the largest it does. The C macro is `PA_VOLUME_MAX`.
  public init(rawValue: UInt32) { self.rawValue = min(rawValue, Volume.maximum) }

  /// The largest volume a server accepts, about 32,768 times 100 %. The C macro is `PA_VOLUME_MAX`.
  private static let maximum: UInt32 = UInt32.max / 2

  /// 0 %, minus infinity dB. The C macro is `PA_VOLUME_MUTED`.
  public static let silence = Volume(rawValue: 0)
  /// 100 %, 0 dB. The C macro is `PA_VOLUME_NORM`.
  public static let full = Volume(rawValue: 65_536)
  /// What is not louder nobody hears: -50 dB, 15 % as a mixer shows it.
  public static let inaudible = Volume(decibels: -50)

  /// Whether `a` is quieter.
  public static func < (a: Volume, b: Volume) -> Bool { a.rawValue < b.rawValue }

  /// The volume that a mixer shows as `percent`; below 0 counts as 0.
  public init(percent: Double) {
    self.init(clamping: percent / 100 * Double(Volume.full.rawValue))
  }

  /// The volume that changes the signal by `decibels`. The corresponding C function is `pa_sw_volume_from_dB`.
  public init(decibels: Double) { self.init(gain: pow(10, decibels / 20)) }

  /// The volume that multiplies every sample by `gain`. The corresponding C function is `pa_sw_volume_from_linear`.
  public init(gain: Double) {
    self.init(clamping: gain <= 0 ? 0 : cbrt(gain) * Double(Volume.full.rawValue))
  }

  private init(clamping value: Double) {
    self.init(rawValue: value > 0 ? UInt32(min(value.rounded(.toNearestOrAwayFromZero), Double(Volume.maximum))) : 0)
  }

  /// What a mixer shows: 100 at 65,536. Half of it is not half the gain, for the scale is cubic.
  public var percent: Double { Double(rawValue) * 100 / Double(Volume.full.rawValue) }

  /// What every sample is multiplied by, 1 at 100 %. The corresponding C function is `pa_sw_volume_to_linear`.
  public var gain: Double {
    let fraction = Double(rawValue) / Double(Volume.full.rawValue)
    return fraction * fraction * fraction
  }

  /// The change of the signal in decibels, minus infinity for silence.
  public var decibels: Double { 20 * log10(gain) }

  /// Whether two volumes are the same for a person and for the device: within half a decibel, or within `step`, the
  /// distance between two positions of the device's own control.
  public func isClose(to other: Volume, step: UInt32 = 1) -> Bool {
    let (low, high) = self < other ? (self, other) : (other, self)
    return high.rawValue - low.rawValue <= step || high.decibels - low.decibels <= 0.5
  }

  /// This volume changed in the proportion of `numerator` to `denominator`, rounded to the nearest step.
  func scaled(by numerator: Volume, over denominator: Volume) -> Volume {
    let (n, d) = (UInt64(numerator.rawValue), UInt64(denominator.rawValue))
    return Volume(rawValue: UInt32(clamping: (UInt64(rawValue) * n + d / 2) / d))
  }
}
