internal import AudioGraph

extension Restoration {
  /// Streams of programs that were started later, and are where and as loud as a rule has told the server: they go back to what
  /// they would have begun with. One that somebody has moved or turned since stays.
  ///
  /// - Parameter start: what there was before anything was put back.
  mutating func addLaterStreams(of baseline: Baseline, since start: Graph) {
    for entry in baseline.entries {
      guard case .memory(let key) = entry.attribute, case .memory(let set?)? = entry.set, case .memory(let was) = entry.was else {
        continue
      }
      for stream in start.foreignStreams where stream.hasClient && stream.memoryKey == key {
        let (volume, mute) = (Attribute.volume(stream.object), Attribute.mute(stream.object))
        let former = was?.volume.channels.max() ?? .full
        if baseline[volume] == nil, let loudest = set.volume.channels.max(), stream.volume.loudest.isClose(to: loudest) {
          settings.append(Setting(volume, .volume(stream.volume.scaled(to: former))))
        }
        if baseline[stream.placement] == nil, let sink = set.sink, stream.place == sink, was?.sink != sink,
          let home = was?.sink ?? restoredDefault
        {
          settings.append(Setting(stream.placement, .device(home)))
        }
        if baseline[mute] == nil, set.isMuted, stream.isMuted { settings.append(Setting(mute, .mute(was?.isMuted ?? false))) }
      }
    }
  }
}
