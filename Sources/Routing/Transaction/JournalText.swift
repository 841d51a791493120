internal import AudioGraph

/// The text of a journal: lines that a person can read, and that prove that they are whole.
///
/// The body is written at once and ends in a checksum of all of it. What happens afterwards is added as single lines,
/// each with a checksum of its own, so that a line that was cut off can be told from one that was never begun; or as another body
/// behind it, which counts from when it is whole.
enum JournalText {
  private static let title = "hproute journal 1"

  enum Flaw: Error, Hashable { case unreadable(line: Int) }

  static func encode(_ journal: Journal) -> String {
    var lines = [title]
    let server = journal.server
    lines.append(JournalLine.line("server", server.host, server.user, server.address, String(server.cookie)))
    lines.append(JournalLine.line("state", journal.state.rawValue))
    if let profile = journal.profile {
      lines.append(JournalLine.line(["profile", profile] + (journal.revision.map { ["of", String($0, radix: 16)] } ?? [])))
    }
    if let command = journal.afterRevert { lines.append(JournalLine.line("after-revert", command)) }
    for answer in journal.on { lines.append(JournalLine.line("on", answer.text)) }
    lines += journal.controls.lines
    for entry in journal.baseline.entries {
      let words = [entry.isPending ? "pending" : "change"] + entry.attribute.words
      let chosen = entry.chosen.map { ["chosen"] + $0.words } ?? []
      let card = entry.card.map { ["card", $0] } ?? []
      lines.append(JournalLine.line(words + ["was"] + entry.was.words + ["set"] + (entry.set ?? .unknown).words + chosen + card))
    }
    for setting in journal.held {
      lines.append(JournalLine.line(["held"] + setting.attribute.words + ["is"] + setting.value.words))
    }
    for stream in journal.fixed.sorted(by: { ($0.index ?? 0) < ($1.index ?? 0) }) {
      lines.append(JournalLine.line(["fixed"] + Attribute.streamSink(stream).words))
    }
    let body = lines.map { "\($0)\n" }.joined()
    return body + "end \(checksum(of: body))\n"
  }

  /// A line that says that the state is another now.
  static func mark(_ state: Journal.State) -> String {
    "now \(state.rawValue) \(checksum(of: "now \(state.rawValue)"))\n"
  }

  /// - Throws: where the text is not what ``encode(_:)`` wrote. What was cut off at the end does not count.
  static func decode(_ bytes: [UInt8]) throws(Flaw) -> Journal {
    var flaw = Flaw.unreadable(line: 1)
    let begin = Array("\(title)\n".utf8)
    for place in bytes.indices.reversed()
    where bytes[place] == begin[0] && (place == 0 || bytes[place - 1] == UInt8(ascii: "\n"))
      && bytes[place...].starts(with: begin)
    {
      var lines = String(decoding: bytes[place...], as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        .map(String.init)
      lines.removeLast()  // Nothing, or a mark that was cut off.
      do { return try decode(lines[...]) } catch {
        guard case .unreadable(let line) = error else { continue }
        flaw = .unreadable(line: bytes[..<place].count { $0 == UInt8(ascii: "\n") } + line)
      }
    }
    throw flaw
  }

  private static func decode(_ lines: ArraySlice<String>) throws(Flaw) -> Journal {
    guard let end = lines.firstIndex(where: { $0.hasPrefix("end ") }) else { throw .unreadable(line: lines.endIndex + 1) }
    let body = lines[..<end].map { "\($0)\n" }.joined()
    guard lines[end] == "end \(checksum(of: body))" else { throw .unreadable(line: end + 1) }

    var journal = try journal(lines[..<end].dropFirst())
    // A line that is no mark is one that was cut off or damaged. It costs the news that it brought, and no more: an
    // apply that counts as interrupted is undone like one that is applied.
    for line in lines[(end + 1)...] {
      if let state = Journal.State.allCases.first(where: { "\(line)\n" == mark($0) }) { journal.state = state }
    }
    return journal
  }

  private static func journal(_ lines: ArraySlice<String>) throws(Flaw) -> Journal {
    var journal = Journal(server: ServerIdentity(host: "", user: "", address: "", cookie: 0), state: .none, profile: nil)
    var entries: [Baseline.Entry] = []
    for (index, line) in zip(lines.indices, lines) {
      guard var words = JournalLine(line) else { throw .unreadable(line: index + 1) }
      do throws(JournalLine.Unexpected) {
        switch try words.next() {
        case "server":
          journal.server.host = try words.next()
          journal.server.user = try words.next()
          journal.server.address = try words.next()
          journal.server.cookie = try words.number()
        case "state":
          guard let state = Journal.State(rawValue: try words.next()) else { throw JournalLine.Unexpected() }
          journal.state = state
        case "profile":
          journal.profile = try words.next()
          journal.revision = try words.optional("of").flatMap { UInt64($0, radix: 16) }
        case "after-revert": journal.afterRevert = try words.next()
        case "on": if let answer = try? MatchExpression(parsing: try words.next()) { journal.on.append(answer) }
        case let word where word == "change" || word == "pending":
          let attribute = try Attribute(&words)
          try words.expect("was")
          let was = try Value(&words)
          try words.expect("set")
          let set = try Value(&words)
          let chosen = words.skip("chosen") ? try Value(&words) : nil
          let card = try words.optional("card")
          var entry = Baseline.Entry(attribute, was: was, set: set, card: card, isPending: word == "pending", chosen: chosen)
          // A side effect.
          if set == .unknown { entry.set = nil }
          entries.append(entry)
        case "held":
          let attribute = try Attribute(&words)
          try words.expect("is")
          journal.held.append(Setting(attribute, try Value(&words)))
        case "fixed": if let stream = try Attribute(&words).stream { journal.fixed.insert(stream) }
        case let word: try journal.controls.read(word, &words)
        }
        try words.expectEnd()
      } catch { throw .unreadable(line: index + 1) }
    }
    journal.baseline = Baseline(entries)
    return journal
  }

  private static func checksum(of text: String) -> String {
    let digits = String(Fingerprint.of(text), radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
