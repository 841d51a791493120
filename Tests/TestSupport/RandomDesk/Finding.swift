/// Something that does not hold.
public struct Finding: Error, Sendable, CustomStringConvertible {
  /// Each the same for all that is likely to have the same cause.
  public var kinds: [String]
  public var details: [String]
  /// Number of the step after which it was seen.
  var step = 0

  init(_ kind: String, _ details: [String] = []) { self.init([kind], details) }

  init(_ kinds: [String], _ details: [String]) {
    self.kinds = kinds
    self.details = details
  }

  public var description: String { ([kinds.joined(separator: "; ")] + details.prefix(12)).joined(separator: "\n    ") }
}
