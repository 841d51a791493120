public import AudioGraph

/// A graph written as text, a line an object, for tests to read like a desk:
///
///     server pulseaudio 16.1
///     sink builtin "Built-in Speakers" 30% bus=pci default
///     source mic "Scarlett Mic" 100% map=mono usb=1235:8211
///     stream 7 Firefox "A song" builtin 100% pinned
///     recording 8 Discord call mic 100% meter
///     loopback 1000-1-0 mic interface 20 50%
///     module module-combine-sink "sink_name=both slaves=builtin,interface"
///     card solo "Scarlett Solo" usb=1235:8211 profiles=off,duplex,output active=duplex
///     sink line "Solo Line" 100% card=solo port=line,headphones active=analog-output-line unplugged=headphones
///     sink pro "Solo Pro" 100% map=aux0,aux1 card=solo away=pro
///     sink phones "M4 Line 1-2" 100% card=m4 port=line priority=300
///
/// A device with `away` is there only in the card profile it names. A stream whose place is `nowhere` has none. A word that means
/// nothing there is an error, and so is a place that no line before has.
public enum GraphText {
  /// - Throws: what line is wrong, and how.
  public static func parse(_ text: String) throws -> Graph { try parse(text, away: { _, _, _ in }) }

  /// - Parameter away: is given the devices that are not there, with their card and card profile.
  static func parse(_ text: String, away: (Device, String, String) -> Void) throws -> Graph {
    var graph = Graph(
      server: ServerInfo(
        name: "pulseaudio", version: "16.1", cookie: 1, host: "host", user: "user", defaultSink: nil, defaultSource: nil))
    for (number, line) in text.split(separator: "\n").enumerated() where !line.hasPrefix("#") {
      guard add(words(String(line)), to: &graph, UInt32(number + 1), away) else { throw Unreadable(line: String(line)) }
    }
    return graph
  }

  /// Adds what one line says to a graph.
  ///
  /// - Throws: ``Unreadable``.
  public static func add(_ line: String, to graph: inout Graph) throws {
    let taken = graph.sinks.map(\.index) + graph.sources.map(\.index) + graph.modules.map(\.index)
    guard add(words(line), to: &graph, (taken.max() ?? 0) + 1, { _, _, _ in }) else { throw Unreadable(line: line) }
  }

  public struct Unreadable: Error { var line: String }

  /// The words and the keys that may stand behind what each kind of line begins with.
  private static let known: [String: (words: Set<String>, keys: Set<String>)] = [
    "sink": (
      ["default", "muted", "suspended", "idle"],
      ["map", "usb", "bus", "serial", "form", "card", "port", "active", "unplugged", "priority", "away"]
    ),
    "source": (
      ["default", "muted", "suspended"],
      ["map", "usb", "bus", "serial", "form", "card", "port", "active", "unplugged", "priority", "away", "monitor"]
    ),
    "card": ([], ["profiles", "active", "without", "usb", "bus", "serial", "form"]),
    "stream": (["pinned", "muted", "internal"], ["role"]), "recording": (["meter", "muted"], ["role"]),
    "loopback": (["muted"], []),
  ]

  /// Whether all that may be left out of a line is known.
  private static func isKnown(_ words: [String]) -> Bool {
    guard let kind = words.first, let known = known[kind] else { return true }
    let count = ["stream": 6, "recording": 6, "loopback": 6, "card": 3][kind] ?? 4
    return words.dropFirst(count).allSatisfy { word in
      known.words.contains(word) || word.firstIndex(of: "=").map { known.keys.contains(String(word[..<$0])) } ?? false
    }
  }

  private static func add(_ words: [String], to graph: inout Graph, _ index: UInt32, _ away: (Device, String, String) -> Void)
    -> Bool
  {
    guard isKnown(words) else { return false }
    let options = Dictionary(
      words.compactMap { word -> (String, String)? in
        let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
        return parts.count == 2 ? (parts[0], parts[1]) : nil
      }, uniquingKeysWith: { $1 })
    let card = options["card"].flatMap { graph.card(named: $0) }
    switch (words.first, words.count) {
    case ("server", 3):
      graph.server = ServerInfo(
        name: words[1] == "pipewire" ? "PulseAudio (on PipeWire \(words[2]))" : "pulseaudio", version: words[2], cookie: 1,
        host: "host", user: "user", defaultSink: nil, defaultSource: nil)
    case ("sink", 4...):
      guard let device = device(.sink, words, options, index, card) else { return false }
      if let profile = options["away"] {
        away(device, card?.name ?? "", profile)
        return true
      }
      graph.sinks.append(Sink(device, monitorSource: "\(device.name).monitor"))
      if words.contains("default") { graph.server.defaultSink = device.name }
    case ("source", 4...):
      guard let device = device(.source, words, options, index, card) else { return false }
      if let profile = options["away"] {
        away(device, card?.name ?? "", profile)
        return true
      }
      graph.sources.append(Source(device, monitorOf: options["monitor"]))
      if words.contains("default") { graph.server.defaultSource = device.name }
    case ("card", 4...):
      var properties = properties(options)
      properties[.description] = words[2]
      graph.cards.append(
        Card(
          index: UInt32(graph.cards.count + 100), name: words[1],
          profiles: (options["profiles"] ?? "").split(separator: ",").map { name in
            CardProfile(
              name: String(name), description: String(name), isAvailable: !words.contains("without=\(name)"),
              sinks: name == "off" || name.hasPrefix("input") ? 0 : 1,
              sources: name == "off" || (name.hasPrefix("output") && !name.contains("input")) ? 0 : 1)
          }, activeProfile: options["active"], properties: properties))
    case ("stream", 6...):
      let sink = graph.sink(named: words[4])?.index
      guard let number = UInt32(words[1]), let volumes = volumes(words[5], count: 2), sink != nil || words[4] == "nowhere" else {
        return false
      }
      var properties = Properties([.applicationName: words[2], .mediaName: words[3], .processID: "1\(number)"])
      if words.contains("pinned") { properties[.applicationID] = "pinned" }
      properties[.mediaRole] = options["role"]
      graph.sinkInputs.append(
        SinkInput(
          index: number, sink: sink, volume: volumes, isMuted: words.contains("muted"),
          client: words.contains("internal") ? nil : 50, properties: properties))
    case ("recording", 6...):
      let source = graph.source(named: words[4])?.index
      guard let number = UInt32(words[1]), let volumes = volumes(words[5], count: 2), source != nil || words[4] == "nowhere"
      else {
        return false
      }
      var properties = Properties([.applicationName: words[2], .mediaName: words[3], .processID: "1\(number)"])
      properties[.mediaRole] = options["role"]
      graph.sourceOutputs.append(
        SourceOutput(
          index: number, source: source, volume: volumes, isMuted: words.contains("muted"),
          client: 50,
          isMeter: words.contains("meter"), properties: properties))
    case ("loopback", 6...):
      guard let latency = UInt32(words[4]), let volumes = volumes(words[5], count: 2) else { return false }
      let loopback = Loopback(
        tag: Tag(rawValue: words[1]), source: words[2], sink: words[3], latency: latency,
        channelMap: ChannelMap(["front-left", "front-right"]), volume: volumes.loudest,
        isMuted: words.contains("muted"), title: "loopback")
      graph.add(.loopback(loopback), index: index)
    case ("module", 3): graph.modules.append(Module(index: index, name: words[1], arguments: words[2]))
    default: return false
    }
    return true
  }

  private static func device(
    _ kind: DeviceKind, _ words: [String], _ options: [String: String], _ index: UInt32, _ card: Card?
  ) -> Device? {
    let map = (options["map"] ?? "front-left,front-right").split(separator: ",").map(String.init)
    guard let volumes = volumes(words[3], count: map.count) else { return nil }
    return Device(
      kind: kind, index: index, name: words[1], description: words[2], volume: volumes, channelMap: ChannelMap(map),
      isMuted: words.contains("muted"), state: words.contains("suspended") ? .suspended : .idle, card: card?.index,
      ports: (options["port"] ?? "").split(separator: ",").map {
        Port(
          name: "analog-output-\($0)", description: String($0), type: String($0),
          availability: words.contains("unplugged=\($0)") ? .no : .unknown, priority: UInt32(options["priority"] ?? "") ?? 0)
      },
      activePort: options["active"], properties: properties(options))
  }

  private static func properties(_ options: [String: String]) -> Properties {
    var properties = Properties()
    properties[.bus] = options["bus"]
    if let numbers = options["usb"]?.split(separator: ":"), numbers.count == 2 {
      properties[.bus] = "usb"
      properties[.vendorID] = String(numbers[0])
      properties[.productID] = "0x\(numbers[1])"
    }
    properties[.serial] = options["serial"]
    properties[.formFactor] = options["form"]
    return properties
  }

  /// `30%`, or one for each channel: `30%/15%`.
  private static func volumes(_ text: String, count: Int) -> ChannelVolumes? {
    let parts = text.split(separator: "/").map { Double($0.dropLast()).map { Volume(percent: $0) } }
    let volumes = parts.compactMap(\.self)
    guard volumes.count == parts.count else { return nil }
    return volumes.count == 1 ? ChannelVolumes(volumes[0], count: count) : ChannelVolumes(volumes)
  }

  private static func words(_ line: String) -> [String] {
    // Odd parts stand in quotes.
    line.split(separator: "\"", omittingEmptySubsequences: false).enumerated().flatMap { index, part in
      index % 2 == 1 ? [String(part)] : part.split(separator: " ").map(String.init)
    }
  }
}
