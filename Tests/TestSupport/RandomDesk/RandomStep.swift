internal import Foundation
internal import SeededRandom

/// What somebody does at a desk.
enum RandomStep: Hashable, Sendable, CustomStringConvertible {
  case apply(String)
  case revert
  case toggleMonitor
  /// Somebody else sets something with pactl.
  case set(DeskSetting)
  case end(String)
  case start(DeskPlayer)
  case unplug(String)
  case plug(String)
  case jack(card: String, port: String, isIn: Bool)

  /// Whether it is done by somebody else than hproute.
  var isMeddling: Bool {
    switch self {
    case .apply, .revert, .toggleMonitor: false
    default: true
    }
  }

  var description: String {
    switch self {
    case .apply(let profile): "hproute apply \(profile)"
    case .revert: "hproute revert"
    case .toggleMonitor: "hproute monitor toggle"
    case .set(let setting): setting.description
    case .end(let name): "end \(name)"
    case .start(let player): (["desk-player"] + player.words).joined(separator: " ") + " &"
    case .unplug(let card): "unplug \(card)"
    case .plug(let card): "plug \(card)"
    case .jack(let card, let port, let isIn): "jack \(card) \(port) \(isIn ? "in" : "out")"
    }
  }
}

/// The steps of a sequence, as they are thrown.
struct StepThrower {
  let desk: RandomDesk
  let profiles: [RandomProfile]
  /// Whether anybody but hproute does anything.
  let isMeddled: Bool
  private var unplugged: Set<String> = []
  private var jacks: [String: Bool] = [:]
  private var ended: Set<String> = []
  private var started = 0

  init(desk: RandomDesk, profiles: [RandomProfile], isMeddled: Bool) {
    (self.desk, self.profiles, self.isMeddled) = (desk, profiles, isMeddled)
  }

  mutating func steps(_ random: inout SeededRandom) -> [RandomStep] {
    var steps = [RandomStep.apply(pick(profiles, &random).name)]
    for _ in 0..<Int.random(in: 0...5, using: &random) {
      if isMeddled, chance(45, &random), let step = meddling(&random) {
        steps.append(step)
      } else {
        steps.append(command(&random))
      }
    }
    // At the end everything is plugged in again, or it could not be as it was.
    steps += unplugged.sorted().map { .plug($0) }
    steps += jacks.sorted { $0.key < $1.key }.map { key, isIn in
      let words = key.split(separator: " ").map(String.init)
      return .jack(card: words[0], port: words[1], isIn: !isIn)
    }
    return steps + [.revert]
  }

  private func command(_ random: inout SeededRandom) -> RandomStep {
    let number = Int.random(in: 0..<100, using: &random)
    return number < 68 ? .apply(pick(profiles, &random).name) : number < 86 ? .revert : .toggleMonitor
  }

  private mutating func meddling(_ random: inout SeededRandom) -> RandomStep? {
    let players = desk.players.filter { !ended.contains($0.name) }
    switch Int.random(in: 0..<9, using: &random) {
    case 0:
      guard let player = players.filter({ !$0.isRecording && !$0.isFixed }).randomElement(using: &random) else { return nil }
      return .set(DeskSetting(player.object, "device", pick(desk.outputs, &random).name))
    case 1:
      guard let player = players.filter({ !$0.isMeter }).randomElement(using: &random) else { return nil }
      return .set(DeskSetting(player.object, "volume", RandomDesk.volume(player.channels, &random)))
    case 2, 3:
      let device = pick(desk.outputs, &random)
      return .set(DeskSetting(DeskObject(.sink, device.name), "volume", RandomDesk.volume(device.channels, &random)))
    case 4: return .set(DeskSetting(.server, "default sink", pick(desk.outputs, &random).name))
    case 5:
      guard let player = players.randomElement(using: &random) else { return nil }
      ended.insert(player.name)
      return .end(player.name)
    case 6:
      started += 1
      return .start(DeskPlayer(name: "Later\(started)", device: chance(50, &random) ? pick(desk.outputs, &random).name : nil))
    case 7:
      guard let card = desk.cards.randomElement(using: &random) else { return nil }
      if unplugged.remove(card.file.id) != nil { return .plug(card.file.id) }
      unplugged.insert(card.file.id)
      return .unplug(card.file.id)
    default: return jack(&random)
    }
  }

  /// Only of cards that are there: a card that is plugged in has its jacks as its file says.
  private mutating func jack(_ random: inout SeededRandom) -> RandomStep? {
    let ports = desk.cards.filter { !unplugged.contains($0.file.id) }.flatMap { card in
      (card.active?.devices ?? []).flatMap { $0.ports.filter { $0.availability == "no" }.map { (card.file.id, $0.name) } }
    }
    guard let (card, port) = ports.randomElement(using: &random) else { return nil }
    let key = "\(card) \(port)"
    if jacks.removeValue(forKey: key) != nil { return .jack(card: card, port: port, isIn: false) }
    jacks[key] = true
    return .jack(card: card, port: port, isIn: true)
  }
}
