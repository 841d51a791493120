internal import AudioGraph

/// A port that a section without a `[card]` could use, and the card profile that would have it.
///
/// Laptops have loudspeakers and headphones in card profiles of their own, headsets their microphone in one of two, and
/// another one is in force. That is changed if somebody says so, and never unasked: what records from the card may lose its
/// device.
struct PortElsewhere {
  let card: Card
  let port: Port
  let profile: String

  /// Those of all cards.
  ///
  /// - Parameter isTaken: whether the port may be in the card profile in force, too.
  static func all(for section: DeviceSection, _ kind: DeviceKind, in graph: Graph, isTaken: Bool = false) -> [PortElsewhere] {
    guard section.card == nil, let match = section.match else { return [] }
    return graph.cards.compactMap { card in
      let fitting = card.places(kind).filter { $0.port.availability != .no && match.fits($0.port, of: card) }
      // As a device without ports is as good as one with the port that is asked for.
      let names = section.ports.isEmpty ? [nil] : section.ports.map(Optional.some) + [Port.untold(kind).name]
      let wanted = names.lazy.map { name in
        fitting.filter { name.map($0.port.isCalled) ?? true }.max { $0.port.priority < $1.port.priority }
      }
      guard let port = wanted.compactMap(\.self).first else { return nil }
      let isInForce = card.activeProfile.map(port.profiles.contains) ?? false
      guard isTaken || !isInForce, let profile = isInForce ? card.activeProfile : card.bestProfile(with: port) else { return nil }
      return PortElsewhere(card: card, port: port.port, profile: profile)
    }
  }

  /// As an answer that somebody can choose: the port, and its card where several have one.
  func candidate(isAlone: Bool, in graph: Graph) -> PlanError.Candidate {
    let named = MatchTerm.port(port.type ?? port.name)
    let terms = isAlone ? [named] : (graph.matchExpression(for: card).alternatives.first ?? []) + [named]
    return PlanError.Candidate(
      name: card.name, description: "\(port.description) of \(card.description), in its card profile '\(profile)'",
      term: MatchExpression(alternatives: [terms]).text,
      place: .init(card: graph.matchExpression(for: card).text, profile: ProfileWriter.word(profile)))
  }

  /// Whether one of the answers names it.
  func isAsked(in answers: [MatchExpression]) -> Bool {
    answers.contains { $0.alternatives.contains { terms in terms.contains { $0.isPort } && terms.all(port, of: card) } }
  }
}

extension MatchExpression {
  fileprivate func fits(_ port: Port, of card: Card) -> Bool { alternatives.contains { $0.all(port, of: card) } }
}

extension [MatchTerm] {
  /// Whether all of them are so of a port, or of its card.
  fileprivate func all(_ port: Port, of card: Card) -> Bool {
    var subject = MatchSubject(card)
    subject.ports = [port]
    return allSatisfy { $0.fits(subject) }
  }
}

extension MatchTerm {
  fileprivate var isPort: Bool { if case .port = self { true } else { false } }
}

extension Port {
  /// Stands for the ports of which a server does not tell, and is called `input` or `output`.
  static func untold(_ kind: DeviceKind) -> Port {
    let name = kind == .sink ? "output" : "input"
    return Port(name: name, description: "The \(name)", type: nil, availability: .unknown)
  }

  /// Whether a profile means it by `name`, which may be its type as well.
  func isCalled(_ name: String) -> Bool {
    let name = name.lowercased()
    return self.name.lowercased() == name || type == name
  }
}

extension Card {
  /// The ports of a direction, and what stands for those of which the server does not tell: those of card profiles that have
  /// something there all the same. In pro-audio there are none.
  func places(_ kind: DeviceKind) -> [CardPort] {
    let ports = ports.filter { $0.kind == kind }
    let told = Set(ports.flatMap(\.profiles))
    let untold = profiles.filter { (kind == .sink ? $0.sinks : $0.sources) > 0 && $0.name != "pro-audio" }.map(\.name)
      .filter { !told.contains($0) }
    return untold.isEmpty ? ports : ports + [CardPort(.untold(kind), kind, profiles: untold)]
  }

  /// Of the card profiles that have `port` the one that keeps most of what is there in the other direction, and of several
  /// that which the server would rather have.
  fileprivate func bestProfile(with port: CardPort) -> String? {
    let others = ports.filter { other in other.kind != port.kind && activeProfile.map(other.profiles.contains) ?? false }
    let kept = { (profile: CardProfile) in others.count { $0.profiles.contains(profile.name) } }
    return profiles.filter { $0.isAvailable && port.profiles.contains($0.name) }
      .max { (kept($0), $0.priority) < (kept($1), $1.priority) }?.name
  }
}
