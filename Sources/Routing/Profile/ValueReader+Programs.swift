internal import AudioGraph

/// Programs, as sections and values name them.
extension ValueReader {
  /// `playing:Spotify | recording:"Zoom Meeting"`
  mutating func programs(_ key: String) -> [ProgramCondition] {
    (parts(key, separator: "|") ?? []).compactMap { words in
      let text = words.map(\.text).joined(separator: " ")
      for (prefix, kind) in [("playing:", DeviceKind.sink), ("recording:", .source)] where text.hasPrefix(prefix) {
        guard words[0].plainPrefix >= prefix.utf8.count, text.count > prefix.count else { break }
        var name = words[0]
        name.text = String(text.dropFirst(prefix.count))
        name.plainPrefix -= prefix.utf8.count
        return ProgramCondition(kind: kind, pattern: StreamPattern(name))
      }
      report(words[0].range.lowerBound..<words[words.count - 1].range.upperBound, .notAProgram(text))
      return nil
    }
  }
}

extension StreamPattern {
  /// A program by its name, or by what it is for.
  init(_ word: Lexer.Word) {
    let prefix = "role:"
    self =
      word.text.hasPrefix(prefix) && word.plainPrefix >= prefix.utf8.count
      ? .role(String(word.text.dropFirst(prefix.count))) : .application(Glob(word.text, ignoringCase: true))
  }
}

extension Diagnostic.Message {
  fileprivate static func notAProgram(_ text: String) -> Self {
    Self(
      "'\(text)' does not say what a program does", help: "write playing:NAME or recording:NAME, several with '|' between them")
  }
}
