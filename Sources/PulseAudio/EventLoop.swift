public import AudioGraph
internal import CPulse

/// The one place where this process waits: for servers, files, signals and moments, in one `pa_mainloop` and one thread.
///
/// Callbacks note facts and nothing else; whoever turned the loop acts on them afterwards.
public final class EventLoop {
  private let mainloop: OpaquePointer
  let signals: SignalWatch?

  /// - Parameter signals: signals that end a wait.
  /// - Throws: ``ServerError`` where libpulse has no memory for a loop.
  public init(signals: SignalWatch? = nil) throws(ServerError) {
    guard let mainloop = pa_mainloop_new() else { throw .failed(reason: "libpulse cannot start") }
    self.mainloop = mainloop
    self.signals = signals
    if signals != nil { pa_mainloop_set_poll_func(mainloop, hproute_poll_with_signals, nil) }
  }

  deinit { pa_mainloop_free(mainloop) }

  /// What contexts and descriptors are registered with. The corresponding C function is `pa_mainloop_get_api`.
  var api: UnsafeMutablePointer<pa_mainloop_api> { pa_mainloop_get_api(mainloop) }

  /// The signal that has told the process to stop; nil as long as none has. It has ended a wait, which may have been one that
  /// had to go on all the same.
  public var stopSignal: Int32? { signals?.reported }
  /// Whether a server has been waited for in vain since then. It is not waited for again, whatever else it is asked.
  var isStuck = false

  /// Waits until `condition` holds, which is asked after everything that happens.
  ///
  /// - Parameter deadline: nil to wait for ever, without waking up in between.
  /// - Returns: whether it holds.
  /// - Throws: ``ServerError/interrupted(signal:)`` where a signal came, and what `condition` throws.
  @discardableResult
  public func wait(
    until deadline: ContinuousClock.Instant?, for condition: () throws(ServerError) -> Bool
  ) throws(ServerError) -> Bool {
    while try !condition() {
      guard try turn(until: deadline) else { return try condition() }
    }
    return true
  }

  /// The same for an answer. It counts for little how long the machine slept, or had no time for this process: that is no server
  /// that does not answer.
  func wait(atMost patience: Duration, for condition: () throws(ServerError) -> Bool) throws(ServerError) -> Bool {
    var left = patience
    while try !condition() {
      guard left > .zero else { return false }
      let start = ContinuousClock.now
      try turn(waiting: min(left, Self.slice))
      left -= min(ContinuousClock.now - start, Self.slice * 2)
    }
    return true
  }

  /// How long it waits at once. Twice as long counts: who wakes up later than that has been kept from it.
  private static let slice = Duration.milliseconds(100)

  /// To be called before a wait that may be long: gives back the memory that the program itself takes, most of which is of
  /// no use while nothing happens. What is needed again comes from the system's cache, in less than a millisecond.
  public static func releaseProgramPages() { hproute_release_program_pages() }

  /// Turns once: waits for something to happen until `deadline`, and takes it in.
  ///
  /// The corresponding C functions are `pa_mainloop_prepare`, `pa_mainloop_poll` and `pa_mainloop_dispatch`.
  ///
  /// - Returns: false where the deadline has passed.
  private func turn(until deadline: ContinuousClock.Instant?) throws(ServerError) -> Bool {
    guard let deadline else {
      try turn(waitingMicroseconds: -1)
      return true
    }
    let left = deadline - .now
    try turn(waiting: left)
    return left > .zero
  }

  /// Takes in what has happened already.
  func turn() throws(ServerError) { try turn(waiting: .zero) }

  private func turn(waiting duration: Duration) throws(ServerError) {
    try turn(waitingMicroseconds: duration > .zero ? Int32(clamping: Int64(duration / .microseconds(1)) + 1) : 0)
  }

  private func turn(waitingMicroseconds microseconds: Int32) throws(ServerError) {
    guard pa_mainloop_prepare(mainloop, microseconds) >= 0, pa_mainloop_poll(mainloop) >= 0,
      pa_mainloop_dispatch(mainloop) >= 0
    else { throw .failed(reason: "libpulse cannot wait") }
    if let signal = signals?.takePending() { throw .interrupted(signal: signal) }
  }
}

/// A descriptor that the loop looks at until there is something to read. The corresponding C functions are `io_new` and
/// `io_enable` of `pa_mainloop_api`.
public final class Readable {
  private let loop: EventLoop
  private var event: OpaquePointer?
  /// Whether there was something to read. It stays so until somebody says that all has been read.
  public private(set) var isReady = false

  /// Begins to look at once.
  ///
  /// - Parameter descriptor: stays the caller's, who closes it.
  public init(_ descriptor: Int32, on loop: EventLoop) {
    self.loop = loop
    event = loop.api.pointee.io_new(
      loop.api, descriptor, PA_IO_EVENT_INPUT,
      { _, _, _, _, box in Unmanaged<Readable>.fromOpaque(box!).takeUnretainedValue().note() },
      Unmanaged.passUnretained(self).toOpaque())
  }

  deinit { if let event { loop.api.pointee.io_free(event) } }

  /// What is not read at once would end every wait: it is not looked at any more until somebody has read it.
  private func note() {
    isReady = true
    loop.api.pointee.io_enable(event, PA_IO_EVENT_NULL)
  }

  /// All has been read.
  public func lookAgain() {
    isReady = false
    loop.api.pointee.io_enable(event, PA_IO_EVENT_INPUT)
  }
}
