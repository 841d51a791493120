/// Splits a profile into sections and entries, and says what is neither.
struct Lexer {
  /// A stretch of the file, decoded.
  struct Word: Hashable {
    var text: String
    var range: Range<Int>
    /// How many bytes at the start of `text` stand outside quotes: only there has a character a meaning of its own.
    var plainPrefix: Int

    var isQuoted: Bool { plainPrefix == 0 && range.count > text.utf8.count }
  }

  enum Line {
    case section(kind: Word, label: Word?, range: Range<Int>)
    /// What was to be one, and cannot be read: whose the entries behind it are, nobody knows.
    case unreadableSection
    /// `value` is what stands behind `=`, without the comment, where one may follow.
    case entry(key: Word, value: Range<Int>)
  }

  let source: SourceText
  private(set) var diagnostics: [Diagnostic] = []

  init(_ source: SourceText) { self.source = source }

  mutating func lines() -> [Line] {
    source.lines.compactMap { range in
      if let invalid = invalidByte(in: range) {
        diagnostics.append(invalid)
        return beginsSection(range) ? .unreadableSection : nil
      }
      return line(range)
    }
  }

  /// The first byte that a profile may not hold.
  private func invalidByte(in range: Range<Int>) -> Diagnostic? {
    for offset in range {
      let byte = source.bytes[offset]
      if byte == 0 { return Diagnostic(at: offset..<offset + 1, .nul) }
      if (byte < 0x20 && byte != UInt8(ascii: "\t")) || byte == 0x7F {
        return Diagnostic(at: offset..<offset + 1, .controlCharacter(byte))
      }
    }
    var parser = Unicode.UTF8.ForwardParser()
    var bytes = source.bytes[range].makeIterator()
    var offset = range.lowerBound
    while true {
      switch parser.parseScalar(from: &bytes) {
      case .valid(let scalar): offset += scalar.count
      case .error(let length): return Diagnostic(at: offset..<offset + max(1, length), .invalidUTF8)
      case .emptyInput: return nil
      }
    }
  }

  private mutating func line(_ range: Range<Int>) -> Line? {
    let content = trimmed(withoutComment(range))
    guard !content.isEmpty else { return nil }
    if beginsSection(content) { return section(content) ?? .unreadableSection }
    return entry(takesWholeLine(content) ? trimmed(range) : content)
  }

  private func beginsSection(_ range: Range<Int>) -> Bool {
    trimmed(range).first.map { source.bytes[$0] == UInt8(ascii: "[") } ?? false
  }

  /// Whether a comment cannot follow: a command may hold ' ;' and ' #', and so may a description.
  private func takesWholeLine(_ range: Range<Int>) -> Bool {
    guard let equals = source.bytes[range].firstIndex(of: UInt8(ascii: "=")) else { return false }
    return SectionKind.keysOfText.contains(source.string(trimmed(range.lowerBound..<equals)))
  }

  private mutating func section(_ range: Range<Int>) -> Line? {
    guard range.count > 1, source.bytes[range.upperBound - 1] == UInt8(ascii: "]"), !isInQuotes(range.upperBound - 1, from: range)
    else {
      diagnostics.append(Diagnostic(at: range, .unclosedSection))
      return nil
    }
    let inside = range.lowerBound + 1..<range.upperBound - 1
    guard let words = words(in: inside, separators: []) else { return nil }
    guard let kind = words.first else {
      diagnostics.append(Diagnostic(at: range, .emptySection))
      return nil
    }
    guard words.count <= 2 else {
      diagnostics.append(Diagnostic(at: words[2].range.lowerBound..<words.last!.range.upperBound, .labelWithBlanks))
      return nil
    }
    return .section(kind: kind, label: words.count > 1 ? words[1] : nil, range: range)
  }

  private mutating func entry(_ range: Range<Int>) -> Line? {
    guard let equals = source.bytes[range].firstIndex(of: UInt8(ascii: "=")) else {
      diagnostics.append(Diagnostic(at: range, .neitherSectionNorEntry))
      return nil
    }
    let key = trimmed(range.lowerBound..<equals)
    let value = trimmed(equals + 1..<range.upperBound)
    guard !key.isEmpty else {
      diagnostics.append(Diagnostic(at: equals..<equals + 1, .noKey))
      return nil
    }
    guard !value.isEmpty else {
      diagnostics.append(Diagnostic(at: key, .noValue(source.string(key))))
      return nil
    }
    let name = source.string(key)
    return .entry(key: Word(text: name, range: key, plainPrefix: name.utf8.count), value: value)
  }

  // MARK: - Bytes

  /// The line up to a `#` or `;` that starts it or follows a blank, outside quotes.
  private func withoutComment(_ range: Range<Int>) -> Range<Int> {
    var isQuoted = false
    var wasBlank = true
    var offset = range.lowerBound
    while offset < range.upperBound {
      let byte = source.bytes[offset]
      if isQuoted, byte == UInt8(ascii: "\\") {
        offset += 2
        continue
      }
      if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
      if !isQuoted, wasBlank, byte == UInt8(ascii: "#") || byte == UInt8(ascii: ";") {
        return range.lowerBound..<offset
      }
      wasBlank = Self.isBlank(byte)
      offset += 1
    }
    return range
  }

  private func isInQuotes(_ position: Int, from range: Range<Int>) -> Bool {
    var isQuoted = false
    var offset = range.lowerBound
    while offset < position {
      if isQuoted, source.bytes[offset] == UInt8(ascii: "\\") {
        offset += 1
      } else if source.bytes[offset] == UInt8(ascii: "\"") {
        isQuoted.toggle()
      }
      offset += 1
    }
    return isQuoted
  }

  private func trimmed(_ range: Range<Int>) -> Range<Int> {
    var (low, high) = (range.lowerBound, range.upperBound)
    while low < high, Self.isBlank(source.bytes[low]) { low += 1 }
    while low < high, Self.isBlank(source.bytes[high - 1]) { high -= 1 }
    return low..<high
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

  /// The words in `range`: parts between blanks, and separators, which are words of their own. Quoted parts stay whole.
  ///
  /// - Returns: nil where a quote is wrong, which is then said.
  mutating func words(in range: Range<Int>, separators: Set<UInt8> = []) -> [Word]? {
    var words: [Word] = []
    var offset = range.lowerBound
    while offset < range.upperBound {
      let byte = source.bytes[offset]
      if Self.isBlank(byte) {
        offset += 1
      } else if separators.contains(byte) {
        words.append(Word(text: source.string(offset..<offset + 1), range: offset..<offset + 1, plainPrefix: 1))
        offset += 1
      } else {
        guard let word = word(from: offset, in: range, separators: separators) else { return nil }
        words.append(word)
        offset = word.range.upperBound
      }
    }
    return words
  }

  private mutating func word(from start: Int, in range: Range<Int>, separators: Set<UInt8>) -> Word? {
    var decoded: [UInt8] = []
    var plainPrefix: Int?
    var openQuote: Int?
    var offset = start
    while offset < range.upperBound {
      let byte = source.bytes[offset]
      if byte == UInt8(ascii: "\"") {
        plainPrefix = plainPrefix ?? decoded.count
        openQuote = openQuote == nil ? offset : nil
      } else if openQuote != nil, byte == UInt8(ascii: "\\") {
        offset += 1
        let escaped = offset < range.upperBound ? source.bytes[offset] : 0
        guard escaped == UInt8(ascii: "\"") || escaped == UInt8(ascii: "\\") else {
          diagnostics.append(Diagnostic(at: offset - 1..<min(offset + 1, range.upperBound), .unknownEscape))
          return nil
        }
        decoded.append(escaped)
      } else if openQuote == nil, Self.isBlank(byte) || separators.contains(byte) {
        break
      } else {
        decoded.append(byte)
      }
      offset += 1
    }
    if let openQuote {
      diagnostics.append(Diagnostic(at: openQuote..<range.upperBound, .unclosedQuote))
      return nil
    }
    return Word(
      text: String(decoding: decoded, as: UTF8.self), range: start..<offset,
      plainPrefix: plainPrefix ?? decoded.count)
  }
}

extension Diagnostic.Message {
  fileprivate static let nul = Self("a NUL byte; a profile is plain text")
  fileprivate static func controlCharacter(_ byte: UInt8) -> Self {
    Self("control character 0x\(String(byte, radix: 16, uppercase: true))", help: "remove it")
  }
  fileprivate static let invalidUTF8 = Self("this is not UTF-8", help: "save the file as UTF-8")
  fileprivate static let unclosedSection = Self("a section that does not end", help: "write it as [section] or [section LABEL]")
  fileprivate static let emptySection = Self("a section without a name", help: "for example [output]")
  fileprivate static let labelWithBlanks = Self("a section has one label", help: "put it in quotes if it holds blanks")
  fileprivate static let neitherSectionNorEntry = Self("neither a [section] nor 'key = value'", help: "a comment starts with '#'")
  fileprivate static let noKey = Self("there is no key in front of '='")
  fileprivate static func noValue(_ key: String) -> Self {
    Self("'\(key)' has no value", help: "write one behind '=', or remove the line")
  }
  fileprivate static let unknownEscape = Self(
    "in quotes, '\\' stands only in front of '\"' and '\\'", help: "write '\\\\' for one backslash")
  fileprivate static let unclosedQuote = Self("a quote that is not closed", help: "add '\"' at its end")
}
