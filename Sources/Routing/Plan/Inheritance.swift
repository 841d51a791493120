internal import AudioGraph

/// What outlives the streams that hproute has changed: a server remembers the volume of an application, and gives it to
/// the next stream of it, also after a restart.
extension Baseline {
  /// What a stream would have without us, where it is not written down itself and has what we gave its application.
  func inheritance(of stream: SinkInput) -> [Setting] {
    let object = Attribute.Object.stream(stream.identity)
    var settings: [Setting] = []
    let add = { (setting: Setting) in
      if self[setting.attribute] == nil, !settings.contains(where: { $0.attribute == setting.attribute }) { settings.append(setting) }
    }
    let addVolume = { (was: Volume, set: Volume) in
      guard stream.volume.loudest.isClose(to: set), !was.isClose(to: set) else { return }
      add(Setting(.volume(object), .volume(stream.volume.scaled(to: was))))
    }
    let addMute = { (was: Bool, set: Bool) in
      if stream.isMuted == set && was != set { add(Setting(.mute(object), .mute(was))) }
    }
    for entry in entries {
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
    return settings
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
