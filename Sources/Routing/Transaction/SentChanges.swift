internal import AudioGraph

/// What has been sent to the server: when, and whether it has been seen to hold.
struct SentChanges {
  typealias Instant = ContinuousClock.Instant

  private struct Times {
    var first: Instant
    /// Nil if it may be sent again at once.
    var last: Instant?
  }

  private var times: [Setting: Times] = [:]
  /// What was sent and not refused, and has not been seen to hold.
  private(set) var unseen: Set<Setting> = []
  /// Everything that was sent.
  private(set) var attributes: Set<Attribute> = []

  /// When a change was sent first; nil if it was not.
  func first(_ change: Change) -> Instant? { times[change.key]?.first }

  /// When a change was sent last; nil if it may be sent at once.
  func last(_ change: Change) -> Instant? { times[change.key]?.last }

  mutating func note(_ changes: [Change], at now: Instant) {
    for change in changes {
      times[change.key] = Times(first: times[change.key]?.first ?? now, last: now)
      unseen.insert(change.outcome)
      attributes.insert(change.attribute)
    }
  }

  mutating func observe(_ graph: Graph) { unseen = unseen.filter { !graph.holds($0) } }

  /// It was refused: nothing of it will be seen.
  mutating func noteRefusal(of change: Change) { unseen.remove(change.outcome) }

  /// May be sent again at once.
  mutating func allowAgain(_ change: Change) { times[change.key]?.last = nil }

  /// Nobody knows what was done of `changes`: they count as not sent. A module may be on its way without being seen, and would be
  /// there twice.
  mutating func noteLoss(of changes: [Change]) {
    for change in changes where !change.isLoad { times[change.key] = nil }
  }

  /// The server is another, and knows of nothing.
  mutating func noteNewServer() { (times, unseen) = ([:], []) }
}

extension Change {
  /// By what it is known that it has been sent. A module is loaded once, whatever is asked of it on second thoughts.
  fileprivate var key: Setting { isLoad ? Setting(attribute, .unknown) : outcome }
}
