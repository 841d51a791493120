/// A command that a profile wants to be run, for `/bin/sh -c`.
public struct Hook: Hashable, Sendable {
  public enum Event: String, Hashable, Sendable {
    case beforeApply = "before-apply"
    case afterApply = "after-apply"
    case afterRevert = "after-revert"
  }

  public var event: Event
  /// The name of the profile it belongs to.
  public var profile: String
  public var command: String

  init?(_ event: Event, of profile: String?, _ command: String?) {
    guard let profile, let command else { return nil }
    self.event = event
    self.profile = profile
    self.command = command
  }

  /// What came of running it.
  public struct Outcome: Hashable, Sendable {
    public var hook: Hook
    /// What went wrong, as the end of a sentence: `ended with 3`; nil where nothing did.
    public var problem: String?
    /// What it has written, on both of its streams.
    public var output: String

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
