internal import AudioGraph
internal import Routing

/// Levels as scripts get them, an object for each moment.
private struct LevelsObject: Encodable {
  var levels: [LevelObject]

  struct LevelObject: Encodable {
    var label: Nullable<String>
    var name: String
    /// `output` or `input`.
    var kind: String
    var channels: [ChannelObject]
  }

  struct ChannelObject: Encodable {
    var name: String
    /// Null for nothing at all.
    var peakDb: Nullable<Double>
    var holdDb: Nullable<Double>
    var clips: Int
  }

  init(_ levels: [LevelMeters.Level]) {
    self.levels = levels.map { level in
      LevelObject(
        label: Nullable(level.device.label), name: level.device.device.name,
        kind: level.device.device.kind == .sink ? "output" : "input",
        channels: zip(level.device.device.channelMap.positions, level.channels).map {
          ChannelObject(name: $0, peakDb: Self.decibels($1.peak), holdDb: Self.decibels($1.hold), clips: $1.clips)
        })
    }
  }

  /// To a tenth.
  private static func decibels(_ peak: Float) -> Nullable<Double> {
    Nullable(ChannelLevel.decibels(peak).map { ($0 * 10).rounded() / 10 })
  }
}

extension Output {
  /// One line, or one object: what a screen reader can read, and a log can keep.
  func print(_ levels: [LevelMeters.Level]) {
    if isJSON { return print(jsonLine: LevelsObject(levels)) }
    let texts = levels.map { level in
      let channels = zip(level.names, level.channels).map { name, channel in
        "\(name) \(Self.decibels(channel.peak))" + (channel.clips > 0 ? " (clipped \(Self.times(channel.clips)))" : "")
      }
      return "\(Output.printable(level.device.title)): \(level.isAsleep ? "asleep" : channels.joined(separator: ", "))"
    }
    line(texts.joined(separator: "; "))
  }

  /// A bar for each channel, with as much in words as there is room for.
  func bars(_ levels: [LevelMeters.Level], in size: (columns: Int, lines: Int)) -> [String] {
    var table = Table(flexible: [0])
    let titles = levels.map { Output.printable($0.device.title) }
    let title = min(titles.map(Table.width).max() ?? 0, size.columns / 3)
    let name = levels.flatMap { $0.names.map(Table.width) }.max() ?? 0
    // Two blanks between two columns.
    let room = size.columns - title - name - "-99.9 dB".count - 6
    let wordsWidth = "hold -99.9 dB".count + "clipped 999".count + 4
    let isWide = room - wordsWidth >= Self.shortestBar
    // The last line tells what has found no room.
    var free = size.lines - 1
    for (level, title) in zip(levels, titles) {
      for (place, channel) in level.channels.enumerated().prefix(max(0, free)) {
        free -= 1
        let color = channel.hold >= ChannelLevel.clipping ? Style.red : channel.peak > 0.5 ? .yellow : .green
        let words = [
          Table.Cell("hold \(Self.decibels(channel.hold))"), .init(channel.clips > 0 ? "clipped \(channel.clips)" : "", .red),
        ]
        table.add(
          [
            .init(place == 0 ? title : ""), .init(level.names[place]),
            .init(Self.bar(channel, isWide ? room - wordsWidth : room), color),
            .init(level.isAsleep ? "asleep" : Self.decibels(channel.peak)),
          ] + (isWide && !level.isAsleep ? words : []))
      }
    }
    let missing = levels.map(\.channels.count).reduce(0, +) - (size.lines - 1 - free)
    return table.lines(width: size.columns, color: isColored)
      + [
        String(
          (missing > 0 ? "\(missing) more: name a device, or take a taller window" : "dB of full scale; Ctrl-C ends")
            .prefix(size.columns))
      ]
  }

  private static let shortestBar = 10

  /// From -60 dB to 0.
  private static func bar(_ channel: ChannelLevel, _ width: Int) -> String {
    guard width >= shortestBar else { return "" }
    let length = { (peak: Float) in
      min(width, Int((max(0, 1 + (ChannelLevel.decibels(peak) ?? -60) / 60) * Double(width)).rounded()))
    }
    let (now, held) = (length(channel.peak), length(channel.hold))
    return String(repeating: "#", count: now) + String(repeating: "-", count: max(0, held - now))
      + String(repeating: " ", count: width - max(now, held))
  }

  /// `-12.3 dB`
  private static func decibels(_ peak: Float) -> String {
    guard let decibels = ChannelLevel.decibels(peak), decibels > -100 else { return "silent" }
    return VolumeText.decibels(decibels)
  }

  private static func times(_ count: Int) -> String { count == 1 ? "once" : "\(count) times" }
}

extension LevelMeters.Level {
  /// What a person calls the channels: by their number, unless they have a side.
  fileprivate var names: [String] {
    let map = device.device.channelMap
    if map == .stereo { return ["left", "right"] }
    return map.isNumbered || map == .mono ? map.positions.indices.map { "\($0 + 1)" } : map.positions
  }
}
