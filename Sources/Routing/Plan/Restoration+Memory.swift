internal import AudioGraph

/// What a server remembers for programs.
extension Restoration {
  /// Gives a program its voice back that ended while it was muted: it would begin muted for ever after.
  ///
  /// - Parameter baseline: which streams were muted.
  mutating func addVoice(_ entry: Baseline.Entry, _ baseline: Baseline) {
    guard case .memory(let key) = entry.attribute, case .memory(let was) = entry.was, was?.isMuted != true,
      let memory = graph.streamMemory,
      !graph.foreignStreams.contains(where: { $0.memoryKey == key && $0.isMuted })
    else { return }
    if graph.server.traits.programMemory == .table {
      guard var present = memory.first(where: { $0.key == key }), present.isMuted else { return }
      present.isMuted = false
      settings.append(Setting(entry.attribute, .memory(present)))
    } else if let was, !graph.foreignStreams.contains(where: { $0.memoryKey == key }), baseline.hasMutedWhatEnded(in: graph) {
      // It does not tell what it remembers now.
      settings.append(Setting(entry.attribute, .memory(was)))
      chosen.insert(entry.attribute)
    }
  }

  /// What was remembered for a program. How loud it plays now is remembered as well, and stays so as long as it plays.
  mutating func restoreMemory(_ key: String, _ was: StreamMemory?) {
    guard let memory = graph.streamMemory else { return }
    let streams = graph.foreignStreams.filter { $0.memoryKey == key }
    guard !streams.isEmpty,
      var wanted = graph.server.traits.programMemory == .session ? was : memory.first(where: { $0.key == key })
    else {
      return remember(key, was)
    }
    if graph.server.traits.programMemory == .session { wanted.volume = streams[0].volume }
    wanted.sink = was?.sink
    wanted.isMuted = was?.isMuted ?? false || streams.contains(where: \.isMuted)
    remember(key, wanted)
  }

  /// A session manager can be told of no device that is not there: until it is, the program goes to the default. One that is
  /// gone for good is not waited for.
  mutating func remember(_ key: String, _ was: StreamMemory?) {
    let setting = Setting(.memory(key), .memory(was))
    guard graph.server.traits.programMemory == .session, let need = setting.need,
      graph.device(need.kind, named: need.name) == nil
    else { return settings.append(setting) }
    if !hasGone(need.name) { wait(for: setting, need.name) }
    var meanwhile = was
    meanwhile?.sink = nil
    settings.append(Setting(.memory(key), .memory(meanwhile)))
  }

  /// Whether somebody has sent or turned a program since a revert has left it to wait for its device. What is remembered now has
  /// to be asked for.
  mutating func isRememberedOtherwise(_ entry: Baseline.Entry) -> Bool {
    guard graph.server.traits.programMemory == .session, case .memory(let key) = entry.attribute, let left = entry.outcome,
      case .memory(let memory?) = left.value
    else { return false }
    if graph.value(of: entry.attribute) == .memory(nil) { unread[key] = max(1, memory.volume.channels.count) }
    return !graph.holds(left, assuming: [left.attribute: left.value])
  }
}
