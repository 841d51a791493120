/// What a transaction needs of a sound server. The real one is `PulseAudio.SoundServer`; the tests have one that fails
/// on demand.
public protocol AudioServer: AnyObject {
  /// Whether ``graph()`` also has what is remembered for streams, which may be long.
  var readsStreamMemory: Bool { get set }

  /// What it calls itself, and what its defaults are: a part of ``graph()``, for who needs no more.
  func info() throws(ServerError) -> ServerInfo

  /// Reads everything in one burst of questions.
  ///
  /// - Throws: ``ServerError`` where the server is gone, does not answer in time, or a signal came.
  func graph() throws(ServerError) -> Graph

  /// Sends all changes in one burst, in order, and reads everything behind them.
  ///
  /// An acknowledgement is no effect: whether a change holds is seen in the graph, now or later.
  ///
  /// - Returns: the graph, and for every change the server refused, why.
  func perform(_ changes: [Change]) throws(ServerError) -> BurstResult

  /// The moment by which deadlines are told. A server of the tests has a clock of its own, which passes while something is waited
  /// for.
  var now: ContinuousClock.Instant { get }

  /// How many programs there are for each processor at this moment, and 1 if every one has its own: what a server has promised is
  /// late by so much.
  var congestion: Double { get }

  /// Returns when the server says that something has changed, or at `deadline`.
  ///
  /// - Returns: false where nothing had changed by then.
  func waitForChange(until deadline: ContinuousClock.Instant) throws(ServerError) -> Bool

  /// Asks what is remembered for programs, where that is not to be had with the graph. Whatever is done to a stream is remembered
  /// for the next one of its program.
  ///
  /// - Parameters:
  ///   - programs: how many channels the streams have, by ``StreamMemory/key``.
  ///   - known: what need not be asked for.
  /// - Returns: whether something new is known, which the next graph has in ``Graph/streamMemory``.
  func recall(_ programs: [String: Int], known: [StreamMemory]) throws(ServerError) -> Bool

  /// Has devices run, with a stream of our own that plays nothing, until the end of what is done: some servers tell the volume of
  /// a device only while it runs.
  func wake(_ devices: [Device]) throws(ServerError)

  /// Makes a new connection in place of one that was lost. It may be to another run of the server.
  ///
  /// - Throws: ``ServerError`` where nobody has answered within a second.
  func reconnect() throws(ServerError)
}

extension AudioServer {
  /// Asks what is remembered for all of `programs`.
  public func recall(_ programs: [String: Int]) throws(ServerError) -> Bool { try recall(programs, known: []) }
}

extension AudioServer {
  /// Read with everything else.
  public func info() throws(ServerError) -> ServerInfo { try graph().server }

  /// That of the machine, which passes by itself.
  public var now: ContinuousClock.Instant { ContinuousClock.now }

  /// None.
  public var congestion: Double { 1 }
}

/// What came of a burst of changes.
public struct BurstResult: Sendable {
  /// What the server refused, and what could not be sent to it. Empty if it accepted everything.
  public var refusals: [Refusal]
  /// Read behind the changes. A server that acts after it answers may not show their effect yet.
  public var graph: Graph

  /// Stores its parameters.
  public init(refusals: [Refusal], graph: Graph) {
    self.refusals = refusals
    self.graph = graph
  }
}

/// A change that the server did not accept, in its own words.
public struct Refusal: Hashable, Sendable {
  /// The change, as it was handed to ``AudioServer/perform(_:)``.
  public var change: Change
  /// A part of a sentence. In the words of hproute if the change could not even be sent.
  public var reason: String
  /// Whether the server forbids it for this client, rather than cannot do it.
  public var isDenial: Bool
  /// Whether the server has said yes every time, and has not done it.
  public var isIgnored: Bool

  /// Stores its parameters.
  public init(change: Change, reason: String, isDenial: Bool = false, isIgnored: Bool = false) {
    self.change = change
    self.reason = reason
    self.isDenial = isDenial
    self.isIgnored = isIgnored
  }
}

/// Why a conversation with a server ended.
public enum ServerError: Error, Hashable, Sendable {
  /// Nobody answers at the address.
  case unreachable(address: String, reason: String)
  /// The server was there, and is gone.
  case connectionLost(reason: String)
  /// The server did not answer within so many seconds.
  case timeout(seconds: Double)
  /// The server does not let this client in.
  case accessDenied
  /// The server answered a question with an error.
  case failed(reason: String)
  /// A signal came while waiting. It is reported once; what is asked afterwards is answered.
  case interrupted(signal: Int32)
}
