/// Something to say about a place in a profile.
public struct Diagnostic: Hashable, Sendable {
  /// Whether the profile can be used all the same. The raw value is the word in the message.
  public enum Severity: String, Hashable, Sendable { case error, warning }

  /// With an ``Severity/error`` there is no profile.
  public var severity: Severity
  /// The bytes of the file it is about.
  public var range: Range<Int>
  /// What was found there.
  public var message: String
  /// What would be right, if that is known.
  public var help: String?

  init(_ severity: Severity = .error, at range: Range<Int>, _ message: Message) {
    self.severity = severity
    self.range = range
    self.message = message.text
    help = message.help
  }

  /// The wording of a diagnostic. Every file that emits some has its own at its end.
  struct Message {
    var text: String
    var help: String?

    init(_ text: String, help: String? = nil) {
      self.text = text
      self.help = help
    }
  }
}
