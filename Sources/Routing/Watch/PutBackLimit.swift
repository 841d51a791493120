/// How often what is held is put back before somebody else is given way to: two that hold the same would fight for ever.
struct PutBackLimit: Hashable, Sendable {
  enum Verdict: Hashable, Sendable {
    case allowed
    /// Too often: it is left alone until then, and that is said.
    case outdone(until: Duration)
    /// It is left alone until then, and that has been said.
    case pausing(until: Duration)
  }

  /// So often within ``time``.
  private static let count = 5
  private static let time = Duration.seconds(10)
  /// For so long it is left alone then.
  static let pause = Duration.seconds(30)

  private var moments: [Duration] = []
  private var end: Duration?

  /// Whether it may be put back once more, and counts it.
  mutating func ask(at now: Duration) -> Verdict {
    if let end {
      guard now >= end else { return .pausing(until: end) }
      (self.end, moments) = (nil, [])
    }
    moments = moments.filter { now - $0 < Self.time } + [now]
    guard moments.count > Self.count else { return .allowed }
    end = now + Self.pause
    return .outdone(until: now + Self.pause)
  }
}
