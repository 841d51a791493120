internal import AudioGraph

/// What outlives the streams that hproute has changed: a server remembers volume and place of an application, and gives
/// them to its next stream when it is started again.
extension Baseline {
  /// Turns to another run of the server. Its streams have nothing to do with those of the former one, but for what they
  /// have because of what hproute gave to one of their application: what they would have without us is what that one had.
  mutating func turn(to graph: Graph) {
    var reclaimed: [Entry] = []
    for stream in graph.foreignStreams where stream.isMovable {
      let object = stream.object
      if let was = formerVolume(of: stream) {
        reclaimed.append(Entry(.volume(object), was: .volume(stream.volume.scaled(to: was)), set: .volume(stream.volume)))
      }
      if let was = formerMute(of: stream) {
        reclaimed.append(Entry(.mute(object), was: .mute(was), set: .mute(stream.isMuted)))
      }
    }
    var seen: Set<Attribute> = []
    let rest = entries.compactMap { entry -> Entry? in
      guard case .streamSink(let identity) = entry.attribute else { return entry.attribute.isOfOneRun ? nil : entry }
      // Where hproute has moved an application: later streams of it that play there go home.
      var general = entry
      general.attribute = .streamSink(.anyStream(of: identity.application))
      return seen.insert(general.attribute).inserted ? general : nil
    }
    self = Baseline(rest + reclaimed)
  }

  /// Whether pipewire-pulse alone seems to have been started again, which keeps the cookie: all that hproute had loaded is
  /// gone, and with it every stream that it had touched.
  func hasLostItsRun(in graph: Graph) -> Bool {
    let modules = entries.compactMap { entry -> Tag? in
      if case .module(let tag) = entry.attribute, case .module(_?) = entry.set { tag } else { nil }
    }
    let streams = entries.compactMap(\.attribute.stream).filter(\.isStream)
    return !modules.isEmpty && !streams.isEmpty && modules.allSatisfy { graph.module(tagged: $0) == nil }
      && streams.allSatisfy { graph.sinkInput($0) == nil }
  }

  /// Where a stream would have begun without us, if it is where we have told the server to begin the streams of its program.
  ///
  /// - Parameter standard: the default it would have gone to.
  func formerPlace(of stream: Stream, else standard: String?) -> String? {
    guard let (was, set) = formerMemory(of: stream), let place = set.sink, place != was?.sink, place == stream.place else {
      return nil
    }
    return was?.sink ?? standard
  }

  /// What a stream would have without us, where it has the volume that we gave its application. Of several the lowest:
  /// nothing gets louder than it was.
  ///
  /// - Parameter isByRule: whether only what we have told the server counts, and not what we gave to other streams of it.
  func formerVolume(of stream: Stream, isByRule: Bool = false) -> Volume? {
    var pairs = (isByRule ? [] : entries(ofProgramOf: stream)).compactMap { entry -> (was: Volume, set: Volume)? in
      guard case .volume(let was) = entry.was, case .volume(let set)? = entry.set else { return nil }
      return (was.loudest, set.loudest)
    }
    if let (was, set) = formerMemory(of: stream), !set.volume.channels.isEmpty {
      let hadVolume = was.map { !$0.volume.channels.isEmpty } ?? false
      pairs.append((hadVolume ? was?.volume.loudest ?? .full : .full, set.volume.loudest))
    }
    return pairs.filter { stream.volume.loudest.isClose(to: $0.set) && !$0.was.isClose(to: $0.set) }.map(\.was).min()
  }

  /// The same for its mute.
  func formerMute(of stream: Stream, isByRule: Bool = false) -> Bool? {
    var pairs = (isByRule ? [] : entries(ofProgramOf: stream)).compactMap { entry -> (was: Bool, set: Bool)? in
      guard case .mute(let was) = entry.was, case .mute(let set)? = entry.set else { return nil }
      return (was, set)
    }
    if let (was, set) = formerMemory(of: stream) { pairs.append((was?.isMuted ?? false, set.isMuted)) }
    return pairs.first { $0.set == stream.isMuted && $0.was != $0.set }?.was
  }

  /// What was remembered for the program of a stream, and what we have set.
  private func formerMemory(of stream: Stream) -> (was: StreamMemory?, set: StreamMemory)? {
    guard case (.memory(let was), .memory(let set?)?)? = self[.memory(stream.memoryKey)].map({ ($0.was, $0.set) }) else {
      return nil
    }
    return (was, set)
  }
}

extension StreamIdentity {
  /// Stands for what is known of an application, and is no stream.
  fileprivate static func anyStream(of application: Application) -> StreamIdentity {
    StreamIdentity(index: nil, application: application, process: "", media: "")
  }

  var isStream: Bool { index != nil }
}
