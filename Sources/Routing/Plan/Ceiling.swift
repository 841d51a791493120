public import AudioGraph

/// How loud an output may be at any time, whoever turns it: what `hold = limit` says.
public struct Ceiling: Hashable, Sendable {
  /// No channel is louder.
  var limit: Volume
  /// The channels that are meant, by their place in the device; nil for all.
  var channels: Set<Int>?
  /// Whether it is about a device below one of ours, which has the volume.
  var isBelow = false

  /// `volumes` without what is too much. The balance stays where the whole device is meant, as with a volume key; other
  /// channels of a device that is shared stay as they are.
  ///
  /// - Returns: nil if nothing is.
  func lowered(_ volumes: ChannelVolumes) -> ChannelVolumes? {
    guard let channels else { return volumes.loudest > limit ? volumes.scaled(to: limit) : nil }
    var lowered = volumes
    for place in channels where volumes.channels.indices.contains(place) {
      lowered.channels[place] = min(volumes.channels[place], limit)
    }
    return lowered == volumes ? nil : lowered
  }
}

extension Plan {
  /// What is above its ceiling, and what it would be below it. What was set so already, and a device has rounded, is not.
  public func excesses(in graph: Graph) -> [Attribute: ChannelVolumes] {
    ceilings.reduce(into: [:]) { result, ceiling in
      guard case .volume(let present)? = graph.value(of: ceiling.key), !graph.hidesVolume(of: ceiling.key),
        let lowered = ceiling.value.lowered(present)
      else { return }
      let setting = Setting(ceiling.key, .volume(lowered))
      if wanted(ceiling.key) != setting.value || !graph.holds(setting) { result[ceiling.key] = lowered }
    }
  }
}

extension Plan {
  /// What keys have turned, and what was above its ceiling and is lowered as one of them would do it. What is below a device of
  /// ours is as the profile has it, and nothing to remember.
  public func lowered(_ excesses: [Attribute: ChannelVolumes], _ controls: Controls) -> Controls {
    var controls = controls
    for (attribute, volumes) in excesses where ceilings[attribute]?.isBelow == false {
      controls.levels[attribute] = .volume(volumes)
    }
    return controls
  }
}

extension Resolution {
  /// What is never louder, of outputs with `hold = limit`: whatever port is in use, and below a device of ours as well.
  func ceilings(_ profile: Profile) -> [Attribute: Ceiling] {
    var result: [Attribute: Ceiling] = [:]
    for output in profile.outputs where output.hold == .limit {
      guard let limit = output.limit, let endpoint = outputs[output.label],
        let sink = graph.device(.sink, named: endpoint.name)
      else { continue }
      result[Attribute.volume(sink.object)] = Ceiling(limit: limit)
      if let below = endpoint.ownBelow.flatMap({ graph.device(.sink, named: $0) }) {
        result[Attribute.volume(below.object)] = Ceiling(limit: .full, isBelow: true)
      }
      guard let channels = endpoint.channels, let below = endpoint.hardware.first.flatMap({ graph.device(.sink, named: $0.name) })
      else { continue }
      let volume = Attribute.volume(below.object)
      guard settings.contains(where: { $0.attribute == volume }) else { continue }
      result[volume] = Ceiling(limit: .full, channels: (result[volume]?.channels ?? []).union(channels), isBelow: true)
    }
    return result
  }
}
