internal import AudioGraph

/// Finds the devices and streams a profile speaks of, and what each of them should have.
struct Resolution {
  private let graph: Graph
  private let baseline: Baseline
  private let start: Graph
  private let planner: Planner
  private(set) var settings: [Setting] = []
  private(set) var left: [Left] = []
  private(set) var warnings: [String] = []
  private(set) var optional: Set<Attribute> = []
  private var sinks: [String: Device] = [:]
  private var sources: [String: Device] = [:]

  /// - Parameter start: what there was when the transaction began.
  init(graph: Graph, baseline: Baseline, start: Graph, planner: Planner) {
    self.graph = graph
    self.baseline = baseline
    self.start = start
    self.planner = planner
  }

  mutating func resolve(_ profile: Profile) throws(PlanError) {
    guard graph.server.defaultSink != nil else { throw .noDefaultSink }
    for output in profile.outputs { sinks[output.label] = try device(output.device, .sink) }
    for input in profile.inputs { sources[input.label] = try device(input.device, .source) }
    var (sinks, sources) = (sinks, sources)
    try settleSharedDevices(profile.outputs.map(\.device), "output", &sinks)
    try settleSharedDevices(profile.inputs.map(\.device), "input", &sources)
    (self.sinks, self.sources) = (sinks, sources)

    for output in profile.outputs { if let sink = sinks[output.label] { set(output, on: sink) } }
    for input in profile.inputs { if let source = sources[input.label] { set(input.device, on: source) } }
    let defaultOutput = Self.defaultSection(profile.outputs.map(\.device), present: sinks)
    let defaultInput = Self.defaultSection(profile.inputs.map(\.device), present: sources)
    if let sink = defaultOutput { settings.append(Setting(.defaultSink, .device(sink.name))) }
    if let source = defaultInput { settings.append(Setting(.defaultSource, .device(source.name))) }
    setStreams(profile, defaultSink: defaultOutput)
    for (ordinal, monitor) in profile.monitors.enumerated() {
      do { try set(monitor, ordinal: ordinal) } catch {
        guard !monitor.isRequired else { throw error }
        left.append(Left(object: Self.title("monitor", monitor.label), reason: error.sentence))
      }
    }
  }

  /// The section as it stands in the file; a label that was left out is the section's own name.
  private static func title(_ kind: String, _ label: String) -> String { label == kind ? "[\(kind)]" : "[\(kind) \(label)]" }

  // MARK: - Devices

  private mutating func device(_ section: DeviceSection, _ kind: DeviceKind) throws(PlanError) -> Device? {
    let title = Self.title(kind == .sink ? "output" : "input", section.label)
    guard let match = section.match else { return nil }
    let candidates = match.candidates(of: kind, in: graph)
    if candidates.count > 1 {
      throw .ambiguous(
        section: title,
        candidates: candidates.map {
          .init(name: $0.name, description: $0.description, term: graph.matchExpression(for: $0).text)
        })
    }
    if let device = candidates.first { return device }
    guard section.isRequired else {
      left.append(Left(object: title, reason: "no device fits match = \(match.text)"))
      return nil
    }
    throw .absent(section: title, match: match.text, present: graph.devices(kind).map(\.description))
  }

  /// Two sections that mean the same device contradict each other; but in a list of preferences a device that is found
  /// again is passed over.
  private mutating func settleSharedDevices(
    _ sections: [DeviceSection], _ kind: String, _ present: inout [String: Device]
  ) throws(PlanError) {
    var owners: [String: String] = [:]
    for section in sections {
      guard let device = present[section.label] else { continue }
      guard let owner = owners[device.name] else {
        owners[device.name] = section.label
        continue
      }
      guard !section.isRequired else {
        throw .sameDevice(
          sections: [Self.title(kind, owner), Self.title(kind, section.label)], device: device.description)
      }
      present[section.label] = nil
      left.append(
        Left(object: Self.title(kind, section.label), reason: "\(device.description) is \(Self.title(kind, owner)) already"))
    }
  }

  /// The one that says so, else the first that is there and does not say otherwise.
  private static func defaultSection(_ sections: [DeviceSection], present: [String: Device]) -> Device? {
    let there = sections.filter { present[$0.label] != nil }
    let chosen = there.first { $0.isDefault == true } ?? there.first { $0.isDefault != false }
    return chosen.flatMap { present[$0.label] }
  }

  private mutating func set(_ output: OutputSection, on sink: Device) {
    var volumes = startingVolumes(of: sink)
    if let volume = output.volume { volumes = volumes.scaled(to: volume) }
    if let balance = output.balance { volumes = volumes.balanced(balance, map: sink.channelMap) }
    if let limit = output.limit, volumes.loudest > limit { volumes = volumes.scaled(to: limit) }
    if output.volume != nil || output.balance != nil || output.limit != nil {
      settings.append(Setting(.volume(.device(.sink, name: sink.name)), .volume(volumes)))
    }
    if let mute = output.mute { settings.append(Setting(.mute(.device(.sink, name: sink.name)), .mute(mute))) }
  }

  private mutating func set(_ input: DeviceSection, on source: Device) {
    if let volume = input.volume {
      let volumes = startingVolumes(of: source).scaled(to: volume)
      settings.append(Setting(.volume(.device(.source, name: source.name)), .volume(volumes)))
    }
    if let mute = input.mute { settings.append(Setting(.mute(.device(.source, name: source.name)), .mute(mute))) }
  }

  /// The volumes a profile starts from, where it says only part of what they should be. Not those that hproute itself
  /// has set: a second apply, or one over another profile, gives what the first would have given.
  private func startingVolumes(of device: Device) -> ChannelVolumes {
    let attribute = Attribute.volume(.device(device.kind, name: device.name))
    let first = start.device(device.kind, named: device.name) ?? device
    guard let entry = baseline[attribute], case .volume(let was) = entry.was,
      was.channels.count == device.volume.channels.count
    else { return first.volume }
    // What the user has changed since counts.
    let isOurs = start.holds(Setting(attribute, entry.set), assuming: [attribute: entry.set])
    return isOurs || start.holds(Setting(attribute, entry.was)) ? was : first.volume
  }

  // MARK: - Streams

  private mutating func setStreams(_ profile: Profile, defaultSink: Device?) {
    for stream in graph.sinkInputs where stream.isMovable {
      let rule = profile.streamRules.first { $0.pattern.fits(stream) }
      let identity = stream.identity
      if let label = rule?.to {
        // A rule for an output that is away leaves the stream where it is.
        if let sink = sinks[label] {
          settings.append(Setting(.position(identity), .device(sink.name)))
        } else {
          left.append(Left(object: identity.application.title, reason: "[output \(label)] is away"))
        }
      } else if profile.streams == .move, let defaultSink {
        settings.append(Setting(.position(identity), .device(defaultSink.name)))
      }
      if let volume = rule?.volume {
        settings.append(Setting(.volume(.stream(identity)), .volume(stream.volume.scaled(to: volume))))
      }
      if let mute = rule?.mute { settings.append(Setting(.mute(.stream(identity)), .mute(mute))) }
    }
  }

  // MARK: - Monitors

  private mutating func set(_ monitor: MonitorSection, ordinal: Int) throws(PlanError) {
    let title = Self.title("monitor", monitor.label)
    guard let sink = sinks[monitor.to], let source = sources[monitor.from].flatMap({ graph.source(named: $0.name) }) else {
      left.append(Left(object: title, reason: "one of its ends is away"))
      return
    }
    guard source.monitorOf != sink.name else { throw .feedback(section: title, device: sink.description) }
    guard !source.channelMap.isNumbered, source.channelMap.positions.count <= 2 else {
      throw .unroutableChannels(section: title, device: source.description, channels: source.channelMap.positions)
    }
    var loopback = Loopback(
      tag: Tag(user: planner.user, transaction: planner.transaction, ordinal: ordinal), source: source.name,
      sink: sink.name, latency: monitor.latency, channelMap: source.channelMap, volume: monitor.volume,
      isMuted: monitor.mute, title: "\(source.description) in \(sink.description)")
    if let foreign = graph.modules.first(where: { isForeign($0, joining: loopback) }) {
      warnings.append(
        "\(title): \(source.description) is heard in \(sink.description) already, through \(foreign.name) number "
          + "\(foreign.index), which hproute did not load and leaves as it is.")
      return
    }
    if let tag = runningMonitor(like: loopback) { loopback.tag = tag }
    settings.append(Setting(.loopback(loopback.tag), .loopback(loopback)))
    if !monitor.isRequired { optional.insert(.loopback(loopback.tag)) }
    // Those of one that runs already; a new one starts with them.
    if let stream = graph.stream(of: .loopback(loopback.tag)) {
      let volumes = ChannelVolumes(monitor.volume, count: stream.volume.channels.count)
      settings.append(Setting(.volume(.loopback(loopback.tag)), .volume(volumes)))
      settings.append(Setting(.mute(.loopback(loopback.tag)), .mute(monitor.mute)))
    }
  }

  /// A loopback of ours that does what is wanted, so that it need not drop out.
  private func runningMonitor(like wanted: Loopback) -> Tag? {
    let taken = Set(settings.map(\.attribute))
    return graph.ownModules(of: planner.user).first { module, tag in
      guard !taken.contains(.loopback(tag)) else { return false }
      // What this apply has loaded is it, even before the server has put its ends in place.
      if tag == wanted.tag { return true }
      guard let ends = graph.ends(ofLoopback: module) else { return false }
      return ends.source.name == wanted.source && ends.sink.name == wanted.sink
        && module.argument("latency_msec") == String(wanted.latency)
    }?.tag
  }

  private func isForeign(_ module: Module, joining wanted: Loopback) -> Bool {
    guard module.name == "module-loopback", module.tag?.belongs(to: planner.user) != true,
      let ends = graph.ends(ofLoopback: module)
    else { return false }
    return ends.source.name == wanted.source && ends.sink.name == wanted.sink
  }
}
