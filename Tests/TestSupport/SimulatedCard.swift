public import Foundation

/// A sound card without hardware, described by a file in `Tests/SimulatedCard/cards`.
public struct SimulatedCard: Sendable {
  /// What commands call it.
  public let id: String
  private(set) var text: String

  private static let package = URL(fileURLWithPath: #filePath).appendingPathComponent("../../..").standardized
  /// What `Tests/SimulatedCard/build` builds.
  static let program = package.appendingPathComponent(".build/simcard/simcard").path
  /// For a PulseAudio of another version `HPROUTE_TEST_MODULE` names one that was built for it.
  static let module =
    ProcessInfo.processInfo.environment["HPROUTE_TEST_MODULE"]
    ?? package.appendingPathComponent(".build/simcard/module-simcard.so").path

  /// - Parameters:
  ///   - name: of the file.
  ///   - id: another id, where two cards of a kind are on the desk.
  ///   - replacing: texts of the file and what stands there instead: another product number, another serial number.
  public init(_ name: String, id: String? = nil, replacing: KeyValuePairs<String, String> = [:]) throws {
    self.id = id ?? name
    let file = Self.package.appendingPathComponent("Tests/SimulatedCard/cards/\(name).card")
    var text = try String(contentsOf: file, encoding: .utf8)
    for (old, new) in replacing { text = text.replacingOccurrences(of: old, with: new) }
    self.text = text.replacingOccurrences(of: "\nid    \(name)\n", with: "\nid    \(self.id)\n")
  }

  /// - Parameter file: says itself, in its line `id`, what commands call it.
  public init(file: URL) throws {
    text = try String(contentsOf: file, encoding: .utf8)
    let words = text.split(separator: "\n").first { $0.hasPrefix("id ") }?.split(separator: " ")
    id = words?.last.map(String.init) ?? file.deletingPathExtension().lastPathComponent
  }
}

extension SimulatedCard {
  /// Another card of the kind.
  public func replacing(_ old: String, _ new: String) -> SimulatedCard {
    var card = self
    card.text = text.replacingOccurrences(of: old, with: new)
    return card
  }

  /// Its name among the cards of a server.
  public var name: String { line("name") ?? "" }

  /// What stands behind a word at the beginning of a line.
  private func line(_ word: String) -> String? {
    text.split(separator: "\n").first { $0.hasPrefix("\(word) ") }
      .map { $0.dropFirst(word.count).trimmingCharacters(in: .whitespaces) }
  }

  /// The numbers of its sources among its devices.
  public var sources: [Int] {
    let devices = text.split(separator: "\n").filter { $0.hasPrefix("device ") }
    return devices.indices.filter { devices[$0].hasPrefix("device in") }
  }

  /// Whether it has a card profile that can be used, other than pro-audio.
  public var isOfferedMore: Bool {
    text.split(separator: "\n").contains { line in
      line.hasPrefix("profile ") && !line.hasPrefix("profile off") && !line.hasPrefix("profile pro-audio")
        && !line.contains("avail=no")
    }
  }

  fileprivate static let profiles = package.appendingPathComponent("Profiles").path
}

extension PrivateServer {
  /// Puts the profiles that come along where hproute finds them.
  public func useShippedProfiles() throws {
    let files = FileManager.default
    for file in try files.contentsOfDirectory(atPath: SimulatedCard.profiles) {
      try files.copyItem(atPath: "\(SimulatedCard.profiles)/\(file)", toPath: "\(directory.path)/profiles/\(file)")
    }
  }

  /// Plugs a card in. It is there when this returns, and on PipeWire its session manager has chosen a card profile, unless
  /// it offers none that would be chosen.
  public func plug(_ id: String, isChosen: Bool = true) throws {
    guard let card = cards[id] else { throw Failed(description: "there is no card \(id)") }
    switch kind {
    case .pulseaudio: cardModules[id] = try pactl("load-module", "module-simcard", "card=\(directory.path)/\(id).card")
    case .pipewire: try send("plug \(id)")
    }
    var profile: String?
    let isThere = try eventually {
      profile = try activeProfile(of: card.name)
      return profile.map { $0 != "off" || !isChosen } ?? false
    }
    guard isThere else {
      throw Failed(description: "\(card.name) is \(profile ?? "not there"), and no card profile is chosen:\n\(words)")
    }
  }

  public func unplug(_ id: String) throws {
    switch kind {
    case .pulseaudio: try pactl("unload-module", cardModules.removeValue(forKey: id) ?? "")
    case .pipewire: try send("unplug \(id)")
    }
  }

  /// Tells a card something: `avail PORT yes|no|unknown`, `profile-avail PROFILE yes|no`, `tone DEVICE HZ STEP AMPLITUDE`.
  public func card(_ id: String, _ words: String...) throws {
    switch kind {
    case .pulseaudio: try pactl("send-message", "/simcard/\(id)", words.joined(separator: " "))
    case .pipewire: try send(([words[0], id] + words.dropFirst()).joined(separator: " "))
    }
  }

  /// Makes cards refuse card profiles or ports (`reject profile on`), or take their time (`delay 300`, in milliseconds).
  public func allCards(_ words: String) throws {
    switch kind {
    case .pulseaudio: for id in cardModules.keys { try pactl("send-message", "/simcard/\(id)", words) }
    case .pipewire: try send(words)
    }
  }

  private func send(_ command: String) throws {
    let answers = { self.cardLog.split(separator: "\n").filter { $0.hasPrefix("ok ") || $0.hasPrefix("err ") } }
    let before = answers().count
    let line = Array("\(command)\n".utf8)
    guard write(cardCommands, line, line.count) == line.count, eventually({ answers().count > before }),
      answers()[before].hasPrefix("ok ")
    else { throw Failed(description: "simcard does not \(command): \(cardLog)") }
  }

  /// The name of a device of a card: `output` or `input`, and the card profile's name for it.
  public func device(_ direction: String, _ suffix: String, of id: String) -> String {
    let name = cards[id]?.name ?? ""
    let prefix = name.hasPrefix("bluez_card.") ? "bluez" : "alsa"
    return "\(prefix)_\(direction).\(name.split(separator: ".", maxSplits: 1).last ?? "").\(suffix)"
  }

  /// The volume that WirePlumber keeps for a port, as pactl writes it ("80%"); it writes its file 1 s after the last change.
  /// 0.4 has a line for each property, 0.5 one of JSON for each port.
  public func volumeKept(for port: String) throws -> String? {
    guard let text = try? directory.read("state/wireplumber/default-routes") else { return nil }
    for line in text.split(separator: "\n") where line.contains(":\(port)") {
      guard let volumes = line.range(of: "channelVolumes") else { continue }
      let first = line[volumes.upperBound...].drop { !$0.isNumber }.prefix { $0.isNumber || $0 == "." }
      return Double(first).map { "\(Int((cbrt($0) * 100).rounded()))%" }
    }
    return nil
  }
}
