/// The text of a profile file, and where its lines are.
public struct SourceText: Sendable {
  /// What to call the file in messages.
  public let name: String
  let bytes: [UInt8]
  /// Where the bytes of every line are, without the end of the line.
  let lines: [Range<Int>]

  /// The largest profile that is read, in bytes.
  public static let maximumSize = 1 << 20

  /// Finds the lines. They end in a line feed, with or without a carriage return; a byte order mark is passed over.
  public init(name: String, bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes
    var lines: [Range<Int>] = []
    var start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
      let hasReturn = end > start && bytes[end - 1] == UInt8(ascii: "\r")
      lines.append(start..<(hasReturn ? end - 1 : end))
      start = end + 1
    }
    self.lines = lines
  }

  /// The same, from text that is in memory.
  public init(name: String, _ text: String) { self.init(name: name, bytes: Array(text.utf8)) }

  /// Another for another text.
  public var fingerprint: UInt64 { Fingerprint.of(text) }

  /// The whole text; bytes that are no UTF-8 are replaced.
  public var text: String { String(decoding: bytes, as: UTF8.self) }

  func string(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

  /// The bytes of the line that a byte is on, with those up to the next line.
  func line(at offset: Int) -> Range<Int> {
    let number = position(of: offset, withColumn: false).line
    guard number <= lines.count else { return offset..<offset + 1 }
    let start = number == 1 ? 0 : lines[number - 1].lowerBound
    return start..<(number < lines.count ? lines[number].lowerBound : max(bytes.count, start) + 1)
  }

  /// Line and column of a byte, both counted from 1, the column in characters.
  public func position(of offset: Int) -> (line: Int, column: Int) { position(of: offset, withColumn: true) }

  private func position(of offset: Int, withColumn: Bool) -> (line: Int, column: Int) {
    var (low, high) = (0, lines.count)
    while low < high {
      let middle = (low + high) / 2
      if lines[middle].lowerBound <= offset { low = middle + 1 } else { high = middle }
    }
    guard low > 0 else { return (1, 1) }
    let line = low - 1
    guard withColumn else { return (line + 1, 1) }
    return (line + 1, string(lines[line].lowerBound..<max(lines[line].lowerBound, offset)).count + 1)
  }
}
