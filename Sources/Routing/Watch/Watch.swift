internal import AudioGraph

/// Decides which profile should be in force, and when: a pure function from a state and an event to a state and actions.
///
/// - The set of present devices has to be the same for a while before it counts; but what comes and goes again and again does
///   not keep the rest waiting.
/// - What a person does by hand stays until the devices make another profile the best choice.
/// - What fails is tried again with growing pauses, and then not any more until something is different.
///
/// Moments are durations since some beginning: a watch has no clock.
public struct Watch: Hashable, Sendable {
  /// What it is doing, or waiting for.
  public enum Phase: Hashable, Sendable {
    /// No server answers.
    case away(attempts: Int)
    /// Something has changed, and may go on changing.
    case settling
    /// Something has been asked for and is not done yet.
    case working
    /// Everything is as it should be.
    case resting
    /// Something has failed, and will be tried again.
    case pausing
    /// Something has failed too often.
    case resigned
  }

  /// What should be in force.
  public enum Wish: Hashable, Sendable {
    /// The best of the profiles that may be chosen: ``Situation/choice``.
    case automatic
    /// What somebody has applied, or that they have reverted it, and what would have been chosen then.
    case manual(String?, insteadOf: String?)
  }

  /// For so long devices and profiles must have been the same.
  public static let settlingTime = Duration.milliseconds(300)
  /// So long after the first of many changes it is decided all the same.
  public static let longestSettling = Duration.seconds(1)
  /// For so long the devices of a server that was started again are waited for.
  public static let graceTime = Duration.seconds(5)
  /// So often what fails is tried.
  static let attempts = 6

  /// At the beginning no server has answered.
  public internal(set) var phase = Phase.away(attempts: 0)
  /// When it wants to be told that time has passed; nil to be left alone until something happens.
  public internal(set) var wakeAt: Duration?
  /// What was done by hand counts until the choice is another than it was then.
  public private(set) var wish = Wish.automatic
  /// What was seen last, if only of a server that has gone since; nil as long as nothing was.
  public private(set) var situation: Situation?
  /// What is known to be written down.
  var record: Situation.Record?
  /// What the last apply found.
  var applied: Applied?
  /// Until when the devices of a server that was started again may be on their way, and what there was before.
  var grace: Grace?
  /// Whether the server has been away since the profile was applied.
  var isDisturbed = false
  var failure: Failed?
  /// When it began that something has changed again and again.
  var unrest: Duration?
  /// When it will have settled, as long as something is corrected meanwhile.
  private var interrupted: Duration?
  private var putBacks = PutBackLimit()
  /// Whether it has done something, or said that there is nothing to do.
  private var isBegun = false
  /// Whether anything has been seen of the server that answers now.
  private var hasSeen = false

  /// A watch that has seen nothing. ``WatchEvent/begin`` starts it.
  public init() {}

  /// The profile that was applied by hand, and counts.
  public var wishedProfile: String? { if case .manual(let profile, _) = wish { profile } else { nil } }

  /// Takes in what has happened.
  ///
  /// - Parameter now: never less than before.
  /// - Returns: what is to be done, in order. What is asked for is answered by ``WatchEvent/finished(_:)``, but for `tell`.
  public mutating func handle(_ event: WatchEvent, at now: Duration) -> [WatchAction] {
    switch (event, phase) {
    case (.begin, .away): return [.connect]
    case (.connected, .away(let attempts)):
      (phase, hasSeen) = (.settling, false)
      wakeAt = now + Self.settlingTime
      return attempts > 0 ? [.tell(.here)] : []
    case (.lost(let reason), .away(let attempts)): return lose(reason, attempts + 1, at: now)
    case (.lost(let reason), _): return lose(reason, 1, at: now)
    case (.timer, .away):
      wakeAt = nil
      return [.connect]
    case (.timer, .settling), (.timer, .pausing): return decide(at: now)
    case (.timer, _):
      wakeAt = nil
      return phase == .resting ? correct(at: now) : []
    case (.saw(let situation), .settling), (.saw(let situation), .resting), (.saw(let situation), .pausing),
      (.saw(let situation), .resigned):
      let actions = see(situation, at: now)
      // Where there is always something new to be seen, nobody finds the time to tell that time has passed.
      guard phase == .settling || phase == .pausing, let wakeAt, wakeAt <= now else { return actions }
      return actions + decide(at: now)
    case (.finished(let outcome), .working): return finish(outcome, at: now)
    case (.begin, _), (.connected, _), (.saw, _), (.finished, _): return []
    }
  }

  // MARK: - The server

  private mutating func lose(_ reason: String, _ attempts: Int, at now: Duration) -> [WatchAction] {
    if phase == .working {
      // It may be what was asked for that the server does not survive. Nobody knows what is written down now.
      note(reason)
      record = nil
    }
    (phase, unrest, interrupted) = (.away(attempts: attempts), nil, nil)
    // 50 ms, and twice as much every time, up to half a second.
    wakeAt = now + .milliseconds(min(500, 25 << min(attempts, 5)))
    if let situation {
      grace = Grace(
        end: now + Self.graceTime, choice: grace?.choice ?? .known(situation.choice), profile: grace?.profile ?? situation.profile
      )
      isDisturbed = true
    }
    return attempts == 1 ? [.tell(.gone(reason))] : []
  }

  // MARK: - What there is

  private mutating func see(_ situation: Situation, at now: Duration) -> [WatchAction] {
    let former = self.situation
    self.situation = situation
    if former == nil, !situation.isSameRun, let profile = situation.profile {
      // At login the interface may come some seconds after the built-in card.
      grace = Grace(end: now + Self.graceTime, choice: .unknown, profile: profile)
    }
    let actions = notice(situation)
    let isNews = !hasSeen || former.map { situation.differs(from: $0) } ?? true
    hasSeen = true
    // Somebody at work is a new beginning, whatever has failed before.
    if !actions.isEmpty { failure = nil }
    // Ears do not wait for anything to settle, and nobody is given way to.
    let atOnce: [WatchAction] = situation.excesses.isEmpty ? [] : [.lower]
    if isNews || !actions.isEmpty {
      settle(at: now)
      return atOnce + actions + (phase == .settling && holdsNow ? correct(at: now) : [])
    }
    return atOnce + (holdsNow ? correct(at: now) : [])
  }

  /// Whether what is held is put back, and what has just begun is placed, at once: if it is settled what is in force, even while
  /// some other device has come or gone.
  private var holdsNow: Bool {
    if phase == .resting { return true }
    guard phase == .settling, let situation, let profile = situation.profile, situation.isSameRun, !isDisturbed, grace == nil,
      target(in: situation) == profile, let applied, applied.profile == profile
    else { return false }
    return applied.presences == situation.devices(of: profile)
  }

  /// Waits for things to settle, but not for ever.
  private mutating func beginSettling(at now: Duration) {
    let beginning = unrest ?? now
    (phase, unrest) = (.settling, beginning)
    wakeAt = min(now + Self.settlingTime, beginning + Self.longestSettling)
  }

  private mutating func settle(at now: Duration) {
    if let failure, failure.isAbout(attempt("")) {
      // The same devices, but perhaps anew, or a server that was lost over it.
      if phase == .settling || phase == .resting { pause() }
      wakeAt = phase == .pausing ? max(wakeAt ?? now, now + max(Self.settlingTime, isDisturbed ? failure.pause : .zero)) : nil
      return
    }
    failure = nil
    beginSettling(at: now)
  }

  /// Whether somebody has applied or reverted something.
  private mutating func notice(_ situation: Situation) -> [WatchAction] {
    defer { record = situation.record }
    guard let record else {
      // What is in force at the beginning, and nothing speaks for anything else, is taken as wanted.
      if !isBegun, wish == .automatic, situation.choice == nil, let profile = situation.profile {
        wish = .manual(profile, insteadOf: nil)
      }
      return []
    }
    guard record != situation.record, situation.record != .interrupted else { return [] }
    wish = .manual(situation.profile, insteadOf: situation.choice)
    applied = situation.profile.map { Applied(profile: $0, presences: situation.devices(of: $0)) }
    return [.tell(.byHand(situation.profile))]
  }

  // MARK: - Decisions

  private mutating func decide(at now: Duration) -> [WatchAction] {
    (wakeAt, unrest) = (nil, nil)
    // As long as nothing has been seen there is nothing to decide.
    guard let situation, hasSeen else { return [] }
    if let grace, !grace.isOver(in: situation, at: now) {
      (phase, wakeAt) = (.settling, grace.end)
      return []
    }
    grace = nil
    release(situation)
    guard let task = task(in: situation) else { return rest(at: now) }
    phase = .working
    return [task]
  }

  private mutating func rest(at now: Duration) -> [WatchAction] {
    phase = .resting
    isDisturbed = false
    defer { isBegun = true }
    let beginning: [WatchAction] =
      switch situation?.record {
      case _ where isBegun: []
      case .applied(let profile)?: [.tell(.inForce(profile))]
      default: [.tell(.idle)]
      }
    return beginning + correct(at: now)
  }

  /// What was done by hand has had its time when the choice is another than it was then. What is in force stays where there
  /// is nothing to put in its place.
  private mutating func release(_ situation: Situation) {
    guard case .manual(let profile, let choice) = wish, situation.choice != choice else { return }
    if situation.choice == nil, let profile, situation.fits(profile) || situation.fits[profile] == .unknown {
      wish = .manual(profile, insteadOf: nil)
    } else {
      wish = .automatic
    }
  }

  // MARK: - What came of it

  private mutating func finish(_ outcome: WatchEvent.Outcome, at now: Duration) -> [WatchAction] {
    switch outcome {
    case .applied(let profile, let presences, let record, let isNews):
      applied = Applied(profile: profile, presences: presences)
      if isNews { isBegun = true }
      done(record, at: now)
    case .reverted(let record):
      // What waited for a device may have been given back beside a profile that is in force.
      if record.profile != applied?.profile { applied = nil }
      isBegun = true
      done(record, at: now)
    case .putBack:
      // What was settling goes on.
      phase = interrupted == nil ? .resting : .settling
      (wakeAt, interrupted) = (interrupted ?? wakeAt, nil)
    case .busy:
      interrupted = nil
      beginSettling(at: now)
    case .failed(let sentence, let record):
      (self.record, interrupted) = (record, nil)
      return fail(sentence, at: now)
    }
    return []
  }

  /// It is looked at once more when it has settled.
  private mutating func done(_ record: Situation.Record, at now: Duration) {
    self.record = record
    (isDisturbed, failure) = (false, nil)
    beginSettling(at: now)
  }

  // MARK: - What is held, and what has just begun

  private mutating func correct(at now: Duration) -> [WatchAction] {
    guard let situation, situation.profile != nil else { return [] }
    if !situation.strays.isEmpty { return work(.place) }
    guard !situation.deviations.isEmpty else { return [] }
    // What is settling has a moment of its own, and is asked again when it has settled.
    switch putBacks.ask(at: now) {
    case .allowed: break
    case .outdone(let end):
      if phase == .resting { wakeAt = end }
      return [.tell(.outdone(for: PutBackLimit.pause))]
    case .pausing(let end):
      if phase == .resting { wakeAt = end }
      return []
    }
    return work(.putBack)
  }

  /// What is settling goes on afterwards.
  private mutating func work(_ action: WatchAction) -> [WatchAction] {
    if phase == .settling { (interrupted, wakeAt) = (wakeAt, nil) }
    phase = .working
    return [action]
  }
}
