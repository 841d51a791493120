internal import Glibc

/// How loud a channel is, has lately been, and how often it was as loud as it can be. Peaks are 1 at full scale.
public struct ChannelLevel: Hashable, Sendable {
  /// So long the largest peak is shown.
  public static let holding = Duration.seconds(3)
  /// The largest sample of 16 bits. A converter that has reached it would have gone further.
  public static let clipping: Float = 32_767 / 32_768

  /// The largest since the last ``beginPeriod(at:)``. As long as nothing comes, what came last: a server may send in bursts.
  public private(set) var peak: Float = 0
  /// The largest of the last ``holding``, and after that the present one.
  public private(set) var hold: Float = 0
  /// How many of the peaks that were taken in were at full scale.
  public private(set) var clips = 0
  /// How many peaks were taken in.
  public private(set) var count = 0
  private var heldUntil: ContinuousClock.Instant?
  private var isOld = false
  private var tookAt: ContinuousClock.Instant?

  /// Of a channel that has not been listened to.
  public init() {}

  /// Begins to look for the next ``peak``.
  public mutating func beginPeriod(at now: ContinuousClock.Instant) {
    isOld = true
    // Nobody sends any more.
    if let tookAt, tookAt + .seconds(1) <= now { take(0, at: now) }
  }

  /// Takes in a peak, of either sign. What is no number is none.
  public mutating func take(_ sample: Float, at now: ContinuousClock.Instant) {
    let sample = sample.isFinite ? abs(sample) : 0
    count += 1
    peak = isOld ? sample : max(peak, sample)
    (isOld, tookAt) = (false, now)
    if sample >= Self.clipping { clips += 1 }
    if sample >= hold || heldUntil.map({ $0 <= now }) ?? true { (hold, heldUntil) = (sample, now + Self.holding) }
  }

  /// In dB of full scale; nil for a digital zero, which is minus infinity.
  public static func decibels(_ peak: Float) -> Double? { peak > 0 ? 20 * log10(Double(peak)) : nil }
}
