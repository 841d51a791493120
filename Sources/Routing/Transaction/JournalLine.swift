internal import AudioGraph

/// The words of one line of a journal: plain, or in quotes where they hold anything but letters.
struct JournalLine {
  struct Unexpected: Error {}

  private var words: ArraySlice<String>

  /// Nil where a quote is not closed, or an escape is none.
  init?(_ line: String) {
    var words: [String] = []
    var rest = Substring(line).unicodeScalars
    while let first = rest.first {
      if first == " " {
        rest.removeFirst()
      } else if first == "\"" {
        rest.removeFirst()
        guard let word = Self.quoted(&rest) else { return nil }
        words.append(word)
      } else {
        let word = rest.prefix { $0 != " " }
        words.append(String(word))
        rest.removeFirst(word.count)
      }
    }
    self.words = words[...]
  }

  private static func quoted(_ rest: inout Substring.UnicodeScalarView) -> String? {
    var word = String.UnicodeScalarView()
    while let scalar = rest.popFirst() {
      switch scalar {
      case "\"": return String(word)
      case "\\":
        switch rest.popFirst() {
        case "n": word.append("\n")
        case "r": word.append("\r")
        case let escaped? where escaped == "\"" || escaped == "\\": word.append(escaped)
        default: return nil
        }
      default: word.append(scalar)
      }
    }
    return nil
  }

  mutating func next() throws(Unexpected) -> String {
    guard let word = words.popFirst() else { throw Unexpected() }
    return word
  }

  mutating func number() throws(Unexpected) -> UInt32 {
    guard let number = UInt32(try next()) else { throw Unexpected() }
    return number
  }

  mutating func expect(_ word: String) throws(Unexpected) {
    guard try next() == word else { throw Unexpected() }
  }

  /// Whether `name` was what came next, and is behind us.
  mutating func skip(_ name: String) -> Bool {
    guard words.first == name else { return false }
    words.removeFirst()
    return true
  }

  /// The word behind `name`, if that is what comes next.
  mutating func optional(_ name: String) throws(Unexpected) -> String? { skip(name) ? try next() : nil }

  func expectEnd() throws(Unexpected) {
    guard words.isEmpty else { throw Unexpected() }
  }

  static func line(_ words: String...) -> String { line(words) }

  static func line(_ words: [String]) -> String { words.map(quote).joined(separator: " ") }

  private static func quote(_ word: String) -> String {
    let isPlain: (Unicode.Scalar) -> Bool = {
      ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0) || "-_.,:+/".unicodeScalars.contains($0)
    }
    if !word.isEmpty && word.unicodeScalars.allSatisfy(isPlain) { return word }
    var quoted = "\"".unicodeScalars
    for scalar in word.unicodeScalars {
      switch scalar {
      case "\n": quoted.append(contentsOf: "\\n".unicodeScalars)
      case "\r": quoted.append(contentsOf: "\\r".unicodeScalars)
      case "\"", "\\": quoted.append(contentsOf: ["\\", scalar])
      default: quoted.append(scalar)
      }
    }
    return String(quoted) + "\""
  }
}

extension StreamIdentity {
  /// What stands for no number: no server gives it to a stream.
  private static let anyStream = UInt32.max

  fileprivate var words: [String] {
    [String(index ?? Self.anyStream), application.name, application.binary, application.id, process, media]
  }

  fileprivate init(_ words: inout JournalLine) throws(JournalLine.Unexpected) {
    let number = try words.number()
    self.init(
      index: number == Self.anyStream ? nil : number,
      application: Application(name: try words.next(), binary: try words.next(), id: try words.next()),
      process: try words.next(), media: try words.next())
  }
}

extension Attribute.Object {
  fileprivate var words: [String] {
    switch self {
    case .device(let kind, let name, let port): [kind.rawValue, name] + (port.map { ["at", $0] } ?? [])
    case .stream(let identity): ["stream"] + identity.words
    case .recording(let identity): ["recording"] + identity.words
    case .loopback(let tag): ["loopback", tag.rawValue]
    }
  }

  fileprivate init(_ words: inout JournalLine) throws(JournalLine.Unexpected) {
    let word = try words.next()
    switch word {
    case "stream": self = .stream(try StreamIdentity(&words))
    case "recording": self = .recording(try StreamIdentity(&words))
    case "loopback": self = .loopback(Tag(rawValue: try words.next()))
    default:
      guard let kind = DeviceKind(rawValue: word) else { throw JournalLine.Unexpected() }
      self = .device(kind, name: try words.next(), port: try words.optional("at"))
    }
  }
}

extension Attribute {
  var words: [String] {
    switch self {
    case .defaultSink: ["default-sink"]
    case .defaultSource: ["default-source"]
    case .volume(let object): ["volume"] + object.words
    case .mute(let object): ["mute"] + object.words
    case .streamSink(let identity): ["position"] + identity.words
    case .streamSource(let identity): ["recording-position"] + identity.words
    case .cardProfile(let card): ["card-profile", card]
    case .port(let kind, let name): ["port", kind.rawValue, name]
    case .memory(let key): ["memory", key]
    case .module(let tag): ["module", tag.rawValue]
    case .userModule(let module): ["user-module", module.name, module.arguments, String(module.ordinal)]
    }
  }

  init(_ words: inout JournalLine) throws(JournalLine.Unexpected) {
    switch try words.next() {
    case "default-sink": self = .defaultSink
    case "default-source": self = .defaultSource
    case "volume": self = .volume(try Object(&words))
    case "mute": self = .mute(try Object(&words))
    case "position": self = .streamSink(try StreamIdentity(&words))
    case "recording-position": self = .streamSource(try StreamIdentity(&words))
    case "memory": self = .memory(try words.next())
    case "card-profile": self = .cardProfile(card: try words.next())
    case "port":
      guard let kind = DeviceKind(rawValue: try words.next()) else { throw JournalLine.Unexpected() }
      self = .port(kind, name: try words.next())
    case "user-module":
      self = .userModule(UserModule(name: try words.next(), arguments: try words.next(), ordinal: Int(try words.number())))
    // Called a loopback by the first version, which loaded nothing else.
    case "module", "loopback": self = .module(Tag(rawValue: try words.next()))
    default: throw JournalLine.Unexpected()
    }
  }
}

extension Value {
  var words: [String] {
    switch self {
    case .volume(let volumes): return ["volumes", volumes.channels.map { String($0.rawValue) }.joined(separator: ",")]
    case .mute(let isMuted): return ["mute", isMuted ? "yes" : "no"]
    case .device(nil): return ["no-device"]
    case .device(let name?): return ["device", name]
    case .choice(nil): return ["no-choice"]
    case .choice(let name?): return ["choice", name]
    case .memory(nil): return ["no-memory"]
    case .memory(let it?):
      let volumes = it.volume.channels.map { String($0.rawValue) }.joined(separator: ",")
      return ["memory", it.key, it.sink ?? "", volumes, it.channelMap.word, it.isMuted ? "yes" : "no"]
    case .module(nil): return ["no-module"]
    case .userModule(nil): return ["not-loaded"]
    case .userModule(let it?):
      return [
        "loaded", it.volume.channels.map { String($0.rawValue) }.joined(separator: ","), it.isMuted ? "yes" : "no", it.memoryKey,
        it.source ?? "", it.sink ?? "",
      ]
    case .unknown: return ["unknown"]
    case .module(.loopback(let it)?):
      return [
        "loopback", it.tag.rawValue, it.source, it.sink, String(it.latency), it.channelMap.word, String(it.volume.rawValue),
        it.isMuted ? "yes" : "no", it.title,
      ]
    case .module(.remap(let it)?):
      return [
        "remap", it.tag.rawValue, it.kind.rawValue, it.name, it.master, it.masterMap.word, it.map.word,
        String(it.volume.rawValue), it.title,
      ]
    case .module(.combination(let it)?):
      return ["combination", it.tag.rawValue, it.name, it.members.joined(separator: ","), it.title]
    }
  }

  init(_ words: inout JournalLine) throws(JournalLine.Unexpected) {
    switch try words.next() {
    case "volumes": self = .volume(try ChannelVolumes(word: try words.next()))
    case "no-memory": self = .memory(nil)
    case "memory":
      let (key, sink) = (try words.next(), try words.next())
      let it = StreamMemory(
        key: key, sink: sink.isEmpty ? nil : sink, volume: try ChannelVolumes(word: try words.next()),
        channelMap: ChannelMap(word: try words.next()), isMuted: try words.next() == "yes")
      self = .memory(it)
    case "mute": self = .mute(try words.next() == "yes")
    case "no-device": self = .device(nil)
    case "device": self = .device(try words.next())
    case "no-choice": self = .choice(nil)
    case "choice": self = .choice(try words.next())
    case "no-module", "no-loopback": self = .module(nil)
    case "unknown": self = .unknown
    case "not-loaded": self = .userModule(nil)
    case "loaded":
      let volume = try ChannelVolumes(word: try words.next())
      let (isMuted, key, source, sink) = (try words.next() == "yes", try words.next(), try words.next(), try words.next())
      self = .userModule(
        UserModule.State(
          volume: volume, isMuted: isMuted, memoryKey: key, source: source.isEmpty ? nil : source, sink: sink.isEmpty ? nil : sink
        ))
    case "loopback":
      let it = Loopback(
        tag: Tag(rawValue: try words.next()), source: try words.next(), sink: try words.next(), latency: try words.number(),
        channelMap: ChannelMap(word: try words.next()), volume: Volume(rawValue: try words.number()),
        isMuted: try words.next() == "yes", title: try words.next())
      self = .module(.loopback(it))
    case "remap":
      let tag = Tag(rawValue: try words.next())
      guard let kind = DeviceKind(rawValue: try words.next()) else { throw JournalLine.Unexpected() }
      let (name, master) = (try words.next(), try words.next())
      let (masterMap, map) = (ChannelMap(word: try words.next()), ChannelMap(word: try words.next()))
      let volume = Volume(rawValue: try words.number())
      let it = Remap(
        tag: tag, kind: kind, name: name, master: master, masterMap: masterMap, map: map, title: try words.next(), volume: volume)
      self = .module(.remap(it))
    case "combination":
      let it = Combination(
        tag: Tag(rawValue: try words.next()), name: try words.next(),
        members: try words.next().split(separator: ",").map(String.init), title: try words.next())
      self = .module(.combination(it))
    default: throw JournalLine.Unexpected()
    }
  }
}

extension ChannelVolumes {
  fileprivate init(word: String) throws(JournalLine.Unexpected) {
    var channels: [Volume] = []
    for part in word.split(separator: ",") {
      guard let raw = UInt32(part) else { throw JournalLine.Unexpected() }
      channels.append(Volume(rawValue: raw))
    }
    self.init(channels)
  }
}

extension ChannelMap {
  fileprivate var word: String { positions.joined(separator: ",") }
  fileprivate init(word: String) { self.init(word.split(separator: ",").map(String.init)) }
}
