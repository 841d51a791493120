internal import AudioGraph
internal import CPulse

/// One connection to a sound server, used from one thread.
///
/// Owns a `pa_context` on a loop that it may share with others. Nothing happens behind the caller's back: the loop turns
/// only while something is waited for. Callbacks note facts; the caller acts on them between two turns.
final class Connection {
  let context: OpaquePointer
  private let loop: EventLoop
  private let timeout: Duration
  /// Whether the server has announced a change since ``forgetChanges()``.
  private(set) var hasChanged = false

  /// Connects and waits until the server has let us in. It never starts a server: a routing tool that did would
  /// answer "why is there no sound" with a second server.
  ///
  /// - Parameters:
  ///   - address: as in `PULSE_SERVER`; nil for the one libpulse finds.
  ///   - timeout: how long any one answer may take.
  init(address: String?, timeout: Duration, on loop: EventLoop) throws(ServerError) {
    self.timeout = timeout
    self.loop = loop
    // No application id: see ``ProgramMemory``.
    let properties = pa_proplist_new()
    defer { pa_proplist_free(properties) }
    pa_proplist_sets(properties, "application.icon_name", "audio-headphones")
    guard let context = pa_context_new_with_proplist(loop.api, "hproute", properties) else {
      throw .failed(reason: "libpulse cannot start")
    }
    self.context = context

    guard pa_context_connect(context, address, PA_CONTEXT_NOAUTOSPAWN, nil) >= 0 else {
      throw refused(address)
    }
    let isReady = try wait(atMost: patience) { () throws(ServerError) in
      guard isOpen else { throw refused(address) }
      return pa_context_get_state(context) == PA_CONTEXT_READY
    }
    if !isReady { throw timedOut() }
  }

  deinit {
    pa_context_set_subscribe_callback(context, nil, nil)
    pa_context_disconnect(context)
    pa_context_unref(context)
  }

  /// The address of the server that answers. The corresponding C function is `pa_context_get_server`.
  var address: String { pa_context_get_server(context).map { String(cString: $0) } ?? "" }

  /// How long an answer is waited for. Who has been told to stop does not wait long for a server that is stuck.
  var patience: Duration { loop.isStuck ? .zero : loop.stopSignal != nil ? min(timeout, .seconds(2)) : timeout }

  /// What to throw if there was no answer by then.
  func timedOut() -> ServerError {
    defer { if loop.stopSignal != nil { loop.isStuck = true } }
    return .timeout(seconds: patience / .seconds(1))
  }

  /// What to throw once the connection has ended.
  var lost: ServerError {
    // What is asked of a connection that has ended is an error of its own.
    let error = PulseError(lastOf: context)
    return .connectionLost(reason: (error == .badState ? .terminated : error).description)
  }

  var isOpen: Bool { pa_context_get_state(context).isGood }

  private func refused(_ address: String?) -> ServerError {
    let error = PulseError(lastOf: context)
    if error == .accessDenied { return .accessDenied }
    return .unreachable(address: address ?? self.address, reason: error.description)
  }

  /// See ``EventLoop/wait(atMost:for:)``.
  func wait(
    atMost patience: Duration, for condition: () throws(ServerError) -> Bool
  ) throws(ServerError) -> Bool { try loop.wait(atMost: patience, for: condition) }

  /// See ``EventLoop/wait(until:for:)``.
  func wait(
    until deadline: ContinuousClock.Instant, for condition: () throws(ServerError) -> Bool
  ) throws(ServerError) -> Bool { try loop.wait(until: deadline, for: condition) }

  /// What a server can be asked to tell of.
  enum Interest {
    /// Anything that ``askGraph(withMemory:)`` asks for.
    case everything
    /// Cards, devices and defaults: not what plays to them.
    case devices
    /// The same, and what plays and records.
    case devicesAndStreams

    fileprivate var kinds: [pa_subscription_mask] {
      let devices = [
        PA_SUBSCRIPTION_MASK_SERVER, PA_SUBSCRIPTION_MASK_CARD, PA_SUBSCRIPTION_MASK_SINK, PA_SUBSCRIPTION_MASK_SOURCE,
      ]
      let streams = [PA_SUBSCRIPTION_MASK_SINK_INPUT, PA_SUBSCRIPTION_MASK_SOURCE_OUTPUT]
      switch self {
      case .devices: return devices
      case .devicesAndStreams: return devices + streams
      case .everything: return devices + streams + [PA_SUBSCRIPTION_MASK_MODULE]
      }
    }
  }

  /// Asks the server to say when something has changed.
  ///
  /// The events are reasons to look and not facts to count: pipewire-pulse merges them. The corresponding C function
  /// is `pa_context_subscribe`.
  func subscribe(to interest: Interest = .everything) -> Request<Void> {
    pa_context_set_subscribe_callback(
      context,
      { _, _, _, connection in
        Unmanaged<Connection>.fromOpaque(connection!).takeUnretainedValue().hasChanged = true
      }, Unmanaged.passUnretained(self).toOpaque())
    let mask = pa_subscription_mask_t(interest.kinds.reduce(0) { $0 | $1.rawValue })
    return Request(self) { pa_context_subscribe(context, mask, $0, $1) }
  }

  func forgetChanges() { hasChanged = false }

  /// Waits until the server announces a change, then takes in what else has already arrived.
  ///
  /// - Returns: false where nothing was announced by `deadline`.
  func waitForChange(until deadline: ContinuousClock.Instant) throws(ServerError) -> Bool {
    let isTold = try wait(until: deadline) { () throws(ServerError) in
      guard hasChanged || isOpen else { throw lost }
      return hasChanged
    }
    if isTold { try loop.turn() }
    return isTold
  }
}

extension pa_context_state_t {
  /// Whether the context is connected or on its way. The corresponding C function is `PA_CONTEXT_IS_GOOD`.
  fileprivate var isGood: Bool { self != PA_CONTEXT_FAILED && self != PA_CONTEXT_TERMINATED }
}
