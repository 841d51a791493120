internal import AudioGraph
internal import Glibc
internal import PulseAudio
internal import Routing
internal import SystemPackage

/// Asks which of several devices is meant, if somebody sits at a terminal, and keeps the answer as a profile of one's own, so
/// that it is asked once.
struct DeviceQuestion {
  private let session: Session
  private let loop: EventLoop
  private let entry: ProfileStore.Entry
  /// Where the answers are written, and what was there before, if anything; nil before the first that is kept.
  private var kept: (path: FilePath, text: String?)?

  /// Nil if nobody can be asked: no terminal, a script, or a command in the background.
  init?(about argument: String, _ session: Session, on loop: EventLoop) throws(CommandFailure) {
    guard isatty(STDIN_FILENO) == 1, isatty(STDERR_FILENO) == 1, tcgetpgrp(STDIN_FILENO) == getpgrp(), !session.output.isJSON,
      !session.settings.quiet
    else { return nil }
    entry = try session.source(argument).0
    (self.session, self.loop) = (session, loop)
  }

  /// - Returns: the profile with what was answered.
  /// - Throws: if nothing was; former answers are taken back then.
  mutating func answer(
    _ choice: (section: String, candidates: [PlanError.Candidate]), for profile: Profile
  ) throws(CommandFailure) -> Profile {
    do { return try choose(choice, for: profile) } catch {
      discard()
      throw error
    }
  }

  private mutating func choose(
    _ choice: (section: String, candidates: [PlanError.Candidate]), for profile: Profile
  ) throws(CommandFailure) -> Profile {
    session.output.ask(text(choice, entry.name))
    while let words = try line()?.lowercased().split(separator: " "), let word = words.first {
      if let number = Int(word), choice.candidates.indices.contains(number - 1), words.count < 3 {
        let candidate = choice.candidates[number - 1]
        switch words.dropFirst().first {
        case nil where entry.mayBeBase: return try keep(candidate, for: choice.section, of: profile)
        case nil, "once":
          var profile = profile
          if let answer = try? MatchExpression(parsing: candidate.term) { profile.on.append(answer) }
          return profile
        case "tone" where hasTone(choice): try playTone(candidate)
        default: break
        }
      }
      let number = choice.candidates.count == 1 ? "1" : "A number from 1 to \(choice.candidates.count)"
      session.output.ask("\(number), alone or with \(hasTone(choice) ? "\"once\" or \"tone\"" : "\"once\""), or Enter: ")
    }
    session.output.ask("\n")
    throw CommandFailure(
      exitCode: 3, sentence: "nothing was chosen. Nothing was changed.", objects: choice.candidates.map(\.name))
  }

  /// What is not in force cannot be heard.
  private func hasTone(_ choice: (section: String, candidates: [PlanError.Candidate])) -> Bool {
    !choice.section.hasPrefix("[input") && !choice.candidates.contains { $0.place != nil }
  }

  private func text(_ choice: (section: String, candidates: [PlanError.Candidate]), _ name: String) -> String {
    let lines = choice.candidates.enumerated().map { "  \($0 + 1)  \($1.description) (\($1.term))\n" }.joined()
    let isElsewhere = choice.candidates.contains { $0.place != nil }
    let keeping = entry.mayBeBase ? "; \(name) will use it from now on (\"1 once\": only this time)" : ""
    let headline =
      isElsewhere
      ? "\(choice.section) of \(name) is only in another card profile, which would be changed as well:"
      : "\(PlanError.count(choice.candidates)) devices fit \(choice.section) of \(name):"
    return "\(headline)\n\(lines)"
      + "Type a number\(keeping)\(hasTone(choice) ? ", \"1 tone\" to hear a quiet tone there" : ""), or Enter to change nothing: "
  }

  /// What was typed; nil at the end of the input.
  private func line() throws(CommandFailure) -> String? {
    let input = Readable(STDIN_FILENO, on: loop)
    do { _ = try loop.wait(until: nil) { input.isReady } } catch { throw CommandFailure(Failure(error)) }
    var bytes = [UInt8](repeating: 0, count: 256)
    let count = read(STDIN_FILENO, &bytes, bytes.count)
    return count > 0 ? String(decoding: bytes[..<count].filter { $0 >= 0x20 }, as: UTF8.self) : nil
  }

  // MARK: - Keeping

  /// Writes the answer down: one's own profile is changed in its place, another gets one of one's own that is based on it.
  private mutating func keep(
    _ candidate: PlanError.Candidate, for section: String, of wanted: Profile
  ) throws(CommandFailure) -> Profile {
    let (entry, source) = try session.source(entry.name)
    let isOwn = session.store.isOwn(entry)
    let path = isOwn ? FilePath(entry.path) : try session.ownPath(entry.name)
    if kept == nil { kept = (path, isOwn ? source.text : nil) }
    var editor = ProfileEditor(
      isOwn ? source.text : "# Which devices \(entry.name) uses here.\n[profile]\nbase = \(entry.name)\n")
    if let place = candidate.place {
      let label = section.dropFirst().dropLast().split(separator: " ").last.map(String.init) ?? "card"
      editor.set("card", label, in: section)
      editor.set("profile", place.profile, in: "[card \(label)]")
      editor.set("match", place.card, in: "[card \(label)]")
    } else {
      // If the device is away, what fitted before fits again.
      let former = wanted.match(of: section).map { " | \($0.text)" } ?? ""
      editor.set("match", candidate.term + former, in: section)
    }
    try session.write(editor.text, to: path, isNew: !isOwn)
    var profile = try session.profile(entry.name)
    profile.on = wanted.on
    return profile
  }

  /// Says where the answers are, now that they have proved right.
  func finish() {
    guard let kept else { return }
    session.output.ask("Your answer is kept in \(kept.path); 'hproute edit \(entry.name)' changes it.\n")
  }

  /// Takes the answers back: what came of them did not stay.
  func discard() {
    guard let kept else { return }
    guard let text = kept.text else { return (try? Files.remove(kept.path)) ?? () }
    try? session.write(text, to: kept.path, isNew: false)
  }

  // MARK: - The tone

  /// The largest sample that reaches the device: -30 dB.
  private static let peak = 0.0316

  private func playTone(_ candidate: PlanError.Candidate) throws(CommandFailure) {
    let server = try session.connect(on: loop)
    let graph = try session.graph(of: server)
    let card = graph.card(named: candidate.name)
    let sinks = graph.sinks.filter { $0.name == candidate.name || (card != nil && $0.device.card == card?.index) }
    guard let sink = sinks.first, let monitor = sink.monitorSource else {
      return session.output.ask("\(candidate.description) has no output to play a tone in.\n")
    }
    let loudest = max(1, sink.volume.loudest.gain)
    let tone = TestTone(sink.channelMap, peak: Self.peak / loudest)
    _ = try server.heard(of: tone, in: sink, monitor, session.output)
  }
}

extension ProfileStore.Entry {
  /// Whether another profile can name it as its base: not if it was named by its path.
  fileprivate var mayBeBase: Bool { reference == name }
}
