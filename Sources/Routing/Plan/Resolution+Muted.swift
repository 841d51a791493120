internal import AudioGraph

/// Whether what a profile has chosen is heard.
extension Resolution {
  /// Says so where nothing will be heard from the default output.
  mutating func warnIfMuted(_ output: Endpoint, _ profile: Profile) {
    let (isMuted, isAsked) = mute(of: output.name)
    if isMuted {
      let name = graph.sink(named: output.name)?.description ?? output.description
      warnings.append(
        isAsked
          ? "\(name) is muted, as \(profile.name) says: nothing is heard from it."
          : "\(name) is muted, and \(profile.name) leaves it so: nothing is heard from it. "
            + "'mute = no' in its [output] unmutes it."
      )
    }
    // Below a device of ours.
    let below = output.module == nil ? [] : output.hardware
    if !isMuted, !below.isEmpty, below.allSatisfy({ mute(of: $0.name).isMuted }) {
      let names = below.map(\.description).joined(separator: ", ")
      warnings.append(
        "\(names) is muted, which \(output.description) plays to: nothing is heard from it. Unmute it in your mixer.")
    }
  }

  /// Whether a sink is muted when all is done, and whether that is what the profile says.
  private func mute(of sink: String) -> (isMuted: Bool, isAsked: Bool) {
    let asked = settings.last { setting in
      if case .mute(.device(.sink, let name, _)) = setting.attribute { name == sink } else { false }
    }.map { $0.value == .mute(true) }
    return (asked ?? graph.sink(named: sink)?.isMuted ?? false, asked == true)
  }
}
