internal import Foundation

extension RandomSequence {
  /// The sequence with one thing less, for each thing that can be missing: large things first.
  var shorter: [RandomSequence] {
    var all: [RandomSequence] = []
    // The last step stays: what it does is what is looked at.
    for index in steps.indices.dropLast().reversed() { all.append(with { $0.steps.remove(at: index) }) }
    for profile in profiles where !steps.contains(.apply(profile.name)) {
      all.append(with { $0.profiles.removeAll { $0.name == profile.name } })
    }
    for player in desk.players { all.append(with { $0.remove(player) }) }
    for card in desk.cards { all.append(with { $0.remove(card) }) }
    for module in desk.modules.reversed() { all.append(with { $0.remove(module) }) }
    for (number, profile) in profiles.enumerated() {
      for index in profile.sections.indices { all.append(with { $0.profiles[number].sections.remove(at: index) }) }
    }
    for index in desk.settings.indices.reversed() { all.append(with { $0.desk.settings.remove(at: index) }) }
    for (number, profile) in profiles.enumerated() {
      for (index, section) in profile.sections.enumerated() where section.keys.count > 1 {
        for key in section.keys.indices { all.append(with { $0.profiles[number].sections[index].keys.remove(at: key) }) }
      }
    }
    for (index, player) in desk.players.enumerated() {
      if player.role != nil { all.append(with { $0.desk.players[index].role = nil }) }
      if player.isCorked { all.append(with { $0.desk.players[index].isCorked = false }) }
      if player.isMeter { all.append(with { $0.desk.players[index].isMeter = false }) }
      if player.isFixed { all.append(with { $0.desk.players[index].isFixed = false }) }
    }
    // A desk without a device is another matter.
    return all.filter { !$0.desk.outputs.isEmpty }
  }

  private func with(_ change: (inout RandomSequence) -> Void) -> RandomSequence {
    var other = self
    change(&other)
    return other
  }

  private mutating func remove(_ player: DeskPlayer) {
    desk.players.removeAll { $0 == player }
    forget { $0 == player.object }
    steps.removeAll { $0 == .end(player.name) }
  }

  private mutating func remove(_ card: RandomDesk.Card) {
    desk.cards.removeAll { $0.file.id == card.file.id }
    forget { $0 == DeskObject(.card, card.file.name) }
    steps.removeAll { step in
      switch step {
      case .plug(card.file.id), .unplug(card.file.id), .jack(card.file.id, _, _): true
      default: false
      }
    }
    for device in card.file.profiles.flatMap(\.devices) { remove(device: device.name) }
    removeSections { $0["match"] == "name:\(card.file.name)" }
  }

  private mutating func remove(_ module: RandomDesk.Module) {
    desk.modules.removeAll { $0.words == module.words }
    for name in [module.sink?.name, module.source?.name].compactMap({ $0 }) { remove(device: name) }
  }

  /// And everything that hangs on it.
  private mutating func remove(device: String) {
    let names = [device, "\(device).monitor"]
    for player in desk.players where player.device.map(names.contains) == true { remove(player) }
    for module in desk.modules where module.hangsOn.contains(where: names.contains) { remove(module) }
    forget { [.sink, .source].contains($0.kind) && names.contains($0.name) }
    desk.settings.removeAll { $0.fact.object == .server && names.contains($0.value) }
    steps.removeAll { step in
      switch step {
      case .set(let setting): names.contains(setting.value)
      case .start(let player): player.device.map(names.contains) == true
      default: false
      }
    }
    removeSections { section in names.contains { section["match"] == "name:\($0)" } }
  }

  private mutating func forget(_ isGone: (DeskObject) -> Bool) {
    desk.settings.removeAll { isGone($0.fact.object) }
    steps.removeAll { step in
      if case .set(let setting) = step { return isGone(setting.fact.object) }
      return false
    }
  }

  private mutating func removeSections(_ isGone: (RandomProfile.Section) -> Bool) {
    for index in profiles.indices { profiles[index].sections.removeAll(where: isGone) }
  }
}

/// Takes away from a sequence what does not matter, as long as it fails in the same way.
struct Shrinking {
  let kind: ServerKind
  var attempts = 120

  func shortest(_ sequence: RandomSequence, _ finding: Finding) -> (RandomSequence, Finding) {
    var (best, its, rest) = (sequence, finding, attempts)
    best.steps.removeSubrange((finding.step + 1)...)
    var start = 0
    // Of several things that went wrong together the first will do.
    let wanted = finding.kinds.first ?? ""
    while rest > 0 {
      let candidates = best.shorter
      guard start < candidates.count else { break }
      rest -= 1
      let run = SequenceRun(candidates[start], on: kind, patience: .milliseconds(500))
      if case .failed(let findings)? = try? run.run(), let finding = findings.first(where: { $0.kinds.contains(wanted) }) {
        (best, its) = (candidates[start], finding)
      } else {
        start += 1
      }
    }
    return (best, its)
  }
}
