public import AudioGraph

/// The streams that have begun while somebody was watching, for as long as they are new.
///
/// A rule of a profile places a stream once: what somebody does to it afterwards stays. A session manager may still be busy with
/// a stream that has just begun, so each is new for a while, and longer if it has not been where it belongs yet.
public struct Newcomers: Sendable {
  /// Nobody moves a stream by hand so soon.
  static let time = Duration.milliseconds(500)

  /// What is known of each, by its place among those of its kind.
  private var arrivals: [StreamNumber: Arrival] = [:]
  private var hasLooked = false

  private struct Arrival {
    /// Until when it is new; nil for one that was there before anybody looked.
    var end: Duration?
    /// Whether it was not where it belongs when it was looked at last.
    var isAstray = false

    func isNew(at now: Duration) -> Bool { end.map { now < $0 || isAstray } ?? false }
  }

  /// Nobody has looked yet: what there is at the first look is not new.
  public init() {}

  /// The streams of `graph` that are new. One that the server has not given a device yet has not come yet.
  ///
  /// - Parameter now: never less than before.
  public mutating func look(at graph: Graph, now: Duration) -> [Stream] {
    let present = graph.foreignStreams.filter { $0.place != nil }
    let end = hasLooked ? now + Self.time : nil
    arrivals = Dictionary(
      present.map { (StreamNumber($0), arrivals[StreamNumber($0)] ?? Arrival(end: end)) }, uniquingKeysWith: { first, _ in first }
    )
    hasLooked = true
    return present.filter { arrivals[StreamNumber($0)]?.isNew(at: now) ?? false }
  }

  /// Takes note of which of the new streams are not where they belong yet.
  ///
  /// - Parameters:
  ///   - new: as ``look(at:now:)`` has returned it.
  ///   - strays: what of them is not yet as a rule wants it.
  public mutating func note(_ strays: Set<Attribute>, of new: [Stream]) {
    for stream in new { arrivals[StreamNumber(stream)]?.isAstray = !strays.isDisjoint(with: stream.attributes) }
  }
}
