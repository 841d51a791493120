internal import Foundation

/// Something on a desk, by a name that stays the same whatever number the server gives it.
struct DeskObject: Hashable, Sendable, CustomStringConvertible {
  enum Kind: String, Sendable { case sink, source, card, stream, recording, module, server }
  var kind: Kind
  var name: String
  init(_ kind: Kind, _ name: String) { (self.kind, self.name) = (kind, name) }
  var isStream: Bool { kind == .stream || kind == .recording }
  /// A combined sink that nobody plays into is suspended some seconds later, and then has no streams.
  var comesAndGoes: Bool { isStream && name.hasPrefix("module-combine-sink") }
  var description: String { kind == .server ? "the" : "\(kind.rawValue) '\(name)'" }
  static let server = DeskObject(.server, "")
}

/// One thing that pactl tells of an object.
struct DeskFact: Hashable, Sendable, CustomStringConvertible {
  var object: DeskObject
  /// `volume`, `mute`, `port`, `card profile`, `device`, `default sink`, `default source`, `jack NAME`, or `there`.
  var attribute: String
  init(_ object: DeskObject, _ attribute: String) { (self.object, self.attribute) = (object, attribute) }
  var description: String { "\(object) \(attribute)" }
}

/// Everything that pactl tells of a server and a revert has to bring back, fact by fact.
struct DeskState: Sendable {
  private(set) var facts: [DeskFact: String] = [:]
  /// The number that the server gives an object now.
  private(set) var numbers: [DeskObject: String] = [:]
  /// What hproute has made: names of devices, and descriptions of modules and streams.
  private(set) var own: [String] = []
  private(set) var ownDevices: [String: String] = [:]
  /// What a device of hproute's lies on, by its name.
  private(set) var masters: [String: String] = [:]

  subscript(object: DeskObject, attribute: String) -> String? { facts[DeskFact(object, attribute)] }
  var defaultSink: String { self[.server, "default sink"] ?? "" }
  var defaultSource: String { self[.server, "default source"] ?? "" }
  var objects: Set<DeskObject> { Set(facts.keys.map(\.object)) }
  func exists(_ object: DeskObject) -> Bool { self[object, "there"] != nil }
  func existsDevice(_ name: String) -> Bool { exists(DeskObject(.sink, name)) || exists(DeskObject(.source, name)) }

  /// Whether pipewire-pulse takes a wish to record from a monitor source for none, because it is the default as well: then
  /// it is the monitor of the default output that is recorded.
  private(set) var forgetsMonitors = false
  /// Whether nothing changes between a microphone and what is played.
  var separatesMonitors: Bool { forgetsMonitors }
  func canHold(_ fact: DeskFact, _ wanted: String) -> Bool {
    !(forgetsMonitors && fact.object.kind == .recording && fact.attribute == "device" && facts[fact] == "\(defaultSink).monitor"
      && wanted == defaultSource
      && wanted.hasSuffix(".monitor"))
  }

  init(of server: PrivateServer) throws {
    forgetsMonitors = server.kind == .pipewire
    let blocks = try server.objects()
    let names = { (kind: String) in
      Dictionary(blocks.filter { $0.kind == kind }.map { ($0.number, $0.name) }, uniquingKeysWith: { $1 })
    }
    let (sinks, sources) = (names("Sink"), names("Source"))
    let modules = Dictionary(
      blocks.filter { $0.kind == "Module" }.map { ($0.number, Self.moduleName($0)) }, uniquingKeysWith: { $1 })
    for block in blocks {
      if ["Client", "Sample"].contains(block.kind) { continue }
      guard !block.lines.contains(where: { $0.contains("hproute.id") }) else {
        own.append("\(block.kind) \(block.name.isEmpty ? block.value("media.name = ") ?? block.description : block.name)")
        if ["Sink", "Source"].contains(block.kind) { ownDevices[block.name] = block.value("Volume: ").map(Self.volume) ?? "" }
        if ["Sink", "Source"].contains(block.kind) { readDevice(block) }
        if let arguments = block.value("Argument: ") { readMaster(arguments) }
        continue
      }
      switch block.kind {
      case "Sink", "Source": readDevice(block)
      case "Card": readCard(block)
      case "Sink Input", "Source Output":
        let isRecording = block.kind == "Source Output"
        let device = isRecording ? sources[block.value("Source: ") ?? ""] : sinks[block.value("Sink: ") ?? ""]
        readStream(block, isRecording ? .recording : .stream, device, modules)
      // Their numbers are not their identity, and two may be alike.
      case "Module": add(DeskObject(.module, Self.moduleName(block)), block.number)
      default: break
      }
    }
    for line in try server.pactl("info").split(separator: "\n") {
      if line.hasPrefix("Default Sink: ") { facts[DeskFact(.server, "default sink")] = String(line.dropFirst(14)) }
      if line.hasPrefix("Default Source: ") { facts[DeskFact(.server, "default source")] = String(line.dropFirst(16)) }
    }
  }

  /// A remapped device names what it lies on; on old PipeWires it is a loopback one end of which is a device.
  private mutating func readMaster(_ arguments: String) {
    guard
      let name = arguments.firstMatch(of: #/(?:sink_name|source_name|media\.class=Audio/\w+ node\.name)=["']?([^"' ]+)/#)?.1,
      let master = arguments.firstMatch(of: #/(?:^|\s)(?:master|sink|source)=["']?([^"' ]+)/#)?.1
    else { return }
    masters[String(name)] = String(master)
  }

  private static func moduleName(_ block: PrivateServer.Block) -> String {
    block.name + " " + (block.lines.first { $0.hasPrefix("Argument: ") }?.dropFirst(10) ?? "")
  }

  /// `front-left: 32768 /  50% / -18.06 dB,   front-right: …` as `32768 32768`.
  private static func volume(_ text: String) -> String {
    text.matches(of: #/: +(\d+) \//#).map { String($0.1) }.joined(separator: " ")
  }

  private mutating func add(_ object: DeskObject, _ number: String) {
    var object = object
    var count = 1
    while exists(object) {
      count += 1
      object.name = object.name.replacing(#/ \(\d+\)$/#, with: "") + " (\(count))"
    }
    numbers[object] = number
    facts[DeskFact(object, "there")] = "yes"
    last = object
  }
  /// What was added last.
  private var last = DeskObject.server

  private mutating func tell(_ attribute: String, _ value: String?) { facts[DeskFact(last, attribute)] = value }

  private mutating func readDevice(_ block: PrivateServer.Block) {
    add(DeskObject(block.kind == "Sink" ? .sink : .source, block.name), block.number)
    tell("volume", block.value("Volume: ").map(Self.volume))
    tell("mute", block.value("Mute: "))
    // On PipeWire from 1.4 on a monitor source shows the port of its sink.
    tell("port", block.name.hasSuffix(".monitor") ? nil : block.value("Active Port: "))
  }

  private mutating func readCard(_ block: PrivateServer.Block) {
    add(DeskObject(.card, block.name), block.number)
    tell("card profile", block.value("Active Profile: "))
    for line in block.lines {
      guard let match = line.firstMatch(of: #/^([\w-]+): .* \(type: .*, (availability unknown|available|not available)\)$/#)
      else { continue }
      let words = ["available": "yes", "not available": "no", "availability unknown": "unknown"]
      tell("jack \(match.1)", words[String(match.2)])
    }
  }

  private mutating func readStream(
    _ block: PrivateServer.Block, _ kind: DeskObject.Kind, _ device: String?, _ modules: [String: String]
  ) {
    var name = block.quoted("application.name") ?? block.quoted("media.name") ?? ""
    if block.value("Client: ") == "n/a" {
      name = block.value("Owner Module: ").flatMap { modules[$0] } ?? name
      // What a device of hproute's plays goes with the device.
      if name.contains("hproute.id") { return }
      if name.hasPrefix("module-combine-sink") { name += " on \(device ?? "no device")" }
    }
    add(DeskObject(kind, name), block.number)
    tell("device", device ?? "none")
    tell("mute", block.value("Mute: "))
    // A peak meter has none on some servers.
    tell("volume", block.value("Volume: ").map(Self.volume))
  }
}

extension PrivateServer.Block {
  /// What a line says after `key`.
  func value(_ key: String) -> String? { lines.first { $0.hasPrefix(key) }.map { String($0.dropFirst(key.count)) } }
  func quoted(_ key: String) -> String? { value("\(key) = ")?.trimmingCharacters(in: ["\""]) }
}

extension PrivateServer {
  /// The state when it has stayed the same for a while.
  func settled() throws -> DeskState {
    // PulseAudio acts before it answers; a session manager acts some time after it has heard.
    let quiet = Duration.milliseconds(kind == .pulseaudio ? 40 : 250)
    let deadline = ContinuousClock.now + .seconds(10)
    var breath = Breath()
    var (state, since) = (try DeskState(of: self), ContinuousClock.now)
    while ContinuousClock.now - since < quiet {
      guard ContinuousClock.now < deadline else { throw BrokenDesk("the desk does not settle") }
      breath.take()
      let next = try DeskState(of: self)
      if next.facts != state.facts || next.own != state.own { (state, since) = (next, ContinuousClock.now) }
    }
    return state
  }
}

/// The desk is not as it was meant to be: nothing that hproute would be to blame for.
struct BrokenDesk: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}
