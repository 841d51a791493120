/// Something that does not hold.
public struct Finding: Error, Sendable, CustomStringConvertible {
  /// The same for all that is likely to have the same cause.
  public var kind: String
  public var details: [String]
  /// Number of the step after which it was seen.
  var step = 0

  init(_ kind: String, _ details: [String] = []) {
    self.kind = kind
    self.details = details
  }

  public var description: String { ([kind] + details.prefix(12)).joined(separator: "\n    ") }
}
