internal import AudioGraph

/// Devices of ours that nobody has written down: their journal was damaged, or dropped.
///
/// What they played to is open below them, and would be heard at full volume without them. Nobody knows what it was before, so
/// it becomes as loud as they were, and takes over what played to them.
struct Strays {
  private(set) var settings: [Setting] = []
  private(set) var left: [Left] = []

  /// - Parameters:
  ///   - tags: of the modules that go.
  ///   - start: what there was before any of them went.
  init(_ tags: [Tag], start: Graph, in graph: Graph) {
    let remaps = tags.compactMap { tag -> Remap? in
      if case .remap(let it)? = start.ownModule(tagged: tag), it.kind == .sink { it } else { nil }
    }
    let names = Set(remaps.map(\.name))
    for sink in start.sinks where !names.contains(sink.name) && remaps.contains(where: { $0.master == sink.name }) {
      let device = sink.device
      var volume = device.volume
      var isMuted = device.isMuted
      for remap in remaps where remap.master == sink.name {
        guard let own = start.sink(named: remap.name)?.device else { continue }
        // Above one that picks channels there may be one that mixes.
        let above = remaps.filter { $0.master == remap.name }.compactMap { start.sink(named: $0.name)?.device }
        let gain = above.map(\.volume.loudest.gain).min() ?? 1
        isMuted = isMuted || own.isMuted || above.contains(where: \.isMuted)
        for (index, position) in device.channelMap.positions.enumerated() where volume.channels.indices.contains(index) {
          let place = remap.masterMap.positions.firstIndex(of: position)
          guard place != nil || remap.isMix else { continue }
          let level =
            place.flatMap { own.volume.channels.indices.contains($0) ? own.volume.channels[$0] : nil } ?? own.volume.loudest
          volume.channels[index] = Volume(gain: device.volume.channels[index].gain * level.gain * gain)
        }
      }
      settings.append(Setting(.volume(device.object), .volume(volume)))
      if isMuted { settings.append(Setting(.mute(device.object), .mute(true))) }
      left.append(
        Left(
          object: device.description,
          reason: "nobody knows how loud it was; it is as loud as the device of hproute's that was in front of it"))
      let above = Self.names(above: sink.name, remaps)
      if start.server.defaultSink.map(above.contains) ?? false { settings.append(Setting(.defaultSink, .device(sink.name))) }
      for stream in graph.foreignStreams where stream.kind == .sink && stream.place.map(above.contains) ?? false {
        settings.append(Setting(stream.placement, .device(sink.name)))
      }
    }
  }

  /// All that play to a sink, directly or through one another.
  private static func names(above sink: String, _ remaps: [Remap]) -> Set<String> {
    let direct = Set(remaps.filter { $0.master == sink }.map(\.name))
    return direct.union(remaps.filter { direct.contains($0.master) }.map(\.name))
  }
}
