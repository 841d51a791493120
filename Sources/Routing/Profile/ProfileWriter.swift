public import AudioGraph

/// Writes the present state as a profile that leads back to it: the default output and input with their cards, ports and
/// volumes, and the monitors that run. It names devices by what they still have after a reboot.
public struct ProfileWriter {
  private let graph: Graph
  private let user: UInt32
  private var cards: [(name: String, label: String)] = []
  /// What is written of each device, by its kind and name.
  private var labels: [String: String] = [:]
  private var sections: [String] = []

  /// - Parameter user: the number of the user whose modules are hproute's own.
  public init(_ graph: Graph, user: UInt32) {
    self.graph = graph
    self.user = user
  }

  /// The text of the profile, every line ended by a line feed.
  public static func text(of graph: Graph, name: String, user: UInt32) -> String {
    var writer = ProfileWriter(graph, user: user)
    return writer.text(name)
  }

  private mutating func text(_ name: String) -> String {
    if let sink = graph.server.defaultSink.flatMap({ graph.sink(named: $0)?.device }) { _ = section(for: sink, isDefault: true) }
    if let source = graph.server.defaultSource.flatMap({ graph.source(named: $0)?.device }), source.isNameable {
      _ = section(for: source, isDefault: true)
    }
    for module in graph.modules where module.isLoopback { monitor(module) }
    let head = """
      # \(name).profile, as everything was when 'hproute save \(name)' was typed. Change it as you like: 'hproute check \(name)'
      # says what is wrong with it, and 'hproute plan \(name)' what it would do.

      [profile]
      description = Saved: \(graph.server.defaultSink.flatMap { graph.sink(named: $0)?.description }.map(Self.oneLine) ?? "the state of the desktop")
      \(streams)

      """
    return head + sections.map { "\n\($0)" }.joined()
  }

  /// Whether what plays is brought along: not where that would tear apart what is apart now.
  private var streams: String {
    let sink = graph.server.defaultSink.flatMap { graph.sink(named: $0) }
    let isApart = graph.sinkInputs.contains { $0.isMovable && $0.sink != nil && $0.sink != sink?.index }
    return isApart
      ? "streams     = keep    # what plays stays where it is, or follows the default; 'move' takes all of it along"
      : "streams     = move    # what plays comes along; 'keep' leaves it where it is"
  }

  // MARK: - Devices

  /// The label of the section that stands for a device; nil where it cannot be named.
  private mutating func section(for device: Device, isDefault: Bool) -> String? {
    let key = "\(device.kind) \(device.name)"
    if let label = labels[key] { return label }
    guard device.isNameable else { return nil }
    if let tag = device.properties[.hprouteID].map(Tag.init(rawValue:)), OwnDevice.isOne(device.name) {
      switch graph.ownModule(tagged: tag) {
      case .remap(let it)?:
        guard let below = graph.device(it.kind, named: it.master) else { return nil }
        return write(device, on: below, channels: it.masterMap.positions, isDefault, key)
      case .combination(let it)?:
        let members = it.members.compactMap { graph.device(.sink, named: $0) }.compactMap { section(for: $0, isDefault: false) }
        guard members.count == it.members.count else { return nil }
        let label = freeLabel("all", .sink)
        labels[key] = label
        // The combined output stands in front, so that it is the default.
        let text = "[output \(label)]\ncombine = \(members.joined(separator: ", "))\n" + levels(of: device)
        sections.append(isDefault ? text + "default = yes\n" : text + "default = no\n")
        return label
      default: return nil
      }
    }
    return write(device, on: device, channels: nil, isDefault, key)
  }

  private mutating func write(_ device: Device, on hardware: Device, channels: [String]?, _ isDefault: Bool, _ key: String) -> String? {
    let word = device.kind == .sink ? "output" : "input"
    let label = freeLabel(device.kind == .sink ? (isDefault ? "main" : "other") : "mic", device.kind)
    labels[key] = label
    var lines = ["[\(word) \(label)]", "# \(Self.oneLine(hardware.description))"]
    let card = graph.card(index: hardware.card)
    if let card {
      lines.append("card    = \(cardLabel(card))")
      let siblings = graph.devices(hardware.kind, of: card)
      if graph.source(named: hardware.name)?.monitorOf != nil, hardware.kind == .source {
        // The monitor source of a sink is none of the inputs of its card.
        lines.append("match   = \(MatchTerm.name(Glob(hardware.name)).text)")
      } else if siblings.count > 1 {
        lines.append("match   = \(narrow(hardware, among: siblings))")
      }
    } else {
      lines.append("match   = \(graph.matchExpression(for: hardware).text)")
    }
    if hardware.ports.count > 1, let port = hardware.port {
      lines.append(port.availability == .no ? "# port  = \(Self.word(port.name))    nothing is plugged in there now" : "port    = \(Self.word(port.name))")
    }
    if let channels { lines.append("channels = \(channels.joined(separator: ", "))") }
    if !isDefault { lines.append("default = no") }
    sections.append(lines.map { "\($0)\n" }.joined() + levels(of: device))
    return label
  }

  private mutating func cardLabel(_ card: Card) -> String {
    if let known = cards.first(where: { $0.name == card.name }) { return known.label }
    let label = cards.isEmpty ? "interface" : "card\(cards.count + 1)"
    cards.append((card.name, label))
    var lines = ["[card \(label)]", "# \(Self.oneLine(card.description))", "match   = \(graph.matchExpression(for: card).text)"]
    if let profile = card.activeProfile { lines.append("profile = \(Self.word(profile))") }
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
    guard let ends = graph.ends(ofLoopback: module), let stream = graph.sinkInputs.first(where: { $0.ownerModule == module.index }),
      let from = section(for: ends.source.device, isDefault: false), let to = section(for: ends.sink.device, isDefault: false)
    else { return }
    let count = sections.count { $0.hasPrefix("[monitor") }
    var lines = ["[monitor \(count == 0 ? "monitor" : "monitor\(count + 1)")]", "from    = \(from)", "to      = \(to)"]
    if let latency = module.argument("latency_msec").flatMap({ UInt32($0) }), (1...30_000).contains(latency) { lines.append("latency = \(latency) ms") }
    lines.append("volume  = \(Self.percent(min(stream.volume.loudest, .full), up: false))")
    lines.append("mute    = \(stream.isMuted ? "yes" : "no")")
    sections.append(lines.map { "\($0)\n" }.joined())
  }

  // MARK: - Words

  private func freeLabel(_ label: String, _ kind: DeviceKind) -> String {
    let taken = Set(labels.filter { $0.key.hasPrefix("\(kind) ") }.values)
    let others = (2...).lazy.map { "\(label)\($0)" }
    return taken.contains(label) ? others.first { !taken.contains($0) } ?? label : label
  }

  /// To a hundredth: finer than any device.
  private static func percent(_ volume: Volume, up: Bool) -> String {
    "\(decimal(up ? (volume.percent * 100).rounded(.up) / 100 : volume.percent))%"
  }

  private static func decimal(_ number: Double) -> String {
    let hundredths = Int((number * 100).rounded())
    let (whole, rest) = abs(hundredths).quotientAndRemainder(dividingBy: 100)
    let sign = hundredths < 0 ? "-" : ""
    return rest == 0 ? "\(sign)\(whole)" : "\(sign)\(whole).\(rest < 10 ? "0" : "")\(rest)"
  }

  /// A name as a value, in quotes where it holds anything else than letters. A star or a question mark means itself and more.
  private static func word(_ name: String) -> String {
    let isPlain = name.allSatisfy { $0.isLetter || $0.isNumber || "-_.:+[]".contains($0) }
    return isPlain ? name : "\"\(MatchTerm.escaped(name))\""
  }

  private static func oneLine(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.filter { $0.properties.generalCategory != .control }))
  }
}

extension Device {
  /// Whether a profile can mean it: what a server makes where there is no device goes when one comes.
  fileprivate var isNameable: Bool { name != "auto_null" && !name.hasPrefix("auto_null.") }
}
