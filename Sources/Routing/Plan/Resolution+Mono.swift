internal import AudioGraph

/// Left and right together, in both ears.
extension Resolution {
  /// Puts a device in front of each output with `mono = yes`: it plays both channels to both. What combines outputs plays to
  /// those, or it would go past their volumes.
  ///
  /// - Parameter combined: whether those are meant that combine others, or the rest.
  mutating func mix(_ profile: Profile, combined: Bool) {
    for output in profile.outputs where output.isMono && output.combine.isEmpty != combined {
      guard let below = outputs[output.label] else { continue }
      guard below.channelMap == .stereo else {
        left.append(
          Left(object: Self.title("output", output.label), reason: "it has no left and right, so it is mono in any case"))
        continue
      }
      // What a device of ours is made of stands in brackets already.
      let parts = below.module == nil ? "\(output.label) (\(below.description)" : String(below.description.dropLast())
      var mix = Remap(
        mixing: below.name, tag: tag(.mix, output.label, .sink), name: "\(OwnDevice.prefix)\(output.label).mono",
        title: "\(parts), mono)", on: graph.server.traits)
      if case .remap(let it)? = running({ $0.doesTheSame(as: .remap(mix)) }), !it.name.isEmpty {
        (mix.tag, mix.name) = (it.tag, it.name)
      } else {
        mix.name = freeName(mix.name, .sink, mix.tag)
      }
      var endpoint = Endpoint(mix, over: below)
      mix.volume = ownVolumes(of: endpoint, output.device).loudest
      endpoint.module = .remap(mix)
      settings.append(Setting(.module(mix.tag), .module(.remap(mix))))
      outputs[output.label] = endpoint
    }
  }

  /// The two channels of a device with others that a pair of headphones is for; nil if it needs none, or nobody knows.
  func pairToMix(of device: Device, _ section: DeviceSection) -> [Int]? {
    guard section.isMono, device.channelMap != .stereo, device.channelMap.positions.count > 1 else { return nil }
    let pair = ChannelMap.stereo.positions.compactMap { device.channelMap.positions.firstIndex(of: $0) }
    return pair.count == 2 ? pair : [0, 1]
  }

  /// Below a mono device of ours, another of ours is at full volume, where nobody else plays to it.
  mutating func openUpMixed(_ endpoints: [Endpoint]) {
    for endpoint in endpoints {
      guard let name = endpoint.ownBelow, let below = graph.device(.sink, named: name),
        graph.device(.sink, named: endpoint.name) != nil
      else { continue }
      if let reason = strangers(on: below) {
        left.append(Left(object: below.description, reason: "\(reason), so its own volume stays as it is"))
        continue
      }
      settings.append(Setting(.volume(below.object), .volume(ChannelVolumes(.full, count: below.channelMap.positions.count))))
      settings.append(Setting(.mute(below.object), .mute(false)))
    }
  }
}
