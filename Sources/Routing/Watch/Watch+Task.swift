internal import AudioGraph

/// What there is to do, given what is wished and what there is.
extension Watch {
  /// The profile that should be in force; nil for none.
  func target(in situation: Situation) -> String? {
    switch wish {
    case .automatic: situation.choice
    // One whose file is not known cannot be judged: it is left as it is.
    case .manual(let profile?, _): situation.fits(profile) || situation.fits[profile] == .unknown ? profile : nil
    case .manual(nil, _): nil
    }
  }

  /// Nil where everything is as it should be.
  func task(in situation: Situation) -> WatchAction? {
    let target = target(in: situation)
    switch (target, situation.record) {
    case (nil, .applied(let profile)): return .revert(reason(toRevert: profile, situation))
    case (nil, .interrupted): return .revert(.interrupted)
    case (let target?, .applied(target)):
      return task(toKeep: target, situation) ?? (situation.hasReturned ? .restorePending : nil)
    case (let target?, let record):
      guard situation.fits[target] != .unknown else { return nil }
      if record == .interrupted { return .apply(target, .whole, .interrupted) }
      return .apply(target, .whole, wish == .automatic ? .fits : .isBack)
    case (nil, .nothing): return situation.hasReturned ? .restorePending : nil
    }
  }

  private func reason(toRevert profile: String, _ situation: Situation) -> WatchReason {
    switch situation.fits[profile] {
    case .absent(let reason)?: .left(reason)
    case .present?, .unclear?, .unknown?, nil: .given(profile)
    }
  }

  /// What has to be done about a profile that is in force already: all of it where the server or the file is another, and
  /// else what is about devices that have come since. The rest may be as somebody wants it.
  private func task(toKeep profile: String, _ situation: Situation) -> WatchAction? {
    guard case .present(let presences)? = situation.fits[profile] else { return nil }
    if !situation.isSameRun { return .apply(profile, .whole, .restarted) }
    if wish == .automatic, let revision = situation.appliedRevision, revision != situation.revisions[profile] {
      return .apply(profile, .whole, .edited)
    }
    let known = applied.flatMap { $0.profile == profile ? $0.presences : nil }
    if isDisturbed { return .apply(profile, .remainder((known ?? presences).intersection(presences)), .restarted) }
    guard let known else { return .apply(profile, .remainder(presences), .otherDevices) }
    return known == presences ? nil : .apply(profile, .remainder(known.intersection(presences)), .otherDevices)
  }
}

extension Situation {
  /// The cards and devices that a profile finds.
  func devices(of profile: String) -> Set<Presence> {
    if case .present(let presences)? = fits[profile] { presences } else { [] }
  }
}
