internal import Foundation

/// What has to be so after an apply that says it is done: the profile's words hold, and nobody else was touched.
struct ApplyOracle {
  let profile: RandomProfile
  let desk: RandomDesk
  let before: DeskState
  let history: DeskHistory

  func complaints(_ after: DeskState) -> [String] {
    bystanders(after) + devices(after) + defaults(after) + outputs(after) + inputs(after) + rules(after) + modules(after)
  }

  /// What a thing may be that the profile does not name: as it was, or as it was before the profile that is given up.
  private func mayBe(_ object: DeskObject, _ attribute: String) -> [String] {
    [before[object, attribute], history.baseline?[object, attribute]].compactMap { $0 }
  }

  private func unchanged(_ object: DeskObject, _ attributes: [String], _ what: String, _ after: DeskState) -> [String] {
    attributes.compactMap { attribute in
      let found = after[object, attribute]
      guard let wanted = before[object, attribute], found != wanted, !mayBe(object, attribute).contains(found ?? ""),
        after.canHold(DeskFact(object, attribute), wanted)
      else { return nil }
      return "\(what) \(object) \(attribute): was \(wanted), is \(found ?? "nothing")"
    }
  }

  // MARK: - Who is not named

  private func bystanders(_ after: DeskState) -> [String] {
    before.objects.filter { $0.isStream && rule(for: $0) == nil }.flatMap { object -> [String] in
      guard let device = before[object, "device"], device != "none", before.ownDevices[device] == nil else { return [] }
      // A device that has left with its card profile cannot keep anybody.
      guard after.existsDevice(device) else { return [] }
      if !after.exists(object), object.comesAndGoes || !canStay(object.name, after) { return [] }
      guard after.exists(object) else { return ["bystander \(object) gone: it played at '\(device)'"] }
      // What plays on the default of before goes along. So does what comes back from where the profile that is given up had
      // sent it, if it was on the default before that.
      let defaults = [before, history.baseline].map { object.kind == .stream ? $0?.defaultSink : $0?.defaultSource }
      let isTaken =
        mayBe(object, "device").contains(where: defaults.contains) || (object.kind == .stream && profile.streams == "all")
      return unchanged(object, (isTaken ? [] : ["device"]) + ["volume", "mute"], "bystander", after)
    }
  }

  /// The devices that the profile says something about, and those that come and go with a card it names.
  private var named: Set<String> {
    var names = Set(profile.sections.compactMap { $0["match"] }.filter { $0.hasPrefix("name:") }.map { String($0.dropFirst(5)) })
    for card in desk.cards where names.contains(card.file.name) {
      for device in card.file.profiles.flatMap(\.devices) { names.formUnion([device.name, "\(device.name).monitor"]) }
    }
    return names
  }

  private func devices(_ after: DeskState) -> [String] {
    let named = named
    let strangers = before.objects.filter { [.sink, .source].contains($0.kind) && !named.contains($0.name) && after.exists($0) }
    return strangers.filter { before.ownDevices[$0.name] == nil }.flatMap {
      unchanged($0, ["volume", "mute", "port"], "unnamed", after)
    }
  }

  private func modules(_ after: DeskState) -> [String] {
    let modules = before.objects.filter { $0.kind == .module && !after.exists($0) && canStay($0.name, after) }
    return modules.map { "user's \($0) gone: it is not there" }
  }

  /// Whether what a module of the user's hangs on is still there.
  private func canStay(_ name: String, _ after: DeskState) -> Bool {
    let module = desk.modules.first { name == "\($0.words[0]) \($0.words.dropFirst().joined(separator: " "))" }
    return module?.hangsOn.allSatisfy(after.existsDevice) ?? true
  }

  // MARK: - What the profile says

  /// The device that stands for an output or an input; nil where it is not there.
  private func device(_ section: RandomProfile.Section, _ after: DeskState) -> String? {
    let found = deviceOfChannels(section, after)
    // Left and right mixed, in front of it.
    return after.masters.first { $0.value == found && $0.key.hasSuffix(".mono") && after.existsDevice($0.key) }?.key ?? found
  }

  private func deviceOfChannels(_ section: RandomProfile.Section, _ after: DeskState) -> String? {
    let matched = section["match"]?.dropFirst(5).description
    // One of a former profile that does the same has been kept, with its name.
    if let own = after.masters.first(where: { $0.value == matched && after.existsDevice($0.key) })?.key { return own }
    let own = after.ownDevices.keys.sorted().filter { name in
      guard after.masters[name] == nil, !name.hasSuffix(".monitor") else { return false }
      return name == "hproute.\(section.label ?? "")" || name.hasPrefix("hproute.\(section.label ?? "").")
    }
    return own.first ?? matched.flatMap { after.existsDevice($0) ? $0 : nil }
  }

  private func defaults(_ after: DeskState) -> [String] {
    [("output", "default sink", after.defaultSink), ("input", "default source", after.defaultSource)].compactMap {
      kind, key, found in
      let there = profile.sections(kind).filter { device($0, after) != nil && $0["default"] != "no" }
      guard let section = there.first(where: { $0["default"] == "yes" }) ?? there.first, let wanted = device(section, after)
      else {
        let mayBe = mayBe(.server, key)
        // A default that nobody has chosen is for the server to choose again when devices come and go.
        if !desk.settings.contains(where: { $0.fact == DeskFact(.server, key) }) { return nil }
        // A default that has left is for the server to replace.
        return mayBe.contains(found) || !mayBe.contains(where: after.existsDevice)
          ? nil : "\(key) unnamed: was \(mayBe), is \(found)"
      }
      return found == wanted ? nil : "\(key) of the profile: wanted \(wanted), found \(found)"
    }
  }

  private func outputs(_ after: DeskState) -> [String] { profile.sections("output").flatMap { levels($0, .sink, after) } }
  private func inputs(_ after: DeskState) -> [String] { profile.sections("input").flatMap { levels($0, .source, after) } }

  private func levels(_ section: RandomProfile.Section, _ kind: DeskObject.Kind, _ after: DeskState) -> [String] {
    guard let name = device(section, after) else {
      return section["required"] == "no"
        ? [] : ["\(section.kind) of the profile: [\(section.kind) \(section.label ?? "")] is not there"]
    }
    let object = DeskObject(kind, name)
    var complaints: [String] = []
    let volume = after[object, "volume"] ?? after.ownDevices[name] ?? ""
    let loudest = Loudness.channels(volume).max() ?? -1
    if let text = section["volume"], let wanted = Loudness.raw(text), !Loudness.isNear(loudest, wanted) {
      complaints.append("\(section.kind) volume: '\(name)' should be at \(text), \(Int(wanted)), is at \(volume)")
    }
    if let text = section["limit"], let limit = Loudness.raw(text), loudest > limit, !Loudness.isNear(loudest, limit) {
      complaints.append("\(section.kind) limit: '\(name)' should be below \(text), \(Int(limit)), is at \(volume)")
    }
    if let wanted = section["mute"], let found = after[object, "mute"], found != wanted {
      complaints.append("\(section.kind) mute: '\(name)' should be \(wanted), is \(found)")
    }
    if let wanted = section["port"], let found = after[object, "port"] {
      let ports = desk.cards.flatMap { $0.file.profiles.flatMap(\.devices) }.first { $0.name == name }?.ports ?? []
      if ports.count > 1, found != wanted, ports.first(where: { $0.name == found })?.type != wanted {
        complaints.append("\(section.kind) port: '\(name)' should be at \(wanted), is at \(found)")
      }
    }
    return complaints
  }

  // MARK: - Who is named

  private func rule(for object: DeskObject) -> RandomProfile.Section? {
    let player = desk.players.first { $0.object == object }
    return profile.sections(object.kind == .stream ? "stream" : "recording").first { section in
      let pattern = section.label ?? ""
      if pattern.hasPrefix("role:") { return player?.role == String(pattern.dropFirst(5)) }
      return fnmatch(pattern.lowercased(), object.name.lowercased(), 0) == 0
    }
  }

  private func rules(_ after: DeskState) -> [String] {
    desk.players.flatMap { player -> [String] in
      guard let rule = rule(for: player.object), after.exists(player.object) else { return [] }
      var complaints: [String] = []
      let target = rule["to"].flatMap { profile.output($0) } ?? rule["from"].flatMap { profile.input($0) }
      if let target, let wanted = device(target, after), !player.isFixed, let found = after[player.object, "device"],
        found != wanted, !(after.separatesMonitors && [found, wanted].contains { $0.hasSuffix(".monitor") })
      {
        complaints.append("rule device: '\(player.name)' should be at '\(wanted)', is at '\(found)'")
      }
      // A balance that is there is kept.
      let volume = after[player.object, "volume"] ?? ""
      if let text = rule["volume"], let wanted = Loudness.raw(text), !player.isMeter,
        !Loudness.isNear(Loudness.channels(volume).max() ?? -1, wanted)
      {
        complaints.append("rule volume: '\(player.name)' should be at \(text), \(Int(wanted)), is at \(volume)")
      }
      if let wanted = rule["mute"], let found = after[player.object, "mute"], found != wanted {
        complaints.append("rule mute: '\(player.name)' should be \(wanted), is \(found)")
      }
      return complaints
    }
  }
}
