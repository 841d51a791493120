internal import Foundation

/// Everything the sink of a simulated card has played since it came into being: what would be heard, after all volumes,
/// those of the hardware included.
public struct Tap {
  private let file: String
  private let channels: Int

  public init(_ sink: String, channels: Int = 2, on server: PrivateServer) {
    file = "\(server.directory.path)/tap/\(sink).f32"
    self.channels = channels
  }

  /// What is recorded, of which there are two channels.
  public init(_ recording: Recording) { (file, channels) = (recording.file, 2) }

  /// How many samples of each channel have been played so far.
  public var position: Int {
    let size = (try? FileManager.default.attributesOfItem(atPath: file)[.size] as? Int) ?? 0
    return size / (4 * channels)
  }

  /// Waits until so many more seconds have been played.
  public func listen(seconds: Double) -> Bool {
    let goal = position + Int(seconds * 48_000)
    return eventually(within: seconds * 20 + 5) { position >= goal }
  }

  /// The loudest sample of any channel.
  public func peak(after start: Int = 0) -> Float {
    samples(after: start).reduce(0) { max($0, abs($1)) }
  }

  /// How many milliseconds lie between the first and the last sample above `peak`.
  public func milliseconds(above peak: Float, after start: Int = 0) -> Double {
    let samples = samples(after: start)
    guard let first = samples.firstIndex(where: { abs($0) > peak }), let last = samples.lastIndex(where: { abs($0) > peak })
    else { return 0 }
    return Double((last - first) / channels + 1) / 48
  }

  /// Whether, before long, every channel hears what is expected on it and nothing else: each frequency in hertz at its
  /// level in decibels, within one decibel, and none of the others above -60 dB.
  ///
  /// - Parameters:
  ///   - expected: by the number of the channel, counted from 0.
  ///   - others: frequencies that are played somewhere, and may not be heard where they are not expected.
  /// - Returns: what was heard instead; nil where it is right.
  public func differs(from expected: [Int: [Double: Double]], others: [Double] = []) -> String? {
    let all = Set(expected.values.flatMap(\.keys) + others).sorted()
    var found: [String] = []
    // A machine that is overloaded leaves gaps in what is played.
    let isRight = eventually {
      let start = position
      guard listen(seconds: 0.25) else { return false }
      found = []
      for (channel, levels) in levels(of: all, after: start).enumerated() {
        for (level, frequency) in zip(levels, all) {
          let wanted = expected[channel]?[frequency]
          if wanted.map({ abs($0 - level) >= 1 }) ?? (level > -60) {
            found.append("channel \(channel + 1): \(Int(frequency)) Hz at \(level) dB and not at \(wanted ?? -.infinity)")
          }
        }
      }
      return found.isEmpty
    }
    return isRight ? nil : found.joined(separator: "\n")
  }

  private func samples(after start: Int, count: Int = .max) -> [Float] {
    guard let data = FileManager.default.contents(atPath: file) else { return [] }
    return data.withUnsafeBytes { bytes in
      let all = bytes.prefix(bytes.count / 4 * 4).bindMemory(to: Float.self).dropFirst(max(0, start) * channels)
      return Array(count < all.count / channels ? all.prefix(count * channels) : all)
    }
  }

  /// How loud each of `frequencies` is on each channel, in decibels against a full sine, over the fifth of a second
  /// behind `start`.
  ///
  /// Frequencies that are 50 Hz apart do not touch each other; one that is off by 2 Hz, as behind a loopback that evens
  /// out two clocks, loses half a decibel.
  public func levels(of frequencies: [Double], after start: Int) -> [[Double]] {
    let length = 9_600
    let samples = samples(after: start, count: length)
    guard samples.count == length * channels else { return [] }
    let window = (0..<length).map { index in
      let x = 2 * Double.pi * Double(index) / Double(length)
      return 0.42 - 0.5 * cos(x) + 0.08 * cos(2 * x)
    }
    return (0..<channels).map { channel in
      frequencies.map { frequency in
        let step = 2 * Double.pi * frequency / 48_000
        // Goertzel: one frequency of a Fourier transform.
        let k = 2 * cos(step)
        var (one, two) = (0.0, 0.0)
        for index in 0..<length {
          (one, two) = (Double(samples[index * channels + channel]) * window[index] + k * one - two, one)
        }
        let power = max(one * one + two * two - k * one * two, 0)
        return 20 * log10(max(power.squareRoot() / (0.42 * Double(length) / 2), 1e-12))
      }
    }
  }
}
