internal import AudioGraph

/// Knows when it has become quiet in a sink that streams have left.
///
/// What a sink has queued when a stream leaves is still to be heard, at whatever volume the sink has then. So a volume
/// goes up only after the queue has run out.
struct DrainTimer {
  /// How long a queue is at least taken to be. Measured on both servers; what a server tells of its latency is often
  /// nothing.
  private static let shortestQueue = Duration.milliseconds(60)
  /// Longer queues are those of idle sinks, which are cut short as soon as something plays.
  private static let longestQueue = Duration.milliseconds(500)

  /// Asked only when a queue is waited for.
  private let congestion: () -> Double
  private var present: [String: Set<UInt32>] = [:]
  private var quietAt: [String: ContinuousClock.Instant] = [:]
  private var queues: [String: Duration] = [:]

  /// - Parameter congestion: see ``AudioGraph/AudioServer/congestion``. Where audio has no precedence, a machine that is
  ///   overloaded plays what is queued so much later.
  init(congestion: @escaping () -> Double) { self.congestion = congestion }

  /// Takes in what plays where at this moment.
  mutating func observe(_ graph: Graph, at now: ContinuousClock.Instant) {
    let names = Dictionary(graph.sinks.map { ($0.index, $0.name) }, uniquingKeysWith: { first, _ in first })
    var sounding: [String: Set<UInt32>] = [:]
    for stream in graph.sinkInputs where !stream.isCorked && !stream.isMuted {
      if let name = stream.sink.flatMap({ names[$0] }) { sounding[name, default: []].insert(stream.index) }
    }
    let left = present.filter { sink, streams in !streams.isSubset(of: sounding[sink] ?? []) }
    let shortest = left.isEmpty ? .zero : Self.shortestQueue * congestion()
    for sink in left.keys { quietAt[sink] = now + min(max(queues[sink] ?? .zero, shortest), Self.longestQueue) }
    present = sounding
    for sink in graph.sinks where sounding[sink.name] != nil {
      queues[sink.name] = .microseconds(Int64(clamping: sink.latency))
    }
  }

  /// When all sinks that `changes` make louder are quiet; nil where none of them was left by a stream.
  func quietTime(before changes: [Change]) -> ContinuousClock.Instant? {
    quietAt.filter { sink, _ in changes.contains { $0.attribute.isAbout(sink: sink) } }.values.max()
  }
}

extension Attribute {
  /// Whether it decides how loud a sink is.
  func isAbout(sink: String) -> Bool {
    device.map { $0 == (.sink, sink) } ?? false
  }
}
