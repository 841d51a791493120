internal import Foundation
internal import SeededRandom

/// A desk as somebody might have it: devices, cards, modules of the user's own, programs that play and record.
struct RandomDesk: Sendable {
  /// A module with its arguments, and the devices it brings.
  struct Module: Sendable {
    var words: [String]
    var sink: (name: String, channels: Int)?
    var source: (name: String, channels: Int)?
    /// The channel map of the sink.
    var map = ""
    /// The sinks and sources it hangs on.
    var hangsOn: [String] = []
    var isPlain: Bool { words[0] == "module-null-sink" }
  }
  struct Card: Sendable {
    var file: CardFile
    var profile: String
    var active: CardFile.Profile? { file.profiles.first { $0.name == profile } }
  }
  /// A device that a profile can name or a program can ask for.
  struct Device: Sendable {
    var name: String
    var channels: Int
    var card: CardFile?
    var ports: [CardFile.Port] = []
  }

  var modules: [Module] = []
  var cards: [Card] = []
  var players: [DeskPlayer] = []
  /// What is set when everything is there, in this order.
  var settings: [DeskSetting] = []

  /// Sinks that are there from the start.
  var outputs: [Device] {
    modules.compactMap { module in module.sink.map { Device(name: $0.name, channels: $0.channels) } }
      + cardDevices(isInput: false)
  }
  /// Sources that are there from the start, those that hear what is played last.
  var inputs: [Device] {
    modules.compactMap { module in module.source.map { Device(name: $0.name, channels: $0.channels) } }
      + cardDevices(isInput: true)
  }
  var monitorSources: [Device] { outputs.map { Device(name: "\($0.name).monitor", channels: $0.channels) } }

  private func cardDevices(isInput: Bool) -> [Device] {
    cards.flatMap { card in
      (card.active?.devices ?? []).filter { $0.isInput == isInput }.map {
        Device(name: $0.name, channels: $0.channels, card: card.file, ports: $0.ports)
      }
    }
  }

  static let maps = [
    1: "mono", 2: "front-left,front-right", 4: "front-left,front-right,rear-left,rear-right",
    6: "front-left,front-right,rear-left,rear-right,front-center,lfe",
    8: "front-left,front-right,rear-left,rear-right,front-center,lfe,side-left,side-right",
  ]
  static let roles = ["music", "video", "game", "phone"]

  init(_ random: inout SeededRandom) throws {
    for index in 0..<Int.random(in: 2...5, using: &random) { modules.append(Self.sink(index, &random)) }
    if chance(40, &random) {
      let master = pick(modules, &random)
      let (name, channels) = master.sink ?? ("", 0)
      modules.append(
        Module(
          words: [
            "module-remap-source", "source_name=mic", "master=\(name).monitor", "channels=\(channels)",
            "channel_map=\(master.map)",
            "master_channel_map=\(master.map)", "remix=no", "source_properties='device.description=Microphone \(Desk.awake)'",
          ],
          source: ("mic", channels), hangsOn: ["\(name).monitor"]))
    }
    var files = ["laptop", "dac", "mixer", "studio24c", "solo4"]
    for _ in 0..<pick([0, 0, 0, 1, 1, 2], &random) {
      let file = try CardFile(files.remove(at: Int.random(in: 0..<files.count, using: &random)))
      cards.append(Card(file: file, profile: pick(file.profiles, &random).name))
    }
    if chance(45, &random) { addOwnModule(&random) }
    if chance(20, &random) { addOwnModule(&random) }
    addPlayers(&random)
    addSettings(&random)
  }

  private static func sink(_ index: Int, _ random: inout SeededRandom) -> Module {
    let channels = pick([1, 2, 2, 2, 2, 2, 4, 6, 8], &random)
    let isNumbered = channels > 1 && chance(15, &random)
    let map = isNumbered ? (0..<channels).map { "aux\($0)" }.joined(separator: ",") : maps[channels] ?? ""
    let bus = pick(["", "device.bus=pci", "device.bus=usb"], &random)
    return Module(
      words: [
        "module-null-sink", "sink_name=s\(index)", "channels=\(channels)", "channel_map=\(map)",
        "sink_properties='device.description=Sink-\(index) \(Desk.awake) \(bus)'",
      ], sink: ("s\(index)", channels), map: map)
  }

  /// What people have in default.pa.
  private mutating func addOwnModule(_ random: inout SeededRandom) {
    let sink = pick(outputs, &random)
    let number = modules.count
    switch Int.random(in: 0..<6, using: &random) {
    case 0, 1, 2:
      let source = pick(inputs + monitorSources.filter { $0.name != "\(sink.name).monitor" }, &random)
      var words = ["module-loopback", "source=\(source.name)"]
      var hangsOn = [source.name]
      // From the monitor of the default output into the default output: nobody can mean that.
      if chance(80, &random) || source.name.hasSuffix(".monitor") {
        words.append("sink=\(sink.name)")
        hangsOn.append(sink.name)
      }
      words.append("latency_msec=\(pick([20, 50, 100], &random))")
      if chance(15, &random) { words.append("sink_dont_move=yes") }
      if chance(15, &random) { words.append("source_dont_move=yes") }
      modules.append(Module(words: words, hangsOn: hangsOn))
    case 3:
      guard let map = modules.first(where: { $0.sink?.name == sink.name })?.map ?? Self.maps[sink.channels], !map.isEmpty else {
        return
      }
      modules.append(
        Module(
          words: [
            "module-remap-sink", "sink_name=r\(number)", "master=\(sink.name)", "channels=\(sink.channels)", "channel_map=\(map)",
            "master_channel_map=\(map)", "remix=no", "sink_properties='device.description=Remapped \(Desk.awake)'",
          ],
          sink: ("r\(number)", sink.channels), map: map, hangsOn: [sink.name]))
    case 4:
      let other = pick(outputs, &random)
      guard other.name != sink.name else { return }
      modules.append(
        Module(
          words: [
            "module-combine-sink", "sink_name=c\(number)", "slaves=\(sink.name),\(other.name)", "channels=2",
            "channel_map=front-left,front-right", "sink_properties='device.description=Combined'",
          ],
          sink: ("c\(number)", 2), map: "front-left,front-right", hangsOn: [sink.name, other.name]))
    default: modules.append(Self.sink(number + 10, &random))
    }
  }

  private mutating func addPlayers(_ random: inout SeededRandom) {
    for index in 0..<Int.random(in: 1...4, using: &random) {
      var player = DeskPlayer(name: "Song\(index)")
      if chance(55, &random) { player.device = pick(outputs, &random).name }
      if chance(25, &random) { player.role = pick(Self.roles, &random) }
      player.channels = pick([2, 2, 2, 2, 1, 6], &random)
      player.isCorked = chance(10, &random)
      player.isFixed = player.device != nil && chance(10, &random)
      players.append(player)
    }
    for index in 0..<pick([0, 0, 1, 1, 2], &random) {
      var player = DeskPlayer(name: "Take\(index)", isRecording: true)
      if chance(75, &random) { player.device = pick(inputs + monitorSources, &random).name }
      player.isMeter = player.device != nil && chance(25, &random)
      player.isFixed = player.isMeter && chance(60, &random)
      player.channels = player.isMeter ? 1 : pick([1, 2, 2], &random)
      players.append(player)
    }
  }

  private mutating func addSettings(_ random: inout SeededRandom) {
    for card in cards { settings.append(DeskSetting(DeskObject(.card, card.file.name), "card profile", card.profile)) }
    for (kind, devices) in [(DeskObject.Kind.sink, outputs), (.source, inputs), (.source, monitorSources)] {
      for device in devices {
        let object = DeskObject(kind, device.name)
        // Every port has a volume of its own; the one that is chosen in the end is set last.
        let ports = device.ports.filter { $0.availability != "no" }
        for port in ports.count > 1 ? ports.shuffled(using: &random) : [] {
          settings.append(DeskSetting(object, "port", port.name))
          settings.append(DeskSetting(object, "volume", Self.volume(device.channels, &random)))
        }
        if ports.count < 2, chance(device.name.hasSuffix(".monitor") ? 15 : 80, &random) {
          settings.append(DeskSetting(object, "volume", Self.volume(device.channels, &random)))
        }
        if chance(device.name.hasSuffix(".monitor") ? 4 : 12, &random) { settings.append(DeskSetting(object, "mute", "yes")) }
      }
    }
    for player in players where !player.isMeter {
      if chance(50, &random) { settings.append(DeskSetting(player.object, "volume", Self.volume(player.channels, &random))) }
      if chance(15, &random) { settings.append(DeskSetting(player.object, "mute", "yes")) }
    }
    if chance(90, &random) { settings.append(DeskSetting(.server, "default sink", pick(outputs, &random).name)) }
    if chance(80, &random) {
      settings.append(DeskSetting(.server, "default source", pick(inputs + monitorSources, &random).name))
    }
  }

  /// Mostly the same on all channels.
  static func volume(_ channels: Int, _ random: inout SeededRandom) -> String {
    let level = { (random: inout SeededRandom) in Int.random(in: 1...20, using: &random) * 65536 / 20 }
    let one = level(&random)
    let isEven = chance(80, &random)
    return (0..<channels).map { _ in String(isEven ? one : level(&random)) }.joined(separator: " ")
  }
}

func chance(_ percent: Int, _ random: inout SeededRandom) -> Bool { Int.random(in: 0..<100, using: &random) < percent }
func pick<Choices: RandomAccessCollection>(_ choices: Choices, _ random: inout SeededRandom) -> Choices.Element {
  choices[choices.index(choices.startIndex, offsetBy: Int.random(in: 0..<choices.count, using: &random))]
}
