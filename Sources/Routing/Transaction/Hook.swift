/// A command that a profile wants to be run, for `/bin/sh -c`.
public struct Hook: Hashable, Sendable {
  /// When it runs. The raw value is the key in `[hook]`, and what the command finds in `HPROUTE_EVENT`.
  public enum Event: String, Hashable, Sendable {
    /// Before anything is changed. A failure ends the apply.
    case beforeApply = "before-apply"
    /// When it is applied, and others may use hproute again.
    case afterApply = "after-apply"
    /// When it has been reverted, or another profile has taken its place.
    case afterRevert = "after-revert"
  }

  /// When it runs.
  public var event: Event
  /// The name of the profile it belongs to.
  public var profile: String
  /// As it stands in the profile; for `after-revert` as it stood there when the profile was applied.
  public var command: String

  init?(_ event: Event, of profile: String?, _ command: String?) {
    guard let profile, let command else { return nil }
    self.event = event
    self.profile = profile
    self.command = command
  }

  /// What came of running it.
  public struct Outcome: Hashable, Sendable {
    /// What was run.
    public var hook: Hook
    /// What went wrong, as the end of a sentence: `ended with 3`; nil where nothing did.
    public var problem: String?
    /// What it has written, on both of its streams.
    public var output: String

    /// Stores its parameters.
    public init(_ hook: Hook, problem: String?, output: String) {
      self.hook = hook
      self.problem = problem
      self.output = output
    }

    /// What went wrong, and the last that the command had to say about it.
    public var sentence: String? {
      guard let problem else { return nil }
      let last = output.split(separator: "\n").last.map { ": \($0)" } ?? ""
      return "\(hook.event.rawValue) of \(hook.profile) \(problem)\(last)"
    }
  }
}
