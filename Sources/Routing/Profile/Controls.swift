public import AudioGraph

/// What the user has turned and switched since a profile was applied: it wins over what the profile says, and ends with it.
public struct Controls: Hashable, Sendable {
  /// Monitors, by label, and whether they are heard.
  public var monitors: [String: Bool] = [:]
  /// Outputs, by label, and whether they are mono. Without a profile, the default sink by its name.
  public var monos: [String: Bool] = [:]
  /// Volumes and mute switches of devices.
  public var levels: [Attribute: Value] = [:]
  /// How loud outputs were that are dimmed.
  public var dimmed: [Attribute: ChannelVolumes] = [:]

  /// Nothing was turned.
  public init() {}
}

extension Profile {
  /// The profile as the user has turned and switched it; as it is if nobody has.
  public func under(_ controls: Controls?) -> Profile {
    guard let controls else { return self }
    var profile = self
    profile.controls = controls
    for place in profile.monitors.indices {
      if let isHeard = controls.monitors[profile.monitors[place].label] { profile.monitors[place].mute = !isHeard }
    }
    for place in profile.outputs.indices {
      if let isMono = controls.monos[profile.outputs[place].label] { profile.outputs[place].device.isMono = isMono }
    }
    if profile.isBlank {
      profile.outputs = controls.monos.filter(\.value).keys.sorted().map { name in
        var output = OutputSection(device: DeviceSection(label: "output"))
        output.device.match = MatchExpression(alternatives: [[.name(Glob(name))]])
        output.device.isMono = true
        return output
      }
    }
    return profile
  }
}
