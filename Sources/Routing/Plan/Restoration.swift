internal import AudioGraph

/// Collects what goes back to what it was, and says what cannot.
struct Restoration {
  private let graph: Graph
  private let isRevert: Bool
  private(set) var settings: [Setting] = []
  private(set) var left: [Left] = []
  /// Of devices that are away.
  private(set) var pending: [Setting] = []

  init(graph: Graph, isRevert: Bool) {
    self.graph = graph
    self.isRevert = isRevert
  }

  var attributes: Set<Attribute> { Set(settings.map(\.attribute)) }

  /// Streams that go to another sink than the default. By moving one to what was the default then, hproute has taken its
  /// own wish from it; on PipeWire it may read as being at home, and yet leave with the next change of the default.
  var positionsToInsistOn: Set<Attribute> {
    guard graph.server.kind == .pipewire, isRevert else { return [] }
    return Set(
      settings.filter { setting in
        guard case .position = setting.attribute else { return false }
        return setting.value != .device(restoredDefault)
      }.map(\.attribute))
  }

  /// The default sink there will be.
  private var restoredDefault: String? {
    let setting = settings.first { $0.attribute == .defaultSink }
    if case .device(let name)? = setting?.value { return name }
    return graph.server.defaultSink
  }

  mutating func add(_ entry: Baseline.Entry) {
    guard entry.isPending else { return add(Setting(entry.attribute, entry.was)) }
    // Left over from a revert while the device was away. An apply of something else does not touch it; a revert puts
    // it back where nobody has changed it since.
    guard isRevert, graph.value(of: entry.attribute) != nil else {
      pending.append(Setting(entry.attribute, entry.was))
      return
    }
    if graph.holds(Setting(entry.attribute, entry.set)) {
      add(Setting(entry.attribute, entry.was))
    } else if !graph.holds(Setting(entry.attribute, entry.was)) {
      left.append(Left(object: AttributeText(graph).object(entry.attribute), reason: "it was changed meanwhile"))
    }
  }

  mutating func add(_ setting: Setting) {
    switch (setting.attribute, setting.value) {
    case (_, .unknown):
      left.append(
        Left(object: AttributeText(graph).object(setting.attribute), reason: "the sound server did not tell its volume before"))
    case (.position, .device(let home?)) where graph.sink(named: home) == nil:
      guard graph.value(of: setting.attribute) != nil, let sink = graph.server.defaultSink else { return }
      settings.append(Setting(setting.attribute, .device(sink)))
    case (.defaultSink, .device(let name?)) where graph.sink(named: name) == nil,
      (.defaultSource, .device(let name?)) where graph.source(named: name) == nil:
      pending.append(setting)
    case (.defaultSink, .device(nil)), (.defaultSource, .device(nil)):
      addUnset(setting)
    case (.volume(.device), _) where graph.value(of: setting.attribute) == nil,
      (.mute(.device), _) where graph.value(of: setting.attribute) == nil:
      pending.append(setting)
    default:
      settings.append(setting)
    }
  }

  /// A default that was none.
  private mutating func addUnset(_ setting: Setting) {
    if graph.holds(setting) { return }
    let (major, minor) = graph.server.release
    let canClear = graph.server.kind == .pulseaudio ? major >= 17 : (major, minor) >= (1, 6)
    if canClear {
      settings.append(setting)
    } else {
      left.append(
        Left(object: AttributeText(graph).object(setting.attribute), reason: "this sound server cannot go back to having none"))
    }
  }

  /// Streams that an application hproute has moved started later, and that play on our output: they go where the
  /// sound goes now.
  mutating func addFollowers(of baseline: Baseline) {
    let moved = baseline.movedApplications()
    guard !moved.isEmpty else { return }
    guard let home = restoredDefault else { return }
    let known = attributes
    for stream in graph.sinkInputs where stream.isMovable {
      let attribute = Attribute.position(stream.identity)
      guard !known.contains(attribute), let sink = graph.sink(index: stream.sink), sink.name != home,
        moved.contains(Baseline.Move(application: stream.identity.application, sink: sink.name))
      else { continue }
      settings.append(Setting(attribute, .device(home)))
    }
  }
}
