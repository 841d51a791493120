internal import Foundation

/// Something that somebody sets with pactl: when a desk is made, or while a profile is applied.
struct DeskSetting: Hashable, Sendable, CustomStringConvertible {
  var fact: DeskFact
  /// A volume is a number for each channel, with blanks between.
  var value: String

  init(_ object: DeskObject, _ attribute: String, _ value: String) {
    fact = DeskFact(object, attribute)
    self.value = value
  }

  /// The command that sets it; nil where the object is not there.
  func command(_ state: DeskState) -> [String]? {
    if fact.object == .server { return ["set-\(fact.attribute.replacing(" ", with: "-"))", value] }
    guard let number = state.numbers[fact.object] else { return nil }
    return words(number)
  }

  private func words(_ number: String) -> [String] {
    let (name, values) = (fact.object.name, value.split(separator: " ").map(String.init))
    switch (fact.object.kind, fact.attribute) {
    case (.sink, "volume"): return ["set-sink-volume", name] + values
    case (.sink, "mute"): return ["set-sink-mute", name, value]
    case (.sink, "port"): return ["set-sink-port", name, value]
    case (.source, "volume"): return ["set-source-volume", name] + values
    case (.source, "mute"): return ["set-source-mute", name, value]
    case (.source, "port"): return ["set-source-port", name, value]
    case (.card, _): return ["set-card-profile", name, value]
    case (.stream, "volume"): return ["set-sink-input-volume", number] + values
    case (.stream, "mute"): return ["set-sink-input-mute", number, value]
    case (.stream, _): return ["move-sink-input", number, value]
    case (.recording, "volume"): return ["set-source-output-volume", number] + values
    case (.recording, "mute"): return ["set-source-output-mute", number, value]
    default: return ["move-source-output", number, value]
    }
  }

  /// Whether it is so. Servers round.
  func holds(_ state: DeskState) -> Bool {
    guard let found = state.facts[fact] else { return false }
    return found == value || (fact.attribute == "volume" && Loudness.isAlike(found, value))
  }

  /// The name of the program stands for its number.
  var description: String {
    let object = fact.object
    return "pactl "
      + (object == .server ? ["set-\(fact.attribute.replacing(" ", with: "-"))", value] : words(object.name)).joined(
        separator: " ")
  }
}

/// Volumes as a profile writes them and as pactl tells them.
enum Loudness {
  /// `45%` or `-24 dB` as a number of the server.
  static func raw(_ text: String) -> Double? {
    if text.hasSuffix("%") { return Double(text.dropLast().trimmingCharacters(in: .whitespaces)).map { $0 / 100 * 65536 } }
    guard text.hasSuffix("dB") else { return nil }
    return Double(text.dropLast(2).trimmingCharacters(in: .whitespaces)).map { 65536 * pow(10, $0 / 60) }
  }

  static func channels(_ text: String) -> [Double] { text.split(separator: " ").compactMap { Double($0) } }

  /// Equal as a profile means it: within 0.5 dB, or a hundredth of the scale.
  static func isNear(_ found: Double, _ wanted: Double) -> Bool {
    if abs(found - wanted) <= 660 { return true }
    guard found > 0, wanted > 0 else { return false }
    return abs(60 * log10(found / wanted)) <= 0.5
  }

  /// The same but for what a server rounds.
  static func isAlike(_ one: String, _ other: String) -> Bool {
    let (one, other) = (channels(one), channels(other))
    return one.count == other.count && zip(one, other).allSatisfy { abs($0 - $1) <= 2 }
  }
}
