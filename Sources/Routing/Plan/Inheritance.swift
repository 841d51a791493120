internal import AudioGraph

/// What outlives the streams that hproute has changed: a server remembers the volume of an application, and gives it to
/// the next stream of it, also after a restart.
extension Baseline {
  /// Takes up the streams that have what they have because of what hproute gave to another one of their application: what
  /// they would have without us is what that one had.
  ///
  /// - Parameter untouched: what streams had by themselves.
  mutating func adoptHeirs(in graph: Graph, untouched: [Setting]) {
    var adopted: [Entry] = []
    for stream in graph.sinkInputs where stream.isMovable {
      for entry in inheritance(of: stream) where self[entry.attribute] == nil {
        if !untouched.contains(Setting(entry.attribute, entry.set)) { adopted.append(entry) }
      }
    }
    if !adopted.isEmpty { self = Baseline(entries + adopted) }
  }

  /// What a stream has from us, and what it would have without us.
  private func inheritance(of stream: SinkInput) -> [Entry] {
    let object = Attribute.Object.stream(stream.identity)
    var heritage: [Entry] = []
    let add = { (attribute: Attribute, was: Value, set: Value) in
      if !heritage.contains(where: { $0.attribute == attribute }) { heritage.append(Entry(attribute, was: was, set: set)) }
    }
    let addVolume = { (was: Volume, set: Volume) in
      guard stream.volume.loudest.isClose(to: set), !was.isClose(to: set) else { return }
      add(.volume(object), .volume(stream.volume.scaled(to: was)), .volume(stream.volume))
    }
    let addMute = { (was: Bool, set: Bool) in
      if stream.isMuted == set && was != set { add(.mute(object), .mute(was), .mute(set)) }
    }
    for entry in entries where !entry.isPending {
      switch (entry.attribute, entry.was, entry.set) {
      case (.volume(.stream(let former)), .volume(let was), .volume(let set)) where former.application == stream.identity.application:
        addVolume(was.loudest, set.loudest)
      case (.mute(.stream(let former)), .mute(let was), .mute(let set)) where former.application == stream.identity.application:
        addMute(was, set)
      case (.memory(stream.memoryKey), .memory(let was), .memory(let set?)):
        let hadVolume = was.map { !$0.volume.channels.isEmpty } ?? false
        if !set.volume.channels.isEmpty { addVolume(hadVolume ? was?.volume.loudest ?? .full : .full, set.volume.loudest) }
        addMute(was?.isMuted ?? false, set.isMuted)
      default: break
      }
    }
    return heritage
  }

  /// Takes what is written down of streams that have ended as something about their applications, and no longer about
  /// streams: their numbers may be given to others.
  ///
  /// - Parameter isLive: whether a stream still plays.
  mutating func retire(unless isLive: (StreamIdentity) -> Bool) {
    var seen: Set<Attribute> = []
    let rest = entries.compactMap { entry -> Entry? in
      guard let identity = entry.attribute.stream, !isLive(identity) else { return entry }
      var retired = entry
      retired.attribute = entry.attribute.about(StreamIdentity(index: .max, application: identity.application, process: "", media: ""))
      return seen.insert(retired.attribute).inserted ? retired : nil
    }
    if rest != entries { self = Baseline(rest) }
  }
}

extension SinkInput {
  /// Under what PulseAudio remembers a stream: by its role, else by what its application is called. See `get_key` of
  /// module-stream-restore.
  var memoryKey: String {
    let prefix = "sink-input-by-"
    if let role = properties[.mediaRole] { return "\(prefix)media-role:\(role)" }
    let application = identity.application
    return application.id.isEmpty ? "\(prefix)application-name:\(application.name)" : "\(prefix)application-id:\(application.id)"
  }
}

extension Attribute {
  /// The stream of an application that it is about.
  var stream: StreamIdentity? {
    switch self {
    case .position(let identity), .volume(.stream(let identity)), .mute(.stream(let identity)): identity
    default: nil
    }
  }

  fileprivate func about(_ identity: StreamIdentity) -> Attribute {
    switch self {
    case .position: .position(identity)
    case .volume: .volume(.stream(identity))
    case .mute: .mute(.stream(identity))
    default: self
    }
  }
}
