internal import AudioGraph

/// Writes the present state as a profile that leads back to it: the default output and input with their cards, ports and
/// volumes, and the monitors that run. It names devices by what they still have after a reboot; what cannot be named so that it
/// can be applied is left out, and told.
struct ProfileWriter {
  private let graph: Graph
  private var cards: [(name: String, label: String)] = []
  /// What is written of each device, by its kind and name.
  private var labels: [String: String] = [:]
  var sections: [String] = []
  /// What each section stands for, by its title: a device, as in ``labels``, or a monitor.
  private(set) var keys: [String: String] = [:]
  /// What is not to be written, by its key, and why.
  private let exclusions: [String: String]
  private(set) var left: [Left] = []

  /// - Parameter exclusions: what has turned out not to be applicable, by its key in ``keys``, and why.
  init(_ graph: Graph, without exclusions: [String: String] = [:]) {
    self.graph = graph
    self.exclusions = exclusions
  }

  /// The text of the profile, every line ended by a line feed.
  mutating func text(_ name: String) -> String {
    if let sink = graph.server.defaultSink.flatMap({ graph.sink(named: $0)?.device }) { _ = section(for: sink, isDefault: true) }
    if let source = graph.server.defaultSource.flatMap({ graph.source(named: $0) }) { writeDefault(source) }
    for module in graph.modules where module.isLoopback { monitor(module) }
    let output = graph.server.defaultSink.flatMap { graph.sink(named: $0)?.description }
    let head = """
      # \(name).profile, as everything was when 'hproute save \(name)' was typed. Change it as you like: 'hproute check \(name)'
      # says what is wrong with it, and 'hproute plan \(name)' what it would do.

      [profile]
      description = Saved: \(output.map(Self.oneLine) ?? "the state of the desktop")
      \(streams)

      """
    let remarks = left.map { "# Left out: \(Self.oneLine($0.object)): \(Self.oneLine($0.reason)).\n" }
    return head + sections.map { "\n\($0)" }.joined() + (remarks.isEmpty ? "" : "\n" + remarks.joined())
  }

  /// Where there is no microphone servers name the monitor source of the output. That is nobody's input: it would stand in the
  /// way of a microphone that comes.
  private mutating func writeDefault(_ source: Source) {
    if let sink = source.monitorOf {
      left.append(
        Left(
          object: source.description,
          reason: "it is what \(graph.sink(named: sink)?.description ?? sink) plays, and no microphone"))
    } else {
      _ = section(for: source.device, isDefault: true)
    }
  }

  /// Whether what plays is brought along: not where that would tear apart what is apart now.
  private var streams: String {
    let sink = graph.server.defaultSink.flatMap { graph.sink(named: $0) }
    let isApart = graph.sinkInputs.contains { $0.isMovable && $0.sink != nil && $0.sink != sink?.index }
    return isApart
      ? "streams     = keep    # what plays stays where it is; 'move' takes along what is on the default, 'all' everything"
      : "streams     = move    # what plays on the default comes along; 'keep' leaves it where it is"
  }

  // MARK: - Devices

  /// The label of the section that stands for a device; nil where it cannot be named.
  private mutating func section(for device: Device, isDefault: Bool) -> String? {
    let key = "\(device.kind) \(device.name)"
    if let label = labels[key] { return label }
    guard !isLeft(key, device.description) else { return nil }
    guard device.isNameable else {
      leave(device.description, "it is there only as long as there is no device")
      return nil
    }
    guard device.channelsByDefault == nil else {
      leave(device.description, "its channels only have numbers, and an [output] for it is the first two of them")
      return nil
    }
    if let own = graph.ownModule(of: device) {
      switch own {
      case .remap(let mix) where mix.isMix:
        return section(forMix: mix, device, isDefault, key)
      case .remap(let it):
        guard let below = graph.device(it.kind, named: it.master) else {
          leave(device.description, "the device below it is away")
          return nil
        }
        return write(device, on: below, channels: it.masterMap.positions, isDefault, key)
      case .combination(let it):
        let members = it.members.compactMap { graph.device(.sink, named: $0) }.compactMap { section(for: $0, isDefault: false) }
        guard members.count == it.members.count else {
          leave(device.description, "one of its outputs cannot be named")
          return nil
        }
        let label = freeLabel("all", .sink)
        (labels[key], keys["[output \(label)]"]) = (label, key)
        // The combined output stands in front, so that it is the default.
        let text = "[output \(label)]\ncombine = \(members.joined(separator: ", "))\n" + levels(of: device)
        sections.append(isDefault ? text + "default = yes\n" : text + "default = no\n")
        return label
      default: return nil
      }
    }
    return write(device, on: device, channels: nil, isDefault, key)
  }

  /// The section of what is below a mono device, with its volume.
  private mutating func section(forMix mix: Remap, _ device: Device, _ isDefault: Bool, _ key: String) -> String? {
    let below = graph.device(.sink, named: mix.master)
    let own = below.flatMap(graph.ownModule(of:))
    switch (below, own) {
    case (let below?, nil): return write(device, on: below, channels: nil, isDefault, key, isMono: true)
    case (_, .remap(let it)?):
      guard let hardware = graph.device(.sink, named: it.master) else { break }
      return write(device, on: hardware, channels: it.masterMap.positions, isDefault, key, isMono: true)
    default: break
    }
    leave(device.description, "it is mono, and what is below it cannot be named")
    return nil
  }

  /// - Parameter title: the label, if it is free.
  mutating func write(
    _ device: Device, on hardware: Device, channels: [String]?, _ isDefault: Bool, _ key: String, called title: String? = nil,
    isMono: Bool = false
  ) -> String? {
    let word = device.kind == .sink ? "output" : "input"
    let label = freeLabel(title ?? (device.kind == .sink ? (isDefault ? "main" : "other") : "mic"), device.kind)
    (labels[key], keys["[\(word) \(label)]"]) = (label, key)
    var lines = ["[\(word) \(label)]", "# \(Self.oneLine(hardware.description))"]
    if hardware.kind == .source, graph.source(named: hardware.name)?.monitorOf != nil {
      // The monitor source of a sink is none of the inputs of its card, which may have none.
      lines.append("match   = \(MatchTerm.name(Glob(hardware.name)).text)")
    } else if let card = graph.card(index: hardware.card) {
      lines.append("card    = \(cardLabel(card))")
      let siblings = graph.devices(hardware.kind, of: card)
      if siblings.count > 1 { lines.append("match   = \(narrow(hardware, among: siblings))") }
    } else {
      lines.append("match   = \(graph.matchExpression(for: hardware).text)")
    }
    if hardware.ports.count > 1, let port = hardware.port {
      lines.append(
        port.availability == .no
          ? "# port  = \(Self.word(port.name))    nothing is plugged in there now" : "port    = \(Self.word(port.name))")
    }
    if let channels {
      // Numbers mean the same on every server.
      let numbers = channels.map { name in
        hardware.channelMap.positions.firstIndex(of: name).map { String($0 + 1) } ?? name
      }
      lines.append("channels = \(numbers.joined(separator: ", "))")
    }
    if isMono { lines.append("mono    = yes") }
    if !isDefault { lines.append("default = no") }
    sections.append(lines.map { "\($0)\n" }.joined() + levels(of: device))
    return label
  }

  private mutating func cardLabel(_ card: Card) -> String {
    if let known = cards.first(where: { $0.name == card.name }) { return known.label }
    let label = cards.isEmpty ? "interface" : "card\(cards.count + 1)"
    cards.append((card.name, label))
    var lines = ["[card \(label)]", "# \(Self.oneLine(card.description))", "match   = \(graph.matchExpression(for: card).text)"]
    // One that nothing is plugged in for is in force, and could not be chosen.
    if let profile = card.activeProfile, card.profiles.first(where: { $0.name == profile })?.isAvailable ?? true {
      lines.append("profile = \(Self.word(profile))")
    }
    sections.append(lines.map { "\($0)\n" }.joined())
    return label
  }

  /// What tells a device from the others of its card: the end of its name, which says what it is for.
  private func narrow(_ device: Device, among siblings: [Device]) -> String {
    let end = device.name.split(separator: ".").last.map(String.init) ?? device.name
    let isAlone = siblings.count { $0.name.hasSuffix(".\(end)") } == 1
    return MatchTerm.name(Glob(isAlone ? "*.\(end)" : device.name)).text
  }

  private func levels(of device: Device) -> String {
    // More than a profile may ask for is as much as it may.
    let loudest = min(device.volume.loudest, Volume(decibels: 10.9))
    var lines: [String] = []
    if !graph.hidesVolume(of: .volume(device.object)) {
      if loudest > .full, device.kind == .sink { lines.append("limit   = \(Self.percent(loudest, up: true))") }
      if loudest > .full, device.kind == .source {
        lines.append("# volume = \(VolumeText.percent(loudest)), which is more than a profile asks of an input")
      } else {
        lines.append("volume  = \(Self.percent(loudest, up: false))")
      }
      if device.kind == .sink, let balance = device.volume.balance(map: device.channelMap), balance != 0 {
        lines.append("balance = \(Self.decimal(balance * 100))%")
      }
    }
    lines.append("mute    = \(device.isMuted ? "yes" : "no")")
    return lines.map { "\($0)\n" }.joined()
  }

  // MARK: - Monitors

  private mutating func monitor(_ module: Module) {
    guard let ends = graph.ends(ofLoopback: module),
      let stream = graph.sinkInputs.first(where: { $0.ownerModule == module.index })
    else { return }
    let (key, title) = ("module \(module.index)", "\(ends.source.description) in \(ends.sink.description)")
    guard !isLeft(key, title) else { return }
    let channels = ends.source.channelMap.positions.count
    guard channels <= 2 else {
      // A profile would take the first of them alone.
      return leave(title, PlanError.reasonToLeave(ends.source.description, channels: channels))
    }
    guard let from = section(for: ends.source.device, isDefault: false), let to = section(for: ends.sink.device, isDefault: false)
    else {
      return leave(title, "one of its ends is left out")
    }
    let count = sections.count { $0.hasPrefix("[monitor") }
    let label = count == 0 ? "monitor" : "monitor\(count + 1)"
    keys[Resolution.title("monitor", label)] = key
    var lines = ["[monitor \(label)]", "from    = \(from)", "to      = \(to)"]
    if let latency = module.argument("latency_msec").flatMap({ UInt32($0) }), (1...30_000).contains(latency) {
      lines.append("latency = \(latency) ms")
    }
    lines.append("volume  = \(Self.percent(min(stream.volume.loudest, .full), up: false))")
    lines.append("mute    = \(stream.isMuted ? "yes" : "no")")
    sections.append(lines.map { "\($0)\n" }.joined())
  }

  // MARK: - What is left out

  private mutating func leave(_ object: String, _ reason: String) {
    let it = Left(object: object, reason: reason)
    if !left.contains(it) { left.append(it) }
  }

  private mutating func isLeft(_ key: String, _ object: String) -> Bool {
    guard let reason = exclusions[key] else { return false }
    leave(object, reason)
    return true
  }

  // MARK: - Words

  private func freeLabel(_ label: String, _ kind: DeviceKind) -> String {
    let taken = Set(labels.filter { $0.key.hasPrefix("\(kind) ") }.values)
    let others = (2...).lazy.map { "\(label)\($0)" }
    return taken.contains(label) ? others.first { !taken.contains($0) } ?? label : label
  }

  /// To a hundredth: finer than any device.
  static func percent(_ volume: Volume, up: Bool) -> String {
    "\(decimal(up ? (volume.percent * 100).rounded(.up) / 100 : volume.percent))%"
  }

  static func decimal(_ number: Double) -> String {
    let hundredths = Int((number * 100).rounded())
    let (whole, rest) = abs(hundredths).quotientAndRemainder(dividingBy: 100)
    let sign = hundredths < 0 ? "-" : ""
    return rest == 0 ? "\(sign)\(whole)" : "\(sign)\(whole).\(rest < 10 ? "0" : "")\(rest)"
  }

  /// A name as a value, in quotes where it holds anything else than letters. A star or a question mark means itself and more.
  static func word(_ name: String) -> String {
    let isPlain = name.allSatisfy { $0.isLetter || $0.isNumber || "-_.:+[]".contains($0) }
    return isPlain ? name : "\"\(MatchTerm.escaped(name))\""
  }

  static func oneLine(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.filter { $0.properties.generalCategory != .control }))
  }
}

extension Device {
  /// Whether a profile can mean it: what a server makes where there is no device goes when one comes.
  fileprivate var isNameable: Bool { name != "auto_null" && !name.hasPrefix("auto_null.") }
}
