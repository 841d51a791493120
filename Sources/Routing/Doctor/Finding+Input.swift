public import AudioGraph

extension Finding {
  /// What can be told of a microphone by listening for a moment, whether or not anybody speaks into it. A reason to worry is a
  /// note at most: nobody may be meant to hear it.
  ///
  /// - Parameter channels: what has been heard of each; nil if nothing has come.
  public static func input(_ device: Device, _ channels: [ChannelLevel]) -> Finding? {
    guard !device.isMuted, channels.contains(where: { $0.count > 0 }) else { return nil }
    let name = device.description
    let loudest = channels.map(\.hold).max() ?? 0
    if loudest == 0 {
      return .note(
        .input, "\(name) delivers nothing at all, not even noise.", object: device.name,
        remedy: "switch it on, and turn its gain up")
    }
    let clipping = channels.indices.filter { channels[$0].clips > 0 }
    if !clipping.isEmpty {
      let place = channels.count == 1 ? "" : " (channel \(clipping.map { "\($0 + 1)" }.joined(separator: " and ")))"
      return .note(.input, "\(name)\(place) is too loud and clips.", object: device.name, remedy: "turn its gain down")
    }
    if channels.count == 2, loudest > audible, channels[0].hold == channels[1].hold {
      return .fine(.input, "\(name) has the same on both channels.", object: device.name)
    }
    return .fine(
      .input, "\(name) delivers \(ChannelLevel.decibels(loudest).map(VolumeText.decibels) ?? "nothing").", object: device.name)
  }

  /// Above the noise of any converter, whose peaks are few numbers: two of them are the same by chance.
  private static let audible: Float = 0.01
}
