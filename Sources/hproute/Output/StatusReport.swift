internal import AudioGraph
internal import Routing

/// What is in force, as scripts get it.
struct StatusReport: Encodable {
  var server: Nullable<ServerObject>
  var state: String
  var profile: Nullable<String>
  /// How many changes are in force.
  var changes: Int
  var drift: [DifferenceObject]
  var pending: [DifferenceObject]

  struct ServerObject: Encodable {
    var name: String
    var version: String
    var kind: String
  }

  struct DifferenceObject: Encodable {
    var object: String
    var attribute: String
    var wanted: ValueObject
    var found: ValueObject
  }

  /// The sentences for a person.
  private var text: [String] = []
  /// What plays where, and before which of the sentences that is told.
  private var programs: (position: Int, it: ProgramLines)?
  /// Null without a server that answers.
  let heard: Heard?

  private enum CodingKeys: String, CodingKey { case server, state, profile, changes, drift, pending }

  /// - Parameters:
  ///   - isBusy: whether some hproute is at work right now, which is then no interruption.
  ///   - isRefused: whether there is a server, and it does not answer us.
  ///   - user: the number of the user whose modules are ours.
  ///   - damaged: the paths of journals that could not be read and have been put aside.
  init(journal: Journal?, graph: Graph?, isBusy: Bool, isRefused: Bool, user: UInt32, damaged: [String]) {
    server = Nullable(
      graph.map {
        ServerObject(name: $0.server.name, version: $0.server.version, kind: $0.server.kind.rawValue)
      })
    heard = graph.map { Heard($0) }
    let isInterrupted = journal?.isInterrupted == true && !isBusy
    // What is still being applied is not applied, and may yet be undone.
    state = isInterrupted ? "interrupted" : journal?.appliedProfile != nil ? "applied" : "none"
    profile = Nullable(journal?.profile)
    changes = journal?.baseline.inForce ?? 0
    let drifted = graph.flatMap { graph in journal.map { $0.drift(in: graph) } } ?? []
    let waiting = journal?.pending ?? []
    let object = { (setting: Setting) in
      DifferenceObject(
        object: setting.attribute.scriptName, attribute: setting.attribute.property, wanted: ValueObject(setting.value),
        found: ValueObject(graph?.value(of: setting.attribute)))
    }
    // What is being changed has not drifted.
    drift = isInterrupted || isBusy ? [] : drifted.map(object)
    pending = waiting.map(object)

    text.append(headline(journal, isInterrupted))
    let isNothingApplied = journal.map { $0.state == .none } ?? true
    if isNothingApplied, let count = graph?.ownModules(of: user).count, count > 0 {
      text.append(
        "But \(count) \(count == 1 ? "module" : "modules") of hproute's \(count == 1 ? "is" : "are") still loaded: "
          + "'hproute revert' removes what is left."
      )
    }
    for path in damaged { text.append("A damaged journal is kept as \(path); what it says is not relied on.") }
    if isBusy { text.append("Another hproute is at work right now.") }
    if let graph, let heard {
      text.append("\(heard.sentence.prefix(1).uppercased())\(heard.sentence.dropFirst()).")
      programs = (text.count, ProgramLines(graph))
      let names = AttributeText(graph)
      if !drift.isEmpty, let journal {
        if journal.server.cookie != graph.server.cookie { text.append("The sound server has been started again since.") }
        text.append("Changed since:")
        text += drifted.map { "  \(names.difference($0, graph, journal.profile ?? "hproute"))" }
        let again = journal.profile.map { "'hproute apply \($0.shellQuoted)' sets this again, " } ?? ""
        text.append("\(again)'hproute revert' goes back to before.")
      }
      if !waiting.isEmpty {
        text.append("Waiting for a device that is away:")
        text += waiting.map {
          "  \(names.object($0.attribute)) will \($0.isMemory ? "go to" : "be") \(names.value($0.value, of: $0.attribute))"
        }
        text.append("'hproute revert' puts this back when the device is there again,")
        text.append("'hproute revert --forget' forgets it.")
      }
      text.append("Sound server: \(graph.server.traits.title) \(graph.server.version)")
    } else {
      if !waiting.isEmpty { text.append("\(waiting.count) settings wait for a device that is away.") }
      let reason = isRefused ? "The sound server does not let this program in" : "No sound server is running"
      text.append("\(reason); this is the last known state.")
    }
  }

  private func headline(_ journal: Journal?, _ isInterrupted: Bool) -> String {
    guard let journal, journal.state != .none else { return "No profile is applied." }
    if journal.state == .applied, journal.profile == nil {
      return "No profile is applied. 'hproute revert' takes back what was turned with 'hproute volume', 'mute', 'dim' and 'mono'."
    }
    if journal.profile == nil, journal.isInterrupted, isInterrupted {
      return "A key was cut off: 'hproute revert' takes back what was turned."
    }
    let name = journal.profile ?? "What was turned"
    switch journal.state {
    case .applying where isInterrupted:
      return "\(name) was cut off while it was being applied: 'hproute revert' puts everything back, "
        + "'hproute apply \(name.shellQuoted)' finishes it."
    case .reverting where isInterrupted: return "A revert of \(name) was not completed: 'hproute revert' goes on with it."
    case .applying: return "\(name) is being applied."
    case .reverting: return "\(name) is being reverted."
    case .applied, .none: return "\(name) is applied."
    }
  }

  /// What to type next, for who has typed no command; nil if ``lines(_:)`` says it.
  var nextStep: String? {
    switch state {
    case "applied": "'hproute revert' puts everything back; 'hproute --help' lists the commands."
    case "interrupted": nil
    default: "'hproute list' shows the profiles, 'hproute apply NAME' applies one; 'hproute --help' lists the commands."
    }
  }

  /// - Parameter draw: makes lines of what plays where.
  func lines(_ draw: (ProgramLines) -> [String] = { $0.lines.map { "  \($0.from) -> \($0.to)" } }) -> [String] {
    guard let programs else { return text }
    return text.prefix(programs.position) + draw(programs.it) + text.dropFirst(programs.position)
  }
}

extension Output {
  func print(_ status: StatusReport) {
    if isJSON { return print(json: status) }
    let text = status.lines { programs in
      var table = Table(flexible: [0, 1])
      for line in programs.lines { table.add([.init(Output.printable(line.from)), .init("-> \(Output.printable(line.to))")]) }
      return self.table(table, indent: 2)
    }
    lines(text.map(Output.printable))
  }
}

extension AttributeText {
  fileprivate func difference(_ setting: Setting, _ graph: Graph, _ profile: String) -> String {
    let found = graph.value(of: setting.attribute).map { value($0, of: setting.attribute) } ?? "away"
    let object = object(Change(setting.attribute, from: .unknown, to: setting.value))
    if case .volume(let was) = setting.value, case .volume(let now)? = graph.value(of: setting.attribute) {
      let (was, now) = VolumeText.apart(was, now)
      return "\(object): now \(now), \(profile) set \(was)"
    }
    return "\(object): now \(found), \(profile) set \(value(setting.value, of: setting.attribute))"
  }
}
