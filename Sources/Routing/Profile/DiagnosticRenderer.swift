/// Puts diagnostics into the form that compilers use: place, message, the line, and a caret under what is meant.
public struct DiagnosticRenderer: Sendable {
  /// How to set off parts of the text; the identity where there is no colour.
  public struct Style: Sendable {
    /// For the word `error` in front of the message.
    public var error: @Sendable (String) -> String = { $0 }
    /// For the word `warning` in front of the message.
    public var warning: @Sendable (String) -> String = { $0 }
    /// For the `^~~~` below the place.
    public var caret: @Sendable (String) -> String = { $0 }

    /// No colour: text stays as it is.
    public init() {}
  }

  private let style: Style

  /// Stores its parameter.
  public init(style: Style = Style()) { self.style = style }

  /// One diagnostic as lines of text, each ended by a line feed.
  public func render(_ diagnostic: Diagnostic, in source: SourceText) -> String {
    let (line, column) = source.position(of: diagnostic.range.lowerBound)
    let severity = diagnostic.severity.rawValue
    let label = diagnostic.severity == .error ? style.error(severity) : style.warning(severity)
    let head = "\(source.name):\(line):\(column): \(label): \(Self.shown(diagnostic.message))\n"
    let help = diagnostic.help.map(Self.shown)
    guard line <= source.lines.count else {
      return head + (help.map { "    | \($0)\n" } ?? "")
    }

    let whole = Self.clipped(source.lines[line - 1], around: diagnostic.range.lowerBound, in: source)
    let start = min(max(diagnostic.range.lowerBound, whole.lowerBound), whole.upperBound)
    let end = min(max(diagnostic.range.upperBound, start), whole.upperBound)
    let before = source.string(whole.lowerBound..<start)
    let marked = source.string(start..<end)
    let number = String(line)
    let gutter = String(repeating: " ", count: max(2, number.count))
    let padded = String(repeating: " ", count: gutter.count - number.count) + number
    let indent = String(repeating: " ", count: Self.shown(before).count)
    let caret = "^" + String(repeating: "~", count: max(0, Self.shown(marked).count - 1))
    return head
      + " \(padded) | \(Self.shown(source.string(whole)))\n"
      + " \(gutter) | \(indent)\(style.caret(caret))\(help.map { " \($0)" } ?? "")\n"
  }

  /// The part of a line that is worth showing: of one that is far too long, what is around the place.
  private static func clipped(_ line: Range<Int>, around offset: Int, in source: SourceText) -> Range<Int> {
    guard line.count > 400 else { return line }
    let isInside = { (offset: Int) in offset < line.upperBound && source.bytes[offset] & 0xC0 == 0x80 }
    var low = max(line.lowerBound, min(offset, line.upperBound) - 100)
    var high = min(line.upperBound, low + 300)
    // Not in the middle of a character.
    while isInside(low) { low += 1 }
    while isInside(high) { high += 1 }
    return low..<max(low, high)
  }

  /// Text that cannot disturb a terminal: a tab as one blank, other control characters as a replacement.
  private static func shown(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { scalar in
          if scalar == "\t" { return " " }
          let isJoiner = scalar == "\u{200D}"  // Of the parts of an emoji.
          let category = scalar.properties.generalCategory
          return !isJoiner && (category == .control || category == .format) ? "\u{FFFD}" : scalar
        }))
  }
}
