import AudioGraph
import Testing

@Suite(.timeLimit(.minutes(45))) struct VolumeTests {
  @Test func percentAndDecibelsGoThereAndBack() {
    #expect(Volume(percent: 45).rawValue == 29_491)
    #expect(Volume(decibels: 0) == .full)
    #expect(Volume(decibels: -.infinity) == .silence)
    #expect(abs(Volume(decibels: -24).decibels - -24) < 0.01)
    #expect(Volume(percent: -3) == .silence)
  }

  @Test func closeIsHalfADecibelOrAStep() {
    #expect(Volume(decibels: -20).isClose(to: Volume(decibels: -20.4)))
    #expect(!Volume(decibels: -20).isClose(to: Volume(decibels: -20.6)))
    #expect(Volume(rawValue: 30_000).isClose(to: Volume(rawValue: 32_000), step: 2048))
    #expect(!Volume.silence.isClose(to: Volume(rawValue: 500)))
    #expect(Volume.silence.isClose(to: .silence))
  }

  @Test func scalingKeepsTheBalance() {
    let volumes = ChannelVolumes([Volume(percent: 80), Volume(percent: 40)])
    #expect(volumes.scaled(to: Volume(percent: 50)).channels.map { $0.percent.rounded() } == [50, 25])
    #expect(ChannelVolumes(.silence, count: 2).scaled(to: .full) == ChannelVolumes(.full, count: 2))
  }

  @Test(
    arguments: [(-1, [100, 0]), (-0.5, [100, 50]), (0, [100, 100]), (0.25, [75, 100]), (1, [0, 100])] as [(Double, [Double])])
  func balanceTurnsOneSideDown(balance: Double, percents: [Double]) {
    let map = ChannelMap(["front-left", "front-right"])
    let volumes = ChannelVolumes(.full, count: 2).balanced(balance, map: map)
    #expect(volumes.channels.map { $0.percent.rounded() } == percents)
  }

  @Test func balanceLeavesTheMiddleAlone() {
    let map = ChannelMap(["front-left", "front-right", "lfe"])
    let volumes = ChannelVolumes([.full, .full, Volume(percent: 30)]).balanced(1, map: map)
    #expect(volumes.channels[2] == Volume(percent: 30))
  }
}
