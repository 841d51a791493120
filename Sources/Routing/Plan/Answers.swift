internal import AudioGraph

/// What `--on` says, and what was answered to a question: a term that one of several devices fits, or its card, or a device of
/// the card.
extension [MatchExpression] {
  /// Whether one of them means `device`.
  func fit(_ device: Device, in graph: Graph) -> Bool { contains { $0.means(device, in: graph) } }

  /// Whether one of them means `card`.
  func fit(_ card: Card, in graph: Graph) -> Bool { contains { $0.means(card, in: graph) } }

  /// - Throws: if one of them means none of the devices and cards: it is not replaced by something else.
  func require(among devices: [Device], _ cards: [Card], in graph: Graph) throws(PlanError) {
    for answer in self
    where !devices.contains(where: { answer.means($0, in: graph) }) && !cards.contains(where: { answer.means($0, in: graph) }) {
      throw .notChosen(term: answer.text, present: (graph.devices(.sink) + graph.devices(.source)).map(\.description))
    }
  }
}

extension MatchExpression {
  fileprivate func means(_ device: Device, in graph: Graph) -> Bool {
    var subject = MatchSubject(device, in: graph)
    if subject.ports.isEmpty { subject.ports = [.untold(device.kind)] }
    guard !fits(subject), var card = graph.card(index: device.card).map({ MatchSubject($0) }) else { return fits(subject) }
    // The ports of its card are those of other devices, too.
    card.ports = subject.ports
    return fits(card)
  }

  fileprivate func means(_ card: Card, in graph: Graph) -> Bool {
    let devices = graph.devices(.sink, of: card) + graph.devices(.source, of: card)
    var subject = MatchSubject(card)
    subject.ports = DeviceKind.allCases.flatMap { card.places($0).map(\.port) }
    return fits(subject) || devices.contains { fits(MatchSubject($0, in: graph)) }
  }

  private func fits(_ subject: MatchSubject) -> Bool { alternatives.contains { $0.allSatisfy { $0.fits(subject) } } }
}

extension Profile {
  /// What the section of that title matches, as it stands in the file: `[output phones]`; nil if it says nothing.
  public func match(of title: String) -> MatchExpression? {
    let outputs = outputs.map { (Resolution.title("output", $0.label), $0.match) }
    let inputs = inputs.map { (Resolution.title("input", $0.label), $0.match) }
    let cards = cards.map { (Resolution.title("card", $0.label), Optional($0.match)) }
    return (outputs + inputs + cards).first { $0.0 == title }?.1
  }
}
