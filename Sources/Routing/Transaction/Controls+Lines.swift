internal import AudioGraph

/// What the user has turned, as it is written down.
extension Controls {
  /// In an order of their own: the same is written in the same way.
  var lines: [String] {
    let monitors = monitors.map { JournalLine.line("monitor", $0, $1 ? "on" : "off") }
    let levels = levels.map { JournalLine.line(["turned"] + $0.words + ["to"] + $1.words) }
    let dimmed = dimmed.map { JournalLine.line(["dimmed"] + $0.words + ["from"] + Value.volume($1).words) }
    let monos = monos.map { JournalLine.line("mono", $0, $1 ? "on" : "off") }
    return monitors.sorted() + monos.sorted() + levels.sorted() + dimmed.sorted()
  }

  /// Reads one of ``lines``.
  ///
  /// - Parameter word: its first, which has been read.
  mutating func read(_ word: String, _ words: inout JournalLine) throws(JournalLine.Unexpected) {
    switch word {
    case "monitor": monitors[try words.next()] = try words.next() == "on"
    case "mono": monos[try words.next()] = try words.next() == "on"
    case "turned":
      let attribute = try Attribute(&words)
      try words.expect("to")
      levels[attribute] = try Value(&words)
    case "dimmed":
      let attribute = try Attribute(&words)
      try words.expect("from")
      guard case .volume(let volume) = try Value(&words) else { throw JournalLine.Unexpected() }
      dimmed[attribute] = volume
    default: throw JournalLine.Unexpected()
    }
  }
}
