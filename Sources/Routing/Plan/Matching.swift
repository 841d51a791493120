public import AudioGraph

/// What a term looks at: a sink, a source or a card.
struct MatchSubject {
  var name: String
  var description: String
  var properties: Properties
  var ports: [Port]

  /// A device, and the card it belongs to where that tells more.
  init(_ device: Device, in graph: Graph) {
    (name, description, ports) = (device.name, device.description, device.ports)
    properties = graph.properties(of: device)
  }

  init(_ card: Card) {
    (name, description, ports, properties) = (card.name, card.description, card.ports.map(\.port), card.properties)
  }
}

extension MatchTerm {
  /// Whether `subject` is as the term says.
  func fits(_ subject: MatchSubject) -> Bool {
    let properties = subject.properties
    switch self {
    case .product(let bus, let vendor, let product):
      return properties[.bus] == bus && properties.number(.vendorID) == vendor && properties.number(.productID) == product
    case .serial(let text): return properties[.serial]?.hasSuffix(text) ?? false
    case .bus(let name): return properties[.bus] == name
    case .form(let name): return properties[.formFactor] == name
    case .name(let glob): return glob.matches(subject.name)
    case .port(let name): return subject.ports.contains { $0.isCalled(name) }
    case .text(let text):
      let part = text.lowercased()
      let places = [subject.description, properties[.productName], properties[.description], properties[.cardName]]
      return places.contains { $0?.lowercased().contains(part) ?? false }
    }
  }

  /// The term as it is written in a profile.
  public var text: String {
    switch self {
    case .product(let bus, let vendor, let product): "\(bus):\(Self.hex(vendor)):\(Self.hex(product))"
    case .serial(let text): "serial:\(Self.quoted(text))"
    case .bus(let name): "bus:\(Self.quoted(name))"
    case .form(let name): "form:\(Self.quoted(name))"
    case .name(let glob): "name:\(Self.quoted(glob.pattern))"
    case .port(let name): "port:\(Self.quoted(name))"
    case .text(let text): text.contains(":") ? "\"\(Self.escaped(text))\"" : Self.quoted(text)
    }
  }

  private static func hex(_ number: UInt32) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }

  /// In quotes where the format needs them.
  private static func quoted(_ text: String) -> String {
    text.contains { " \t|,\"\\#;".contains($0) } || text.isEmpty ? "\"\(escaped(text))\"" : escaped(text)
  }

  /// As it stands between quotes. What would end the line becomes a question mark, which as a pattern fits it: a name from a
  /// server must not become a line of its own.
  static func escaped(_ text: String) -> String {
    text.unicodeScalars.reduce(into: "") { result, scalar in
      switch scalar.properties.generalCategory {
      case .control, .lineSeparator, .paragraphSeparator: result += "?"
      default: result += scalar == "\"" || scalar == "\\" ? "\\\(scalar)" : String(scalar)
      }
    }
  }
}

extension MatchExpression {
  /// The devices of the first alternative that fits any. What hproute made is none of them; a monitor source is one
  /// only if it is named.
  ///
  /// - Parameter card: the one they have to belong to; nil for any.
  func candidates(of kind: DeviceKind, in graph: Graph, card: Card? = nil) -> [Device] {
    for terms in alternatives {
      let namesIt = terms.contains { if case .name = $0 { true } else { false } }
      let fitting = graph.devices(kind, monitorSources: namesIt).filter { device in
        (card == nil || device.card == card?.index) && terms.allSatisfy { $0.fits(MatchSubject(device, in: graph)) }
      }
      if !fitting.isEmpty { return fitting }
    }
    return []
  }

  /// The cards of the first alternative that fits any of `cards`.
  func candidates(among cards: [Card]) -> [Card] {
    for terms in alternatives {
      let fitting = cards.filter { card in terms.allSatisfy { $0.fits(MatchSubject(card)) } }
      if !fitting.isEmpty { return fitting }
    }
    return []
  }

  /// The expression as it is written in a profile.
  public var text: String {
    alternatives.map { $0.map(\.text).joined(separator: " ") }.joined(separator: " | ")
  }
}

extension Graph {
  /// Sinks or sources a profile may mean.
  public func devices(_ kind: DeviceKind, monitorSources: Bool = false) -> [Device] {
    let devices =
      switch kind {
      case .sink: sinks.map(\.device)
      case .source: sources.filter { monitorSources || $0.monitorOf == nil }.map(\.device)
      }
    // What a server has when there is nothing else is no device that anybody could mean.
    return devices.filter { $0.properties[.hprouteID] == nil && $0.name != "auto_null" }
  }

  /// What to write in a profile for `device` and for no other: the shortest that will still name it after a reboot.
  public func matchExpression(for device: Device) -> MatchExpression {
    let properties = properties(of: device)
    let name = MatchTerm.name(Glob(device.name))
    var choices: [[MatchTerm]] = []
    if let bus = properties[.bus], bus == "usb" || bus == "pci", let vendor = properties.number(.vendorID),
      let product = properties.number(.productID)
    {
      let term = MatchTerm.product(bus: bus, vendor: vendor, product: product)
      choices.append([term])
      if let serial = properties[.serial], !serial.isEmpty { choices.append([term, .serial(serial)]) }
    }
    if let serial = properties[.serial], !serial.isEmpty { choices.append([.serial(serial)]) }
    if let product = properties[.productName], !product.isEmpty { choices.append([.text(product)]) }
    if !device.description.isEmpty { choices.append([.text(device.description)]) }
    let isNameable: (String) -> Bool = { !$0.contains("?") }
    let unique = choices.map { MatchExpression(alternatives: [$0]) }.first {
      isNameable($0.text) && $0.candidates(of: device.kind, in: self).map(\.name) == [device.name]
    }
    return unique ?? MatchExpression(alternatives: [[name]])
  }
}

extension Graph {
  /// What names `card`: its product where it tells one, else its name.
  public func matchExpression(for card: Card) -> MatchExpression {
    let properties = card.properties
    if let bus = properties[.bus], bus == "usb" || bus == "pci", let vendor = properties.number(.vendorID),
      let product = properties.number(.productID)
    {
      let isAlone = cards.count { $0.properties.number(.vendorID) == vendor && $0.properties.number(.productID) == product } == 1
      let term = MatchTerm.product(bus: bus, vendor: vendor, product: product)
      if isAlone { return MatchExpression(alternatives: [[term]]) }
      // Where there is no number in the device, systems make one up of its name.
      if let serial = properties[.serial], case let expression = MatchExpression(alternatives: [[term, .serial(serial)]]),
        expression.candidates(among: cards).count == 1
      {
        return expression
      }
    }
    return MatchExpression(alternatives: [[.name(Glob(card.name))]])
  }
}

extension StreamPattern {
  /// The pattern as it is written in a profile.
  var text: String {
    switch self {
    case .application(let glob): glob.pattern
    case .role(let role): "role:\(role)"
    }
  }

  /// Whether it fits programs of several names.
  var isGlob: Bool { if case .application(let glob) = self { !glob.isPlain } else { false } }

  /// The name that it is, if it fits no other.
  var plainName: String? {
    guard case .application(let glob) = self, glob.isPlain else { return nil }
    return glob.pattern
  }

  /// Whether the pattern is about a program of which only the name is known.
  func fits(aProgramCalled name: String) -> Bool { if case .application(let glob) = self { glob.matches(name) } else { false } }

  fileprivate func fits(_ stream: Stream) -> Bool {
    switch self {
    case .role(let role): return stream.role == role
    case .application(let glob):
      let application = stream.identity.application
      return [application.name, application.binary, application.id].contains { !$0.isEmpty && glob.matches($0) }
    }
  }
}

extension Graph {
  /// Whether the server would send a stream there if it were asked to.
  func canMove(_ stream: Stream, to device: String) -> Bool {
    guard server.traits.separatesMonitors, stream.kind == .source, stream.place != device else { return true }
    return [stream.place, device].allSatisfy { name in name.flatMap { source(named: $0) }?.monitorOf == nil }
  }
}

extension StreamRule {
  /// Whether it is about `stream`. What measures, or listens to what is played, is meant only if its name stands there.
  func fits(_ stream: Stream) -> Bool {
    stream.isMovable && stream.kind == kind && (!stream.isWitness || pattern.plainName != nil) && pattern.fits(stream)
  }

  /// The section as it stands in the file.
  public var title: String { "[\(kind == .sink ? "stream" : "recording") \(pattern.text)]" }
}

extension Profile {
  /// Whether one of the programs that it waits for is there. What hproute itself plays and records is none.
  func finds(_ streams: [Stream]) -> Bool {
    streams.contains { stream in
      stream.hasClient && stream.identity.application.title != "hproute"
        && when.contains {
          $0.kind == stream.kind && (!stream.isWitness || $0.pattern.plainName != nil) && $0.pattern.fits(stream)
        }
    }
  }

  /// What it says of a stream: the first rule that fits.
  public func rule(for stream: Stream) -> StreamRule? { streamRules.first { $0.fits(stream) } }
}
