internal import AudioGraph

/// Reads the values of one section, and notes what is wrong with them.
///
/// A value that is wrong reads as if the key were absent: parsing goes on, so that every mistake in a file is told in
/// one run.
struct ValueReader {
  struct Entry {
    var key: Lexer.Word
    var value: Range<Int>
  }

  let entries: [String: Entry]
  private(set) var lexer: Lexer
  private(set) var diagnostics: [Diagnostic] = []

  init(_ entries: [String: Entry], source: SourceText) {
    self.entries = entries
    lexer = Lexer(source)
  }

  func range(_ key: String) -> Range<Int>? { entries[key]?.value }

  mutating func report(_ range: Range<Int>, _ message: Diagnostic.Message) {
    diagnostics.append(Diagnostic(at: range, message))
  }

  mutating func add(_ diagnostics: [Diagnostic]) { self.diagnostics += diagnostics }

  /// The whole value as it stands, or what is in the quotes if all of it is in quotes.
  mutating func text(_ key: String) -> String? {
    guard let range = range(key) else { return nil }
    var quiet = lexer
    let quote = UInt8(ascii: "\"")
    if lexer.source.bytes[range.lowerBound] == quote, lexer.source.bytes[range.upperBound - 1] == quote,
      let words = quiet.words(in: range), words.count == 1
    {
      return words[0].text
    }
    return lexer.source.string(range)
  }

  /// A value of one word, or of several that the format lets stand apart, such as a number and its unit.
  mutating func word(_ key: String) -> Lexer.Word? {
    guard let range = range(key), let words = words(key), let first = words.first else { return nil }
    return Lexer.Word(text: words.map(\.text).joined(separator: " "), range: range, plainPrefix: first.plainPrefix)
  }

  /// The parts of a value between separators, each as its words.
  mutating func parts(_ key: String, separator: Character) -> [[Lexer.Word]]? {
    guard let words = words(key, separators: [separator.asciiValue!]) else { return nil }
    let isSeparator = { (word: Lexer.Word) in word.text == String(separator) && !word.isQuoted }
    let parts = words.split(omittingEmptySubsequences: false, whereSeparator: isSeparator)
    if let gap = parts.first(where: \.isEmpty) {
      // The separator behind the gap, or in front of it where the gap is the end.
      report(words[min(gap.startIndex, words.count - 1)].range, .emptyPart(separator))
      return nil
    }
    return parts.map(Array.init)
  }

  /// Several words where the items of a list hold one each.
  mutating func reportMissingComma(_ words: [Lexer.Word]) {
    guard let first = words.first, let last = words.last else { return }
    report(first.range.lowerBound..<last.range.upperBound, .missingComma(words.map(\.text)))
  }

  private mutating func words(_ key: String, separators: Set<UInt8> = []) -> [Lexer.Word]? {
    guard let range = range(key) else { return nil }
    let words = lexer.words(in: range, separators: separators)
    if words == nil, let diagnostic = lexer.diagnostics.last { diagnostics.append(diagnostic) }
    return words
  }

  mutating func bool(_ key: String) -> Bool? {
    guard let word = word(key) else { return nil }
    switch word.text {
    case "yes": return true
    case "no": return false
    default:
      report(word.range, .notABool(word.text))
      return nil
    }
  }

  /// - Parameter isOutput: whether it may also be about a limit, which inputs do not have.
  mutating func hold(_ key: String, ofOutput isOutput: Bool) -> DeviceSection.Hold? {
    guard let word = word(key) else { return nil }
    switch word.text {
    case "limit" where isOutput: return .limit
    case "limit": report(word.range, .onlyOutputsHaveLimits)
    case "yes": return .everything
    case "no": return .nothing
    default: report(word.range, isOutput ? .notAHold(word.text) : .notABool(word.text))
    }
    return nil
  }

  mutating func integer(_ key: String) -> Int? {
    guard let word = word(key) else { return nil }
    guard let value = Int(word.text) else {
      report(word.range, .notAnInteger(word.text))
      return nil
    }
    return value
  }

  mutating func choice<T: RawRepresentable & CaseIterable>(_ key: String, of type: T.Type) -> T?
  where T.RawValue == String {
    guard let word = word(key) else { return nil }
    if let value = T(rawValue: word.text) { return value }
    report(word.range, .notAChoice(word.text, T.allCases.map(\.rawValue)))
    return nil
  }

  /// `45%` or `-24 dB`, from silence up to `maximum`.
  mutating func volume(_ key: String, upTo maximum: Volume = .full) -> Volume? {
    guard let word = word(key) else { return nil }
    let volume: Volume
    switch Quantity.parse(word.text) {
    case .success(let quantity) where quantity.unit == "%" && quantity.number >= 0: volume = Volume(percent: quantity.number)
    case .success(let quantity) where quantity.unit.lowercased() == "db": volume = Volume(decibels: quantity.number)
    case .success(let quantity) where quantity.unit == "%":
      report(word.range, .negativePercent)
      return nil
    case .success, .failure(.notANumber):
      report(word.range, .notAVolume(word.text))
      return nil
    case .failure(.decimalComma):
      report(word.range, .decimalComma(word.text))
      return nil
    }
    guard volume <= maximum else {
      report(word.range, .tooLoud(word.text, maximum))
      return nil
    }
    return volume
  }

  /// `-100%` to `100%` as -1 to 1.
  mutating func balance(_ key: String) -> Double? {
    guard let word = word(key) else { return nil }
    guard case .success(let quantity) = Quantity.parse(word.text), quantity.unit == "%", abs(quantity.number) <= 100 else {
      report(word.range, .notABalance(word.text))
      return nil
    }
    return quantity.number / 100
  }

  /// `20 ms` or `1 s`, in milliseconds.
  mutating func latency(_ key: String) -> UInt32? {
    guard let word = word(key) else { return nil }
    guard case .success(let quantity) = Quantity.parse(word.text), let factor = ["ms": 1.0, "s": 1000.0][quantity.unit] else {
      report(word.range, .notALatency(word.text))
      return nil
    }
    let milliseconds = (quantity.number * factor).rounded()
    guard (1...30_000).contains(milliseconds) else {
      report(word.range, .latencyOutOfRange)
      return nil
    }
    return UInt32(milliseconds)
  }
}

/// A number and its unit, with or without a blank between them.
struct Quantity {
  enum Flaw: Error { case notANumber, decimalComma }

  var number: Double
  var unit: String

  static func parse(_ text: String) -> Result<Quantity, Flaw> {
    let numeral = text.prefix { ("0"..."9").contains($0) || "+-.,".contains($0) }
    if numeral.contains(",") { return .failure(.decimalComma) }
    guard let number = Double(numeral), number.isFinite else { return .failure(.notANumber) }
    return .success(Quantity(number: number, unit: String(text.dropFirst(numeral.count).drop { $0 == " " })))
  }
}

extension Diagnostic.Message {
  fileprivate static func emptyPart(_ separator: Character) -> Self { Self("nothing stands on one side of '\(separator)'") }
  fileprivate static func missingComma(_ words: [String]) -> Self {
    Self("'\(words.joined(separator: " "))' is more than one", help: "write \(words.joined(separator: ", "))")
  }
  fileprivate static func notABool(_ text: String) -> Self {
    let meant = ["true": "yes", "on": "yes", "1": "yes", "false": "no", "off": "no", "0": "no"][text.lowercased()]
    return Self("'\(text)' is neither yes nor no", help: meant.map { "write '\($0)'" } ?? "write 'yes' or 'no'")
  }
  fileprivate static func notAHold(_ text: String) -> Self {
    Self("'\(text)' is neither yes, no nor limit", help: "write 'yes', 'no' or 'limit'")
  }
  fileprivate static let onlyOutputsHaveLimits = Self("only an [output] has a limit", help: "write 'yes' or 'no'")
  fileprivate static func notAnInteger(_ text: String) -> Self { Self("'\(text)' is not a whole number", help: "for example 10") }
  fileprivate static func notAChoice(_ text: String, _ choices: [String]) -> Self {
    Self(
      "'\(text)' is none of \(choices.map { "'\($0)'" }.joined(separator: ", "))",
      help: Suggestion.nearest(to: text, among: choices).map { "did you mean '\($0)'?" })
  }
  fileprivate static func notAVolume(_ text: String) -> Self {
    Self("'\(text)' is not a volume", help: "write it as 45% or as -24 dB")
  }
  fileprivate static let negativePercent = Self("a volume is not less than 0%", help: "write it as 45% or as -24 dB")
  fileprivate static func decimalComma(_ text: String) -> Self {
    Self("'\(text)' has a decimal comma", help: "write '\(text.split(separator: ",").joined(separator: "."))'")
  }
  fileprivate static func tooLoud(_ text: String, _ maximum: Volume) -> Self {
    Self("'\(text)' is louder than \(VolumeText.both(maximum)) allows", help: "lower it, or raise 'limit' if this is an output")
  }
  fileprivate static func notABalance(_ text: String) -> Self {
    Self("'\(text)' is not a balance", help: "write -100% (left) to 100% (right)")
  }
  fileprivate static func notALatency(_ text: String) -> Self { Self("'\(text)' is not a duration", help: "write it as 20 ms") }
  fileprivate static let latencyOutOfRange = Self("a latency is 1 ms to 30 s")
}
