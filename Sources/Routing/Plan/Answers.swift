internal import AudioGraph

/// What `--on` says, and what was answered to a question: a term that one of several devices fits, or its card, or a device of
/// the card.
extension [MatchExpression] {
  /// Whether one of them means `device`.
  func fit(_ device: Device, in graph: Graph) -> Bool {
    contains { $0.names(device, in: graph) || graph.card(index: device.card).map($0.names) ?? false }
  }

  /// Whether one of them means `card`.
  func fit(_ card: Card, in graph: Graph) -> Bool {
    contains { $0.fits(card, in: graph) }
  }
}

extension MatchExpression {
  /// Whether it means a card, be it by one of its devices.
  fileprivate func fits(_ card: Card, in graph: Graph) -> Bool {
    let devices = graph.devices(.sink, of: card) + graph.devices(.source, of: card)
    return names(card) || devices.contains { names($0, in: graph) }
  }

  fileprivate func names(_ device: Device, in graph: Graph) -> Bool {
    alternatives.contains { terms in terms.allSatisfy { $0.fits(MatchSubject(device, in: graph)) } }
  }

  fileprivate func names(_ card: Card) -> Bool {
    alternatives.contains { terms in terms.allSatisfy { $0.fits(MatchSubject(card)) } }
  }

  /// Whether one of the devices that were found, or their cards, or one of the cards, is meant.
  func isMet(by devices: [Device], _ cards: [Card], in graph: Graph) -> Bool {
    devices.contains { [self].fit($0, in: graph) } || cards.contains { fits($0, in: graph) }
  }
}
