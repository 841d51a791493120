public import Routing

/// A profile with marks in it, and the places of the marks: `vol1️⃣ume` has one between `vol` and `ume`.
public struct MarkedText {
  public let text: String
  /// Where each mark stands, in bytes of `text`.
  public let marks: [String: Int]

  public init(_ marked: String) {
    var text = ""
    var marks: [String: Int] = [:]
    for character in marked {
      // A keycap emoji: a digit with two more scalars.
      if character.unicodeScalars.count == 3, character.unicodeScalars.last == "\u{20E3}" {
        marks[String(character)] = text.utf8.count
      } else {
        text.append(character)
      }
    }
    self.text = text
    self.marks = marks
  }

  public func parse() -> ParsedProfile { Parser.parse(SourceText(name: "test.profile", text), name: "test") }
}
