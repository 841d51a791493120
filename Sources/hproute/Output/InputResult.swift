internal import AudioGraph
internal import Routing

/// What came of an input.
struct InputResult: Encodable {
  var input: String
  /// Whether something came, and nothing was too loud.
  var healthy: Bool
  var channels: [ChannelObject]

  struct ChannelObject: Encodable {
    var name: String
    /// In dB of full scale; null for digital silence.
    var peakDb: Nullable<Double>
    var clips: Int
  }

  /// For a person.
  fileprivate let finding: Finding?
  fileprivate let isMuted: Bool

  private enum CodingKeys: String, CodingKey { case input, healthy, channels }

  init(_ device: Device, _ levels: [ChannelLevel]) {
    input = device.name
    isMuted = device.isMuted
    finding = Finding.input(device, levels)
    channels = zip(device.channelMap.positions, levels).map {
      ChannelObject(name: $0, peakDb: Nullable(ChannelLevel.decibels($1.hold)), clips: $1.clips)
    }
    healthy = !isMuted && channels.contains { $0.peakDb.value != nil } && channels.allSatisfy { $0.clips == 0 }
  }
}

extension Output {
  func print(_ result: InputResult) {
    if isJSON { return print(json: result) }
    var table = Table(flexible: [])
    for channel in result.channels {
      let level = channel.peakDb.value.map(VolumeText.decibels) ?? "nothing"
      table.add([
        .init(channel.name), .init(level, channel.peakDb.value == nil ? .red : .green),
        .init(channel.clips > 0 ? "clipped" : "", .red),
      ])
    }
    lines(self.table(table, indent: 2))
    if result.isMuted {
      line("It is muted: 'hproute mute' with its label unmutes it.")
    } else if let finding = result.finding {
      line(Self.printable(finding.sentence))
      if let remedy = finding.remedy { line("  \(remedy)") }
    } else {
      line("Nothing came of it: it may be unplugged, or in use by another program.")
    }
  }
}
