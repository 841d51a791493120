internal import AudioGraph

/// How loud the devices of a profile shall be.
extension Resolution {
  mutating func set(_ output: OutputSection, on endpoint: Endpoint) {
    guard let sink = graph.device(.sink, named: endpoint.name), let object = object(of: sink, output.volume) else { return }
    if endpoint.module != nil || output.volume != nil || output.balance != nil || output.limit != nil {
      var volumes = endpoint.module == nil ? startingVolumes(of: sink) : ownVolumes(of: endpoint, output.device)
      if let volume = output.volume { volumes = volumes.scaled(to: volume) }
      if let balance = output.balance { volumes = volumes.balanced(balance, map: sink.channelMap) }
      if let limit = output.limit, volumes.loudest > limit { volumes = volumes.scaled(to: limit) }
      settings.append(Setting(.volume(object), .volume(volumes)))
    }
    // Servers remember how a device of that name was.
    if let mute = output.mute ?? (endpoint.module != nil ? false : nil) { settings.append(Setting(.mute(object), .mute(mute))) }
  }

  mutating func set(_ input: DeviceSection, on endpoint: Endpoint) {
    guard let source = graph.device(.source, named: endpoint.name), let object = object(of: source, input.volume) else { return }
    if endpoint.module != nil || input.volume != nil {
      var volumes = endpoint.module == nil ? startingVolumes(of: source) : ownVolumes(of: endpoint, input)
      if let volume = input.volume { volumes = volumes.scaled(to: volume) }
      settings.append(Setting(.volume(object), .volume(volumes)))
    }
    if let mute = input.mute ?? (endpoint.module != nil ? false : nil) { settings.append(Setting(.mute(object), .mute(mute))) }
  }

  /// What has the volume of a device once its port is the one that the profile chooses. Nil as long as that is not in use and
  /// its volume depends on what it has.
  private func object(of device: Device, _ volume: Volume?) -> Attribute.Object? {
    let port = settings.first { $0.attribute == .port(device.kind, name: device.name) }
    guard case .choice(let name?)? = port?.value, name != device.activePort else { return device.object }
    return volume == nil ? nil : .device(device.kind, name: device.name, port: name)
  }

  /// The volumes a profile starts from, where it says only part of what they should be. Not those that hproute itself
  /// has set: a second apply, or one over another profile, gives what the first would have given.
  private func startingVolumes(of device: Device) -> ChannelVolumes {
    let attribute = Attribute.volume(device.object)
    // A device that came with a card profile is as it is now; so is one whose port has come into use, and one of which the
    // server has begun to tell.
    let known = start.device(of: device.object)
    let isNew = known == nil || start.hidesVolume(of: attribute)
    let first = isNew ? device : known ?? device
    // What this apply itself writes down does not change what it starts from.
    guard let entry = (isNew ? baseline : context.origin)[attribute], case .volume(let former) = entry.chosen ?? entry.was,
      former.channels.count == device.volume.channels.count
    else { return first.volume }
    // Cut off, nobody knows which of the volumes of two profiles it is that is there.
    let isOurs =
      !context.isCertain
      || entry.outcome.map { (isNew ? graph : start).holds($0, assuming: [attribute: $0.value]) } ?? false
    // What was noted right after a switch may have been something on its way: it makes nothing louder.
    if isNew || isOfChosenProfile(device) { return isOurs ? former.lower(of: first.volume) : first.volume }
    // What the user has changed since counts.
    return isOurs || start.holds(Setting(attribute, .volume(former))) ? former : first.volume
  }

  /// Whether hproute has chosen the card profile of a device.
  private func isOfChosenProfile(_ device: Device) -> Bool {
    graph.cardName(of: device).map { baseline[.cardProfile(card: $0)] != nil } ?? false
  }

  /// What a device of ours is to have: what the profile says, else what it has had, else what the channels below had.
  func ownVolumes(of endpoint: Endpoint, _ section: DeviceSection) -> ChannelVolumes {
    let count = endpoint.channelMap.positions.count
    if let volume = section.volume { return startOf(endpoint)?.scaled(to: volume) ?? ChannelVolumes(volume, count: count) }
    if case .combination? = endpoint.module { return ChannelVolumes(.full, count: count) }
    if let former = startOf(endpoint) { return former }
    if let below = endpoint.ownBelow.flatMap({ start.device(.sink, named: $0) }) {
      return ChannelVolumes(below.volume.loudest, count: count)
    }
    guard let device = endpoint.hardware.first, let channels = endpoint.channels else {
      return ChannelVolumes(.full, count: count)
    }
    // What it was given first stays: the channels below are at full volume by now.
    let (own, master) = (Attribute.volume(.device(device.kind, name: endpoint.name, port: nil)), Attribute.volume(device.object))
    if case .volume(let set)? = baseline[own]?.set { return set }
    if let outcome = baseline[master]?.outcome, graph.holds(outcome),
      let present = graph.device(device.kind, named: endpoint.name)
    {
      return present.volume
    }
    let below = startingVolumes(of: device).channels
    return ChannelVolumes(channels.filter(below.indices.contains).map { below[$0] }.max() ?? .full, count: count)
  }

  /// What a device of ours had when this began, if it was there.
  private func startOf(_ endpoint: Endpoint) -> ChannelVolumes? {
    endpoint.hardware.first.flatMap { start.device($0.kind, named: endpoint.name)?.volume }
  }

  /// Below a device of ours, its channels are at full volume: one volume is enough. That is done last, and only where
  /// nobody else plays to them, who would be heard at full volume as well.
  mutating func openUp(_ endpoints: [Endpoint], _ kind: DeviceKind) {
    let picked = endpoints.filter { $0.channels != nil }
    for (name, users) in Dictionary(grouping: picked, by: { $0.hardware[0].name }).sorted(by: { $0.key < $1.key }) {
      guard let device = graph.device(kind, named: name), users.allSatisfy({ graph.device(kind, named: $0.name) != nil }) else {
        continue
      }
      // As long as its volume is not told, nobody knows what would be put back.
      guard !graph.hidesVolume(of: .volume(device.object)) else { continue }
      if let reason = strangers(on: device) {
        left.append(Left(object: device.description, reason: "\(reason), so its own volume stays as it is"))
        continue
      }
      let channels = Set(users.flatMap { $0.channels ?? [] })
      var volumes = startingVolumes(of: device)
      for channel in channels where volumes.channels.indices.contains(channel) { volumes.channels[channel] = .full }
      settings.append(Setting(.volume(device.object), .volume(volumes)))
    }
  }

  /// Who plays to the hardware itself and will go on doing so, or lets it be heard; nil where nobody does.
  func strangers(on device: Device) -> String? {
    let ours = Set(graph.ownModules(of: planner.user).map(\.module.index))
    guard device.kind == .sink else {
      let isHeard = graph.sourceOutputs.contains { stream in
        stream.source == device.index && stream.client == nil && !(stream.ownerModule.map(ours.contains) ?? false)
      }
      return isHeard ? "it is heard through a loopback that hproute did not load" : nil
    }
    let stranger = graph.sinkInputs.first { stream in
      guard stream.sink == device.index, !(stream.client == nil && stream.ownerModule.map(ours.contains) ?? false) else {
        return false
      }
      let position = Attribute.streamSink(stream.identity)
      let leaves = settings.contains { $0.attribute == position && $0.value != .device(device.name) }
      return !leaves || exempt.contains(position)
    }
    let title = stranger.map { graph.loader(of: $0.identity)?.title ?? $0.identity.application.title }
    return (title ?? graph.userModule(playingTo: device.name)?.title).map { "\($0) plays to it directly" }
  }

  /// - Throws: where two outputs are to have two volumes, and have one: an echo canceller shares that of the device below.
  func requireTwoVolumes(_ profile: Profile) throws(PlanError) {
    let volumes = Dictionary(profile.outputs.map { ($0.label, $0.volume) }, uniquingKeysWith: { first, _ in first })
    for (label, endpoint) in outputs.sorted(by: { $0.key < $1.key }) {
      guard let sink = endpoint.hardware.first, let master = sink.properties[.masterDevice],
        graph.modules.contains(where: {
          $0.index == sink.ownerModule && ["module-echo-cancel", "module-virtual-sink"].contains($0.name)
        }),
        let other = outputs.first(where: { $0.value.name == master }), let a = volumes[label] ?? nil,
        let b = volumes[other.key] ?? nil, a != b
      else { continue }
      throw .sharedVolume(sections: [Self.title("output", other.key), Self.title("output", label)], device: sink.description)
    }
  }
}
