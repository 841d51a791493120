internal import Foundation

/// Plays a sequence on a private server of its own, and looks after every step whether what was promised holds.
final class SequenceRun {
  enum Outcome {
    case held
    /// What was seen first, and what else: the last of them has ended the sequence, if it is about the sound.
    case failed([Finding])
    /// The desk could not be made, or does not settle.
    case broken(String)
  }

  let sequence: RandomSequence
  let kind: ServerKind
  /// What came of every command.
  private(set) var notes: [String] = []
  private(set) var applyCodes: [Int32] = []
  /// Why applies were refused.
  private(set) var refusals: [String] = []
  private var server: PrivateServer!
  private var programs: [String: Program] = [:]
  private var history = DeskHistory()
  private var step = 0
  /// What only says something wrong: the sequence goes on.
  private var falseWords: [Finding] = []
  /// How long something may be otherwise than it should be.
  private let patience: Duration

  init(_ sequence: RandomSequence, on kind: ServerKind, patience: Duration = .seconds(2)) {
    self.sequence = sequence
    self.kind = kind
    self.patience = patience
  }

  func run() throws -> Outcome {
    do {
      try setUp()
      while step < sequence.steps.count {
        try take(sequence.steps[step])
        step += 1
      }
      return falseWords.isEmpty ? .held : .failed(falseWords)
    } catch var finding as Finding {
      finding.step = step
      return .failed(falseWords + [finding])
    } catch let broken as BrokenDesk {
      return .broken(broken.description)
    } catch let failed as PrivateServer.Failed {
      return .broken(failed.description)
    }
  }

  // MARK: - The desk

  private func setUp() throws {
    let desk = sequence.desk
    server = try PrivateServer(kind, cards: desk.cards.map { try SimulatedCard($0.file.id) })
    for profile in sequence.profiles { try server.writeProfile(profile.name, profile.text) }
    for card in desk.cards { try server.plug(card.file.id) }
    // Modules hang on devices of the card profile that is chosen.
    for setting in desk.settings where setting.fact.object.kind == .card { try make(setting) }
    for module in desk.modules {
      for name in module.hangsOn { try wait(for: name) }
      try server.control(["load-module"] + module.words)
      for name in [module.sink?.name, module.source?.name].compactMap({ $0 }) { try wait(for: name) }
    }
    for player in desk.players { programs[player.name] = try player.start(on: server) }
    // PipeWire 1.6 begins a stream of six channels with the volumes of two, and may set the others right some time later.
    for player in desk.players where !player.isRecording && player.channels > 2 {
      try make(DeskSetting(player.object, "volume", Array(repeating: "65536", count: player.channels).joined(separator: " ")))
    }
    // What records, and waits for a source, has nothing yet that could be set.
    let state = try DeskState(of: server)
    let settings = desk.settings.filter { $0.fact.object.kind != .recording || state[$0.fact.object, "device"] != nil }
    for setting in settings {
      try make(setting)
      history.learn(setting.fact.object, try DeskState(of: server))
    }
    try insist(settings)
  }

  private func wait(for device: String) throws {
    guard try eventually(within: 5, { try DeskState(of: server).existsDevice(device) }) else {
      throw BrokenDesk("there is no \(device)")
    }
  }

  /// Sets it until it is so. A default has to be chosen also if it is what the server has picked by itself.
  private func make(_ setting: DeskSetting) throws {
    let holds = try eventually(within: 5) {
      guard let command = setting.command(try DeskState(of: server)) else { return false }
      _ = try Program.run(["pactl"] + command, environment: server.environment)
      return try eventually(within: 0.3) { setting.holds(try DeskState(of: server)) }
    }
    guard holds else { throw BrokenDesk("it cannot be had: \(setting)") }
  }

  /// Servers put back what they remember, some time later: what was set last has to stay.
  private func insist(_ settings: [DeskSetting]) throws {
    let last = Dictionary(settings.map { ($0.fact, $0) }, uniquingKeysWith: { $1 }).values
    for _ in 0..<5 {
      let state = try server.settled()
      let lost = last.filter { !$0.holds(state) }
      if lost.isEmpty { return }
      for setting in lost { try make(setting) }
    }
    throw BrokenDesk("the desk does not stay as it was set")
  }

  // MARK: - The steps

  private func take(_ step: RandomStep) throws {
    switch step {
    case .apply(let name): if let profile = sequence.profile(name) { try apply(profile) }
    case .revert: try revert()
    case .toggleMonitor: try toggleMonitor()
    default: try meddle(step)
    }
  }

  private func apply(_ profile: RandomProfile) throws {
    let before = try server.settled()
    let former = history
    if history.applied == nil { history.begin(before) }
    let answer = try hproute("apply", profile.name)
    applyCodes.append(answer.exitCode)
    switch answer.exitCode {
    case 0:
      let oracle = ApplyOracle(profile: profile, desk: sequence.desk, before: before, history: history)
      try require("apply", answer) { oracle.complaints($0) }
      history.applied = profile.name
      try requireNothingLeftToDo(profile)
    case 1:
      try require("rollback", answer) { history.differences(from: before, to: $0) }
      throw Finding("apply: rolled back", [answer.errors])
    // The desk lacks something, or the profile asks for what cannot be had.
    case 3, 65:
      if history.applied == nil { history = former }
      refusals.append(answer.errors.split(separator: "\n").first.map(String.init) ?? "")
      try require("refusal", answer) { history.differences(from: before, to: $0) }
    default:
      try require("exit \(answer.exitCode)", answer) { history.differences(from: before, to: $0) }
      throw Finding("apply: exit \(answer.exitCode)", [answer.errors])
    }
  }

  /// What was applied holds: nothing is planned, and nothing has drifted.
  private func requireNothingLeftToDo(_ profile: RandomProfile) throws {
    let plan = try hproute("plan", profile.name)
    let changes = plan.json["changes"] as? [Any] ?? []
    guard plan.exitCode == 0, changes.isEmpty else {
      saysWrong("plan: after apply it plans", ["exit \(plan.exitCode) \(plan.errors)"] + changes.map { "\($0)" })
      return
    }
    let status = try hproute("status")
    let state = try DeskState(of: server)
    for key in ["drift", "pending"] {
      // What waits for a device that the profile has sent away with its card profile waits rightly.
      let rows = (status.json[key] as? [[String: Any]] ?? []).filter {
        key == "drift" || state.existsDevice($0["wanted"] as? String ?? "")
      }
      if !rows.isEmpty { saysWrong("status: \(key) after apply", rows.map { "\($0)" }) }
    }
    guard status.json["state"] as? String == "applied", status.json["profile"] as? String == profile.name else {
      return saysWrong("status: does not tell what is applied", [status.output])
    }
  }

  private func revert() throws {
    let before = try server.settled()
    let answer = try hproute("revert")
    guard answer.exitCode == 0 else { throw Finding("revert: exit \(answer.exitCode)", [answer.errors]) }
    let isApplied = history.applied != nil || history.waits
    let wanted = isApplied ? history.baseline ?? before : before
    try require("revert", answer) { state in
      let left = state.own.isEmpty ? [] : ["left behind: hproute's own \(state.own.joined(separator: ", "))"]
      return (isApplied ? history.complaints(from: wanted, to: state) : history.differences(from: before, to: state)) + left
    }
    history.applied = nil
    history.waits = !history.isComplete
    guard history.isComplete else { return }
    let status = try hproute("status")
    if let rows = status.json["pending"] as? [Any], !rows.isEmpty {
      throw Finding("status: pending after revert", rows.map { "\($0)" })
    }
    let directory = "\(server.directory.path)/state/hproute"
    let files = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
    guard files.allSatisfy({ $0 == "lock" }) else { throw Finding("revert: files are left", files) }
  }

  private func toggleMonitor() throws {
    let before = try server.settled()
    let answer = try hproute("monitor", "toggle")
    guard ![2, -1].contains(answer.exitCode), answer.exitCode < 128 else {
      throw Finding("monitor: exit \(answer.exitCode)", [answer.errors])
    }
    try require("monitor", answer) { history.differences(from: before, to: $0) }
  }

  private func meddle(_ step: RandomStep) throws {
    let before = try server.settled()
    switch step {
    case .set(let setting):
      // What it is about may be away.
      if let command = setting.command(before) { _ = try Program.run(["pactl"] + command, environment: server.environment) }
    case .end(let name): programs.removeValue(forKey: name)?.kill()
    case .start(let player): programs[player.name] = try player.start(on: server)
    case .unplug(let card): try server.unplug(card)
    case .plug(let card): try server.plug(card)
    case .jack(let card, let port, let isIn): try server.card(card, "avail", port, isIn ? "yes" : "no")
    default: return
    }
    history.meddled(step, from: before, to: try server.settled())
  }

  // MARK: - hproute

  /// Notes what hproute says wrong, once.
  private func saysWrong(_ kind: String, _ details: [String]) {
    guard !falseWords.contains(where: { $0.kinds == [kind] }) else { return }
    var finding = Finding(kind, details)
    finding.step = step
    falseWords.append(finding)
  }

  struct Answer {
    var exitCode: Int32
    var output: String
    var errors: String
    var json: [String: Any]
  }

  private func hproute(_ words: String...) throws -> Answer {
    let start = ContinuousClock.now
    let outcome = try Program.run([HProuteBinary.path] + words + ["--json"], environment: server.environment, within: 30)
    let elapsed = ContinuousClock.now - start
    let command = words.joined(separator: " ")
    notes.append("hproute \(command): \(outcome.exitCode) \(outcome.errors.split(separator: "\n").first ?? "")")
    guard elapsed < .seconds(10) else { throw Finding("\(words[0]): takes more than 10 s", ["\(elapsed)", outcome.errors]) }
    guard outcome.exitCode >= 0, outcome.exitCode < 128 else {
      throw Finding("\(words[0]): crash", ["\(outcome.exitCode)", outcome.errors])
    }
    let json = (try? JSONSerialization.jsonObject(with: Data(outcome.output.utf8))) as? [String: Any]
    if json == nil { saysWrong("\(words[0]): prints no single JSON object", [outcome.output]) }
    return Answer(exitCode: outcome.exitCode, output: outcome.output, errors: outcome.errors, json: json ?? [:])
  }

  /// The complaints have to end within a moment, and not to come back.
  private func require(_ what: String, _ answer: Answer, _ complaints: (DeskState) -> [String]) throws {
    let deadline = ContinuousClock.now + patience
    var found = complaints(try server.settled())
    while !found.isEmpty, ContinuousClock.now < deadline { found = complaints(try server.settled()) }
    guard found.isEmpty else {
      let kinds = Set(found.map(Self.kind)).sorted().map { "\(what): \($0)" }
      throw Finding(kinds, found.sorted() + [answer.errors].filter { !$0.isEmpty })
    }
  }

  /// A complaint without names and numbers.
  private static func kind(_ complaint: String) -> String {
    String(complaint.prefix { $0 != ":" }).replacing(#/'[^']*' ?/#, with: "")
  }
}
