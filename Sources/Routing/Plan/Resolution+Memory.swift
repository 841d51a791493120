internal import AudioGraph

/// `[stream]` rules for streams that start later: PulseAudio's own memory of streams carries them.
extension Resolution {
  mutating func setMemory(_ profile: Profile) {
    let rules = profile.streamRules.filter { $0.to == nil || $0.to.map { outputs[$0] != nil } ?? false }
    guard !rules.isEmpty else { return }
    guard graph.server.traits.programMemory == .table, let memory = graph.streamMemory else {
      let names = rules.map { "[stream \($0.pattern.text)]" }.joined(separator: ", ")
      warnings.append(
        graph.server.traits.programMemory == .session
          ? "\(names): for what plays now. Programs that are started later are not reached on PipeWire."
          : "\(names): for what plays now. This PulseAudio runs without module-stream-restore, "
            + "which would tell programs that are started later."
      )
      return
    }
    var taken: Set<String> = []
    for rule in rules {
      // The first rule that fits wins, here as well.
      for key in keys(of: rule.pattern) where taken.insert(key).inserted {
        let volumes = rule.volume.map { ChannelVolumes($0, count: 2) } ?? ChannelVolumes([])
        let present = memory.first { $0.key == key }
        var wanted = StreamMemory(
          key: key, sink: rule.to.flatMap { outputs[$0]?.name } ?? present?.sink, volume: volumes, channelMap: .stereo,
          isMuted: rule.mute ?? present?.isMuted ?? false)
        if volumes.channels.isEmpty, let present { (wanted.volume, wanted.channelMap) = (present.volume, present.channelMap) }
        settings.append(Setting(.memory(key), .memory(wanted)))
      }
    }
  }

  /// The keys under which PulseAudio looks for what it remembers, as far as they can be told from the pattern and from
  /// what plays. A stream with a role is remembered by its role alone.
  private func keys(of pattern: StreamPattern) -> [String] {
    let prefix = "sink-input-by-"
    switch pattern {
    case .role(let role): return ["\(prefix)media-role:\(role)"]
    case .application(let glob):
      let named = glob.isPlain ? ["\(prefix)application-name:\(glob.pattern)"] : []
      // An application's id is a name of a domain turned round.
      let identified = glob.isPlain && glob.pattern.contains(".") ? ["\(prefix)application-id:\(glob.pattern)"] : []
      let playing: [String] = graph.sinkInputs.filter { $0.isMovable && $0.properties[.mediaRole] == nil && pattern.fits($0) }
        .map(\.memoryKey)
      return named + identified + playing
    }
  }
}
