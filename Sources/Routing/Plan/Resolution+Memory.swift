internal import AudioGraph

/// `[stream]` rules for programs that are started later: the server's own memory of programs carries them.
///
/// PulseAudio's is a table of keys. PipeWire's session manager gives what it remembers to every stream that carries the names
/// of a program, and takes it from such a stream: what it remembers has to be asked for before it is changed, and is told as a
/// whole.
extension Resolution {
  mutating func setMemory(_ profile: Profile) {
    let rules = profile.streamRules.filter { $0.to == nil || $0.to.map { outputs[$0] != nil } ?? false }
    guard !rules.isEmpty else { return }
    guard let memory = graph.streamMemory else { return warnOfNone(rules) }
    let present = Dictionary(memory.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
    var taken: Set<String> = []
    for rule in rules {
      // The first rule that fits wins, here as well.
      for (key, channels) in programs(of: rule.pattern) where taken.insert(key).inserted {
        let before = unsaid(key, present[key])
        if before == nil, isSession {
          unread[key] = channels
          continue
        }
        var wanted = before ?? StreamMemory(key: key, sink: nil, volume: ChannelVolumes([]), channelMap: .stereo, isMuted: false)
        if let to = rule.to { wanted.sink = outputs[to]?.name }
        if let isMuted = rule.mute { wanted.isMuted = isMuted }
        if let volume = rule.volume {
          wanted.volume = ChannelVolumes(volume, count: isSession ? max(1, wanted.volume.channels.count) : 2)
          wanted.channelMap = isSession ? ChannelMap([]) : .stereo
        }
        settings.append(Setting(.memory(key), .memory(wanted)))
      }
    }
    let unreached = isSession ? rules.filter { $0.pattern.plainName == nil } : []
    if !unreached.isEmpty {
      warnings.append("\(titles(unreached)): for what plays now. On PipeWire only the exact name of a program reaches it later.")
    }
  }

  private var isSession: Bool { graph.server.traits.programMemory == .session }

  private func titles(_ rules: [StreamRule]) -> String { rules.map { "[stream \($0.pattern.text)]" }.joined(separator: ", ") }

  private mutating func warnOfNone(_ rules: [StreamRule]) {
    warnings.append(
      isSession
        ? "\(titles(rules)): for what plays now. Programs that are started later are not reached."
        : "\(titles(rules)): for what plays now. This PulseAudio runs without module-stream-restore, "
          + "which would tell programs that are started later.")
  }

  /// What is remembered for a program, but for what this and former profiles have made of it; nil if nothing is, or nothing is
  /// known. To move a stream changes what is remembered: what counts is what was there when this began.
  private func unsaid(_ key: String, _ present: StreamMemory?) -> StreamMemory? {
    guard let entry = context.origin[.memory(key)], case .memory(let set?)? = entry.set, case .memory(let was) = entry.was else {
      if case .memory(let was)? = baseline[.memory(key)]?.was { return was }
      return present
    }
    var memory = start.streamMemory?.first { $0.key == key } ?? set
    if memory.sink == set.sink { memory.sink = was?.sink }
    if memory.isMuted == set.isMuted { memory.isMuted = was?.isMuted ?? false }
    // Where nothing was remembered, the next stream was at full volume.
    if memory.volume == set.volume {
      let full = ChannelVolumes(.full, count: set.volume.channels.count)
      (memory.volume, memory.channelMap) = (was?.volume ?? full, was?.channelMap ?? set.channelMap)
    }
    return memory
  }

  /// The keys under which a server looks for what it remembers, as far as they can be told from the pattern and from what plays,
  /// with the number of channels. A stream with a role is remembered by its role, with all others that have it.
  private func programs(of pattern: StreamPattern) -> [(key: String, channels: Int)] {
    let playing = graph.sinkInputs.filter { $0.isMovable && $0.properties[.mediaRole] == nil && pattern.fits($0) }
    return (isSession ? sessionPrograms(of: pattern) : tableKeys(of: pattern))
      + playing.map { (graph.memoryKey(of: $0), $0.volume.channels.count) }
  }

  /// An application's id is a name of a domain turned round.
  private func sessionPrograms(of pattern: StreamPattern) -> [(key: String, channels: Int)] {
    guard let name = pattern.plainName else { return [] }
    let named = StreamMemory.Program(playing: name)
    return [(named.key, 2)] + (name.contains(".") ? [(StreamMemory.Program(playing: "", id: name).key, 2)] : [])
  }

  private func tableKeys(of pattern: StreamPattern) -> [(key: String, channels: Int)] {
    let prefix = "sink-input-by-"
    if case .role(let role) = pattern { return [("\(prefix)media-role:\(role)", 2)] }
    guard let name = pattern.plainName else { return [] }
    return [("\(prefix)application-name:\(name)", 2)] + (name.contains(".") ? [("\(prefix)application-id:\(name)", 2)] : [])
  }
}

extension StreamPattern {
  /// The name that it is, if it fits no other.
  fileprivate var plainName: String? {
    guard case .application(let glob) = self, glob.isPlain else { return nil }
    return glob.pattern
  }
}
