/// Where the time goes: how long each stage of a command took.
public final class Trace {
  /// In the order in which they ended. The last may still be added to.
  public private(set) var stages: [(name: String, took: Duration)] = []
  private var last: ContinuousClock.Instant

  /// The first stage begins now.
  public init() { last = .now }

  /// Ends a stage; the next one begins. Stages of one name that follow each other count as one.
  public func mark(_ name: String) {
    let now = ContinuousClock.now
    if stages.last?.name == name { stages[stages.count - 1].took += now - last } else { stages.append((name, now - last)) }
    last = now
  }
}
