public import AudioGraph

/// Goes through what a person goes through when there is no sound: from the server to the volume of every channel.
///
/// Pure: it looks, and asks nobody to change anything.
public struct Doctor: Sendable {
  /// The profile that is asked for.
  public struct Target: Sendable {
    /// As the file says it, or with the monitors that the user has switched if it is applied.
    public var profile: Profile
    /// What an apply would do now, or why it could not.
    public var plan: Result<Plan, PlanError>
    /// Whether it is in force.
    public var isApplied: Bool
    /// What to type for it: its name, or the path of a file.
    public var argument: String

    /// Stores its parameters.
    public init(_ profile: Profile, _ plan: Result<Plan, PlanError>, isApplied: Bool, argument: String) {
      (self.profile, self.plan, self.isApplied, self.argument) = (profile, plan, isApplied, argument)
    }
  }

  /// In the order of ``Finding/Topic``. If there is no default sink they end with that.
  public private(set) var findings: [Finding] = []
  let graph: Graph
  let target: Target?
  private let kernelCards: [KernelCard]
  let programs: ProgramSettings

  /// - Parameters:
  ///   - target: the profile that is asked for or applied; without one it is about the default output.
  ///   - kernelCards: what the kernel knows; none where the server is on another machine.
  ///   - programs: what is set for programs; unknown where the server is on another machine.
  public init(_ graph: Graph, _ target: Target?, kernelCards: [KernelCard], programs: ProgramSettings = .unknown) {
    (self.graph, self.target, self.kernelCards, self.programs) = (graph, target, kernelCards, programs)
    let kind = graph.server.traits.title
    add(.fine(.server, "\(kind) \(graph.server.version) answers."))
    guard graph.server.defaultSink != nil else {
      add(.wrong(.server, PlanError.noDefaultSink.sentence, remedy: restarting))
      return
    }
    examineInterface()
    examinePort()
    examineOutput()
    examineStreams()
    examineSettings()
    examineRules()
    examineVolumes()
    examineMonitors()
    examineModules()
    findings = findings.sorted()
  }

  mutating func add(_ finding: Finding) { findings.append(finding) }

  // MARK: - What it is about

  var plan: Plan? { target.flatMap { try? $0.plan.get() } }
  /// What sets right whatever the profile says.
  var applying: String { "hproute apply \((target?.argument ?? "").shellQuoted)" }
  /// What finds devices, and chooses among them.
  private var restarting: String { "systemctl --user restart \(graph.server.traits.service)" }

  /// The name of the sink that should be heard.
  var outputName: String? {
    if case .device(let name?) = plan?.wanted(.defaultSink) { name } else { graph.server.defaultSink }
  }

  var output: Sink? { outputName.flatMap(graph.sink(named:)) }

  // MARK: - Interface

  private mutating func examineInterface() {
    switch target?.plan {
    case .failure(let error)?: add(finding(error))
    case .success(let plan)?:
      let names = graph.cards.filter { plan.presences.contains(Presence($0)) }.map(\.description)
      let devices = graph.sinks.filter { plan.presences.contains(Presence($0.device)) }.map(\.description)
      let found = (devices.isEmpty ? names : devices).joined(separator: ", ")
      add(.fine(.interface, found.isEmpty ? "\(target?.profile.name ?? "") needs none." : "\(found) is there."))
      for choice in plan.choices { add(.fine(.interface, "\(choice).")) }
      for change in plan.changes { if case .cardProfile(let name) = change.attribute { add(cardProfile(name, change)) } }
    case nil: examineHardware()
    }
  }

  private func cardProfile(_ name: String, _ change: Change) -> Finding {
    let card = graph.card(named: name)?.description ?? name
    let wanted = if case .choice(let name?) = change.to { "'\(name)'" } else { "another one" }
    if graph.card(named: name)?.isOff == true {
      return .wrong(.cardProfile, "\(card) is switched off: its card profile is 'off'.", object: name, remedy: applying)
    }
    let found = graph.card(named: name)?.activeProfile ?? "none"
    return .wrong(
      .cardProfile, "\(card) has the card profile '\(found)', and \(target?.profile.name ?? "") wants \(wanted).", object: name,
      remedy: applying)
  }

  /// Why the profile does not fit what is there.
  private func finding(_ error: PlanError) -> Finding {
    switch error {
    case .absent(let section, let match, _):
      if let card = card(of: section), card.isOff { return off(card) }
      let hidden = kernelCards.filter { !$0.isShown(in: graph) }
      return absent("Nothing that is connected fits \(section) (match = \(match)).", hidden)
    case .notInCardProfile(_, let name, _, _), .noCardProfile(_, let name, _, _):
      if let card = graph.cards.first(where: { $0.description == name }), card.isOff { return off(card) }
      return .wrong(.cardProfile, error.sentence, object: error.objects.first, remedy: "hproute devices --json")
    case .inAnotherCardProfile(_, let candidates):
      let card = candidates.first.flatMap { graph.card(named: $0.name) }
      if let card, card.isOff { return off(card) }
      let answer = candidates.first.map { " --on \($0.term.shellQuoted)" } ?? ""
      return .wrong(.cardProfile, error.headline, details: error.details, object: card?.name, remedy: "\(applying)\(answer)")
    case .unplugged(_, let device, let port):
      return .wrong(.port, "Nothing is plugged into '\(port)' of \(device).", object: device, remedy: "plug the headphones in")
    case .nothingThere: return .wrong(.interface, error.headline, details: error.details, remedy: "hproute devices")
    case .noDefaultSink: return .wrong(.server, error.sentence, remedy: restarting)
    default:
      return .wrong(.profile, error.headline, details: error.details, object: error.objects.first, remedy: "hproute devices")
    }
  }

  /// The card that a section would mean, were it switched on.
  private func card(of section: String) -> Card? {
    guard let profile = target?.profile else { return nil }
    let matches =
      profile.cards.map { (Resolution.title("card", $0.label), Optional($0.match)) }
      + profile.outputs.map { (Resolution.title("output", $0.label), $0.match) }
      + profile.inputs.map { (Resolution.title("input", $0.label), $0.match) }
    return matches.first { $0.0 == section }?.1?.candidates(among: graph.cards).first
  }

  private func off(_ card: Card) -> Finding {
    let best = card.profiles.filter { $0.isAvailable && $0.sinks > 0 }.max { $0.priority < $1.priority }
    return .wrong(
      .cardProfile, "\(card.description) is switched off: its card profile is 'off'.", object: card.name,
      remedy: best.map { "pactl set-card-profile \(card.name.shellQuoted) \($0.name.shellQuoted)" }
        ?? "close what plays to it directly, or unplug it and plug it in again")
  }

  private func absent(_ sentence: String, _ hidden: [KernelCard]) -> Finding {
    guard !hidden.isEmpty else {
      return .wrong(
        .interface, "\(sentence) Neither the sound server nor the kernel knows of such a device.",
        remedy: "check its power and its cable; 'hproute devices' shows what is there")
    }
    let names = hidden.map(\.name).joined(separator: ", ")
    return .wrong(
      .interface, "\(sentence) The kernel knows \(names), and the sound server does not show it: another program may hold it.",
      remedy: "close what plays to it directly, then: \(restarting)")
  }

  private mutating func examineHardware() {
    let hidden = kernelCards.filter { !$0.isShown(in: graph) }
    guard graph.server.defaultSink == "auto_null" else {
      // Somebody may have wanted it so.
      let others =
        hidden.isEmpty
        ? "" : " The sound server does not show \(hidden.map(\.name).joined(separator: ", ")), which the kernel knows."
      add(.fine(.interface, "\(output?.description ?? graph.server.defaultSink ?? "") is there.\(others)"))
      return
    }
    let switchedOff = graph.cards.filter(\.isOff)
    for card in switchedOff { add(off(card)) }
    if switchedOff.isEmpty { add(absent("There is no output at all.", hidden)) }
  }

  // MARK: - Port and default

  private mutating func examinePort() {
    for change in plan?.changes ?? [] {
      guard case .port(let kind, let name) = change.attribute, let device = graph.device(kind, named: name),
        case .choice(let port?) = change.to
      else { continue }
      let wanted = device.ports.first { $0.name == port }?.description ?? port
      add(
        .wrong(
          .port, "\(device.description) uses '\(device.port?.description ?? "none")', and not '\(wanted)'.", object: name,
          remedy: applying))
    }
    for sink in soundPath {
      guard let port = sink.device.port else { continue }
      if port.availability == .no {
        add(
          .wrong(
            .port, "Nothing is plugged into '\(port.description)' of \(sink.description).", object: sink.name,
            remedy: "plug the headphones in"))
      } else {
        add(
          .fine(
            .port,
            "'\(port.description)' of \(sink.description) is in use"
              + "\(port.availability == .yes ? ", and something is plugged in" : "").",
            object: sink.name))
      }
    }
  }

  private mutating func examineOutput() {
    if let output, graph.isDeaf(output) {
      let term = graph.matchExpression(for: output.device).text
      add(
        .wrong(
          .output,
          "The channels of \(output.description) only have numbers, and PulseAudio plays nothing of any program to such.",
          object: output.name,
          remedy: target == nil
            ? "hproute apply a profile with [output] and match = \(term): it plays to the first two" : applying))
    }
    guard let plan else {
      if target == nil, let output { add(.fine(.output, "\(output.description).", object: output.name)) }
      return
    }
    let name = target?.profile.name ?? ""
    if target?.isApplied == true {
      add(.fine(.profile, "\(name) is applied."))
    } else if !plan.isEmpty {
      add(.wrong(.profile, "\(name) is not applied.", remedy: applying))
    }
    guard let wanted = outputName, wanted != graph.server.defaultSink else {
      if let output { add(.fine(.output, "\(output.description).", object: output.name)) }
      return
    }
    let found = graph.server.defaultSink.map { graph.sink(named: $0)?.description ?? $0 } ?? "none"
    add(
      .wrong(
        .output, "The default output is \(found), and \(name) wants \(graph.sink(named: wanted)?.description ?? wanted).",
        object: graph.server.defaultSink, remedy: applying))
  }

  private mutating func examineModules() {
    for module in graph.modules where module.name == "module-switch-on-connect" {
      // Every Ubuntu loads it: what it has done is told where it shows, in the default output.
      add(
        .note(
          .module,
          "module-switch-on-connect is loaded: whatever is plugged in becomes the default output. Without it, until the sound "
            + "server is started again:", object: module.name, remedy: "pactl unload-module module-switch-on-connect"))
    }
  }
}

extension Card {
  var isOff: Bool { activeProfile == nil || activeProfile == "off" }
}
