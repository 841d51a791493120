internal import AudioGraph

/// The devices that sections mean, and those that are made of their channels.
extension Resolution {
  /// The card on which all sections that name none find something, if there is exactly one. Two outputs, or two inputs, may as
  /// well be on two cards, and devices of software in front of one.
  func commonCard(_ outputs: [DeviceSection], _ inputs: [DeviceSection]) -> UInt32? {
    let (outputs, inputs) = (outputs.filter { $0.card == nil }, inputs.filter { $0.card == nil })
    guard outputs.count <= 1, inputs.count <= 1 else { return nil }
    let found = outputs.map { try? choice($0, .sink).candidates() } + inputs.map { try? choice($0, .source).candidates() }
    let devices = found.map { $0 ?? [] }.filter { !$0.contains { graph.source(named: $0.name)?.monitorOf != nil } }
    guard devices.count > 1, !devices.joined().contains(where: { $0.card == nil }) else { return nil }
    let cards = devices.map { Set($0.map(\.card)) }
    let common = cards.dropFirst().reduce(cards[0]) { $0.intersection($1) }
    return common.count == 1 ? common.first ?? nil : nil
  }

  private func choice(_ section: DeviceSection, _ kind: DeviceKind, beside card: @escaping () -> UInt32? = { nil })
    -> DeviceChoice
  {
    DeviceChoice(
      graph: graph, section: section, kind: kind, title: Self.title(kind == .sink ? "output" : "input", section.label),
      card: section.card.flatMap { cards[$0] },
      preference: DevicePreference(card: card, inUse: inUse, answers: { [answers, graph] in answers.fit($0, in: graph) }))
  }

  /// - Parameter card: on which card a section belongs, if it fits several.
  mutating func endpoints(
    _ sections: [DeviceSection], _ kind: DeviceKind, beside card: @escaping (DeviceSection) -> UInt32?
  ) throws(PlanError) -> [String: Endpoint] {
    var endpoints: [String: Endpoint] = [:]
    for section in sections {
      guard let endpoint = try endpoint(section, kind, beside: { card(section) }) else { continue }
      let word = kind == .sink ? "output" : "input"
      // Two sections that mean the same device contradict each other; but in a list of preferences a device that is
      // found again is passed over.
      if let owner = sections.first(where: { endpoints[$0.label]?.overlaps(endpoint) ?? false }) {
        let device = endpoint.hardware[0].description
        guard !section.isRequired else {
          throw .sameDevice(sections: [Self.title(word, owner.label), Self.title(word, section.label)], device: device)
        }
        left.append(
          Left(object: Self.title(word, section.label), reason: "\(device) is \(Self.title(word, owner.label)) already"))
      } else {
        endpoints[section.label] = endpoint
      }
    }
    return endpoints
  }

  /// Nil where the device is not there and need not be, or is not there yet.
  private mutating func endpoint(
    _ section: DeviceSection, _ kind: DeviceKind, beside card: @escaping () -> UInt32?
  ) throws(PlanError) -> Endpoint? {
    let title = Self.title(kind == .sink ? "output" : "input", section.label)
    if let label = section.card, cards[label] == nil {
      left.append(Left(object: title, reason: "its card is not there"))
      return nil
    }
    // The devices of a card profile that is not in force yet cannot be told.
    guard section.card.flatMap({ cards[$0]?.name }).map({ !switching.contains($0) }) ?? true else { return nil }
    let found: DeviceChoice.Result
    let asked =
      answers.isEmpty ? nil : PortElsewhere.all(for: section, kind, in: graph, isTaken: true).first { $0.isAsked(in: answers) }
    do { found = try choice(section, kind, beside: card).find() } catch {
      if case .ambiguous = error { throw error }
      if case .inAnotherCardProfile = error {
        if let asked {
          change(asked.card, to: asked.profile)
          return nil
        }
        elsewhere = elsewhere ?? error
      }
      guard !section.isRequired else { throw error }
      left.append(Left(object: title, reason: error.shortReason))
      return nil
    }
    // What was changed for the profile stays as long as it does, whoever says so again.
    if section.card == nil, asked?.card.index == found.device.card || inUse.contains(found.device.name),
      let card = graph.card(index: found.device.card), baseline[.cardProfile(card: card.name)]?.set != nil,
      let profile = card.activeProfile
    {
      change(card, to: profile)
    }
    if let reason = found.reason { choices.append("\(title) is \(found.device.description): \(reason)") }
    if let port = found.port { settings.append(Setting(.port(kind, name: found.device.name), .choice(port.name))) }
    guard
      let channels = found.channels ?? found.device.channelsByDefault ?? pairToMix(of: found.device, section)
        ?? channelToMonitor(of: found.device, section),
      needsRemap(channels, of: found.device)
    else { return Endpoint(found.device) }
    return remapped(channels, of: found.device, section)
  }

  /// The first channel of an input that is monitored and has more than two ears can hear, or channels of which nobody knows in
  /// which ear they belong: the first is where most microphones are.
  private mutating func channelToMonitor(of device: Device, _ section: DeviceSection) -> [Int]? {
    guard device.kind == .source, !isRoutable(device.channelMap), monitored.contains(section.label) else { return nil }
    let title = Self.title("input", section.label)
    warnings.append(
      "\(title): \(device.description) has \(device.channelMap.positions.count) channels, and is heard through a [monitor]: "
        + "channel 1 is taken. For another one: channels = 2 in \(title).")
    return [0]
  }

  /// All channels in order are the device itself. But channels that only have numbers are silent for some programs, and on
  /// PulseAudio for all.
  private func needsRemap(_ channels: [Int], of device: Device) -> Bool {
    let areAll = channels == Array(device.channelMap.positions.indices)
    return !areAll || device.channelsByDefault != nil
      || (!graph.server.traits.playsNumberedChannels && device.channelMap.isNumbered)
  }

  private mutating func remapped(_ channels: [Int], of device: Device, _ section: DeviceSection) -> Endpoint {
    let map = channels.count == 1 ? ChannelMap.mono : .stereo
    let numbers = channels.map { String($0 + 1) }.joined(separator: "+")
    let interface = graph.card(index: device.card)?.description ?? device.description
    var remap = Remap(
      tag: tag(.device, section.label, device.kind), kind: device.kind, name: OwnDevice.prefix + section.label,
      master: device.name, masterMap: ChannelMap(channels.map { device.channelMap.positions[$0] }), map: map,
      title: "\(section.label) (\(interface) \(numbers))", volume: .full)
    if case .remap(let it)? = running({ $0.doesTheSame(as: .remap(remap)) }), !it.name.isEmpty {
      (remap.tag, remap.name) = (it.tag, it.name)
    } else {
      remap.name = freeName(remap.name, device.kind, remap.tag)
    }
    var endpoint = Endpoint(remap, of: device, channels: channels)
    // Where the server can be told, it starts with the volume it is to have.
    remap.volume = ownVolumes(of: endpoint, section).loudest
    endpoint.module = .remap(remap)
    settings.append(Setting(.module(remap.tag), .module(.remap(remap))))
    return endpoint
  }

  mutating func combine(_ profile: Profile) {
    for output in profile.outputs where !output.combine.isEmpty {
      let title = Self.title("output", output.label)
      let members = output.combine.compactMap { outputs[$0] }
      guard !members.isEmpty else {
        left.append(Left(object: title, reason: "none of its outputs is there"))
        continue
      }
      var combination = Combination(
        tag: tag(.device, output.label, .sink), name: OwnDevice.prefix + output.label, members: members.map(\.name),
        title: "\(output.label) (\(output.combine.joined(separator: " and ")))")
      if case .combination(let it)? = running({ $0.doesTheSame(as: .combination(combination)) }), !it.name.isEmpty {
        (combination.tag, combination.name) = (it.tag, it.name)
      } else {
        combination.name = freeName(combination.name, .sink, combination.tag)
      }
      settings.append(Setting(.module(combination.tag), .module(.combination(combination))))
      outputs[output.label] = Endpoint(combination, of: members)
    }
  }
}
