import AudioGraph
import CPulse
import Testing

/// The domain computes the volume law itself; libpulse is the authority.
@Suite(.timeLimit(.minutes(45))) struct VolumeAgreementTests {
  @Test func everyVolumeUpToTwiceFullHasTheGainOfLibpulse() {
    let wrong = (UInt32(0)...131_072).filter { raw in
      abs(Volume(rawValue: raw).gain - pa_sw_volume_to_linear(raw)) > 1e-12
    }
    #expect(wrong.isEmpty)
  }

  @Test func everyVolumeComesBackFromItsDecibelsAsInLibpulse() {
    let wrong = (UInt32(1)...131_072).filter { raw in
      let decibels = pa_sw_volume_to_dB(raw)
      return Volume(decibels: decibels).rawValue != pa_sw_volume_from_dB(decibels)
        || abs(Volume(rawValue: raw).decibels - decibels) > 1e-9
    }
    #expect(wrong.isEmpty)
  }

  @Test func everyTenthOfADecibelIsTheSameInteger() {
    let wrong = stride(from: -210.0, through: 11.0, by: 0.1).filter {
      Volume(decibels: $0).rawValue != pa_sw_volume_from_dB($0)
    }
    #expect(wrong.isEmpty)
  }
}
