/// Everything a sound server has at one moment.
public struct Graph: Hashable, Sendable {
  /// Who has told all this, and its defaults.
  public var server: ServerInfo
  /// All cards, also those that are switched off. The corresponding C function is `pa_context_get_card_info_list`.
  public var cards: [Card]
  /// All sinks, also those of hproute. The corresponding C function is `pa_context_get_sink_info_list`.
  public var sinks: [Sink]
  /// All sources, with the monitor sources of the sinks. The corresponding C function is `pa_context_get_source_info_list`.
  public var sources: [Source]
  /// All that plays, also loopbacks. The corresponding C function is `pa_context_get_sink_input_info_list`.
  public var sinkInputs: [SinkInput]
  /// All that records, also loopbacks. The corresponding C function is `pa_context_get_source_output_info_list`.
  public var sourceOutputs: [SourceOutput]
  /// All that is loaded, whoever has loaded it. The corresponding C function is `pa_context_get_module_info_list`.
  public var modules: [Module]
  /// What is remembered for streams; nil where that was not asked for, or the server has no such memory.
  public var streamMemory: [StreamMemory]?

  /// Stores its parameters.
  public init(
    server: ServerInfo, cards: [Card] = [], sinks: [Sink] = [], sources: [Source] = [], sinkInputs: [SinkInput] = [],
    sourceOutputs: [SourceOutput] = [], modules: [Module] = [], streamMemory: [StreamMemory]? = nil
  ) {
    self.streamMemory = streamMemory
    self.server = server
    self.cards = cards
    self.sinks = sinks
    self.sources = sources
    self.sinkInputs = sinkInputs
    self.sourceOutputs = sourceOutputs
    self.modules = modules
  }

  /// Nil if there is none of that name.
  public func sink(named name: String) -> Sink? { sinks.first { $0.name == name } }
  /// Nil if there is none of that number, and for nil.
  public func sink(index: UInt32?) -> Sink? { index.flatMap { index in sinks.first { $0.index == index } } }
  /// Nil if there is none of that name.
  public func source(named name: String) -> Source? { sources.first { $0.name == name } }
  /// Nil if there is none of that number, and for nil.
  public func source(index: UInt32?) -> Source? { index.flatMap { index in sources.first { $0.index == index } } }
  /// Nil if there is none of that name.
  public func card(named name: String) -> Card? { cards.first { $0.name == name } }
  /// Nil if there is none of that number, and for nil.
  public func card(index: UInt32?) -> Card? { index.flatMap { index in cards.first { $0.index == index } } }
  /// The module whose arguments carry the tag; nil if it is not loaded.
  public func module(tagged tag: Tag) -> Module? { modules.first { $0.tag == tag } }

  /// What a sink and a source have in common; nil if there is none of that kind and name.
  public func device(_ kind: DeviceKind, named name: String) -> Device? {
    switch kind {
    case .sink: sink(named: name)?.device
    case .source: source(named: name)?.device
    }
  }

  /// The stream that `identity` was taken from, if it still plays.
  public func sinkInput(_ identity: StreamIdentity) -> SinkInput? {
    sinkInputs.first { $0.index == identity.index && $0.identity == identity }
  }

  /// The stream that `identity` was taken from, if it still records.
  public func sourceOutput(_ identity: StreamIdentity) -> SourceOutput? {
    sourceOutputs.first { $0.index == identity.index && $0.identity == identity }
  }

  /// The sinks or sources of a card, as its card profile makes them.
  public func devices(_ kind: DeviceKind, of card: Card) -> [Device] {
    let all = kind == .sink ? sinks.map(\.device) : sources.filter { $0.monitorOf == nil }.map(\.device)
    return all.filter { $0.card == card.index }
  }

  /// The monitor sources of the sinks of a card.
  public func monitorSources(of card: Card) -> [Device] {
    let names = Set(devices(.sink, of: card).map(\.name))
    return sources.filter { $0.monitorOf.map(names.contains) ?? false }.map(\.device)
  }

  /// The card a device belongs to, by its name; that of its sink for a monitor source.
  public func cardName(of device: Device) -> String? {
    let sink = device.kind == .source ? source(named: device.name)?.monitorOf.flatMap { self.sink(named: $0) } : nil
    return card(index: sink?.card ?? device.card)?.name
  }

  /// What the device tells about itself, and its card where it does not.
  public func properties(of device: Device) -> Properties {
    card(index: device.card).map { device.properties.merged(with: $0.properties) } ?? device.properties
  }

  /// The modules hproute has loaded for this user.
  public func ownModules(of user: UInt32) -> [(module: Module, tag: Tag)] {
    modules.compactMap { module in
      module.tag.flatMap { $0.belongs(to: user) ? (module, $0) : nil }
    }
  }

  /// How long the sound takes through a loopback, in microseconds, as the server tells it: PulseAudio does, and evens it
  /// out towards what was asked for. Nil where it does not: pipewire-pulse answers 0.
  public func latency(ofLoopback module: Module) -> UInt64? {
    guard server.traits.tellsLoopbackLatency,
      let input = sinkInputs.first(where: { $0.ownerModule == module.index }),
      let output = sourceOutputs.first(where: { $0.ownerModule == module.index })
    else { return nil }
    let latency = input.latency + output.latency
    return latency > 0 ? latency : nil
  }

  /// Where the two streams of a loopback really are, whoever loaded it. Nil while either end is missing.
  public func ends(ofLoopback module: Module) -> (source: Source, sink: Sink)? {
    guard
      let input = sinkInputs.first(where: { $0.ownerModule == module.index }),
      let output = sourceOutputs.first(where: { $0.ownerModule == module.index }),
      let sink = sink(index: input.sink), let source = source(index: output.source)
    else { return nil }
    return (source, sink)
  }
}
