public import AudioGraph
internal import Glibc

/// A quiet tone on one channel after the other, and then on all, and how to tell from a recording which of them arrived.
///
/// Each step has a frequency of its own, so it does not matter when it arrives, or what else plays.
public struct TestTone: Sendable {
  /// In samples a second.
  public static let rate = 48_000
  /// What one step takes, in seconds, and the silence behind it.
  private static let (length, pause) = (0.5, 0.1)
  /// The silence in front of all, in seconds, in which what plays beside it is listened to.
  private static let lead = 0.8
  /// So long after they begin the streams of the tone may make what plays beside them stumble, in seconds.
  private static let unrest = 0.1
  /// What is looked at together, in samples: long enough to tell the frequencies from one another and from music.
  private static let window = 9_600
  /// Not more channels one by one, unless they are asked for: nobody waits for it.
  private static let usual = 8
  /// Not more in any case: the highest tone is at 11 kHz.
  public static let most = 14

  /// A tone of 0.5 s on some of the channels.
  public struct Step: Hashable, Sendable {
    /// The channels it is played on, counted from 0.
    public var channels: [Int]
    /// In hertz.
    var frequency: Double
  }

  /// The channels of the sink, which are those of ``samples`` too.
  public let map: ChannelMap
  /// One for each of the first eight channels, or for those that are asked for; behind them one for all, if there are several.
  public let steps: [Step]
  /// The largest sample, 1 at full scale.
  private let peak: Double

  /// - Parameters:
  ///   - map: the channels of the sink.
  ///   - channels: those that are meant, counted from 0, ``most`` of them; nil for the first.
  ///   - peak: the largest sample.
  public init(_ map: ChannelMap, _ picked: [Int]? = nil, peak: Double) {
    (self.map, self.peak) = (map, peak)
    let all = Array(map.positions.indices)
    let one = picked.map { $0.prefix(Self.most) } ?? all.prefix(Self.usual)
    var channels = one.map { [$0] }
    if one.count > 1 { channels.append(picked ?? all) }
    // Thirds, each between two keys of a piano.
    steps = channels.enumerated().map { Step(channels: $1, frequency: 440 * pow(2, (0.5 + 4 * Double($0)) / 12)) }
  }

  /// The channels that are played on with no other.
  public var single: [Int] { steps.filter { $0.channels.count == 1 }.map { $0.channels[0] } }

  /// The step that is played so long after the beginning, in seconds; nil if none is.
  public func step(at time: Double) -> Int? {
    let number = Int(((time - Self.lead) / (Self.length + Self.pause)).rounded(.down))
    return steps.indices.contains(number) ? number : nil
  }

  /// How long it takes, in seconds.
  public var duration: Double { Self.lead + Double(steps.count) * (Self.length + Self.pause) }

  /// The samples, channel after channel of each frame. It swells and fades, so that it does not click.
  public var samples: [Float] {
    let (count, fade) = (map.positions.count, 0.05)
    let silence = [Float](repeating: 0, count: Int(Self.lead * Double(Self.rate)) * count)
    return silence
      + steps.flatMap { step in
        let isPlayed = (0..<count).map(step.channels.contains)
        return (0..<Int((Self.length + Self.pause) * Double(Self.rate))).flatMap { index -> [Float] in
          let time = Double(index) / Double(Self.rate)
          let swell = max(0, min(1, time / fade, (Self.length - time) / fade))
          let sample = Float(peak * swell * sin(2 * .pi * step.frequency * time))
          return isPlayed.map { $0 ? sample : 0 }
        }
      }
  }

  /// What was heard of a step.
  public struct Heard: Hashable, Sendable {
    /// The channels on which it was heard.
    public var channels: [Int]
    /// Whether what plays beside it is so loud that it could not be told.
    public var isDrowned: Bool
    /// Whether it was not there all the time: somebody is late, and no cable is broken.
    public var hasGaps = false

    /// Stores its parameters.
    public init(channels: [Int], isDrowned: Bool, hasGaps: Bool = false) {
      (self.channels, self.isDrowned, self.hasGaps) = (channels, isDrowned, hasGaps)
    }
  }

  /// A tone fills so many windows on end; a click, or what begins after a gap, fills fewer.
  private static let whole = 5

  /// What was heard of each step.
  ///
  /// - Parameters:
  ///   - recording: frames of the same channels, at the same rate.
  ///   - gain: what the sink multiplies every channel by; 0 where that is not known. A monitor source may hear the sound before
  ///     that.
  public func heard(in recording: [Float], gain: [Double]) -> [Heard] {
    let count = map.positions.count
    let recording = Array(recording.dropFirst(Int(Self.unrest * Double(Self.rate)) * count))
    // Before the tone can have come.
    let before = Array(recording.prefix(Int((Self.lead * 0.8 - Self.unrest) * Double(Self.rate)) * count))
    let moments = steps.map { step in (0..<count).map { amplitudes(step.frequency, $0, recording, count) } }
    let arrived = moments.map { $0.map { $0.max() ?? 0 } }
    // 60 dB below what is heard best is the trace that one step leaves at the frequency of another, or noise.
    let trace = 1e-3 * (arrived.joined().max() ?? 0)
    return zip(steps, zip(arrived, moments)).map { step, found in
      let (arrived, all) = found
      var heard = Heard(channels: [], isDrowned: false)
      for channel in 0..<count {
        let expected = peak * (channel < gain.count ? gain[channel] : 1)
        // Not the loudest moment: what plays there may stumble once, and that is heard at every frequency.
        let moments = amplitudes(step.frequency, channel, before, count).sorted()
        let floor = 3 * (moments.isEmpty ? 0 : moments[moments.count / 2])
        let wanted = max(expected > 0 ? expected * 0.3 : trace, 1e-7)
        if arrived[channel] > max(wanted, floor) {
          let isWhole = longest(all[channel], above: max(wanted, floor)) >= Self.whole
          if step.channels.contains(channel) {
            heard.channels.append(channel)
            if !isWhole { heard.hasGaps = true }
          } else if isWhole {
            heard.channels.append(channel)
          } else {
            // What stumbles is heard at every frequency, for a moment.
            heard.hasGaps = true
          }
        } else if floor > wanted, step.channels.contains(channel) {
          heard.isDrowned = true
        }
      }
      return heard
    }
  }

  /// How many of the windows on end are above `level`.
  private func longest(_ moments: [Double], above level: Double) -> Int {
    moments.split { $0 <= level }.map(\.count).max() ?? 0
  }

  /// Of two times that it was played what speaks for each step: as it arrived in one of them, else as in the later.
  public func better(_ former: [Heard], _ later: [Heard]) -> [Heard] {
    zip(steps, zip(former, later)).map { step, heard in heard.0.channels == step.channels ? heard.0 : heard.1 }
  }

  /// What keeps the frequencies beside it out; see Hann.
  private static let weights = (0..<window).map { 0.5 - 0.5 * cos(2 * .pi * Double($0) / Double(window)) }

  /// The amplitude of a frequency in each window of a channel, twenty a second: the algorithm of Goertzel.
  private func amplitudes(_ frequency: Double, _ channel: Int, _ recording: [Float], _ count: Int) -> [Double] {
    let frames = recording.count / count
    let coefficient = 2 * cos(2 * .pi * frequency / Double(Self.rate))
    guard frames >= Self.window else { return [] }
    return stride(from: 0, through: frames - Self.window, by: Self.window / 4).map { start in
      var (last, before) = (0.0, 0.0)
      for (index, weight) in Self.weights.enumerated() {
        let sample = Double(recording[(start + index) * count + channel])
        (last, before) = ((sample.isFinite ? sample * weight : 0) + coefficient * last - before, last)
      }
      let power = last * last + before * before - coefficient * last * before
      return 4 * max(0, power).squareRoot() / Double(Self.window)
    }
  }
}
