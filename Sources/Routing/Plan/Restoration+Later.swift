internal import AudioGraph

extension Restoration {
  /// Streams of programs that were started later, and are where and as loud as a rule has told the server: they go back to what
  /// they would have begun with. One that somebody has moved or turned since stays. So do those that have begun while this is
  /// at work, before the server was told to forget the rule.
  ///
  /// - Parameter start: what there was before anything was put back.
  mutating func addLaterStreams(of baseline: Baseline, since start: Graph) {
    let (sink, source) = (restoredDefault(.sink), restoredDefault(.source))
    // A new title makes no new stream.
    let known = Set(start.foreignStreams.map(StreamNumber.init))
    let newcomers = graph.foreignStreams.filter { !known.contains(StreamNumber($0)) }
    for stream in start.foreignStreams + newcomers where stream.isMovable {
      let isNew = !known.contains(StreamNumber(stream))
      if let was = baseline.formerVolume(of: stream, isByRule: isNew) {
        addLater(.volume(stream.object), .volume(stream.volume.scaled(to: was)), baseline)
      }
      if let was = baseline.formerMute(of: stream, isByRule: isNew) {
        addLater(.mute(stream.object), .mute(was), baseline)
      }
      if let home = baseline.formerPlace(of: stream, else: stream.kind == .sink ? sink : source) {
        addLater(stream.placement, .device(home), baseline)
      }
    }
  }

  /// A later apply has written down what it would have had without us.
  private mutating func addLater(_ attribute: Attribute, _ value: Value, _ baseline: Baseline) {
    let entry = baseline[attribute]
    if entry?.isSideEffect ?? true { settings.append(Setting(attribute, entry?.was ?? value)) }
  }
}
