internal import AudioGraph

/// `[stream]` and `[recording]` rules for programs that are started later: the server's own memory of programs carries them.
///
/// PulseAudio's is a table of keys. PipeWire's session manager gives what it remembers to every stream that carries the names
/// of a program, and takes it from such a stream: what it remembers has to be asked for before it is changed, and is told as a
/// whole.
extension Resolution {
  mutating func setMemory(_ profile: Profile) {
    let rules = profile.streamRules.filter { $0.device == nil || endpoint(of: $0) != nil }
    guard !rules.isEmpty else { return }
    guard let memory = graph.streamMemory else {
      let reason = isSession ? "" : "This PulseAudio runs without module-stream-restore. "
      unattended = Self.isForNow(rules, because: reason)
      return
    }
    let present = Dictionary(memory.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
    var taken: Set<String> = []
    for rule in rules {
      // The first rule that fits wins, here as well: what an earlier one fits is that one's.
      let name = rule.pattern.plainName ?? ""
      let earlier = profile.streamRules.prefix { $0 != rule }
      if earlier.contains(where: { $0.kind == rule.kind && $0.pattern.fits(aProgramCalled: name) }) { continue }
      for (key, channels) in programs(of: rule) where taken.insert(key).inserted {
        let before = unsaid(key, present[key])
        if before == nil, isSession {
          unread[key] = channels
          continue
        }
        var wanted = before ?? StreamMemory(key: key, sink: nil, volume: ChannelVolumes([]), channelMap: .stereo, isMuted: false)
        if let device = endpoint(of: rule) { wanted.sink = device.name }
        if let isMuted = rule.mute { wanted.isMuted = isMuted }
        if let volume = rule.volume {
          wanted.volume = ChannelVolumes(volume, count: isSession ? max(1, wanted.volume.channels.count) : 2)
          wanted.channelMap = isSession ? ChannelMap([]) : .stereo
        }
        settings.append(Setting(.memory(key), .memory(wanted)))
      }
    }
    let unreached = rules.filter { isSession ? $0.pattern.plainName == nil : $0.pattern.isGlob }
    if !unreached.isEmpty { unattended = Self.isForNow(unreached) }
  }

  private var isSession: Bool { graph.server.traits.programMemory == .session }

  private static func isForNow(_ rules: [StreamRule], because reason: String = "") -> String {
    "\(rules.map(\.title).joined(separator: ", ")): for what is running now. \(reason)Programs that are started later are placed "
      + "only while 'hproute watch' runs."
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
  private func programs(of rule: StreamRule) -> [(key: String, channels: Int)] {
    let present = graph.foreignStreams.filter { $0.role == nil && rule.fits($0) }
    return (isSession ? sessionPrograms(of: rule) : tableKeys(of: rule))
      + present.map { ($0.memoryKey, $0.volume.channels.count) }
  }

  /// An application's id is a name of a domain turned round.
  private func sessionPrograms(of rule: StreamRule) -> [(key: String, channels: Int)] {
    guard let name = rule.pattern.plainName else { return [] }
    let named = StreamMemory.Program(rule.kind, name)
    return [(named.key, 2)] + (name.contains(".") ? [(StreamMemory.Program(rule.kind, "", id: name).key, 2)] : [])
  }

  private func tableKeys(of rule: StreamRule) -> [(key: String, channels: Int)] {
    let prefix = rule.kind == .sink ? "sink-input-by-" : "source-output-by-"
    if case .role(let role) = rule.pattern { return [("\(prefix)media-role:\(role)", 2)] }
    guard let name = rule.pattern.plainName else { return [] }
    return [("\(prefix)application-name:\(name)", 2)] + (name.contains(".") ? [("\(prefix)application-id:\(name)", 2)] : [])
  }
}
