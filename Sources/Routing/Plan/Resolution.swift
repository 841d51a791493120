internal import AudioGraph

/// Finds the devices and streams a profile speaks of, and what each of them should have.
struct Resolution {
  let graph: Graph
  let baseline: Baseline
  let context: PlanningContext
  let planner: Planner
  /// Those that nobody has named.
  let bystanders: Bystanders
  var settings: [Setting] = []
  var left: [Left] = []
  var warnings: [String] = []
  var optional: Set<Attribute> = []
  /// See ``Plan/unread``.
  var unread: [String: Int] = [:]
  /// See ``Plan/unattended``.
  var unattended: String?
  var monitors: [String: Tag] = [:]
  private(set) var presences: Set<Presence> = []
  private(set) var guarded: Set<Attribute> = []
  /// Whether a card profile has to be in force before the rest can be told.
  private(set) var isPartial = false
  /// Names of the devices that the profile has taken, if it is the one that is applied.
  var inUse: Set<String> = []
  /// Which of several devices is meant, as somebody has answered.
  var answers: [MatchExpression] = []
  /// Which of several devices it is, and why.
  var choices: [String] = []
  var outputs: [String: Endpoint] = [:]
  var inputs: [String: Endpoint] = [:]
  /// The cards of the `[card]` sections, where they are there.
  var cards: [String: Card] = [:]
  /// The first section that is there only in another card profile.
  var elsewhere: PlanError?
  /// The labels of the inputs that are monitored.
  var monitored: Set<String> = []
  /// The names of those whose card profile is not in force yet.
  var switching: Set<String> = []

  init(graph: Graph, baseline: Baseline, context: PlanningContext, planner: Planner) {
    self.graph = graph
    self.baseline = baseline
    self.context = context
    self.planner = planner
    bystanders = Bystanders(context)
  }

  /// What there was when the transaction began.
  var start: Graph { context.start }
  /// What cannot be changed, and stays as it is.
  var exempt: Set<Attribute> { context.exempt }

  mutating func resolve(_ profile: Profile) throws(PlanError) {
    guard start.server.defaultSink != nil else { throw .noDefaultSink }
    monitored = Set(profile.monitors.map(\.from))
    if context.applied == profile.name { inUse = context.devicesInUse }
    answers = profile.on
    try answers.require(among: graph.devices(.sink) + graph.devices(.source), graph.cards, in: graph)
    for section in profile.cards { try resolve(section, profile) }
    let single = profile.outputs.filter { $0.combine.isEmpty }.map(\.device)
    let desk = self
    let common = { desk.commonCard(single, profile.inputs.map(\.device)) }
    outputs = try endpoints(single, .sink) { _ in common() }
    let found = outputs
    let first = Self.defaultSection(profile.outputs.map(\.device), present: found)
    inputs = try endpoints(profile.inputs.map(\.device), .source) { input in
      let output = profile.monitors.first { $0.from == input.label }.flatMap { found[$0.to] } ?? first
      return common() ?? output?.hardware.first?.card
    }
    try requireSomething(of: profile)
    // Before a card profile is in force its devices are not known.
    let hardware = (Array(outputs.values) + Array(inputs.values)).flatMap(\.hardware)
    if !isPartial { try answers.require(among: hardware, Array(cards.values), in: graph) }
    presences = Set(cards.values.map { Presence($0) })
    presences.formUnion(hardware.map { Presence($0) })
    try requireTwoVolumes(profile)
    if !isPartial {
      mix(profile, combined: false)
      combine(profile)
      mix(profile, combined: true)
    }

    for output in profile.outputs { if let endpoint = outputs[output.label] { set(output, on: endpoint) } }
    for input in profile.inputs { if let endpoint = inputs[input.label] { set(input.device, on: endpoint) } }
    protect(profile)
    guard !isPartial else {
      // What cannot be done in any case is no reason to change a card profile.
      var trial = self
      try trial.setMonitors(profile.monitors.filter { outputs[$0.to] != nil && inputs[$0.from] != nil })
      let names = graph.cards.filter { switching.contains($0.name) }.map(\.description)
      warnings.append(
        "The steps after the card profile change of \(names.joined(separator: ", ")) cannot be shown beforehand.")
      return
    }
    let defaultOutput = Self.defaultSection(profile.outputs.map(\.device), present: outputs)
    let defaultInput = Self.defaultSection(profile.inputs.map(\.device), present: inputs)
    if let name = defaultOutput?.name { settings.append(Setting(.defaultSink, .device(name))) }
    if let defaultOutput { warnIfMuted(defaultOutput, profile) }
    if let name = defaultInput?.name { settings.append(Setting(.defaultSource, .device(name))) }
    setStreams(profile, defaultSink: defaultOutput)
    setMemory(profile)
    openUp(profile.outputs.compactMap { outputs[$0.label] }, .sink)
    openUpMixed(profile.outputs.compactMap { outputs[$0.label] })
    openUp(profile.inputs.compactMap { inputs[$0.label] }, .source)
    try setMonitors(profile.monitors)
  }

  /// What sections with `hold = yes` say of volume, mute and port.
  private mutating func protect(_ profile: Profile) {
    let held =
      profile.outputs.filter { $0.hold == .everything }.compactMap { outputs[$0.label] }
      + profile.inputs.filter { $0.hold == .everything }.compactMap { inputs[$0.label] }
    guard !held.isEmpty else { return }
    let names = Set(held.map(\.name))
    let hardware = Set(held.flatMap(\.hardware).map(\.name))
    guarded = Set(
      settings.map(\.attribute).filter { attribute in
        if case .port(_, let name) = attribute { return hardware.contains(name) }
        return attribute.deviceName.map(names.contains) ?? false
      })
  }

  /// The section as it stands in the file; a label that was left out is the section's own name.
  static func title(_ kind: String, _ label: String) -> String { label == kind ? "[\(kind)]" : "[\(kind) \(label)]" }

  /// - Throws: where a device is there only as long as a card profile is in force that another profile has chosen.
  func requireThatItStays(_ restoration: Restoration) throws(PlanError) {
    for (word, endpoints) in [("output", outputs), ("input", inputs)] {
      for (label, endpoint) in endpoints.sorted(by: { $0.key < $1.key }) {
        guard let device = endpoint.hardware.first(where: restoration.losesWithCardProfile),
          let card = graph.card(index: device.card)
        else { continue }
        throw .goesWithCardProfile(
          section: Self.title(word, label), device: device.description, card: card.description, profile: card.activeProfile ?? "")
      }
    }
  }

  // MARK: - Cards

  private mutating func resolve(_ section: CardSection, _ profile: Profile) throws(PlanError) {
    let outputs = profile.outputs.filter { $0.card == section.label }
    let inputs = profile.inputs.filter { $0.card == section.label }
    let isRequired =
      outputs.isEmpty && inputs.isEmpty || outputs.contains(where: \.isRequired) || inputs.contains(where: \.isRequired)
    let choice = CardChoice(
      graph: graph, section: section, title: Self.title("card", section.label),
      needsSink: outputs.contains { $0.isRequired || !isRequired }, needsSource: inputs.contains { $0.isRequired || !isRequired },
      answers: answers,
      inUse: Set((graph.devices(.sink) + graph.devices(.source)).filter { inUse.contains($0.name) }.compactMap(\.card)))
    do throws(PlanError) {
      let card = try choice.card()
      if let profile = try choice.profile(of: card) { change(card, to: profile) }
      cards[section.label] = card
    } catch {
      if case .ambiguous = error { throw error }
      guard !isRequired else { throw error }
    }
  }

  mutating func change(_ card: Card, to profile: String) {
    let setting = Setting(.cardProfile(card: card.name), .choice(profile))
    if !settings.contains(setting) { settings.append(setting) }
    guard card.activeProfile != profile else { return }
    switching.insert(card.name)
    isPartial = true
  }

  /// The one that says so, else the first that is there and does not say otherwise.
  static func defaultSection(_ sections: [DeviceSection], present: [String: Endpoint]) -> Endpoint? {
    let there = sections.filter { present[$0.label] != nil }
    let chosen = there.first { $0.isDefault == true } ?? there.first { $0.isDefault != false }
    return chosen.flatMap { present[$0.label] }
  }

  /// What each section stands for.
  var devices: [String: Plan.PlannedDevice] {
    let pairs = outputs.map { (Self.title("output", $0.key), $0.value) } + inputs.map { (Self.title("input", $0.key), $0.value) }
    return Dictionary(uniqueKeysWithValues: pairs).mapValues {
      Plan.PlannedDevice(name: $0.name, hardware: $0.hardware.first?.name ?? $0.name)
    }
  }

  // MARK: - Streams

  private mutating func setStreams(_ profile: Profile, defaultSink: Endpoint?) {
    let label = outputs.first { $0.value.name == defaultSink?.name }?.key ?? ""
    let quoted = { (name: String) in name.contains { " \t#;\"[]".contains($0) } ? "\"\(MatchTerm.escaped(name))\"" : name }
    for stream in graph.foreignStreams where stream.isMovable {
      let rule = profile.rule(for: stream)
      let identity = stream.identity
      if context.fixed.contains(identity) {
        left.append(Left(object: identity.application.title, reason: Left.isFixed))
      } else if let rule, let label = rule.device {
        // A rule for a device that is away leaves the stream where it is.
        if let device = endpoint(of: rule), !graph.canMove(stream, to: device.name) {
          left.append(
            Left(
              object: identity.application.title,
              reason: "PipeWire does not let a program change between a microphone and what is played"))
        } else if let device = endpoint(of: rule) {
          settings.append(Setting(stream.placement, .device(device.name)))
        } else {
          let section = Self.title(rule.kind == .sink ? "output" : "input", label)
          left.append(Left(object: identity.application.title, reason: "\(section) is away"))
        }
      } else if stream.kind == .sink, let defaultSink {
        let position = stream.placement
        if profile.streams == .all || (profile.streams == .move && bystanders.follows(position, in: graph)) {
          settings.append(Setting(position, .device(defaultSink.name)))
        } else if profile.streams == .move, let sink = stream.place.flatMap(graph.sink(named:)), sink.name != defaultSink.name {
          let name = identity.application.title
          left.append(
            Left(
              object: name,
              reason:
                "it plays to \(sink.description), where somebody has put it; "
                + "to take it along: [stream \(quoted(name))] with to = \(label)"
            ))
        }
      }
      // One that has begun meanwhile, and of which nobody knows yet how loud it would be, is as loud as it was.
      let isKnown = !graph.isBeginning(stream) || start.foreignStreams.contains { $0.identity == identity }
      if let volume = rule?.volume, isKnown {
        settings.append(Setting(.volume(stream.object), .volume(stream.volume.scaled(to: volume))))
      }
      if let mute = rule?.mute { settings.append(Setting(.mute(stream.object), .mute(mute))) }
    }
  }

  /// Where a rule sends what it is about; nil if it says nothing of that, or the device is away.
  func endpoint(of rule: StreamRule) -> Endpoint? { rule.device.flatMap { (rule.kind == .sink ? outputs : inputs)[$0] } }
}
