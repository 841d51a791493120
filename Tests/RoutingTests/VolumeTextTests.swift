import AudioGraph
import Routing
import Testing

/// What differs reads different.
@Suite(.timeLimit(.minutes(45))) struct VolumeTextTests {
  private func apart(_ one: [Double], _ other: [Double]) -> [String] {
    let texts = VolumeText.apart(
      ChannelVolumes(one.map { Volume(percent: $0) }), ChannelVolumes(other.map { Volume(percent: $0) }))
    return [texts.0, texts.1]
  }

  @Test func withAsMuchAsItTakes() {
    #expect(apart([50, 50], [40, 40]) == ["50% (-18.1 dB)", "40% (-23.9 dB)"])
    #expect(apart([50, 50], [50, 50, 50, 50]) == ["50% (-18.1 dB), 2 channels", "50% (-18.1 dB), 4 channels"])
    #expect(apart([50], [50, 50]) == ["50% (-18.1 dB), 1 channel", "50% (-18.1 dB), 2 channels"])
    #expect(
      apart([2, 0.31], [2, 0.29]) == [
        "2% (-101.9 dB) / 0.3% (-150.5 dB), 2 channels", "2% (-101.9 dB) / 0.3% (-152.3 dB), 2 channels",
      ])
    let close = apart([50, 40], [50, 40.002])
    #expect(close[0] != close[1])
  }
}
