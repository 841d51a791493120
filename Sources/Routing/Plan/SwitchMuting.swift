internal import AudioGraph

/// What has to be silent while card profiles and ports change, and what they take along.
///
/// A card profile or a port brings volumes of its own, which can be read only once it is in force, and which PipeWire's
/// session manager may write some time later. Streams that could be heard through them are muted before, and heard again
/// when all volumes have been right for a while.
struct SwitchMuting {
  private let graph: Graph
  /// Sinks whose volume is about to be another one.
  private var sinks: Set<UInt32> = []
  /// Devices whose state is about to go.
  private var devices: [Device] = []
  /// Whether devices go, and with them what plays to them.
  private var takesStreamsAlong = false
  /// Programs whose device goes with a card profile, and that are not about to be moved anyway.
  private(set) var takenAlong: [Stream] = []
  /// Where streams belong that are about to be moved.
  private let homes: [Attribute: String]
  /// Modules that make sinks.
  private var filterModules: Set<UInt32> = []
  /// What others have loaded and hangs on devices that go.
  private(set) var modules: [UserModule] = []
  /// Whether anything is about to change.
  private(set) var isNeeded = false

  init(before settings: [Setting], in graph: Graph, excepting exempt: Set<Attribute>) {
    self.graph = graph
    homes = Dictionary(
      settings.compactMap { setting in
        setting.attribute.isPlacement ? setting.destination.map { (setting.attribute, $0.name) } : nil
      },
      uniquingKeysWith: { first, _ in first })
    for setting in settings where setting.attribute.isSwitch && !exempt.contains(setting.attribute) {
      guard graph.value(of: setting.attribute) != nil, !graph.holds(setting) else { continue }
      switch setting.attribute {
      case .cardProfile(let name):
        guard let card = graph.card(named: name) else { continue }
        devices += DeviceKind.allCases.flatMap { graph.devices($0, of: card) } + graph.monitorSources(of: card)
        // Streams without a will of their own are on the default sink, and may follow it to what comes.
        sinks.formUnion(graph.sinks.filter { $0.card == card.index || $0.name == graph.server.defaultSink }.map(\.index))
        takesStreamsAlong = true
        isNeeded = true
      case .port(let kind, let name):
        guard let device = graph.device(kind, named: name) else { continue }
        devices.append(device)
        if kind == .sink { sinks.insert(device.index) }
        isNeeded = true
      default: break
      }
    }
    if takesStreamsAlong {
      modules = graph.userModules(on: devices)
      takenAlong = graph.foreignStreams.filter { stream in
        stream.hasClient && devices.contains { $0.name == stream.place && $0.kind == stream.kind }
          && homes[stream.placement].map { $0 == stream.place } ?? true
      }
    }
    if isNeeded { reachUp() }
  }

  /// Loopbacks of others would be joined to another device, and a microphone be heard in loudspeakers: they are unloaded
  /// before, and loaded again when their devices are there.
  var unloads: [Setting] {
    modules.filter { $0.isLoopback && $0.namesItsEnds }.map { Setting(.userModule($0), .userModule(nil)) }
  }

  /// What plays to a filter above one of the sinks is heard through it. The filter's own stream is not muted: servers would
  /// remember that for the next one of its kind.
  private mutating func reachUp() {
    let filters = graph.sinkInputs.filter { $0.client == nil }.flatMap { stream in
      graph.sinks.filter { $0.ownerModule != nil && $0.ownerModule == stream.ownerModule }.map {
        (above: $0.index, below: stream.sink)
      }
    }
    filterModules = Set(graph.sinks.compactMap(\.ownerModule))
    var isComplete = false
    while !isComplete {
      let more = filters.filter { pair in pair.below.map(sinks.contains) ?? false && !sinks.contains(pair.above) }
      sinks.formUnion(more.map(\.above))
      isComplete = more.isEmpty
    }
  }

  /// The mutes; those that are there already because of it are kept up.
  func mutes(_ baseline: Baseline) -> [Setting] {
    guard isNeeded else { return [] }
    let leaving = Set(
      unloads.compactMap { if case .userModule(let module) = $0.attribute { graph.index(of: module) } else { nil } })
    return graph.sinkInputs.filter { !($0.client == nil && $0.ownerModule.map(leaving.contains) ?? false) }.compactMap { stream in
      let attribute = Attribute.mute(.stream(stream.identity))
      let isOurs = baseline[attribute].map { $0.was == .mute(false) && $0.set == .mute(true) } ?? false
      let isFilter = stream.client == nil && stream.ownerModule.map(filterModules.contains) ?? false
      let isConcerned = !isFilter && stream.sink.map(sinks.contains) ?? false
      return stream.isMuted
        ? (isOurs ? Setting(attribute, .mute(true)) : nil) : isConcerned ? Setting(attribute, .mute(true)) : nil
    }
  }

  /// What a module of somebody else is to have when all is done.
  private func state(of module: UserModule) -> UserModule.State? {
    guard case .userModule(var state?)? = graph.value(of: .userModule(module)) else { return nil }
    for stream in graph.foreignStreams where stream.ownerModule == graph.index(of: module) {
      guard let home = homes[stream.placement] else { continue }
      if stream.kind == .sink { state.sink = home } else { state.source = home }
    }
    return state
  }

  /// What the devices have now, as far as the server tells, what plays to them, and what is the default.
  var sideEffects: [Setting] {
    guard isNeeded else { return [] }
    var seen: Set<Attribute> = []
    let defaults = [
      Setting(.defaultSink, .device(graph.server.defaultSink)), Setting(.defaultSource, .device(graph.server.defaultSource)),
    ]
    let positions = graph.sinkInputs.filter { $0.isMovable && ($0.sink.map(sinks.contains) ?? false) }.map { stream in
      Setting(.streamSink(stream.identity), .device(graph.sink(index: stream.sink)?.name))
    }
    let loaded = modules.compactMap { module in state(of: module).map { Setting(.userModule(module), .userModule($0)) } }
    return (takesStreamsAlong ? defaults + positions + loaded : [])
      + devices.flatMap { device -> [Setting] in
        let object = device.object
        var settings = [Setting(.mute(object), .mute(device.isMuted))]
        if !graph.hidesVolume(of: .volume(object)) { settings.append(Setting(.volume(object), .volume(device.volume))) }
        if let port = device.activePort { settings.append(Setting(.port(device.kind, name: device.name), .choice(port))) }
        return settings
      }.filter { seen.insert($0.attribute).inserted }
  }
}
