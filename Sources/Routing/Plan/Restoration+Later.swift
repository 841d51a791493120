internal import AudioGraph

extension Restoration {
  /// Streams of programs that were started later, and are where and as loud as a rule has told the server: they go back to what
  /// they would have begun with. One that somebody has moved or turned since stays.
  ///
  /// - Parameter start: what there was before anything was put back.
  mutating func addLaterStreams(of baseline: Baseline, since start: Graph) {
    for stream in start.foreignStreams where stream.isMovable {
      let object = stream.object
      if baseline[.volume(object)] == nil, let was = baseline.formerVolume(of: stream) {
        settings.append(Setting(.volume(object), .volume(stream.volume.scaled(to: was))))
      }
      if baseline[.mute(object)] == nil, let was = baseline.formerMute(of: stream) {
        settings.append(Setting(.mute(object), .mute(was)))
      }
      let place = stream.placement
      guard baseline[place] == nil, let entry = baseline[.memory(stream.memoryKey)],
        case (.memory(let was), .memory(let set?)?) = (entry.was, entry.set), set.sink != was?.sink,
        start.value(of: place) == .device(set.sink), let home = was?.sink ?? restoredDefault(stream.kind)
      else { continue }
      settings.append(Setting(place, .device(home)))
    }
  }
}
