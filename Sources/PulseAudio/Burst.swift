internal import AudioGraph

/// Changes sent one behind the other, without waiting for an answer in between.
///
/// The move of many streams is on its way before the first answer is read, and costs one round trip however many they
/// are.
struct Burst {
  private let connection: Connection
  private let graph: Graph
  /// What the server has loaded right now. It is read again before an unload, for the index of a module that has gone
  /// may be another's by then.
  private let modules: [Module]
  private var sent: [(change: Change, request: Request<Void>)] = []
  private var unsendable: [Refusal] = []
  /// Requests whose answer changes nothing.
  private var asides: [Request<Void>] = []

  /// - Parameter graph: what the server had when the changes were planned.
  init(_ changes: [Change], on connection: Connection, graph: Graph) throws(ServerError) {
    self.connection = connection
    self.graph = graph
    modules = changes.contains(where: \.isUnload) ? try connection.modules().value() : graph.modules
    for change in changes {
      do { try send(change) } catch {
        unsendable.append(Refusal(change: change, reason: error.reason))
      }
    }
  }

  /// Waits for the answers. The effects may come later still.
  func refusals() throws(ServerError) -> [Refusal] {
    var refusals = unsendable
    for (change, request) in sent {
      guard case .failure(let error) = try request.outcome() else { continue }
      // A module that is gone already: "No such entity" on PulseAudio, "Access denied" on PipeWire.
      if change.isUnload { continue }
      // PulseAudio says the same of a module that cannot be loaded and of one that may not.
      let hint = error == .moduleFailed ? " (perhaps this server forbids loading modules)" : ""
      // PulseAudio says "Access denied" for a card that does not do what it is asked to.
      let isCard = change.isOfHardware && graph.server.traits.blamesClientForCard
      refusals.append(
        Refusal(
          change: change, reason: isCard ? "the device does not do it (\(error.description))" : error.description + hint,
          isDenial: error == .accessDenied && !isCard))
    }
    return refusals
  }

  /// Why a change was not put on the wire.
  private struct Unsendable: Error { var reason: String }

  private mutating func send(_ change: Change) throws(Unsendable) {
    switch (change.attribute, change.to) {
    case (.defaultSink, .device(let name)):
      add(change, connection.setDefault(.sink, name))
    case (.defaultSource, .device(let name)):
      add(change, connection.setDefault(.source, name))
    case (.volume(let object), .volume(let volumes)):
      add(change, connection.setVolume(volumes, of: try target(object)))
    case (.mute(let object), .mute(let isMuted)):
      add(change, connection.setMute(isMuted, of: try target(object)))
    case (.streamSink(let identity), .device(let sink?)):
      add(change, connection.move(sinkInput: try index(identity), to: sink))
    case (.streamSource(let identity), .device(let source?)):
      add(change, connection.move(sourceOutput: try index(identity), to: source))
    case (.cardProfile(let card), .choice(let profile?)):
      add(change, connection.setProfile(profile, ofCard: card))
    case (.port(let kind, let device), .choice(let port?)):
      add(change, connection.setPort(port, of: kind, device))
    // It has been told with a stream of our own; see ``ProgramMemory``.
    case (.memory, .memory) where graph.server.traits.programMemory == .session: break
    case (.memory(let key), .memory(let memory)):
      add(change, memory.map(connection.remember) ?? connection.forget([key]))
    case (.module(let tag), .module(nil)):
      unload(tag, change)
    case (.module, .module(let module?)):
      do throws(UnspeakableName) { try load(module, change) } catch { throw Unsendable(reason: error.sentence) }
    case (.userModule(let module), .userModule(let state)):
      try send(change, module, state)
    default:
      throw Unsendable(reason: "there is nothing to change it to")
    }
  }

  private mutating func add(_ change: Change, _ request: Request<Void>) {
    sent.append((change, request))
  }

  private func index(_ identity: StreamIdentity) throws(Unsendable) -> UInt32 {
    guard let index = identity.index else { throw Unsendable(reason: "it has ended") }
    return index
  }

  private func target(_ object: Attribute.Object) throws(Unsendable) -> ChangeTarget {
    switch object {
    case .device(.sink, let name, _): return .sink(name)
    case .device(.source, let name, _): return .source(name)
    case .recording(let identity):
      guard let stream = graph.sourceOutput(identity) else { throw Unsendable(reason: "it has ended") }
      return .sourceOutput(stream.index)
    case .stream, .loopback:
      guard let stream = graph.stream(of: object) else { throw Unsendable(reason: "it has ended") }
      return .sinkInput(stream.index)
    }
  }

  private mutating func unload(_ tag: Tag, _ change: Change) {
    for module in modules where module.tag == tag { add(change, connection.unload(module: module.index)) }
    if graph.server.traits.programMemory == .table {
      let keys = [LoopbackArguments.End.playback, .recording].map { LoopbackArguments.memoryKey(tag, $0) }
      asides.append(connection.forget(keys))
    }
  }

  /// Loads, unloads or turns down what somebody else has loaded.
  private mutating func send(_ change: Change, _ module: UserModule, _ state: UserModule.State?) throws(Unsendable) {
    guard let state else {
      let twins = modules.filter { $0.tag == nil && $0.name == module.name && $0.arguments == module.arguments }
      if let it = twins.last { add(change, connection.unload(module: it.index)) }
      return
    }
    if let index = graph.index(of: module) {
      // PipeWire shows the streams of a module some time after the module.
      guard let stream = graph.sinkInputs.first(where: { $0.ownerModule == index }) else { return }
      let recording = graph.sourceOutputs.first { $0.ownerModule == index }
      if let recording, let source = state.source, graph.source(index: recording.source)?.name != source,
        graph.source(named: source) != nil
      {
        asides.append(connection.move(sourceOutput: recording.index, to: source))
      }
      if let sink = state.sink, graph.sink(index: stream.sink)?.name != sink, graph.sink(named: sink) != nil {
        asides.append(connection.move(sinkInput: stream.index, to: sink))
      }
      if !state.volume.channels.isEmpty { asides.append(connection.setVolume(state.volume, of: .sinkInput(stream.index))) }
      return add(change, connection.setMute(state.isMuted, of: .sinkInput(stream.index)))
    }
    if !graph.server.traits.takesStartingVolume, !state.volume.channels.isEmpty, !state.memoryKey.isEmpty {
      // So that it starts as loud as it was. What was remembered before is given back with the rest.
      let map = state.volume.channels.count == 1 ? ChannelMap.mono : .stereo
      let volume = ChannelVolumes(state.volume.loudest, count: map.positions.count)
      asides.append(
        connection.remember(
          StreamMemory(key: state.memoryKey, sink: nil, volume: volume, channelMap: map, isMuted: state.isMuted)))
    }
    add(change, connection.load(module: module.name, arguments: module.arguments))
  }

  private mutating func load(_ module: OwnModule, _ change: Change) throws(UnspeakableName) {
    switch module {
    case .loopback(let loopback): try load(loopback, change)
    case .remap(let remap):
      let arguments = try DeviceArguments(remap, on: graph.server.traits)
      add(change, connection.load(module: arguments.module, arguments: arguments.text))
    case .combination(let combination):
      let arguments = try DeviceArguments(combination, on: graph.server.traits)
      add(change, connection.load(module: arguments.module, arguments: arguments.text))
    }
  }

  private mutating func load(_ loopback: Loopback, _ change: Change) throws(UnspeakableName) {
    let arguments = try LoopbackArguments(loopback, on: graph.server.traits)
    let startsAtFull = loopback.volume == .full && !loopback.isMuted
    if !graph.server.traits.takesStartingVolume && !startsAtFull {
      // PulseAudio has no argument for the volume a loopback starts with, but a memory that it obeys.
      guard modules.contains(where: { $0.name == "module-stream-restore" }) else {
        let reason = "this PulseAudio runs without module-stream-restore, and a monitor would start at full volume"
        unsendable.append(Refusal(change: change, reason: reason))
        return
      }
      let volumes = ChannelVolumes(loopback.volume, count: loopback.channelMap.positions.count)
      let memory = StreamMemory(
        key: LoopbackArguments.memoryKey(loopback.tag, .playback), sink: nil, volume: volumes,
        channelMap: loopback.channelMap, isMuted: loopback.isMuted)
      asides.append(connection.remember(memory))
    }
    add(change, connection.load(module: "module-loopback", arguments: arguments.text))
  }
}

extension Change {
  /// Whether it is the device that decides about it.
  fileprivate var isOfHardware: Bool {
    switch attribute {
    case .cardProfile, .port: true
    default: false
    }
  }
}
