public import AudioGraph
internal import Glibc

/// The sound server of the desktop: PulseAudio, or PipeWire through pipewire-pulse.
///
/// Not `Sendable`, and not to be used from a callback: one thread asks, waits and acts.
public final class SoundServer: AudioServer {
  private let address: String?
  let timeout: Duration
  private let loop: EventLoop
  private(set) var control: Connection
  /// Reads where the connection that makes the changes cannot be believed: for a second after a move, pipewire-pulse
  /// tells the one who asked for it that it is done.
  private var witness: Connection?
  private var isSubscribed = false
  /// On PulseAudio the table is read with every graph; on PipeWire a graph has what ``recall(_:known:)`` has asked for by then.
  public var readsStreamMemory = false
  private var last: Graph?
  /// What keeps devices running.
  private var wakers: [String: ToneStream] = [:]
  /// What PipeWire's session manager has been asked for, or told to remember.
  private var recalled: [String: StreamMemory] = [:]
  /// What it remembered to begin with.
  private var found: [String: StreamMemory] = [:]
  /// The programs in ``recalled`` whose last move was to what was seen to be the default: that is remembered as no place at all.
  private var sentHome: Set<String> = []
  /// Defaults that were asked for.
  private var defaults: Set<Change> = []
  /// Whether devices have been changed which the session manager may not have looked at since.
  private var hasUnnoticedDevices = false

  /// - Parameters:
  ///   - address: as in `PULSE_SERVER`; nil for the one libpulse finds.
  ///   - timeout: how long any one answer may take.
  ///   - loop: where answers are waited for, and signals; one of its own where nothing will be changed.
  /// - Throws: ``ServerError``, mostly `unreachable`.
  public init(address: String?, timeout: Duration, on loop: EventLoop? = nil) throws(ServerError) {
    self.address = address
    self.timeout = timeout
    if let loop { self.loop = loop } else { self.loop = try EventLoop() }
    control = try Connection(address: address, timeout: timeout, on: self.loop)
  }

  /// Where the server answers, as libpulse says it: `unix:/run/user/1000/pulse/native`.
  public var canonicalAddress: String { control.address }

  /// Whether the connection is there, as far as is known.
  public var isOpen: Bool { control.isOpen }

  private var programMemory: ProgramMemory {
    let (address, timeout, loop) = (address, timeout, loop)
    return ProgramMemory(control, timeout, congestion: congestion) { () throws(ServerError) in
      try Connection(address: address, timeout: timeout, on: loop)
    }
  }

  /// Of this machine, where the server mostly is; see proc_loadavg(5).
  public var congestion: Double {
    var bytes = [UInt8](repeating: 0, count: 128)
    let descriptor = open("/proc/loadavg", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return 1 }
    defer { close(descriptor) }
    let count = read(descriptor, &bytes, bytes.count)
    // The mean of a minute, and, as the fourth, how many want to run now.
    let words = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self).split { $0 == " " || $0 == "/" }
    guard words.count > 3, let mean = Double(words[0]), let running = Double(words[3]) else { return 1 }
    return max(1, max(mean, running) / Double(max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))))
  }

  private var reader: Connection { witness ?? control }

  private var asksForMemory: Bool { readsStreamMemory && last?.server.traits.programMemory != .session }

  /// Ends what belongs to a transaction, and from now on listens for devices that come, go and change, and for nothing else.
  ///
  /// What has changed by then is not told: look once more.
  ///
  /// - Parameter withStreams: whether it listens for what plays and records as well.
  public func listenForDevices(withStreams: Bool) throws(ServerError) {
    (witness, isSubscribed, last, defaults, readsStreamMemory, wakers) = (nil, false, nil, [], false, [:])
    (recalled, found, sentHome) = ([:], [:], [])
    try control.subscribe(to: withStreams ? .devicesAndStreams : .devices).value()
  }

  /// Whether something that it listens for has come, gone or changed since the last look.
  public var hasNews: Bool { control.hasChanged }

  /// Reads on the same connection as ``graph()``.
  public func info() throws(ServerError) -> ServerInfo { try reader.server().info() }

  /// Reads on a connection of its own after the first move on PipeWire: the one that asks for a move hears too early that it is
  /// done.
  public func graph() throws(ServerError) -> Graph {
    let graph = completed(try reader.askGraph(withMemory: asksForMemory).value())
    last = graph
    return graph
  }

  /// The graph without the streams that have devices run or ask what is remembered, which are nobody's concern, and with what was
  /// asked for beside it.
  private func completed(_ graph: Graph) -> Graph {
    var graph = graph
    // They go on being told for a moment when they have ended.
    graph.sinkInputs.removeAll { $0.properties[.probe] != nil }
    graph.sourceOutputs.removeAll { $0.properties[.probe] != nil }
    let indexes = { (kind: DeviceKind) in Set(self.wakers.filter { $0.key.hasPrefix("\(kind) ") }.map(\.value.index)) }
    if !wakers.isEmpty {
      let (playing, listening) = (indexes(.sink), indexes(.source))
      graph.sinkInputs.removeAll { playing.contains($0.index) }
      graph.sourceOutputs.removeAll { listening.contains($0.index) }
    }
    if graph.server.traits.programMemory == .session, readsStreamMemory {
      graph.streamMemory = recalled.values.sorted { $0.key < $1.key }
    }
    return graph
  }

  /// Opens a stream for each device, once. It keeps the device running until the connection is made anew, or
  /// ``listenForDevices()`` is called.
  ///
  /// - Throws: ``ServerError/failed(reason:)`` if a device does not let itself be played to.
  public func wake(_ devices: [Device]) throws(ServerError) {
    for device in devices where wakers["\(device.kind) \(device.name)"] == nil {
      let stream = try ToneStream(
        "hproute", device.channelMap.positions.count == 1 ? .mono : .stereo, rate: 48_000, names: ToneStream.test, on: control)
      if device.kind == .sink { try stream.play(to: device.name) } else { try stream.listen(to: device.name) }
      wakers["\(device.kind) \(device.name)"] = stream
    }
  }

  /// A session manager remembers what is done to a stream.
  private func note(_ changes: [Change], _ graph: Graph) {
    guard !recalled.isEmpty else { return }
    let keys = Dictionary(graph.foreignStreams.map { ($0.identity, $0.memoryKey) }, uniquingKeysWith: { first, _ in first })
    for change in changes {
      guard let key = change.attribute.stream.flatMap({ keys[$0] }) else { continue }
      switch change.to {
      case .device(let name):
        recalled[key]?.sink = name
        // A move to where it is clears nothing.
        let isHome = change.attribute.leadsTo.flatMap(graph.server.defaultDevice) == name
        if !isHome { sentHome.remove(key) } else if !graph.holds(change.outcome) { sentHome.insert(key) }
      case .volume(let volume): recalled[key]?.volume = volume
      case .mute(let isMuted): recalled[key]?.isMuted = isMuted
      default: break
      }
    }
  }

  /// Opens a corked stream under the names of each program, on PipeWire only. On PulseAudio nothing is asked.
  ///
  /// - Returns: false as well if nothing was read before, or if the server does not take the streams.
  public func recall(_ programs: [String: Int], known: [StreamMemory]) throws(ServerError) -> Bool {
    guard last?.server.traits.programMemory == .session else { return false }
    var new = known.filter { recalled[$0.key] == nil }
    let unknown = programs.filter { program in recalled[program.key] == nil && !new.contains { $0.key == program.key } }
    if !unknown.isEmpty {
      // What is remembered later may be told from what hproute has chosen no more.
      try unlessRefused { () throws(ServerError) in
        new += try twice { () throws(ServerError) in try programMemory.read(unknown) }
      }
    }
    for memory in new { (recalled[memory.key], found[memory.key]) = (memory, memory) }
    return !new.isEmpty
  }

  /// Has the session manager remember what `changes` say about programs.
  ///
  /// - Returns: what it did not take.
  private func tell(_ changes: [Change]) throws(ServerError) -> [Refusal] {
    let told = changes.compactMap { change in
      if case .memory(let memory?) = change.to { (change: change, memory: memory) } else { nil }
    }
    guard !told.isEmpty else { return [] }
    let isHome = { (memory: StreamMemory) in memory.sink == nil && self.sentHome.contains(memory.key) }
    let moved = told.filter { change, memory in
      if case .memory(let former?) = change.from, former.sink == memory.sink { return false }
      return !isHome(memory)
    }
    let changed = told.filter { change, memory in
      guard case .memory(var former?) = change.from, found[memory.key] != memory else { return false }
      if isHome(memory) { former.sink = nil }
      return former == memory
    }
    let before = recalled
    // Of one that was refused nobody knows how much of it was done.
    for (_, memory) in told {
      recalled[memory.key] = memory
      if memory.sink != nil { sentHome.remove(memory.key) }
    }
    do {
      let lost = try twice { () throws(ServerError) in
        try programMemory.write(
          told.map(\.memory), perhapsMoved: Set(moved.map(\.memory.key)), changed: Set(changed.map(\.memory.key)))
      }
      return told.filter { lost.contains($0.memory.key) }
        .map { Refusal(change: $0.change, reason: "the session manager sends them elsewhere", isIgnored: true) }
    } catch {
      if case .failed(let reason) = error { return told.map { Refusal(change: $0.change, reason: reason) } }
      // Whoever goes on has everything still to do.
      recalled = before
      throw error
    }
  }

  /// Opens a stream that plays nothing. By the time the session manager has taken it, it has dealt with what came before.
  private func awaitSessionManager() throws(ServerError) {
    try unlessRefused { () throws(ServerError) in
      let stream = try ToneStream("hproute", .mono, rate: 48_000, names: ToneStream.test + ToneStream.probe, on: control)
      try stream.beginCorked(as: .sink)
      try stream.waitUntilReady(until: .now + min(timeout / 2, ToneStream.readyTakesAtMost * congestion))
    }
  }

  /// To be refused once is no reason to leave it at that.
  private func twice<Result>(_ body: () throws(ServerError) -> Result) throws(ServerError) -> Result {
    do { return try body() } catch .failed { return try body() }
  }

  /// Does something with a stream of our own that is no use to anybody but a better end: a server that does not take the
  /// stream, as long as it has no device, is no reason to give up.
  private func unlessRefused(_ body: () throws(ServerError) -> Void) throws(ServerError) {
    do { try body() } catch .failed {}
  }

  /// The first call on a connection subscribes and returns true: what had changed before was not told. The corresponding C
  /// function is `pa_context_subscribe`.
  public func waitForChange(until deadline: ContinuousClock.Instant) throws(ServerError) -> Bool {
    guard isSubscribed else {
      // What changed before the server was asked to tell has not been told: look once more.
      try reader.subscribe().value()
      isSubscribed = true
      return true
    }
    return try reader.waitForChange(until: deadline)
  }

  /// A server that is started again by its socket is there at once; one that a session starts takes a moment.
  public func reconnect() throws(ServerError) {
    let deadline = ContinuousClock.now + min(timeout, .seconds(1))
    (witness, isSubscribed, last, defaults, wakers, sentHome) = (nil, false, nil, [], [:], [])
    while true {
      do {
        control = try Connection(address: address, timeout: timeout, on: loop)
        return
      } catch {
        guard case .unreachable = error, ContinuousClock.now < deadline else { throw error }
      }
      try loop.wait(until: .now + .milliseconds(20)) { false }
    }
  }

  /// Sends on one connection. A server that acts after it answers is read on another one from the first move on, and after a
  /// default that was asked for before.
  public func perform(_ changes: [Change]) throws(ServerError) -> BurstResult {
    let before: Graph
    if let last { before = last } else { before = try graph() }
    // What has to be said a second time may have been done, and not be shown to this connection: it is looked at afresh.
    let isRepeated = changes.contains { $0.attribute.isDefault && !defaults.insert($0).inserted }
    if before.server.traits.actsAfterAnswering, isRepeated || (witness == nil && changes.contains(where: \.isMove)) {
      witness = try Connection(address: address, timeout: timeout, on: loop)
      isSubscribed = false
    }

    let hasSessionManager = before.server.traits.programMemory == .session
    if hasSessionManager, hasUnnoticedDevices, changes.contains(where: \.attribute.isSwitch) {
      // It remembers a port as it last saw it, and looks when it has time: what is left at once is remembered as it was before.
      try awaitSessionManager()
      hasUnnoticedDevices = false
    }
    if changes.contains(where: { $0.attribute.device != nil }) { hasUnnoticedDevices = true }
    let untold = hasSessionManager ? try tell(changes) : []
    note(changes, before)
    let burst = try Burst(changes, on: control, graph: before)
    guard witness == nil else {
      let refusals = try untold + burst.refusals()
      // PipeWire 1.6 loses streams now and then on their way. When another one comes it looks again.
      if before.server.traits.actsAfterAnswering, changes.contains(where: { $0.attribute.isPlacement && $0.from == .device(nil) })
      {
        try awaitSessionManager()
      }
      return BurstResult(refusals: refusals, graph: try graph())
    }
    // Where the server acts before it answers, a graph asked for behind the changes already shows them.
    let question = control.askGraph(withMemory: asksForMemory)
    let refusals = try untold + burst.refusals()
    let graph = completed(try question.value())
    last = graph
    return BurstResult(refusals: refusals, graph: graph)
  }
}

extension Change {
  fileprivate var isMove: Bool { attribute.isPlacement }
}
