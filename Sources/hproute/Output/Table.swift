/// Text in columns that line up, whatever the letters in them.
struct Table {
  struct Cell {
    var text: String
    var style: Style?

    init(_ text: String, _ style: Style? = nil) {
      self.text = text
      self.style = style
    }
  }

  private var rows: [[Cell]] = []
  /// The columns that give way where the terminal is too narrow. The others are not shortened: what they hold is of use
  /// only whole.
  private let flexible: Set<Int>

  init(flexible: Set<Int>) { self.flexible = flexible }

  mutating func add(_ cells: [Cell]) { rows.append(cells) }

  /// The lines of the table, two blanks between columns. Where the width is known and not enough, the widest of the
  /// flexible columns gives way first; but not to what fills most of a line by itself, at its end.
  func lines(width: Int?, color: Bool) -> [String] {
    let count = rows.map(\.count).max() ?? 0
    var widths = (0..<count).map { column in
      rows.map { $0.count > column ? Self.width($0[column].text) : 0 }.max() ?? 0
    }
    if let width {
      let columns = flexible.filter { $0 < count }
      let ends = rows.filter { $0.count == count }.map { Self.width($0[count - 1].text) }
      let excess =
        columns.contains(count - 1) ? 0 : (widths.last ?? 0) - (ends.filter { $0 <= width * 2 / 3 }.max() ?? widths.last ?? 0)
      while widths.reduce(0, +) - excess + 2 * (count - 1) > width, let widest = columns.max(by: { widths[$0] < widths[$1] }),
        widths[widest] > 8
      {
        widths[widest] -= 1
      }
    }
    return rows.map { row in
      let cells = row.enumerated().map { column, cell in
        let text = Self.shortened(cell.text, to: widths[column])
        let isLast = column == row.count - 1
        let padding = isLast ? "" : String(repeating: " ", count: widths[column] - Self.width(text))
        return (cell.style.map { $0(text, if: color && !text.isEmpty) } ?? text) + padding
      }
      return cells.joined(separator: "  ").trimmingTrailingBlanks()
    }
  }

  /// How many columns of a terminal a text takes.
  static func width(_ text: String) -> Int { text.reduce(0) { $0 + width($1) } }

  private static func width(_ character: Character) -> Int {
    guard let scalar = character.unicodeScalars.first else { return 0 }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format, .control: return 0
    default: break
    }
    // East Asian scripts and emoji, which terminals give two columns.
    switch scalar.value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
      0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
      return 2
    default: return 1
    }
  }

  private static func shortened(_ text: String, to limit: Int) -> String {
    guard width(text) > limit else { return text }
    var (short, used) = ("", 0)
    for character in text {
      guard used + width(character) < limit else { break }
      short.append(character)
      used += width(character)
    }
    return short + "…"
  }
}

extension String {
  fileprivate func trimmingTrailingBlanks() -> String {
    var text = Substring(self)
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
