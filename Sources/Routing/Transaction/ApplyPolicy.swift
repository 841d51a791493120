public import AudioGraph

/// How an apply or a revert treats what the user has done in the meantime.
public struct ApplyPolicy: Hashable, Sendable {
  /// Whether only what still is as hproute left it goes back to what it was; the rest is let go, and said.
  public var isGentle = false
  /// The cards and devices that have been there since the profile was applied: of those, what somebody has changed since stays
  /// changed. Nil to make all of the profile hold.
  public var steady: Set<Presence>?
  /// What the user has turned and switched, and stays so.
  public var controls = Controls()

  /// As a person means it who types a command: what it says counts, whatever was changed before.
  public static let overrideManualChanges = ApplyPolicy()
  /// As it is done without anybody having asked for it right now.
  public static let respectManualChanges = ApplyPolicy(isGentle: true)

  /// Stores its parameters. Without any it is ``overrideManualChanges``.
  public init(isGentle: Bool = false, steady: Set<Presence>? = nil) {
    self.isGentle = isGentle
    self.steady = steady
  }
}
