/// The text of a profile file, and where its lines are. Behind it stands that of the profile it is based on, if there is one.
public struct SourceText: Sendable {
  /// What to call the file in messages.
  public let name: String
  let bytes: [UInt8]
  /// Where the bytes of every line are, without the end of the line.
  let lines: [Range<Int>]
  /// Where each file begins: the profile's own, that of its `base`, that of the base of its base.
  private(set) var starts = [0]
  /// Why there is no base although the file names one.
  private(set) var problem: Diagnostic.Message?

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

  private init(_ own: SourceText, on base: SourceText) {
    (name, bytes) = (own.name, own.bytes + base.bytes)
    lines = own.lines + base.lines.map { $0.lowerBound + own.bytes.count..<$0.upperBound + own.bytes.count }
    starts = [0] + base.starts.map { $0 + own.bytes.count }
  }

  /// The text with that of the profile it is based on.
  func based(on base: SourceText) -> SourceText { SourceText(self, on: base) }

  /// The text of a profile whose base cannot be had.
  func withoutBase(_ problem: Diagnostic.Message) -> SourceText {
    var source = self
    source.problem = problem
    return source
  }

  /// Another for another text, here or in what it is based on.
  public var fingerprint: UInt64 { Fingerprint.of(String(decoding: bytes, as: UTF8.self)) }

  /// The bytes of the file itself.
  var own: Range<Int> { 0..<(starts.dropFirst().first ?? bytes.count) }

  /// The whole text of the file itself; bytes that are no UTF-8 are replaced.
  public var text: String { string(own) }

  /// Which file a byte is of: 0 for the profile's own, 1 for that of its base.
  func file(of offset: Int) -> Int { (starts.lastIndex { $0 <= offset }) ?? 0 }

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
