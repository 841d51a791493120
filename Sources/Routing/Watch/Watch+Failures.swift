internal import AudioGraph

/// What has failed, and when it is tried again.
extension Watch {
  struct Applied: Hashable, Sendable {
    var profile: String
    var presences: Set<Presence>
  }

  /// What there was on a server that was started again, and may come back with its devices.
  struct Grace: Hashable, Sendable {
    var end: Duration
    /// What would have been chosen.
    var choice: Choice
    var profile: String?

    enum Choice: Hashable, Sendable {
      case known(String?)
      /// Nobody was watching.
      case unknown
    }

    func isOver(in situation: Situation, at now: Duration) -> Bool {
      if now >= end { return true }
      if case .known(let choice) = choice, situation.choice != choice { return false }
      return profile.map { situation.fits($0) || situation.fits[$0] == .unknown } ?? true
    }
  }

  /// What failed, and what there was then. Indexes do not count: what fails may make the devices come anew.
  struct Failed: Hashable, Sendable {
    var target: String?
    var revision: UInt64?
    var names: Set<String>
    var count: Int
    var sentence: String

    /// 1 s, and twice as much every time.
    var pause: Duration { .seconds(1 << (count - 1)) }

    func isAbout(_ other: Failed) -> Bool { target == other.target && revision == other.revision && names == other.names }
  }

  func attempt(_ sentence: String) -> Failed {
    let target = situation.flatMap { self.target(in: $0) }
    let names = situation?.presences.map { "\($0.kind) \($0.name)" } ?? []
    return Failed(
      target: target, revision: target.flatMap { situation?.revisions[$0] }, names: Set(names), count: 1, sentence: sentence)
  }

  mutating func fail(_ sentence: String, at now: Duration) -> [WatchAction] {
    let isTold = note(sentence)
    pause()
    let name = failure?.target ?? "the state before"
    guard phase == .pausing, let pause = failure?.pause else {
      wakeAt = nil
      return [.tell(.resigned(name, sentence))]
    }
    wakeAt = now + pause
    return isTold ? [] : [.tell(.failed(name, sentence, again: pause))]
  }

  /// Counts a failure.
  ///
  /// - Returns: whether it has been told already.
  @discardableResult
  mutating func note(_ sentence: String) -> Bool {
    var attempt = attempt(sentence)
    let isSame = failure?.isAbout(attempt) ?? false
    if isSame { attempt.count += failure?.count ?? 0 }
    defer { failure = attempt }
    return isSame && failure?.sentence == sentence
  }

  /// Tries again later, or not any more.
  mutating func pause() {
    unrest = nil
    phase = (failure?.count ?? 0) < Self.attempts ? .pausing : .resigned
  }
}
