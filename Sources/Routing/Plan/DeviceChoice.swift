internal import AudioGraph

/// Finds the device a section means, and never guesses.
struct DeviceChoice {
  let graph: Graph
  let section: DeviceSection
  let kind: DeviceKind
  /// The section as a message calls it.
  let title: String
  /// The card it has to belong to; nil for any.
  let card: Card?
  /// What speaks for one of several.
  var preference = DevicePreference()

  struct Result {
    var device: Device
    /// Why it is this one of several that fit.
    var reason: String?
    /// The port that has to be in use; nil where that does not matter.
    var port: Port?
    /// The channels that are picked, counted from 0; nil for all.
    var channels: [Int]?
  }

  /// The card's sinks in its card profile, narrowed by `match`, then `port`, then `channels`.
  func candidates() throws(PlanError) -> [Device] {
    let all = section.match?.candidates(of: kind, in: graph, card: card) ?? card.map { graph.devices(kind, of: $0) } ?? []
    let matching = all.filter { !OwnDevice.isOne($0.name) }
    guard !matching.isEmpty else { throw absence(card == nil ? "" : section.match.map { ", fitting match = \($0.text)" } ?? "") }
    return try pluggedIn(try narrowedByChannels(try narrowedByPort(matching)))
  }

  func find() throws(PlanError) -> Result {
    let (candidates, reason) = preference.narrowed(try candidates())
    guard candidates.count == 1 else {
      throw .ambiguous(
        section: title,
        candidates: candidates.map {
          .init(name: $0.name, description: $0.description, term: graph.matchExpression(for: $0).text)
        })
    }
    let device = candidates[0]
    let channels = section.channels.isEmpty ? nil : section.channels.compactMap { $0.index(in: device.channelMap) }
    return Result(device: device, reason: reason, port: try port(of: device), channels: channels)
  }

  private func absence(_ reason: String) -> PlanError {
    guard let card else {
      let elsewhere = PortElsewhere.all(for: section, kind, in: graph)
      guard elsewhere.isEmpty else {
        return .inAnotherCardProfile(
          section: title, candidates: elsewhere.map { $0.candidate(isAlone: elsewhere.count == 1, in: graph) })
      }
      return .absent(
        section: title, match: (section.match?.text ?? "") + reason,
        present: graph.devices(kind).map(\.description))
    }
    return .notInCardProfile(section: title, card: card.description, profile: card.activeProfile, reason: reason)
  }

  /// A device with one port or none is as good as one with the port that is asked for, unless some device has it, or its port is
  /// of a kind that says otherwise: a television is no pair of headphones.
  private func narrowedByPort(_ candidates: [Device]) throws(PlanError) -> [Device] {
    guard !section.ports.isEmpty else { return candidates }
    // The first alternative that any has.
    let having = section.ports.lazy.map { port in candidates.filter { $0.hasPort(port) } }.first { !$0.isEmpty }
    let fitting =
      having ?? candidates.filter { $0.ports.isEmpty || $0.ports.count == 1 && $0.ports[0].mayStandIn(for: section.ports) }
    guard !fitting.isEmpty else { throw absence(", with port = \(section.ports.joined(separator: " | "))") }
    return fitting
  }

  /// A device into which nothing is plugged is none as long as there is another.
  private func pluggedIn(_ candidates: [Device]) throws(PlanError) -> [Device] {
    let plugged = candidates.filter { !$0.isUnplugged }
    guard plugged.isEmpty, let device = candidates.first else { return plugged }
    throw .unplugged(section: title, device: device.description, port: device.port?.description ?? device.ports[0].description)
  }

  private func narrowedByChannels(_ candidates: [Device]) throws(PlanError) -> [Device] {
    let fitting = candidates.filter { device in section.channels.allSatisfy { $0.index(in: device.channelMap) != nil } }
    guard let first = candidates.first, fitting.isEmpty else { return fitting }
    throw .noSuchChannel(
      section: title, wanted: section.channels.map(\.text), device: first.description, channels: first.channelMap.positions)
  }

  /// The first of the ports asked for that something is plugged into, as far as the hardware can tell.
  private func port(of device: Device) throws(PlanError) -> Port? {
    guard device.ports.count > 1, !section.ports.isEmpty else { return nil }
    let wanted = section.ports.flatMap { name in device.ports.filter { $0.isCalled(name) } }
    if let port = wanted.first(where: { $0.availability != .no }) { return port }
    throw .unplugged(section: title, device: device.description, port: wanted.first?.description ?? section.ports[0])
  }
}

extension Port {
  /// Whether it may be one of `wanted`, although it is called otherwise: not a television, and not loudspeakers in place of
  /// headphones.
  fileprivate func mayStandIn(for wanted: [String]) -> Bool {
    switch type {
    case "hdmi", "tv", "video": false
    case "speaker": !wanted.contains { ["headphones", "headset"].contains($0) }
    case "headphones", "headset", "handset", "earpiece": !wanted.contains("speaker")
    default: true
    }
  }
}

extension Device {
  fileprivate func hasPort(_ name: String) -> Bool { ports.contains { $0.isCalled(name) } }
}

/// Finds the card a `[card]` section means, and the card profile it should be in.
struct CardChoice {
  let graph: Graph
  let section: CardSection
  let title: String
  /// What the sections that must be there need of it.
  let needsSink: Bool
  let needsSource: Bool
  /// What somebody has answered.
  var answers: [MatchExpression] = []
  /// The cards that the profile is applied to.
  var inUse: Set<UInt32> = []

  func card() throws(PlanError) -> Card {
    // A webcam is no headphone interface.
    var candidates = section.match.candidates(among: graph.cards.filter { $0.offers(sink: needsSink, source: needsSource) })
    for prefers in [{ answers.fit($0, in: graph) }, { inUse.contains($0.index) }] as [(Card) -> Bool] where candidates.count > 1 {
      let preferred = candidates.filter(prefers)
      if !preferred.isEmpty { candidates = preferred }
    }
    if candidates.count > 1 {
      throw .ambiguous(
        section: title,
        candidates: candidates.map {
          .init(name: $0.name, description: $0.description, term: graph.matchExpression(for: $0).text)
        })
    }
    if let card = candidates.first { return card }
    if let unfit = section.match.candidates(among: graph.cards).first {
      throw .noCardProfile(section: title, card: unfit.description, wanted: [], present: unfit.usableProfiles.map(\.name))
    }
    throw .absent(section: title, match: section.match.text, present: graph.cards.map(\.description))
  }

  /// The first of the alternatives that is available; where one of them fits several, that which is in force, else that
  /// which the server would rather have. Nil where the section names none.
  func profile(of card: Card) throws(PlanError) -> String? {
    guard !section.profiles.isEmpty else { return nil }
    for glob in section.profiles {
      let fitting = card.profiles.filter { profile in
        (glob.matches(profile.name) || glob.matches(profile.verb)) && profile.isAvailable
          && (profile.name != "off" || glob.pattern == "off")
          && (!needsSink || profile.sinks > 0) && (!needsSource || profile.sources > 0)
      }
      if fitting.contains(where: { $0.name == card.activeProfile }) { return card.activeProfile }
      if let best = fitting.max(by: { $0.priority < $1.priority }) { return best.name }
    }
    throw .noCardProfile(
      section: title, card: card.description, wanted: section.profiles.map(\.pattern),
      present: card.usableProfiles.map(\.name))
  }
}

extension CardProfile {
  /// `HiFi` of `HiFi (Line1, Mic1)`: a use case, and the devices of it that can be had together.
  fileprivate var verb: String { name.firstRange(of: " (").map { String(name[..<$0.lowerBound]) } ?? name }
}

extension Card {
  fileprivate var usableProfiles: [CardProfile] { profiles.filter { $0.name != "off" && $0.isAvailable } }

  fileprivate func offers(sink: Bool, source: Bool) -> Bool {
    profiles.contains { $0.name != "off" && (!sink || $0.sinks > 0) && (!source || $0.sources > 0) }
  }
}
