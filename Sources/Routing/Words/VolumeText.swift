public import AudioGraph

/// Volumes as people read them.
public enum VolumeText {
  /// `45%`, with one decimal only where it tells something.
  public static func percent(_ volume: Volume) -> String { "\(decimal(volume.percent, dropZero: true))%" }

  /// `-24.0 dB`, or `-inf dB` for silence.
  public static func decibels(_ volume: Volume) -> String {
    volume == .silence ? "-inf dB" : decibels(volume.decibels)
  }

  /// `-24.0 dB`
  public static func decibels(_ decibels: Double) -> String { "\(decimal(decibels, dropZero: false)) dB" }

  /// `45% (-20.8 dB)`
  public static func both(_ volume: Volume) -> String { "\(percent(volume)) (\(decibels(volume)))" }

  /// One volume where all channels are alike, else one for each channel: `50% / 25%`.
  public static func channels(_ volumes: ChannelVolumes) -> String {
    if Set(volumes.channels).count == 1 { return both(volumes.loudest) }
    return volumes.channels.map(percent).joined(separator: " / ")
  }

  /// Two volumes that differ, in words that do: where they would read alike, with as much as it takes.
  public static func apart(_ one: ChannelVolumes, _ other: ChannelVolumes) -> (String, String) {
    let texts = [channels, each, raw].lazy.map { text in (text(one), text(other)) }
    return texts.first { $0.0 != $0.1 } ?? (raw(one), raw(other))
  }

  /// Every channel by itself, and how many there are: `50% (-18.1 dB) / 50% (-18.1 dB), 2 channels`.
  private static func each(_ volumes: ChannelVolumes) -> String {
    let count = volumes.channels.count
    let isEven = Set(volumes.channels).count == 1
    let levels = isEven ? both(volumes.loudest) : volumes.channels.map(both).joined(separator: " / ")
    return "\(levels), \(count) \(count == 1 ? "channel" : "channels")"
  }

  /// In the numbers of the server, of which one is less than anybody hears.
  private static func raw(_ volumes: ChannelVolumes) -> String {
    volumes.channels.map { "\(percent($0)) (\($0.rawValue))" }.joined(separator: " / ")
  }

  /// A number with one decimal. Not `String(format:)`, which is Foundation's.
  static func decimal(_ value: Double, dropZero: Bool) -> String {
    let tenths = Int((value * 10).rounded())
    let sign = tenths < 0 ? "-" : ""
    let (whole, rest) = abs(tenths).quotientAndRemainder(dividingBy: 10)
    return rest == 0 && dropZero ? "\(sign)\(whole)" : "\(sign)\(whole).\(rest)"
  }
}
