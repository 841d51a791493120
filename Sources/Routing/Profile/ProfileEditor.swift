/// Writes keys into the text of a profile, and leaves all else as it stands: comments, order, blanks.
public struct ProfileEditor: Sendable {
  /// The text as it is now.
  public private(set) var text: String

  /// Stores its parameter.
  public init(_ text: String) { self.text = text.isEmpty || text.hasSuffix("\n") ? text : text + "\n" }

  /// Sets a key of the section, which is added at the end if there is none. Of a text with errors nothing can be relied on.
  ///
  /// - Parameters:
  ///   - section: as it is written: `[output phones]`.
  ///   - value: as it is to be written, in quotes if it needs them.
  public mutating func set(_ key: String, _ value: String, in section: String) {
    let source = SourceText(name: "", text)
    guard let found = SectionCollector(source).sections.first(where: { $0.title == section }) else {
      text += "\n\(section)\n\(key) = \(value)\n"
      return
    }
    var bytes = source.bytes
    if let entry = found.entries[key] {
      bytes.replaceSubrange(entry.value, with: value.utf8)
    } else {
      let line = source.line(at: found.range.lowerBound)
      bytes.insert(contentsOf: "\(key) = \(value)\n".utf8, at: min(line.upperBound, bytes.count))
    }
    text = String(decoding: bytes, as: UTF8.self)
  }
}
