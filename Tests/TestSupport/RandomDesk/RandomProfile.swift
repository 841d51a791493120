internal import Foundation
internal import SeededRandom

/// A profile of hproute's for a desk, as sections and keys, so that the oracle reads what hproute reads.
struct RandomProfile: Sendable {
  struct Section: Sendable {
    var kind: String
    var label: String?
    var keys: [(key: String, value: String)] = []
    subscript(key: String) -> String? { keys.first { $0.key == key }?.value }
    var text: String {
      let name = label.map { " \($0)" } ?? ""
      return "[\(kind)\(name)]\n" + keys.map { "\($0.key) = \($0.value)\n" }.joined()
    }
  }

  let name: String
  var sections: [Section] = []
  var text: String { sections.map(\.text).joined() }

  func sections(_ kind: String) -> [Section] { sections.filter { $0.kind == kind } }
  func output(_ label: String?) -> Section? { sections.first { $0.kind == "output" && $0.label == label } }
  func input(_ label: String?) -> Section? { sections.first { $0.kind == "input" && $0.label == label } }
  /// `move`, `all` or `keep`.
  var streams: String { sections("profile").first?["streams"] ?? "move" }

  init(_ name: String, for desk: RandomDesk, _ random: inout SeededRandom) {
    self.name = name
    addProfile(&random)
    for (index, card) in desk.cards.enumerated() where chance(55, &random) { addCard(card, "card\(index)", &random) }
    addOutputs(desk, &random)
    addInputs(desk, &random)
    if let input = sections("input").randomElement(using: &random), let output = sections("output").randomElement(using: &random),
      chance(55, &random)
    {
      addMonitor(input, output, &random)
    }
    addRules(desk, &random)
  }

  private mutating func addProfile(_ random: inout SeededRandom) {
    var section = Section(kind: "profile")
    if chance(12, &random) {
      section.keys.append(("streams", "keep"))
    } else if chance(10, &random) {
      section.keys.append(("streams", "all"))
    }
    if chance(10, &random) { section.keys.append(("description", "A profile at random")) }
    if !section.keys.isEmpty { sections.append(section) }
  }

  private mutating func addCard(_ card: RandomDesk.Card, _ label: String, _ random: inout SeededRandom) {
    var section = Section(kind: "card", label: label, keys: [("match", "name:\(card.file.name)")])
    if chance(75, &random) {
      let wanted = pick(card.file.profiles, &random).name
      section.keys.append(("profile", chance(15, &random) ? "nothing-of-the-kind | \(wanted)" : wanted))
    }
    sections.append(section)
  }

  /// Devices of the card profile that this profile asks for, or of the one in force.
  private func devices(of desk: RandomDesk, isInput: Bool) -> [RandomDesk.Device] {
    var devices = isInput ? desk.inputs : desk.outputs
    for section in sections("card") {
      guard let wanted = section["profile"]?.components(separatedBy: " | ").last,
        let card = desk.cards.first(where: { section["match"] == "name:\($0.file.name)" })
      else { continue }
      devices.removeAll { $0.card?.id == card.file.id }
      devices += (card.file.profiles.first { $0.name == wanted }?.devices ?? []).filter { $0.isInput == isInput }.map {
        RandomDesk.Device(name: $0.name, channels: $0.channels, card: card.file, ports: $0.ports)
      }
    }
    return devices
  }

  private func cardLabel(of device: RandomDesk.Device) -> String? {
    device.card.flatMap { card in sections("card").first { $0["match"] == "name:\(card.name)" }?.label }
  }

  private mutating func addOutputs(_ desk: RandomDesk, _ random: inout SeededRandom) {
    var devices = devices(of: desk, isInput: false).shuffled(using: &random)
    var outputs: [Section] = []
    for index in 0..<min(pick([1, 1, 2, 2, 3], &random), devices.count) {
      let device = devices.removeFirst()
      var section = Section(kind: "output", label: "out\(index)")
      if let label = cardLabel(of: device) { section.keys.append(("card", label)) }
      section.keys.append(("match", "name:\(device.name)"))
      let limit = chance(12, &random) ? pick([-3, -6, -12], &random) : nil
      if chance(65, &random) { section.keys.append(("volume", volume(atMost: limit ?? 0, &random))) }
      if let limit { section.keys.append(("limit", "\(limit) dB")) }
      if device.channels >= 2, chance(12, &random) {
        section.keys.append(("balance", "\(Int.random(in: -9...9, using: &random) * 10)%"))
      }
      // Of a copy: sequences that are known by their seed stay what they are.
      var aside = random
      if section["balance"] == nil, chance(10, &aside) { section.keys.append(("mono", "yes")) }
      if chance(25, &random) { section.keys.append(("mute", chance(50, &random) ? "yes" : "no")) }
      if device.ports.count > 1, chance(50, &random) {
        let port = pick(device.ports.filter { $0.availability != "no" } + device.ports.prefix(1), &random)
        section.keys.append(("port", chance(60, &random) ? port.name : port.type))
      }
      if device.channels > 2 ? chance(45, &random) : device.channels == 2 && chance(8, &random) {
        section.keys.append(("channels", channels(device.channels, &random)))
      }
      if chance(15, &random) { section.keys.append(("default", "no")) }
      if chance(12, &random) { section.keys.append(("required", "no")) }
      outputs.append(section)
    }
    if outputs.count >= 2, chance(15, &random) {
      var section = Section(kind: "output", label: "both", keys: [("combine", "out0, out1")])
      if chance(50, &random) { section.keys.append(("volume", volume(atMost: 0, &random))) }
      outputs.insert(section, at: 0)
    }
    if chance(10, &random) {
      outputs.insert(Section(kind: "output", label: "gone", keys: [("match", "name:not.there"), ("required", "no")]), at: 0)
    }
    if chance(12, &random), let index = outputs.indices.randomElement(using: &random), outputs[index]["default"] == nil {
      outputs[index].keys.append(("default", "yes"))
    }
    sections += outputs
  }

  private mutating func addInputs(_ desk: RandomDesk, _ random: inout SeededRandom) {
    // Not of sinks that leave with the card profile that is asked for.
    let sinks = Set(devices(of: desk, isInput: false).map { "\($0.name).monitor" })
    let monitorSources = desk.monitorSources.filter { chance(40, &random) && sinks.contains($0.name) }
    var devices = (devices(of: desk, isInput: true) + monitorSources).shuffled(using: &random)
    for index in 0..<min(pick([0, 1, 1, 2], &random), devices.count) {
      let device = devices.removeFirst()
      var section = Section(kind: "input", label: "in\(index)")
      if let label = cardLabel(of: device) { section.keys.append(("card", label)) }
      section.keys.append(("match", "name:\(device.name)"))
      if chance(50, &random) { section.keys.append(("volume", volume(atMost: 0, &random))) }
      if chance(20, &random) { section.keys.append(("mute", chance(50, &random) ? "yes" : "no")) }
      if device.channels > 1, chance(30, &random) { section.keys.append(("channels", channels(device.channels, &random))) }
      if chance(25, &random) { section.keys.append(("default", "no")) }
      sections.append(section)
    }
  }

  private mutating func addMonitor(_ input: Section, _ output: Section, _ random: inout SeededRandom) {
    // A monitor of what is played into the same device would howl, and is refused.
    guard let name = output["match"], input["match"] != "\(name).monitor" else { return }
    var section = Section(kind: "monitor", keys: [("from", input.label ?? ""), ("to", output.label ?? "")])
    if chance(50, &random) { section.keys.append(("latency", "\(pick([10, 30, 60], &random)) ms")) }
    if chance(50, &random) { section.keys.append(("volume", volume(atMost: 0, &random))) }
    if chance(12, &random) { section.keys.append(("mute", "yes")) }
    if chance(15, &random) { section.keys.append(("required", "no")) }
    sections.append(section)
  }

  private mutating func addRules(_ desk: RandomDesk, _ random: inout SeededRandom) {
    for (kind, target, isRecording) in [("stream", "to", false), ("recording", "from", true)] {
      let labels = sections(isRecording ? "input" : "output").filter { $0.label != "gone" }.compactMap(\.label)
      for player in desk.players where player.isRecording == isRecording && chance(isRecording ? 20 : 25, &random) {
        var section = Section(kind: kind, label: player.name)
        if let role = player.role, !isRecording, chance(20, &random) { section.label = "role:\(role)" }
        if chance(8, &random) { section.label = "\(player.name.prefix(4))*" }
        if let label = labels.randomElement(using: &random), chance(70, &random) { section.keys.append((target, label)) }
        if chance(50, &random) { section.keys.append(("volume", volume(atMost: 0, &random))) }
        if section.keys.isEmpty || chance(20, &random) { section.keys.append(("mute", chance(60, &random) ? "yes" : "no")) }
        if !sections.contains(where: { $0.kind == kind && $0.label == section.label }) { sections.append(section) }
      }
    }
  }

  private func volume(atMost limit: Int, _ random: inout SeededRandom) -> String {
    if limit < 0 || chance(40, &random) { return "\(limit - Int.random(in: 0...36, using: &random)) dB" }
    return "\(Int.random(in: 5...100, using: &random))%"
  }

  private func channels(_ count: Int, _ random: inout SeededRandom) -> String {
    let first = Int.random(in: 1...count, using: &random)
    return chance(35, &random) || first == count ? "\(first)" : "\(first), \(first + 1)"
  }
}
