import AudioGraph
import Foundation
import Testing

@testable import Routing

@Suite(.timeLimit(.minutes(45))) struct TestToneTests {
  private let tone = TestTone(.stereo, peak: 0.1)

  /// As it comes back: later, through a gain for each channel, and with something else in it.
  private func heard(_ tone: TestTone, gain: [Double], heard gains: [Double]? = nil, music: Double = 0) -> [[Int]] {
    listened(tone, gain: gain, heard: gains, music: music).map(\.channels)
  }

  /// - Parameter stumble: how long the music stops, in seconds, a moment after the recording has begun.
  private func listened(
    _ tone: TestTone, gain: [Double], heard gains: [Double]? = nil, music: Double = 0, pitch: Double = 1, stumble: Double = 0
  ) -> [TestTone.Heard] {
    let count = tone.map.positions.count
    let silence = { (frames: Int) in [Float](repeating: 0, count: frames * count) }
    var recording = silence(7_777) + tone.samples + silence(48_000)
    for index in recording.indices {
      // A chord, loud.
      let frame = index / count
      let time = Double(frame) / Double(TestTone.rate) - (frame > 4_000 ? stumble : 0)
      let chord = [440, 523.25, 659.25].reduce(0) { $0 + sin(2 * .pi * $1 * pitch * time) } / 3
      recording[index] = recording[index] * Float((gains ?? gain)[index % count]) + Float(music * chord)
    }
    return tone.heard(in: recording, gain: gain)
  }

  @Test func leftRightAndBoth() {
    #expect(tone.steps.map(\.channels) == [[0], [1], [0, 1]])
    #expect(heard(tone, gain: [1, 1]) == [[0], [1], [0, 1]])
    #expect(heard(tone, gain: [0.01, 0.002]) == [[0], [1], [0, 1]])
    #expect(heard(tone, gain: [1, 1], heard: [1, 0]) == [[0], [], [0]])
    #expect(heard(tone, gain: [0, 0]) == [[], [], []])
    for recording in [[], [Float.nan, .infinity]] {
      #expect(tone.heard(in: recording, gain: [1, 1]).map(\.channels) == [[], [], []])
    }
  }

  /// Where the server does not tell the volume before it plays, what is heard best says what the rest should be like.
  @Test func whateverTheVolume() {
    for gains in [[1, 1], [0.5, 0.01], [1e-4, 1e-4]] {
      #expect(heard(tone, gain: [0, 0], heard: gains) == [[0], [1], [0, 1]], "\(gains)")
    }
    #expect(heard(tone, gain: [0, 0], heard: [1, 0]) == [[0], [], [0]])
    #expect(heard(tone, gain: [0, 0], heard: [1, 1], music: 0.3) == [[0], [1], [0, 1]])
  }

  @Test func besideMusic() {
    #expect(heard(tone, gain: [1, 1], music: 0.3) == [[0], [1], [0, 1]])
    #expect(heard(tone, gain: [1, 1], heard: [0, 1], music: 0.3) == [[], [1], [1]])
  }

  @Test func besideMusicThatStumbles() {
    let heard = listened(tone, gain: [1, 1], music: 1.2, stumble: 0.0012)
    #expect(heard.map(\.channels) == [[0], [1], [0, 1]] && heard.allSatisfy { !$0.isDrowned }, "\(heard)")
  }

  /// Out of tune, so that it hides the first of the tones: then nothing is said rather than something wrong.
  @Test func drowned() {
    let heard = listened(tone, gain: [0.01, 0.01], music: 0.3, pitch: pow(2, 0.5 / 12))
    #expect(heard[0].isDrowned && !heard[0].channels.contains(1), "\(heard)")
    #expect(listened(tone, gain: [1, 1]).allSatisfy { !$0.isDrowned })
  }

  /// What arrived once arrives; what did not is as it was the last time.
  @Test func twice() {
    let tone = TestTone(.stereo, peak: 0.1)
    func heard(_ channels: [Int], drowned: Bool = false) -> TestTone.Heard { .init(channels: channels, isDrowned: drowned) }
    let former = [heard([0]), heard([], drowned: true), heard([0])]
    let later = [heard([], drowned: true), heard([]), heard([0, 1])]
    #expect(tone.better(former, later) == [heard([0]), heard([]), heard([0, 1])])
  }

  /// The sound that leaks into another channel is there as long as the tone; a gap is short, and tears at all frequencies.
  @Test func gapsAreNotCrosstalk() {
    let samples = [Float](repeating: 0, count: 9_600) + tone.samples + [Float](repeating: 0, count: 96_000)
    var leaking = samples
    for frame in 0..<(samples.count / 2) { leaking[frame * 2 + 1] += 0.5 * samples[frame * 2] }
    let leaked = tone.heard(in: leaking, gain: [1, 1])
    #expect(leaked.map(\.channels) == [[0, 1], [1], [0, 1]] && leaked.allSatisfy { !$0.hasGaps }, "\(leaked)")

    var torn = samples
    // In the middle of the first tone, three times for 60 ms.
    for start in [0.95, 1.1, 1.25] {
      for frame in Int(start * 48_000)..<Int((start + 0.06) * 48_000) { torn[4_800 * 2 + frame * 2] = 0 }
    }
    let heard = tone.heard(in: torn, gain: [1, 1])
    #expect(heard.map(\.channels) == [[0], [1], [0, 1]], "\(heard)")
    #expect(!heard[1].hasGaps && !heard[2].hasGaps)
    var gone = samples
    for frame in Int(1.12 * 48_000)..<Int(1.6 * 48_000) { gone[frame * 2] = 0 }
    #expect(tone.heard(in: gone, gain: [1, 1])[0].hasGaps)
  }

  @Test func channelsThatAreAskedFor() {
    let map = ChannelMap((0..<10).map { "aux\($0)" })
    let tone = TestTone(map, [8, 9], peak: 0.1)
    #expect(tone.single == [8, 9] && tone.steps.last?.channels == [8, 9])
    #expect(heard(tone, gain: Array(repeating: 1, count: 10)) == [[8], [9], [8, 9]])
    #expect(TestTone(map, Array(0..<10), peak: 0.1).single.count == 10)
    #expect(tone.step(at: 0.5) == nil && tone.step(at: 0.85) == 0 && tone.step(at: 1.5) == 1 && tone.step(at: 100) == nil)
  }

  @Test func itIsQuietAndDoesNotClick() {
    let samples = tone.samples
    #expect(abs(samples.map(abs).max() ?? 0) <= 0.1)
    #expect(abs(Double(samples.count) - tone.duration * 96_000) < 8)
    // From one sample of a channel to the next no more than the tone itself moves.
    let steepest = zip(samples, samples.dropFirst(2)).map { abs($0 - $1) }.max() ?? 1
    #expect(steepest < 0.1 * Float(2 * .pi * 800.0 / 48_000), "\(steepest)")
  }

  @Test func otherChannelMaps() {
    #expect(TestTone(.mono, peak: 0.1).steps.map(\.channels) == [[0]])
    let eighteen = TestTone(ChannelMap((0..<18).map { "aux\($0)" }), peak: 0.1)
    #expect(eighteen.steps.count == 9 && eighteen.steps[8].channels.count == 18)
    #expect(heard(TestTone(.mono, peak: 0.1), gain: [1]) == [[0]])
  }
}
