internal import AudioGraph

extension Examination {
  /// What is quieter than this is taken for silence: 15 % on the scale of a mixer.
  private static let inaudible = Volume(decibels: -50)

  /// The output, and the sinks below it where it is one that plays to others.
  var way: [Sink] {
    guard let output else { return [] }
    return [output] + streams(below: output).compactMap { graph.sink(index: $0.sink) }
  }

  /// What carries the sound of a sink made of software to the hardware.
  private func streams(below sink: Sink) -> [SinkInput] {
    guard let module = sink.device.ownerModule else { return [] }
    return graph.sinkInputs.filter { $0.client == nil && $0.ownerModule == module && $0.sink != sink.device.index }
  }

  // MARK: - Streams

  /// The programs that should be heard in the output, and are running.
  private var players: [SinkInput] { graph.sinkInputs.filter { $0.client != nil && ($0.sink == nil || $0.isMovable) && !$0.isCorked } }

  mutating func examineStreams() {
    guard let output else { return }
    var astray: [StreamIdentity: String] = [:]
    for change in plan?.changes ?? [] {
      if case .position(let identity) = change.attribute, case .device(let name?) = change.to { astray[identity] = name }
    }
    var isSomethingThere = false
    for stream in players {
      let title = stream.identity.application.title
      guard let sink = graph.sink(index: stream.sink) else {
        add(.wrong(.streams, "\(title) plays to no output at all.", object: title, remedy: "stop it and let it play again"))
        continue
      }
      if let wanted = astray[stream.identity] {
        add(.wrong(
          .streams, "\(title) plays in \(sink.description), and not in \(graph.sink(named: wanted)?.description ?? wanted).", object: title,
          remedy: applying))
      } else if aim == nil, sink.device.index != output.device.index {
        add(.wrong(
          .streams, "\(title) plays in \(sink.description), and not in the default output.", object: title,
          remedy: "pactl move-sink-input \(stream.index) \(output.name)"))
      } else {
        isSomethingThere = true
        add(.fine(.streams, "\(title) plays in \(sink.description).", object: title))
      }
    }
    if players.isEmpty || !isSomethingThere && findings.allSatisfy({ $0.topic != .streams }) {
      let paused = graph.sinkInputs.filter { $0.isMovable && $0.isCorked }.map { $0.identity.application.title }
      add(.fine(.streams, paused.isEmpty ? "None plays now." : "None plays now; \(paused.joined(separator: ", ")) is paused."))
    }
  }

  // MARK: - Volumes

  mutating func examineVolumes() {
    let before = findings.count
    for sink in way {
      let attribute = Attribute.volume(.device(.sink, name: sink.name))
      let used = channels(of: sink)
      examine(
        Level(
          title: sink.description, object: sink.name, volume: sink.volume, map: sink.channelMap, isMuted: sink.isMuted, used: used,
          isHidden: graph.hidesVolume(of: attribute), command: "sink", target: sink.name))
    }
    let heard = Set(way.map(\.device.index))
    let carriers = way.first.map(streams(below:)) ?? []
    for stream in players.filter({ $0.sink.map(heard.contains) ?? false }) + carriers {
      let title = stream.client == nil ? "The way from \(output?.description ?? "")" : stream.identity.application.title
      examine(
        Level(
          title: title, object: title, volume: stream.volume, map: nil, isMuted: stream.isMuted, used: nil, isHidden: false,
          command: "sink-input", target: String(stream.index)))
    }
    if findings.count == before, let output {
      let volume = graph.hidesVolume(of: .volume(.device(.sink, name: output.name))) ? "not told before it plays" : VolumeText.both(output.volume.loudest)
      add(.fine(.volume, "\(output.description): \(volume).", object: output.name))
    }
  }

  /// Something that can be muted and turned down.
  private struct Level {
    var title: String
    var object: String
    var volume: ChannelVolumes
    /// Nil where the channels have no names.
    var map: ChannelMap?
    var isMuted: Bool
    /// The channels that matter; nil for all.
    var used: Set<String>?
    var isHidden: Bool
    /// As pactl calls it.
    var command: String
    var target: String
  }

  private mutating func examine(_ level: Level) {
    if level.isMuted {
      add(.wrong(.volume, "\(level.title) is muted.", object: level.object, remedy: "pactl set-\(level.command)-mute \(level.target) 0"))
    }
    guard !level.isHidden else { return }
    let louder = "pactl set-\(level.command)-volume \(level.target) 40%"
    let loudest = level.volume.loudest
    guard loudest > Self.inaudible else {
      add(.wrong(.volume, "\(level.title) is turned down to \(VolumeText.both(loudest)).", object: level.object, remedy: louder))
      return
    }
    for (index, volume) in level.volume.channels.enumerated() where volume <= Self.inaudible {
      let name = level.map.flatMap { $0.positions.indices.contains(index) ? $0.positions[index] : nil } ?? "channel \(index + 1)"
      if let used = level.used, !used.contains(name) { continue }
      add(.wrong(
        .volume, "\(level.title) is turned down to \(VolumeText.both(volume)) on \(name).", object: level.object, remedy: louder))
    }
  }

  /// The channels of a sink below ours that ours plays to.
  private func channels(of sink: Sink) -> Set<String>? {
    guard let output, sink.name != output.name, let tag = output.properties[.hprouteID].map(Tag.init(rawValue:)),
      case .remap(let remap)? = graph.ownModule(tagged: tag)
    else { return nil }
    return Set(remap.masterMap.positions)
  }
}
