/// A pattern in which `*` stands for any text and `?` for one character.
public struct Glob: Hashable, Sendable {
  /// As it is written. There is no way to mean a `*` or a `?` itself.
  public let pattern: String
  /// Whether upper and lower case are the same.
  public let ignoresCase: Bool

  /// Stores its parameters. Any text is a pattern.
  public init(_ pattern: String, ignoringCase: Bool = false) {
    self.pattern = pattern
    ignoresCase = ignoringCase
  }

  /// Whether it fits nothing but itself.
  var isPlain: Bool { !pattern.contains { $0 == "*" || $0 == "?" } }

  /// Whether the whole of `text` fits. Takes time in the product of both lengths at worst.
  public func matches(_ text: String) -> Bool {
    let pattern = Array(ignoresCase ? self.pattern.lowercased() : self.pattern)
    let text = Array(ignoresCase ? text.lowercased() : text)
    var (p, t) = (0, 0)
    // Where to go on when what follows the last star does not fit: the star takes one character more.
    var retry: (p: Int, t: Int)?
    while t < text.count {
      if p < pattern.count, pattern[p] == "*" {
        retry = (p + 1, t)
        p += 1
      } else if p < pattern.count, pattern[p] == "?" || pattern[p] == text[t] {
        (p, t) = (p + 1, t + 1)
      } else if let (afterStar, taken) = retry {
        retry = (afterStar, taken + 1)
        (p, t) = (afterStar, taken + 1)
      } else {
        return false
      }
    }
    return pattern[p...].allSatisfy { $0 == "*" }
  }
}
