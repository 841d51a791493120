/// A module that somebody else has loaded, and that a card profile may take along: a loopback, a remapped or combined output.
///
/// It has no mark by which it could be found again, but two that were loaded in the same words do the same.
public struct UserModule: Hashable, Sendable {
  /// What was loaded: `module-loopback`, `module-combine-sink`, …
  public var name: String
  /// The words it was loaded with, as the server tells them. To load it again they are sent as they are.
  public var arguments: String
  /// Which of several that were loaded in the same words, counted from 0.
  public var ordinal: Int

  /// Stores its parameters.
  public init(name: String, arguments: String, ordinal: Int) {
    self.name = name
    self.arguments = arguments
    self.ordinal = ordinal
  }

  /// What is lost with it beside its arguments.
  public struct State: Hashable, Sendable {
    /// How loud it plays; empty where it is not told.
    public var volume: ChannelVolumes
    /// Whether its playing stream is muted; false if it has none.
    public var isMuted: Bool
    /// Under what PulseAudio remembers how loud it plays.
    public var memoryKey: String
    /// Where its two ends are, which is not always where its arguments have put them.
    public var source: String?
    /// The name of the sink it plays to; see ``source``. Nil if it is no loopback, or that end is away.
    public var sink: String?

    /// Stores its parameters. The defaults are those of a module that is no loopback, with nothing to lose.
    public init(
      volume: ChannelVolumes = ChannelVolumes([]), isMuted: Bool = false, memoryKey: String = "", source: String? = nil,
      sink: String? = nil
    ) {
      self.volume = volume
      self.isMuted = isMuted
      self.memoryKey = memoryKey
      self.source = source
      self.sink = sink
    }
  }

  /// Whether it only joins a source and a sink. It does not end with a device, but is joined to another one.
  public var isLoopback: Bool { name == "module-loopback" && !arguments.contains("media.class=Audio/") }

  /// The devices it names, by the arguments that name them.
  private var devices: [(kind: DeviceKind, name: String)] {
    let module = Module(index: 0, name: name, arguments: arguments)
    let makesSource = name.hasSuffix("-source")
    return [
      ("source", DeviceKind.source), ("sink", .sink), ("master", makesSource ? .source : .sink), ("sink_master", .sink),
      ("source_master", .source), ("slaves", .sink), ("sinks", .sink),
    ].flatMap { key, kind in
      (module.argument(key) ?? "").split(separator: ",").map { (kind, $0.filter { $0 != "'" && $0 != "\"" }) }
    }
  }

  /// Whether it can be loaded in the same words and be joined to the same devices: it names its ends, and they are there.
  /// pipewire-pulse would join it to the default instead.
  public func canBeLoaded(in graph: Graph) -> Bool {
    devices.allSatisfy { graph.device($0.kind, named: $0.name) != nil }
  }

  /// Whether its arguments say what it is joined to.
  public var namesItsEnds: Bool { devices.count >= (isLoopback ? 2 : 1) && devices.allSatisfy { UInt32($0.name) == nil } }

  /// Whether its arguments say where it plays to, or where it takes its sound from.
  public func namesItsEnd(_ kind: DeviceKind) -> Bool { devices.contains { $0.kind == kind } }

  /// Whether it makes a sink that plays to `sink`, also where it does not at the moment: a combined sink into which nobody plays
  /// is suspended, and has no streams then.
  func makesSink(on sink: String) -> Bool { !isLoopback && devices.contains { $0.kind == .sink && $0.name == sink } }

  /// As a person knows it who has loaded it.
  public var title: String { "\(name) \(arguments)" }
}

extension Graph {
  /// The modules that others have loaded, with their numbers.
  public var userModules: [(module: UserModule, index: UInt32)] {
    var counts: [String: Int] = [:]
    return modules.filter { $0.tag == nil }.sorted { $0.index < $1.index }.map { module in
      let ordinal = counts["\(module.name) \(module.arguments)", default: 0]
      counts["\(module.name) \(module.arguments)"] = ordinal + 1
      return (UserModule(name: module.name, arguments: module.arguments, ordinal: ordinal), module.index)
    }
  }

  /// The number of a module somebody else has loaded; nil where it is not loaded.
  public func index(of module: UserModule) -> UInt32? {
    let twins = modules.filter { $0.tag == nil && $0.name == module.name && $0.arguments == module.arguments }.map(\.index)
      .sorted()
    return twins.indices.contains(module.ordinal) ? twins[module.ordinal] : nil
  }

  /// The module of somebody else that a stream belongs to; nil if it is a program's, or has ended.
  public func loader(of identity: StreamIdentity) -> UserModule? {
    let playing = sinkInput(identity).map { (client: $0.client, owner: $0.ownerModule) }
    guard let stream = playing ?? sourceOutput(identity).map({ (client: $0.client, owner: $0.ownerModule) }), stream.client == nil
    else { return nil }
    return userModules.first { $0.index == stream.owner }?.module
  }

  /// The module of somebody else that makes a sink out of this one, such as a combined sink; nil where there is none.
  public func userModule(playingTo name: String) -> UserModule? { userModules.first { $0.module.makesSink(on: name) }?.module }

  /// Nil where it is not loaded.
  func state(of module: UserModule) -> UserModule.State? {
    guard let index = index(of: module) else { return nil }
    guard module.isLoopback, let stream = sinkInputs.first(where: { $0.ownerModule == index && $0.client == nil }) else {
      return UserModule.State()
    }
    let recording = sourceOutputs.first { $0.ownerModule == index && $0.client == nil }
    return UserModule.State(
      volume: stream.volume, isMuted: stream.isMuted, memoryKey: StreamMemory.key("sink-input", stream.properties),
      source: source(index: recording?.source)?.name, sink: sink(index: stream.sink)?.name)
  }

  /// Whether a module plays as it should, as far as its devices are there.
  func plays(_ found: UserModule.State, as wanted: UserModule.State) -> Bool {
    let isThere = { (found: String?, wanted: String?, kind: DeviceKind) in
      found == wanted || wanted.map { device(kind, named: $0) == nil } ?? true
    }
    return found.isMuted == wanted.isMuted && (wanted.volume.channels.isEmpty || found.volume.isClose(to: wanted.volume))
      && isThere(found.source, wanted.source, .source) && isThere(found.sink, wanted.sink, .sink)
  }

  /// The modules of others that hang on `devices`: whose streams are there, or on what such a module makes.
  public func userModules(on devices: [Device]) -> [UserModule] {
    let modules = userModules
    var sinks = Set(devices.filter { $0.kind == .sink }.map(\.index))
    var sources = Set(devices.filter { $0.kind == .source }.map(\.index))
    var hanging: Set<UInt32> = []
    while true {
      let names = Set(self.sinks.filter { sinks.contains($0.index) }.map(\.name))
      sources.formUnion(self.sources.filter { $0.monitorOf.map(names.contains) ?? false }.map(\.index))
      let owners =
        sinkInputs.filter { $0.client == nil && $0.sink.map(sinks.contains) ?? false }.compactMap(\.ownerModule)
        + sourceOutputs.filter { $0.client == nil && $0.source.map(sources.contains) ?? false }.compactMap(\.ownerModule)
      let more = Set(owners).subtracting(hanging)
      if more.isEmpty { return modules.filter { hanging.contains($0.index) }.map(\.module) }
      hanging.formUnion(more)
      sinks.formUnion(self.sinks.filter { $0.ownerModule.map(more.contains) ?? false }.map(\.index))
      sources.formUnion(self.sources.filter { $0.ownerModule.map(more.contains) ?? false }.map(\.index))
    }
  }
}
