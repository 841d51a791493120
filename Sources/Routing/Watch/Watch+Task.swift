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
    case .present?, .unknown?, nil: .given(profile)
    }
  }

  /// What has to be done about a profile that is in force already. Nothing because of devices that it is not about: that
  /// would undo what somebody has changed.
  private func task(toKeep profile: String, _ situation: Situation) -> WatchAction? {
    guard case .present(let presences)? = situation.fits[profile] else { return nil }
    if isDisturbed || !situation.isSameRun { return .apply(profile, .whole, .restarted) }
    guard let applied, applied.profile == profile else { return .apply(profile, .remainder, .otherDevices) }
    if wish == .automatic, let revision = applied.revision, revision != situation.revisions[profile] {
      return .apply(profile, .whole, .edited)
    }
    if applied.presences == presences { return nil }
    // What was there has gone, or has come anew, and with it what was loaded for it.
    return .apply(profile, applied.presences.isSubset(of: presences) ? .remainder : .whole, .otherDevices)
  }
}

extension Situation {
  /// The cards and devices that a profile finds.
  func devices(of profile: String) -> Set<Presence> {
    if case .present(let presences)? = fits[profile] { presences } else { [] }
  }
}
