public import AudioGraph

/// What can happen to a ``Watch``.
public enum WatchEvent: Hashable, Sendable {
  /// The first of all.
  case begin
  /// A server answers.
  case connected
  /// No server answers, or the one that did does not any more.
  case lost(String)
  /// A look at what there is.
  case saw(Situation)
  /// The moment that the watch has asked for has come.
  case timer
  /// What it has asked for is done, or is not.
  case finished(Outcome)

  /// What came of it, with what is written down now.
  public enum Outcome: Hashable, Sendable {
    /// Something was done, or nothing had to be.
    case applied(String, Set<Presence>, Situation.Record, isNews: Bool)
    /// What was applied, or cut off, is put back.
    case reverted(Situation.Record)
    /// What was held has been put back, or streams that have just begun have been placed.
    case putBack
    /// It was not done, or not all of it.
    case failed(String, Situation.Record)
    /// Another hproute is at work.
    case busy
  }
}

/// What a ``Watch`` asks for.
public enum WatchAction: Hashable, Sendable {
  /// Answered by ``WatchEvent/connected`` or ``WatchEvent/lost(_:)``.
  case connect
  /// The name of the profile, how much of it, and why.
  case apply(String, WatchExtent, WatchReason)
  /// Puts back what still is as it was left.
  case revert(WatchReason)
  /// Puts back what had to wait for a device.
  case restorePending
  /// Sets again what is held.
  case putBack
  /// Lowers what is above its limit. Is not answered: it is looked at again in any case.
  case lower
  /// Puts streams that have just begun where a rule wants them.
  case place
  /// Something to tell whoever reads the log.
  case tell(WatchNews)
}

/// How much of a profile is made to hold.
public enum WatchExtent: Hashable, Sendable {
  /// All of it, whatever somebody has changed since.
  case whole
  /// But for what somebody has changed since it was applied, of the cards and devices that have been there all the time.
  case remainder(Set<Presence>)
}

/// Why something is done.
public enum WatchReason: Hashable, Sendable {
  /// A profile that may be chosen finds its devices.
  case fits
  /// One that was applied by hand finds its devices again.
  case isBack
  /// The devices it finds are not those of the last apply.
  case otherDevices
  /// The text of the file is another than the one that was applied.
  case edited
  /// It is another run of the server, or the server was away.
  case restarted
  /// An apply or a revert was cut off.
  case interrupted
  /// The devices of a profile do not do for it any more; why.
  case left(String)
  /// It is not to be chosen any more.
  case given(String)

  /// As a part of a sentence.
  public var text: String {
    switch self {
    case .fits: "its devices are there"
    case .isBack: "its devices are there again"
    case .otherDevices: "other devices of it are there"
    case .edited: "its file has changed"
    case .restarted: "the sound server was started again"
    case .interrupted: "it was cut off"
    case .left(let reason): reason
    case .given(let name): "\(name) is not to be chosen any more"
    }
  }
}

/// What is worth a line in the log.
public enum WatchNews: Hashable, Sendable {
  /// No server answers, and why.
  case gone(String)
  /// A server answers, after none did.
  case here
  /// At the beginning: nothing is in force, and nothing that may be chosen fits.
  case idle
  /// At the beginning: it is in force already.
  case inForce(String)
  /// Somebody has applied a profile, or reverted one, and gets their way.
  case byHand(String?)
  /// The profile, what happened, and how long until it is tried again.
  case failed(String, String, again: Duration)
  /// The profile, and what happened. It has failed too often to be tried again.
  case resigned(String, String)
  /// Somebody changes again and again what is held.
  case outdone(for: Duration)

  /// The line for the log.
  public var text: String {
    switch self {
    case .gone(let reason): "\(reason). Waiting for it."
    case .here: "the sound server answers"
    case .idle: "no profile that is applied automatically fits the devices that are connected"
    case .inForce(let profile): "\(profile) is in force"
    case .byHand(let profile):
      profile.map { "you applied \($0); it stays applied until the devices change" }
        ?? "you reverted the profile; it stays off until the devices change"
    case .failed(let profile, let sentence, let pause):
      "\(profile) could not be put in force: \(sentence) Tried again in \(pause.components.seconds) s."
    case .resigned(let profile, let sentence):
      "\(profile) could not be put in force: \(sentence) Left alone until something changes."
    case .outdone(let pause):
      "something keeps changing a held volume; hproute stops correcting it for \(pause.components.seconds) s"
    }
  }
}
