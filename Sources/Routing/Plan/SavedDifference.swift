public import AudioGraph

/// What the present state says otherwise than the profile that is applied: keys of its sections, so that its limits, rules, hooks
/// and labels stay.
public struct SavedDifference: Sendable {
  /// A key with its value, as they are written.
  public struct Edit: Hashable, Sendable {
    /// `[output phones]`
    public var section: String
    /// `volume`
    public var key: String
    /// `45%`
    public var value: String
  }

  /// In the order in which they should be written.
  public private(set) var edits: [Edit] = []
  /// What of the present state is not in them.
  public private(set) var left: [Left] = []
  private let graph: Graph
  private let profile: Profile
  private let plan: Plan

  /// - Parameters:
  ///   - profile: the one that is applied, as its file says it.
  ///   - plan: what it would change now.
  public init(_ graph: Graph, from profile: Profile, _ plan: Plan) {
    (self.graph, self.profile, self.plan) = (graph, profile, plan)
    nameDevices()
    for card in profile.cards { setCardProfile(of: card) }
    for output in profile.outputs { setLevels(of: output.device, .sink, limit: output.limit, balance: output.balance) }
    for input in profile.inputs { setLevels(of: input.device, .source, limit: nil, balance: nil) }
    setDefault(.defaultSink, profile.outputs.map(\.device), "output")
    setDefault(.defaultSource, profile.inputs.map(\.device), "input")
    for monitor in profile.monitors { set(monitor) }
    for module in graph.modules where module.isLoopback { add(module) }
  }

  private mutating func set(_ key: String, _ value: String, in section: String) {
    edits.append(Edit(section: section, key: key, value: value))
  }

  private func changes(_ attribute: Attribute) -> Bool { plan.changes.contains { $0.attribute == attribute } }

  /// What was chosen with `--on`, or in a question, is written down.
  private mutating func nameDevices() {
    guard !profile.on.isEmpty else { return }
    for (word, kind, sections) in [
      ("output", DeviceKind.sink, profile.outputs.map(\.device)), ("input", .source, profile.inputs.map(\.device)),
    ] {
      for section in sections {
        let title = Resolution.title(word, section.label)
        guard let hardware = plan.devices[title]?.hardware, let device = graph.device(kind, named: hardware) else { continue }
        if let label = section.card, let card = graph.card(index: device.card) {
          let edit = Edit(section: Resolution.title("card", label), key: "match", value: graph.matchExpression(for: card).text)
          if !edits.contains(edit) { edits.append(edit) }
        } else {
          set("match", graph.matchExpression(for: device).text, in: title)
        }
      }
    }
  }

  private mutating func setCardProfile(of section: CardSection) {
    for change in plan.changes {
      guard case .cardProfile(let name) = change.attribute, case .choice(let active?) = change.from,
        let card = graph.card(named: name), !section.match.candidates(among: [card]).isEmpty
      else { continue }
      set("profile", ProfileWriter.word(active), in: Resolution.title("card", section.label))
    }
  }

  private mutating func setLevels(of section: DeviceSection, _ kind: DeviceKind, limit: Volume?, balance: Double?) {
    let title = Resolution.title(kind == .sink ? "output" : "input", section.label)
    guard let planned = plan.devices[title], let device = graph.device(kind, named: planned.name) else { return }
    if case .choice(let port?)? = plan.changes.first(where: { $0.attribute == .port(kind, name: planned.hardware) })?.from {
      set("port", ProfileWriter.word(port), in: title)
    }
    let volume = Attribute.volume(device.object)
    if !graph.hidesVolume(of: volume), changes(volume) || section.volume == nil {
      let loudest = min(device.volume.loudest, kind == .sink ? Volume(decibels: 10.9) : .full)
      if kind == .sink, loudest > limit ?? .full { set("limit", ProfileWriter.percent(loudest, up: true), in: title) }
      set("volume", ProfileWriter.percent(loudest, up: false), in: title)
      if kind == .sink, let found = device.volume.balance(map: device.channelMap), found != balance ?? 0 {
        set("balance", "\(ProfileWriter.decimal(found * 100))%", in: title)
      }
    }
    if device.isMuted != section.mute ?? false { set("mute", device.isMuted ? "yes" : "no", in: title) }
  }

  private mutating func setDefault(_ attribute: Attribute, _ sections: [DeviceSection], _ word: String) {
    guard case .device(let name?)? = plan.changes.first(where: { $0.attribute == attribute })?.from else { return }
    let title = sections.map { Resolution.title(word, $0.label) }.first { plan.devices[$0]?.name == name }
    guard let title else {
      let description = graph.device(word == "output" ? .sink : .source, named: name)?.description ?? name
      left.append(Left(object: "default \(word)", reason: "\(description) is in no section of \(profile.name)"))
      return
    }
    for section in sections where section.isDefault == true { set("default", "no", in: Resolution.title(word, section.label)) }
    set("default", "yes", in: title)
  }

  /// A loopback that somebody has loaded beside the profile.
  private mutating func add(_ module: Module) {
    guard let ends = graph.ends(ofLoopback: module), graph.sinkInputs.contains(where: { $0.ownerModule == module.index }) else {
      return
    }
    let isOfTheProfile = profile.monitors.contains { monitor in
      plan.devices[Resolution.title("input", monitor.from)]?.name == ends.source.name
        && plan.devices[Resolution.title("output", monitor.to)]?.name == ends.sink.name
    }
    if !isOfTheProfile {
      left.append(
        Left(object: "\(ends.source.description) in \(ends.sink.description)", reason: "\(profile.name) has no such monitor"))
    }
  }

  private mutating func set(_ monitor: MonitorSection) {
    let title = Resolution.title("monitor", monitor.label)
    guard let tag = plan.monitors[monitor.label], let stream = graph.stream(of: .loopback(tag)) else { return }
    if stream.isMuted != monitor.mute { set("mute", stream.isMuted ? "yes" : "no", in: title) }
    if changes(.volume(.loopback(tag))) {
      set("volume", ProfileWriter.percent(min(stream.volume.loudest, .full), up: false), in: title)
    }
  }
}
