import Foundation
import TestSupport
import Testing

/// The shipped profiles at desks of people, as those told of them in public reports: `Tests/Desks/*/about` says where each is from,
/// and what is right there. What cannot be told is asked.
@Suite(.timeLimit(.minutes(45))) struct DeskTests {
  /// What a person at the desk would want of a profile.
  struct Claim: CustomStringConvertible {
    var profile: String
    /// A part of the name of the sink; nil if nothing fits there.
    var sink: String?
    /// A part of the name of the source; nil if nothing is said about it.
    var source: String?
    /// Whether it is about a card profile that PulseAudio does not have.
    var isOfProAudio: Bool
    var description: String { "\(profile) -> \(sink ?? "nothing")\(source.map { " mic \($0)" } ?? "")" }

    /// `studio -> HiFi__Line1__sink mic HiFi__Mic1__source`; nil if nobody can tell.
    init?(_ text: String) {
      let parts = text.components(separatedBy: " -> ").map { $0.trimmingCharacters(in: .whitespaces) }
      guard parts.count == 2, !parts[1].hasPrefix("(no claim)") else { return nil }
      profile = parts[0]
      isOfProAudio = parts[1].hasPrefix("pro-")
      guard !parts[1].hasPrefix("nothing") else { return }
      let ends = parts[1].components(separatedBy: " mic ")
      sink = ends[0]
      // "mic ch 1" is a channel of the only source.
      let name = ends.count == 2 ? ends[1].components(separatedBy: "ch ")[0].trimmingCharacters(in: .whitespaces) : ""
      source = name.isEmpty ? nil : name
    }

    func isMet(_ sink: String, by found: (output: String, input: String)) -> Bool {
      found.output.contains(sink) && (source.map { found.input.contains($0) } ?? true)
    }
  }

  enum Verdict: Hashable { case right, asked, refused, wrong(String) }

  /// How many of the claims come out right, or are asked with what is right among the answers, which may only rise, and how many
  /// wrong, which may only fall.
  /// Newer session managers begin with other card profiles at three desks.
  static func bounds(_ server: PrivateServer) throws -> (right: Int, asked: Int, wrong: Int) {
    switch server.kind {
    case .pulseaudio: (60, 14, 0)
    case .pipewire: try server.pactl("info").contains(#/PipeWire (0|1\.[0-5])\./#) ? (64, 14, 0) : (63, 15, 0)
    }
  }

  @Test(arguments: ServerKind.allCases) func whatAPersonWouldWant(kind: ServerKind) throws {
    var count: [Verdict: Int] = [:]
    var found: (right: Int, asked: Int, wrong: Int)?
    for desk in try Desk.all() {
      let server = try desk.server(kind)
      if found == nil { found = try Self.bounds(server) }
      let before = try server.snapshot()
      for claim in desk.claims where kind == .pipewire || !claim.isOfProAudio {
        let verdict = try self.verdict(claim, server)
        count[verdict, default: 0] += 1
        if verdict != .right { print("\(desk.name), \(kind): \(claim): \(verdict)") }
        try server.succeed("revert")
        try server.requireUnchanged(since: before)
      }
      try requireThatItCanBeSaved(desk, server)
    }
    let bounds = try #require(found)
    let wrong = count.reduce(0) { sum, entry in if case .wrong = entry.key { sum + entry.value } else { sum } }
    print("\(kind): \(count[.right, default: 0]) right, \(count[.asked, default: 0]) asked, of \(count.values.reduce(0, +))")
    #expect(count[.right, default: 0] >= bounds.right && wrong <= bounds.wrong, "\(count)")
    #expect(count[.right, default: 0] + count[.asked, default: 0] >= bounds.right + bounds.asked, "\(count)")
  }

  /// What is saved is there, and is there again when everything has been plugged out and in, or the server was started again, and
  /// the profile is applied.
  private func requireThatItCanBeSaved(_ desk: Desk, _ server: PrivateServer) throws {
    let saved = try server.hproute("save", "now")
    try #require(saved.exitCode == 0, "\(desk.name): \(saved)")
    #expect(try server.succeed("plan", "now").contains("Nothing to do"), "\(desk.name)")
    try server.succeed("apply", "now")
    for card in try desk.cards() {
      try server.unplug(card.id)
      try server.plug(card.id, isChosen: card.isOfferedMore)
    }
    try Desk.settle(server)
    try requireThatItIsAppliedAgain(desk, server, "plugged in again")
    server.stop()
    try server.start()
    try desk.furnish(server)
    try requireThatItIsAppliedAgain(desk, server, "started again")
  }

  private func requireThatItIsAppliedAgain(_ desk: Desk, _ server: PrivateServer, _ event: String) throws {
    let again = try server.hproute("apply", "now")
    #expect(again.exitCode == 0, "\(desk.name), \(event): \(again)")
    let plan = try server.succeed("plan", "now")
    #expect(plan.contains("Nothing to do"), "\(desk.name), \(event): \(plan)")
  }

  private func verdict(_ claim: Claim, _ server: PrivateServer) throws -> Verdict {
    let start = ContinuousClock.now
    let outcome = try server.hproute("apply", claim.profile)
    #expect(ContinuousClock.now - start < .seconds(5), "\(claim)")
    guard let sink = claim.sink else { return outcome.exitCode == 3 ? .right : .wrong("it is applied") }
    guard outcome.exitCode == 0 else {
      #expect(outcome.exitCode == 3, "\(claim): \(outcome.errors)")
      return try isAmongAnswers(outcome.errors, claim, sink, server) ? .asked : .refused
    }
    let found = try devices(server)
    guard !claim.isMet(sink, by: found) else { return .right }
    // What a profile does not need is left out where it is in another card profile, with what to type for it.
    try server.succeed("revert")
    let isOffered = try isAmongAnswers(outcome.output, claim, sink, server)
    return isOffered ? .asked : .wrong("\(found.output), \(found.input)")
  }

  /// Whether one of the answers to the question leads to what is right, or to another question of which one does.
  ///
  /// - Parameter given: what was answered to the question before.
  private func isAmongAnswers(
    _ question: String, _ claim: Claim, _ sink: String, _ server: PrivateServer, after given: String = ""
  ) throws -> Bool {
    for line in question.split(separator: "\n") {
      guard let answer = line.components(separatedBy: ": --on ").dropFirst().first else { continue }
      let answers = "\(given) --on \(answer)"
      let command = "\(HProuteBinary.path) apply \(claim.profile)\(answers)"
      let outcome = try Program.run(["sh", "-c", command], environment: server.environment)
      guard outcome.exitCode == 0 else {
        if given.isEmpty, try isAmongAnswers(outcome.errors, claim, sink, server, after: answers) { return true }
        continue
      }
      let isRight = try claim.isMet(sink, by: devices(server))
      try server.succeed("revert")
      if isRight { return true }
    }
    return false
  }

  private func devices(_ server: PrivateServer) throws -> (output: String, input: String) {
    try (below(server.pactl("get-default-sink"), server), below(server.pactl("get-default-source"), server))
  }

  /// The device of the hardware that one of ours plays to or records from, as the arguments of its module say.
  private func below(_ name: String, _ server: PrivateServer) throws -> String {
    guard name.hasPrefix("hproute.") else { return name }
    let isIts = try Regex("(sink_name|source_name|node.name)=[\"']*\(name.replacing(".", with: "\\."))\\b")
    let arguments = try server.modules().first { $0.contains(isIts) } ?? ""
    let ends = arguments.matches(of: #/\b(master|slaves|sinks|source|sink)=["']*(?<device>[^\s,"']+)/#).map { String($0.device) }
    return try ends.first { $0 != name }.map { try below($0, server) } ?? name
  }

  // MARK: - The desks

  struct Desk {
    static let folder = URL(fileURLWithPath: #filePath).appendingPathComponent("../../Desks").standardized
    var name: String
    var claims: [Claim]

    static func all() throws -> [Desk] {
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
      try #require(names.count >= 27)
      return try names.map { name in
        let about = try String(contentsOf: folder.appendingPathComponent("\(name)/about"), encoding: .utf8)
        let line = try #require(about.split(separator: "\n").first { $0.hasPrefix("right:") }, "\(name)")
        return Desk(name: name, claims: line.dropFirst(6).split(separator: ";").compactMap { Claim(String($0)) })
      }
    }

    func server(_ kind: ServerKind) throws -> PrivateServer {
      let server = try PrivateServer(kind, cards: cards())
      try furnish(server)
      try server.useShippedProfiles()
      return server
    }

    /// Plugs everything in.
    func furnish(_ server: PrivateServer) throws {
      for card in try cards() { try server.plug(card.id, isChosen: card.isOfferedMore) }
      let virtual = Self.folder.appendingPathComponent("\(name)/virtual.sh").path
      if FileManager.default.fileExists(atPath: virtual) {
        let outcome = try Program.run(["sh", virtual], environment: server.environment)
        try #require(outcome.exitCode == 0, "\(name): \(outcome.errors)")
      }
      try Self.settle(server)
    }

    func cards() throws -> [SimulatedCard] {
      let folder = Self.folder.appendingPathComponent(name)
      let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".card") }.sorted()
      return try files.map { try SimulatedCard(file: folder.appendingPathComponent($0)) }
    }

    /// Session managers choose devices, ports and volumes some time after a card has come.
    static func settle(_ server: PrivateServer) throws {
      var last = try server.snapshot()
      let isSettled = try steadily(for: 0.6) {
        let now = try server.snapshot()
        defer { last = now }
        return now == last
      }
      try #require(isSettled)
    }
  }
}
