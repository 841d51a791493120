/// Reads the terms of a `match` value.
struct MatchParser {
  private(set) var diagnostics: [Diagnostic] = []

  mutating func expression(_ parts: [[Lexer.Word]]) -> MatchExpression? {
    var alternatives: [[MatchTerm]] = []
    // The first few mistakes: a line is not worth more, however long it is.
    for words in parts where diagnostics.count < 8 { alternatives.append(words.compactMap { term($0) }) }
    guard diagnostics.isEmpty else { return nil }
    return MatchExpression(alternatives: alternatives)
  }

  private mutating func term(_ word: Lexer.Word) -> MatchTerm? {
    // A colon inside quotes is part of the text.
    guard let colon = word.text.firstIndex(of: ":"),
      word.text.utf8.distance(from: word.text.startIndex, to: colon) < word.plainPrefix
    else {
      return word.text.isEmpty ? fail(word, .emptyText) : .text(word.text)
    }
    let kind = String(word.text[..<colon])
    let value = String(word.text[word.text.index(after: colon)...])
    guard MatchTerm.words.contains(kind) else { return fail(word, .unknownTerm(kind)) }
    guard !value.isEmpty else { return fail(word, .emptyTerm(kind)) }
    switch kind {
    case "usb", "pci": return product(kind, value) ?? fail(word, .notAProduct(kind))
    case "serial": return .serial(value)
    case "bus": return .bus(value)
    case "form": return .form(value)
    case "name": return .name(Glob(value))
    default: return .port(value)
    }
  }

  private func product(_ bus: String, _ value: String) -> MatchTerm? {
    let numbers = value.split(separator: ":", omittingEmptySubsequences: false).map {
      UInt32($0.hasPrefix("0x") ? $0.dropFirst(2) : $0, radix: 16)
    }
    guard numbers.count == 2, let vendor = numbers[0], let product = numbers[1] else { return nil }
    return .product(bus: bus, vendor: vendor, product: product)
  }

  private mutating func fail(_ word: Lexer.Word, _ message: Diagnostic.Message) -> MatchTerm? {
    diagnostics.append(Diagnostic(at: word.range, message))
    return nil
  }
}

extension MatchExpression {
  /// What may stand behind `match =`.
  ///
  /// - Throws: ``Unreadable``, with what is wrong.
  public init(parsing text: String) throws(Unreadable) {
    guard text.contains(where: { !$0.isWhitespace }) else { throw Unreadable(message: "it is empty", help: nil) }
    let source = SourceText(name: "", text)
    let key = Lexer.Word(text: "match", range: 0..<0, plainPrefix: 0)
    var reader = ValueReader(["match": ValueReader.Entry(key: key, value: 0..<source.bytes.count)], source: source)
    var parser = MatchParser()
    let expression = reader.parts("match", separator: "|").flatMap { parser.expression($0) }
    if let problem = (reader.diagnostics + parser.diagnostics).first {
      throw Unreadable(message: problem.message, help: problem.help)
    }
    guard let expression else { throw Unreadable(message: "it cannot be read", help: nil) }
    self = expression
  }

  /// Why a text is no ``MatchExpression``.
  public struct Unreadable: Error, Hashable, Sendable {
    /// What was found.
    public var message: String
    /// What would be right, if that is known.
    public var help: String?
  }
}

extension Diagnostic.Message {
  fileprivate static let emptyText = Self("an empty text matches nothing")
  fileprivate static func unknownTerm(_ kind: String) -> Self {
    Self(
      "unknown term '\(kind):'",
      help: Suggestion.nearest(to: kind, among: MatchTerm.words).map { "did you mean '\($0):'?" }
        ?? "known are \(MatchTerm.words.map { "\($0):" }.joined(separator: " ")); put plain text that holds ':' in quotes")
  }
  fileprivate static func emptyTerm(_ kind: String) -> Self { Self("'\(kind):' has nothing behind the colon") }
  fileprivate static func notAProduct(_ bus: String) -> Self {
    Self("'\(bus):' takes two hexadecimal numbers", help: "for example \(bus):1235:8211")
  }
}
