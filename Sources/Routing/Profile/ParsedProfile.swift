/// What came of reading a profile file.
public struct ParsedProfile: Sendable {
  /// Nil where there are errors.
  public var profile: Profile?
  /// Everything to say about the file, in the order of its lines.
  public var diagnostics: [Diagnostic]

  /// Whether there is no ``profile``. Warnings do not count.
  public var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }
}
