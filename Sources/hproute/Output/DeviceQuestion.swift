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
  /// The sections that were answered for good, and what they match from now on.
  private var kept: [(section: String, term: String)] = []
  /// Where the answers are written; nil before the first, and if they cannot be kept.
  private var profile: (name: String, path: FilePath)?

  /// Nil if nobody can be asked: no terminal, a script, or a command in the background.
  init?(about argument: String, _ session: Session, on loop: EventLoop) throws(CommandFailure) {
    guard isatty(STDIN_FILENO) == 1, isatty(STDERR_FILENO) == 1, tcgetpgrp(STDIN_FILENO) == getpgrp(), !session.output.isJSON,
      !session.settings.quiet
    else { return nil }
    entry = try session.source(argument).0
    (self.session, self.loop) = (session, loop)
  }

  /// - Returns: the profile with what was answered; nil if nothing was.
  mutating func answer(
    _ choice: (section: String, candidates: [PlanError.Candidate]), for profile: Profile
  ) throws(CommandFailure) -> Profile? {
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
        case "tone": try playTone(candidate)
        default: break
        }
      }
      session.output.ask("A number from 1 to \(choice.candidates.count), or Enter: ")
    }
    return nil
  }

  private func text(_ choice: (section: String, candidates: [PlanError.Candidate]), _ name: String) -> String {
    let lines = choice.candidates.enumerated().map { "  \($0 + 1)  \($1.description) (\($1.term))\n" }.joined()
    let keeping = entry.mayBeBase ? "; \(name) will use it from now on (\"1 once\": only this time)" : ""
    return "\(PlanError.count(choice.candidates)) devices fit \(choice.section) of \(name):\n\(lines)"
      + "Type a number\(keeping), \"1 tone\" to hear a quiet tone there, or Enter to change nothing: "
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

  private mutating func keep(
    _ candidate: PlanError.Candidate, for section: String, of wanted: Profile
  ) throws(CommandFailure) -> Profile {
    let (name, path) =
      if let profile { profile } else { try session.ownProfile(for: entry, on: candidate.description) }
    profile = (name, path)
    kept.append((section, candidate.term))
    let sections = kept.map { "\n\($0.section)\nmatch = \($0.term)\n" }.joined()
    try session.write(
      "# Which devices \(entry.name) uses here.\n[profile]\nbase = \(entry.name)\n\(sections)", to: path, isNew: kept.count == 1)
    session.output.ask(
      "Kept in \(path)" + (name == entry.name ? ".\n" : ": from now on 'hproute apply \(name)' does not ask.\n"))
    var profile = try session.profile(name)
    profile.on = wanted.on
    return profile
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
    do throws(ServerError) {
      _ = try server.record(
        from: monitor, while: tone.samples, playTo: sink.name, sink.channelMap, rate: UInt32(TestTone.rate))
    } catch { throw CommandFailure(Failure(error)) }
  }
}

extension ProfileStore.Entry {
  /// Whether another profile can name it as its base: not if it was named by its path.
  fileprivate var mayBeBase: Bool { reference == name }
}
