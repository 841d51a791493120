public import AudioGraph

/// A sound server made of a graph: does what it is told, and fails at the call it was told to fail at.
///
/// It is there for what a real server cannot be made to do, failing at call n. It proves nothing about real servers.
public final class FakeServer: AudioServer {
  public enum Fault {
    /// The change is refused.
    case refuse
    /// The change is acknowledged, and nothing comes of it.
    case ignore
    /// The connection is lost before the change.
    case disconnect
    /// A signal comes before the change.
    case interrupt(Int32)
  }

  public private(set) var current: Graph
  /// What was asked for, in order.
  public private(set) var performed: [Change] = []
  /// Goes wrong at the change of this number, counted from 0 over the life of the server.
  public var fault: (at: Int, what: Fault)?
  /// Whether changes are acknowledged at once and made only when something is waited for, as pipewire-pulse does.
  public var isLate = false
  private var late: [Change] = []
  /// Called before a change, with its number.
  public var beforeChange: (Int, Change, inout Graph) -> Void = { _, _, _ in }
  /// Whether streams follow a default only after it has been seen to change.
  public var followersAreLate = false
  private var followersOf: (former: String?, name: String?)?
  /// The sinks and sources of card profiles that are not in force, by `CARD PROFILE`.
  public var away: [String: (sinks: [Sink], sources: [Source])] = [:]
  /// What a port brings along when it is chosen, by `DEVICE PORT`.
  public var portVolumes: [String: Volume] = [:]
  public var readsStreamMemory = false
  /// Asked again and again while something is waited for; changes the graph by itself, and says whether it has.
  public var whileWaiting: (inout Graph) -> Bool = { _ in false }
  /// Passes only while something is asked, done or waited for: no test waits for real.
  public private(set) var now = ContinuousClock.now
  private var isConnected = true
  private var wasInterrupted = false
  private var nextIndex: UInt32 = 9000

  public init(_ graph: Graph) { current = graph }

  /// - Parameter text: see ``GraphText``.
  public init(text: String) throws {
    var absent: [String: (sinks: [Sink], sources: [Source])] = [:]
    current = try GraphText.parse(text) { device, card, profile in
      if device.kind == .sink { absent["\(card) \(profile)", default: ([], [])].sinks.append(Sink(device)) }
      if device.kind == .source { absent["\(card) \(profile)", default: ([], [])].sources.append(Source(device)) }
    }
    away = absent
  }

  /// Whether a lost connection can be made again.
  public var isThereAgain = false

  public func reconnect() throws(ServerError) {
    guard isThereAgain else { throw .unreachable(address: "fake", reason: "the fake server is gone") }
    isConnected = true
  }

  /// Another program changes something.
  public func edit(_ change: (inout Graph) -> Void) { change(&current) }

  public func graph() throws(ServerError) -> Graph {
    guard isConnected else { throw .connectionLost(reason: "the fake server is gone") }
    return current
  }

  /// The volumes of sinks that run when they are woken, and tell them then, by their names.
  public var untold: [String: ChannelVolumes] = [:]

  public func wake(_ devices: [Device]) throws(ServerError) {
    for device in devices {
      guard let volume = untold[device.name], let place = current.sinks.firstIndex(where: { $0.name == device.name }) else {
        continue
      }
      (current.sinks[place].device.state, current.sinks[place].device.volume) = (.running, volume)
    }
  }

  public func recall(_ programs: [String: Int], known: [StreamMemory]) throws(ServerError) -> Bool { false }

  public func waitForChange(until deadline: ContinuousClock.Instant) throws(ServerError) -> Bool {
    _ = try graph()
    if let (former, name) = followersOf {
      followersOf = nil
      follow(from: former, to: name)
      return true
    }
    if !late.isEmpty {
      late.forEach(make)
      late = []
      return true
    }
    while now < deadline {
      if whileWaiting(&current) { return true }
      now = min(deadline, now + .milliseconds(1))
    }
    return false
  }

  public func perform(_ changes: [Change]) throws(ServerError) -> BurstResult {
    var refusals: [Refusal] = []
    for change in changes {
      now += .microseconds(10)
      _ = try graph()
      let number = performed.count
      beforeChange(number, change, &current)
      performed.append(change)
      if let fault, fault.at == number {
        switch fault.what {
        case .refuse:
          refusals.append(Refusal(change: change, reason: "the fake server refuses call \(number)"))
          continue
        case .ignore: continue
        case .disconnect: isConnected = false
        case .interrupt(let signal) where !wasInterrupted:
          wasInterrupted = true
          throw .interrupted(signal: signal)
        case .interrupt: break
        }
        _ = try graph()
      }
      if current.value(of: change.attribute) == nil {
        refusals.append(Refusal(change: change, reason: "No such entity"))
      } else if isLate {
        late.append(change)
      } else {
        make(change)
      }
    }
    return BurstResult(refusals: refusals, graph: current)
  }

  private func make(_ change: Change) {
    switch (change.attribute, change.to) {
    case (.defaultSink, .device(let name)):
      let former = current.server.defaultSink
      current.server.defaultSink = name
      if followersAreLate { followersOf = (former, name) } else { follow(from: former, to: name) }
    case (.defaultSource, .device(let name)): current.server.defaultSource = name
    case (.volume(let object), .volume(let volumes)):
      update(object) {
        $0 = volumes
      } mute: { _ in
      }
    case (.mute(let object), .mute(let isMuted)):
      update(object) { _ in
      } mute: {
        $0 = isMuted
      }
    case (.streamSink(let identity), .device(let name?)):
      guard let index = current.sinkInputs.firstIndex(where: { $0.identity == identity }) else { return }
      current.sinkInputs[index].sink = current.sink(named: name)?.index
    case (.streamSource(let identity), .device(let name?)):
      guard let index = current.sourceOutputs.firstIndex(where: { $0.identity == identity }) else { return }
      current.sourceOutputs[index].source = current.source(named: name)?.index
    case (.cardProfile(let name), .choice(let profile?)): setProfile(profile, ofCard: name)
    case (.port(let kind, let name), .choice(let port?)):
      self.change(kind, name) { device in
        device.activePort = port
        if let volume = portVolumes["\(name) \(port)"] {
          device.volume = ChannelVolumes(volume, count: device.volume.channels.count)
        }
      }
    case (.memory(let key), .memory(let memory)):
      current.streamMemory?.removeAll { $0.key == key }
      if let memory { current.streamMemory?.append(memory) }
    case (.module, .module(let module?)):
      nextIndex += 1
      current.add(module, index: nextIndex)
    case (.module(let tag), .module(nil)):
      guard let module = current.module(tagged: tag) else { return }
      current.modules.removeAll { $0.index == module.index }
      current.sinkInputs.removeAll { $0.ownerModule == module.index }
      current.sourceOutputs.removeAll { $0.ownerModule == module.index }
      current.sinks.removeAll { $0.ownerModule == module.index }
      current.sources.removeAll { $0.ownerModule == module.index }
    default: break
    }
  }

  private func follow(from former: String?, to name: String?) {
    let target = name.flatMap { current.sink(named: $0) }?.index
    for index in current.sinkInputs.indices where current.sinkInputs[index].follows {
      let sink = current.sink(index: current.sinkInputs[index].sink)
      if sink?.name == former { current.sinkInputs[index].sink = target }
    }
  }

  private func update(
    _ object: Attribute.Object, volume: (inout ChannelVolumes) -> Void, mute: (inout Bool) -> Void
  ) {
    switch object {
    case .device(.sink, let name, _):
      guard let index = current.sinks.firstIndex(where: { $0.name == name }) else { return }
      volume(&current.sinks[index].device.volume)
      mute(&current.sinks[index].device.isMuted)
    case .device(.source, let name, _):
      guard let index = current.sources.firstIndex(where: { $0.name == name }) else { return }
      volume(&current.sources[index].device.volume)
      mute(&current.sources[index].device.isMuted)
    case .recording(let identity):
      guard let index = current.sourceOutputs.firstIndex(where: { $0.identity == identity }) else { return }
      volume(&current.sourceOutputs[index].volume)
      mute(&current.sourceOutputs[index].isMuted)
    case .stream, .loopback:
      guard let stream = current.stream(of: object),
        let index = current.sinkInputs.firstIndex(where: { $0.index == stream.index })
      else { return }
      volume(&current.sinkInputs[index].volume)
      mute(&current.sinkInputs[index].isMuted)
    }
  }

  private func change(_ kind: DeviceKind, _ name: String, _ body: (inout Device) -> Void) {
    if kind == .sink, let index = current.sinks.firstIndex(where: { $0.name == name }) { body(&current.sinks[index].device) }
    if kind == .source, let index = current.sources.firstIndex(where: { $0.name == name }) {
      body(&current.sources[index].device)
    }
  }

  /// The devices of the former card profile go, those of the new one come. Streams go to the first sink of the card, or
  /// to the default.
  private func setProfile(_ profile: String, ofCard name: String) {
    guard let place = current.cards.firstIndex(where: { $0.name == name }) else { return }
    let card = current.cards[place]
    let (sinks, sources) = (current.sinks.filter { $0.card == card.index }, current.sources.filter { $0.card == card.index })
    away["\(name) \(card.activeProfile ?? "")"] = (sinks, sources)
    current.sinks.removeAll { $0.card == card.index }
    current.sources.removeAll { $0.card == card.index }
    current.cards[place].activeProfile = profile
    let coming = away["\(name) \(profile)"] ?? ([], [])
    current.sinks += coming.sinks
    current.sources += coming.sources
    let target = coming.sinks.first?.index ?? current.sink(named: current.server.defaultSink ?? "")?.index
    for index in current.sinkInputs.indices where sinks.contains(where: { $0.index == current.sinkInputs[index].sink }) {
      current.sinkInputs[index].sink = target
    }
  }
}

extension SinkInput {
  /// Whether the stream goes along when the default changes: none that has asked for its device.
  fileprivate var follows: Bool { isMovable && properties[.applicationID] != "pinned" }
}

extension Graph {
  /// A module of ours, and what it makes.
  mutating func add(_ module: OwnModule, index: UInt32) {
    switch module {
    case .loopback(let it): add(it, index: index)
    case .remap(let it): add(it, index: index)
    case .combination(let it): add(it, index: index)
    }
  }

  /// The module and the two streams of a loopback.
  private mutating func add(_ loopback: Loopback, index: UInt32) {
    modules.append(
      Module(
        index: index, name: "module-loopback",
        arguments: "latency_msec=\(loopback.latency) channel_map=\(loopback.channelMap.positions.joined(separator: ",")) "
          + "sink_input_properties='hproute.id=\(loopback.tag.rawValue)'"))
    let properties = Properties([.mediaName: loopback.title])
    sinkInputs.append(
      SinkInput(
        index: index, sink: sink(named: loopback.sink)?.index,
        volume: ChannelVolumes(loopback.volume, count: loopback.channelMap.positions.count), isMuted: loopback.isMuted,
        ownerModule: index, properties: properties))
    sourceOutputs.append(
      SourceOutput(
        index: index, source: source(named: loopback.source)?.index, volume: ChannelVolumes(.full, count: 2), ownerModule: index,
        properties: properties))
  }

  private mutating func add(_ remap: Remap, index: UInt32) {
    modules.append(
      Module(
        index: index, name: "module-remap-\(remap.kind.rawValue)",
        arguments:
          "master_channel_map=\(remap.masterMap.positions.joined(separator: ",")) sink_properties='hproute.id=\(remap.tag.rawValue)'"
      ))
    let device = device(remap.kind, remap.name, remap.title, remap.map, remap.tag, index)
    if remap.kind == .sink {
      sinks.append(Sink(device, monitorSource: "\(remap.name).monitor"))
      sinkInputs.append(
        SinkInput(index: index, sink: sink(named: remap.master)?.index, volume: device.volume, ownerModule: index))
    } else {
      sources.append(Source(device))
      sourceOutputs.append(
        SourceOutput(
          index: index, source: source(named: remap.master)?.index,
          volume: ChannelVolumes(.full, count: remap.map.positions.count),
          ownerModule: index))
    }
  }

  private mutating func add(_ combination: Combination, index: UInt32) {
    modules.append(
      Module(
        index: index, name: "module-combine-sink",
        arguments: "slaves=\(combination.members.joined(separator: ",")) sink_properties='hproute.id=\(combination.tag.rawValue)'"
      ))
    sinks.append(Sink(device(.sink, combination.name, combination.title, .stereo, combination.tag, index)))
  }

  /// A device of ours, at 100 % as servers begin.
  private func device(
    _ kind: DeviceKind, _ name: String, _ title: String, _ map: ChannelMap, _ tag: Tag, _ index: UInt32
  ) -> Device {
    Device(
      kind: kind, index: index, name: name, description: title, volume: ChannelVolumes(.full, count: map.positions.count),
      channelMap: map, ownerModule: index, properties: Properties([.hprouteID: tag.rawValue]))
  }
}
