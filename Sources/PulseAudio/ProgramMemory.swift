internal import AudioGraph

/// What PipeWire's session manager remembers for a program: where its next stream goes, how loud, and whether it is muted.
///
/// It cannot be asked, but it gives it to every stream that carries the program's names, and takes it from such a stream
/// when it is changed. So a stream of our own that plays nothing reads and writes it. A stream of the program that plays
/// meanwhile is not changed by that. Measured on 0.3.65, 1.4.2 and 1.6.9 with WirePlumber 0.4.13, 0.5.8 and 0.5.18.
///
/// The connection must not carry an application id, which a stream could not take off.
struct ProgramMemory {
  private let connection: Connection
  private let connect: () throws(ServerError) -> Connection
  private let timeout: Duration
  /// By how much a machine that is overloaded is given more time.
  private let congestion: Double

  /// - Parameters:
  ///   - congestion: see ``AudioGraph/AudioServer/congestion``.
  ///   - connect: makes another connection to the same server.
  init(
    _ connection: Connection, _ timeout: Duration, congestion: Double, _ connect: @escaping () throws(ServerError) -> Connection
  ) {
    (self.connection, self.timeout, self.congestion, self.connect) = (connection, timeout, congestion, connect)
  }

  /// What is remembered for programs, by key and number of channels. Where a stream of theirs would go to the default there is no
  /// device. One that reads as silent to the end is left out: nobody can tell it from one that has not been told yet, and to
  /// give silence back to a program that had none would be for ever.
  func read(_ programs: [String: Int]) throws(ServerError) -> [StreamMemory] {
    var memories: [StreamMemory] = []
    for some in Self.portions(of: programs.sorted { $0.key < $1.key }) {
      memories += try read(some.map { (key: $0.key, channels: $0.value) })
    }
    return memories
  }

  private func read(_ programs: [(key: String, channels: Int)]) throws(ServerError) -> [StreamMemory] {
    try toldStates(of: probes(programs)).filter { $0.state.stream.volume.loudest > .silence }
      .map { $0.state.memory($0.probe.key) }
  }

  /// As they are when all have been told how loud they are, or have had the time.
  private func toldStates(of probes: [MemoryProbe]) throws(ServerError) -> [(probe: MemoryProbe, state: State)] {
    let deadline = ContinuousClock.now + min(timeout, Self.tellingTakesAtMost * congestion)
    while true {
      let found = try states(of: probes, on: connection)
      if found.allSatisfy({ $0.state.isTold }) || ContinuousClock.now >= deadline { return found }
      _ = try connection.waitForChange(until: min(deadline, .now + .milliseconds(5)))
    }
  }

  /// A session manager looks at every stream there is when another one comes, so that many at once keep it from anything else.
  /// Measured on 0.3.65 beside fifty programs, for all of them: all at once 3.1 s and more, eight at a time 0.9.
  private static func portions<Item>(of items: [Item]) -> [ArraySlice<Item>] {
    stride(from: 0, to: items.count, by: 8).map { items[$0..<min($0 + 8, items.count)] }
  }

  /// A stream that has just come is told to be silent until its volume is known. Measured: some milliseconds.
  private static let tellingTakesAtMost = Duration.milliseconds(250)

  /// Has the session manager remember something else. Returns when two streams in a row of each program get it, or when that
  /// did not come about in up to three tries.
  ///
  /// - Parameters:
  ///   - moved: the keys of those that may have been sent to another device. Where that is the default now, they look like those
  ///     that go there by themselves.
  ///   - changed: the keys of those whose own streams have been changed so that it is to be remembered already, and was not
  ///     before. Where the next one gets it, nothing has to be said.
  /// - Returns: the keys of those whose next stream goes to another device.
  func write(
    _ memories: [StreamMemory], perhapsMoved moved: Set<String>, changed: Set<String>
  ) throws(ServerError) -> Set<String> {
    // Who has asked for a change sees it before it is done.
    let witness = try connect()
    try witness.subscribe().value()
    var refusal: ServerError?
    var lost: Set<String> = []
    for some in Self.portions(of: memories) {
      // One program that has no device is no reason to leave out the others.
      do { lost.formUnion(try write(Array(some), perhapsMoved: moved, changed, seenBy: witness)) } catch .failed(let reason) {
        refusal = .failed(reason: reason)
      }
    }
    if let refusal { throw refusal }
    return lost
  }

  private func write(
    _ memories: [StreamMemory], perhapsMoved moved: Set<String>, _ changed: Set<String>, seenBy witness: Connection
  ) throws(ServerError) -> Set<String> {
    let wanted = Dictionary(memories.map { ($0.key, $0) }, uniquingKeysWith: { $1 })
    let found = try toldStates(of: probes(memories.map(Self.likeness)))

    var goals: [String: Goal] = [:]
    var detours: [String: Goal] = [:]
    for (probe, state) in found {
      guard let memory = wanted[probe.key] else { continue }
      if changed.contains(probe.key), state.isTold, memory == state.memory(probe.key) { continue }
      let isElsewhere = memory.sink != state.memory(probe.key).sink
      let isMoved = moved.contains(probe.key)
      // The default clears what is remembered of a place. Nothing can be sent to a device that is not there.
      let home = memory.sink.map { sink in state.devices.first { $0 == sink } } ?? state.defaultDevice
      let goal = Goal(volume: memory.volume, isMuted: memory.isMuted, place: isElsewhere || isMoved ? home : nil)
      goals[probe.key] = goal
      if !isElsewhere { detours[probe.key] = state.detour(to: goal) }
    }
    // Who has not been led away has not been led back.
    var lost = try settle(detours, found, witness).union(settle(goals, found, witness))
    // What has got lost is said again, as long as anything comes of it.
    for _ in 0..<2 where !lost.isEmpty {
      let again = goals.filter { lost.contains($0.key) }
      var detours: [String: Goal] = [:]
      for (probe, state) in found { detours[probe.key] = again[probe.key].flatMap(state.detour) }
      let stuck = try settle(detours, found, witness)
      lost = try stuck.union(settle(again, found, witness))
      if stuck.count == again.count { break }
    }
    let next = try states(of: probes(memories.filter { lost.contains($0.key) }.map(Self.likeness)), on: connection)
    let astray = next.filter { probe, state in
      state.stream.place != nil && !Goal(place: goals[probe.key]?.place).isReached(by: state)
    }
    return Set(astray.map(\.probe.key))
  }

  private static func likeness(of memory: StreamMemory) -> (key: String, channels: Int) {
    (memory.key, max(1, memory.volume.channels.count))
  }

  /// Has streams be as they should, and waits until the next two of each program are.
  ///
  /// - Returns: the keys of the programs of which it was not.
  private func settle(
    _ goals: [String: Goal], _ found: [(probe: MemoryProbe, state: State)], _ witness: Connection
  ) throws(ServerError) -> Set<String> {
    guard !goals.isEmpty else { return [] }
    var steps: [() -> Request<Void>] = []
    for (probe, _) in found {
      guard let goal = goals[probe.key] else { continue }
      if let volume = goal.volume {
        // What reads as it should may be so no longer when what was said before has been taken in, and is no news.
        steps.append {
          _ = connection.setVolume(volume.nudged, of: probe.target)
          return connection.setVolume(volume, of: probe.target)
        }
      }
      if let isMuted = goal.isMuted { steps.append { connection.setMute(isMuted, of: probe.target) } }
      if let place = goal.place {
        steps.append {
          probe.program.kind == .sink
            ? connection.move(sinkInput: probe.stream.index, to: place)
            : connection.move(sourceOutput: probe.stream.index, to: place)
        }
      }
    }
    for (step, request) in steps.map({ ($0, $0()) }) {
      // Once is no reason to leave it at that.
      if case .failure = try request.outcome() { _ = try step().outcome() }
    }
    let deadline = ContinuousClock.now + min(timeout, .milliseconds(500) * congestion)
    var rest = found.map(\.probe).filter { goals[$0.key] != nil }
    // What others see, the session manager may not have taken in yet: the next stream of the program tells. Till then the first
    // one has to stay.
    var contradictions = 0
    var former: [MemoryProbe] = []
    try withExtendedLifetime(found) { () throws(ServerError) in
      while contradictions < Self.contradictionsAreEnough, ContinuousClock.now < deadline {
        let seen = reached(goals, in: try states(of: rest, on: witness))
        if !seen.isEmpty {
          let next = try probes(rest.filter { seen.contains($0.key) }.map { (key: $0.key, channels: $0.channels) })
          let told = try states(of: next, on: connection)
          let kept = reached(goals, in: told)
          // WirePlumber 0.4 may link one to the default first, lead it to what it remembered when that one came, and remember
          // that with it: what it tells counts when it is so still, and with the next one as well.
          let stayed = reached(goals, in: try states(of: former, on: connection))
          rest.removeAll { kept.contains($0.key) && stayed.contains($0.key) }
          let isContradicted = seen.count == rest.count && kept.isEmpty && told.allSatisfy { $0.state.isTold }
          contradictions = isContradicted ? contradictions + 1 : 0
          former = next
        }
        if rest.isEmpty { break }
        // pipewire-pulse does not tell of every link.
        _ = try witness.waitForChange(until: min(deadline, .now + .milliseconds(20)))
      }
    }
    return Set(rest.map(\.key))
  }

  /// A session manager may be set up to remember nothing. When so many streams in a row have begun otherwise than the one before
  /// them was left, it is.
  private static let contradictionsAreEnough = 4

  /// How a stream of a program is, if what is to be remembered is. What is nil stays as it is.
  private struct Goal {
    var volume: ChannelVolumes?
    var isMuted: Bool?
    var place: String?

    /// A default source that is a monitor source is not where every server has those record that have no device of their own;
    /// PipeWire 1.6 takes the one of the default sink.
    func isReached(by state: State) -> Bool {
      let isThere = place.map { $0 == state.stream.place || state.isOnMonitor && !state.devices.contains($0) } ?? true
      return isThere && volume ?? state.stream.volume == state.stream.volume
        && isMuted ?? state.stream.isMuted == state.stream.isMuted
    }
  }

  /// The keys of those that are as they should be.
  private func reached(_ goals: [String: Goal], in found: [(probe: MemoryProbe, state: State)]) -> Set<String> {
    Set(found.filter { probe, state in goals[probe.key]?.isReached(by: state) ?? false }.map(\.probe.key))
  }

  /// All are on their way before the first is waited for: fifty programs take as long as one.
  private func probes(_ keys: [(key: String, channels: Int)]) throws(ServerError) -> [MemoryProbe] {
    var probes: [MemoryProbe] = []
    for (key, channels) in keys {
      if let probe = try MemoryProbe(key, channels: channels, on: connection) { probes.append(probe) }
    }
    // A session manager under load now and then passes one over, and takes the next.
    for place in try late(in: probes) { try probes[place].renew(on: connection) }
    guard try late(in: probes).isEmpty else {
      // A session manager that is at its limit, or has no device to give, is no server that does not answer.
      _ = try connection.server().info()
      throw .failed(reason: "the session manager does not take a stream")
    }
    return probes
  }

  /// The places of those that are not there in time.
  private func late(in probes: [MemoryProbe]) throws(ServerError) -> [Int] {
    let deadline = ContinuousClock.now + min(timeout / 2, ToneStream.readyTakesAtMost * congestion)
    var late: [Int] = []
    for (place, probe) in probes.enumerated() where try !probe.stream.waitUntilReady(until: deadline) { late.append(place) }
    return late
  }

  private struct State {
    var stream: Stream
    var defaultDevice: String?
    /// All that it could go to.
    var devices: [String]
    /// Whether it records what is played: nobody has sent it there, as nobody can, but a default source that is a monitor source.
    var isOnMonitor: Bool
    /// Whether it has been told where it is, and how loud; of one that is to be silent nobody knows.
    var isTold: Bool { stream.place != nil && stream.volume.loudest > .silence }

    /// Another device than that of `goal`, if it has one: to be sent to where it is already is no news to a session manager.
    func detour(to goal: Goal) -> Goal? {
      goal.place.flatMap { place in devices.first { $0 != place } }.map { Goal(place: $0) }
    }

    func memory(_ key: String) -> StreamMemory {
      StreamMemory(
        key: key, sink: stream.place == defaultDevice || isOnMonitor ? nil : stream.place, volume: stream.volume,
        channelMap: ChannelMap([]),
        isMuted: stream.isMuted)
    }
  }

  private func states(
    of probes: [MemoryProbe], on connection: Connection
  ) throws(ServerError) -> [(probe: MemoryProbe, state: State)] {
    guard !probes.isEmpty else { return [] }
    let graph = try connection.askGraph(withMemory: false).value()
    let streams = Dictionary(grouping: graph.foreignStreams, by: \.identity.index)
    return probes.compactMap { probe in
      guard let stream = streams[probe.stream.index]?.first(where: { $0.kind == probe.program.kind }) else { return nil }
      let isOnMonitor = stream.kind == .source && stream.place.flatMap(graph.source(named:))?.monitorOf != nil
      let home = graph.server.defaultDevice(probe.program.kind)
      let devices =
        probe.program.kind == .sink ? graph.sinks.map(\.name) : graph.sources.filter { $0.monitorOf == nil }.map(\.name)
      return (
        probe,
        State(stream: stream, defaultDevice: home, devices: devices, isOnMonitor: isOnMonitor)
      )
    }
  }
}

extension ChannelVolumes {
  /// Not the same, by what nobody hears.
  fileprivate var nudged: ChannelVolumes {
    let step = Volume(percent: 1).rawValue
    return ChannelVolumes(channels.map { Volume(rawValue: $0.rawValue > step ? $0.rawValue - step : $0.rawValue + step) })
  }
}
