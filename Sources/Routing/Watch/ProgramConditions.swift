public import AudioGraph

/// For which profiles the programs are there that they wait for: what `when` says.
///
/// A program ends its stream between two songs, and a card profile takes one away for a moment: what has been there counts for a
/// while.
public struct ProgramConditions: Sendable {
  /// A profile stays for 3 s; what follows has to settle as well.
  static let time = Duration.seconds(3) - Watch.settlingTime

  /// The names of the profiles one of whose programs is there.
  private var present: Set<String> = []
  /// Until when those count whose programs have gone.
  private var ends: [String: Duration] = [:]
  /// When the first of those that have gone does not count any more; nil if none has gone.
  public private(set) var end: Duration?

  /// No program has been there yet.
  public init() {}

  /// The moment of ``end`` has come: it is looked again, if there is anything to be seen.
  public mutating func expire() { end = nil }

  /// The names of the profiles that wait for a program that is not there.
  ///
  /// - Parameter now: never less than before.
  public mutating func look(at graph: Graph, _ profiles: [String: WatchedProfile], now: Duration) -> Set<String> {
    let waiting = profiles.values.filter { !$0.profile.when.isEmpty }
    let names = Set(waiting.map(\.profile.name))
    let streams = waiting.isEmpty ? [] : graph.foreignStreams
    let found = Set(waiting.filter { $0.profile.finds(streams) }.map(\.profile.name))
    for name in present.subtracting(found) { ends[name] = now + Self.time }
    ends = ends.filter { names.contains($0.key) && !found.contains($0.key) && now < $0.value }
    (present, end) = (found, ends.values.min())
    return names.subtracting(found).subtracting(ends.keys)
  }
}
