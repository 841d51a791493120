public import AudioGraph

/// Takes out of a text what its reader need not know: who and where somebody is, what they hear, and which of many interfaces of
/// a kind is theirs.
public struct Discretion: Sendable {
  /// What is replaced, and by what; the longest first, for one may be a part of another.
  private let names: [(old: String, new: String)]
  /// What is replaced where it is a word of its own.
  private let words: [String: String]

  /// - Parameters:
  ///   - user: the name of the user.
  ///   - home: the path of their home; nil if there is none.
  public init(user: String, home: String?, host: String, _ graph: Graph?, _ journal: Journal?) {
    let identities =
      (graph?.foreignStreams.map(\.identity) ?? [])
      + (journal.map { ($0.baseline.entries.map(\.attribute) + $0.held.map(\.attribute)).compactMap(\.stream) } ?? [])
    let media = identities.filter { $0.media.count > 3 && $0.media != $0.application.title }.map { ($0.media, "…") }
    let properties =
      graph.map { $0.cards.map(\.properties) + ($0.sinks.map(\.device) + $0.sources.map(\.device)).map(\.properties) } ?? []
    let serials = properties.compactMap { $0[.serial].flatMap(Self.own) }.map { ($0, "\($0.prefix(3))…") }
    let home = home.map { [($0, "~")] } ?? []
    names = Array(Dictionary(media + serials + home, uniquingKeysWith: { $1 })).map { (old: $0.key, new: $0.value) }
      .sorted { ($0.old.count, $0.old) > ($1.old.count, $1.old) }
    // A short name is a word of every text.
    words = Dictionary([(host, "HOST"), (user, "USER")].filter { $0.0.count > 3 }, uniquingKeysWith: { $1 })
  }

  /// The part of a serial number that nothing else has: systems put maker and model in front of it, or make one up of them.
  private static func own(_ serial: String) -> String? {
    let last = serial.split(separator: "_").last.map(String.init) ?? serial
    return last.count > 4 && last.contains(where: \.isNumber) ? last : nil
  }

  /// The text without all that.
  public func applied(to text: String) -> String {
    var text = text
    for name in names { text = text.replacing(name.old, with: name.new) }
    var result = ""
    var rest = text[...]
    while let character = rest.first {
      let word = rest.prefix(while: \.isPartOfWord)
      if word.isEmpty {
        result.append(character)
        rest = rest.dropFirst()
      } else {
        result +=
          Self.withoutAddress(word)
          ?? word.split(separator: ":", omittingEmptySubsequences: false).map { words[String($0)] ?? String($0) }.joined(
            separator: ":")
        rest = rest.dropFirst(word.count)
      }
    }
    return result
  }

  /// The maker of a Bluetooth device, and not which of theirs it is: `bluez_card.00_1B_66_…`, as `00:1B:66:81:02:3C` does.
  ///
  /// - Returns: nil if there is none.
  private static func withoutAddress(_ word: Substring) -> String? {
    for separator in [":", "_"] as [Character] {
      let parts = word.split(separator: separator, omittingEmptySubsequences: false)
      // A name may stand in front of it or behind it.
      guard
        let start = parts.indices.first(where: { start in
          parts.count >= start + 6 && parts[start..<start + 6].allSatisfy { $0.count == 2 && $0.allSatisfy(\.isHexDigit) }
        })
      else { continue }
      return (parts[..<(start + 3)] + ["…"] + parts[(start + 6)...]).joined(separator: String(separator))
    }
    return nil
  }
}

extension Character {
  fileprivate var isPartOfWord: Bool { isLetter || isNumber || self == "_" || self == ":" }
}

extension Journal {
  /// As it is written down, but for who has written it.
  public var discreetText: String {
    var journal = self
    (journal.server.host, journal.server.user) = ("HOST", "USER")
    return JournalText.encode(journal)
  }
}
