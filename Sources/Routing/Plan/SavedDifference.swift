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
  /// Whether all of the present state can be said so; if not, it is better saved as a whole.
  public private(set) var isComplete = true
  private let graph: Graph
  private let profile: Profile
  private let plan: Plan

  /// - Parameters:
  ///   - profile: the one that is applied, as its file says it.
  ///   - plan: what it would change now.
  ///   - monos: outputs by label that somebody has made mono, or not, since: `profile` and `plan` have it.
  ///   - naming: whether each device is to be named, because the profile leaves open which.
  public init(_ graph: Graph, from profile: Profile, _ plan: Plan, monos: [String: Bool] = [:], naming: Bool) {
    (self.graph, self.profile, self.plan) = (graph, profile, plan)
    if naming { nameDevices() }
    for (label, isMono) in monos.sorted(by: { $0.key < $1.key }) {
      set("mono", isMono ? "yes" : "no", in: Resolution.title("output", label))
    }
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
    for (word, kind, sections) in [
      ("output", DeviceKind.sink, profile.outputs.map(\.device)), ("input", .source, profile.inputs.map(\.device)),
    ] {
      for section in sections {
        let title = Resolution.title(word, section.label)
        guard let hardware = plan.devices[title]?.hardware, let device = graph.device(kind, named: hardware) else { continue }
        if let label = section.card, let card = graph.card(index: device.card) {
          let edit = Edit(section: Resolution.title("card", label), key: "match", value: graph.matchExpression(for: card).text)
          if !edits.contains(edit) { edits.append(edit) }
          // The answer may have been one of several devices of the card.
          if graph.devices(kind, of: card).count > 1 { set("match", graph.matchExpression(for: device).text, in: title) }
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
      let (loudest, ceiling) = (device.volume.loudest, limit ?? .full)
      // The limit is there for the ears, and not to be raised by the way.
      if loudest > ceiling {
        let now = VolumeText.percent(loudest)
        left.append(
          Left(object: title, reason: "it is at \(now), above its limit of \(VolumeText.both(ceiling)); the limit is saved"))
      }
      set("volume", ProfileWriter.percent(min(loudest, ceiling), up: false), in: title)
      if kind == .sink, let found = device.volume.balance(map: device.channelMap), found != balance ?? 0 {
        set("balance", "\(ProfileWriter.decimal(found * 100))%", in: title)
      }
    }
    if device.isMuted != section.mute ?? false { set("mute", device.isMuted ? "yes" : "no", in: title) }
  }

  private mutating func setDefault(_ attribute: Attribute, _ sections: [DeviceSection], _ word: String) {
    guard case .device(let name?)? = plan.changes.first(where: { $0.attribute == attribute })?.from else { return }
    let title = sections.map { Resolution.title(word, $0.label) }.first { plan.devices[$0]?.name == name }
    guard let title = title ?? addSection(for: name, word, sections) else { return }
    for section in sections where section.isDefault == true { set("default", "no", in: Resolution.title(word, section.label)) }
    set("default", "yes", in: title)
  }

  /// A section for a default device that the profile does not name; nil if it cannot be named.
  private mutating func addSection(for name: String, _ word: String, _ sections: [DeviceSection]) -> String? {
    if let source = graph.source(named: name), word == "input", let sink = source.monitorOf {
      let reason = "it is what \(graph.sink(named: sink)?.description ?? sink) plays, and no microphone"
      left.append(Left(object: source.description, reason: reason))
      return nil
    }
    let kind = word == "output" ? DeviceKind.sink : .source
    guard let device = graph.device(kind, named: name), !OwnDevice.isOne(name), device.channelsByDefault == nil else {
      isComplete = false
      return nil
    }
    let labels = ["main"] + (2...9).map { "main\($0)" }
    let title = Resolution.title(word, labels.first { label in !sections.contains { $0.label == label } } ?? "main")
    set("match", graph.matchExpression(for: device).text, in: title)
    if !graph.hidesVolume(of: .volume(device.object)) {
      set("volume", ProfileWriter.percent(min(device.volume.loudest, .full), up: false), in: title)
    }
    set("mute", device.isMuted ? "yes" : "no", in: title)
    return title
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
    if !isOfTheProfile { isComplete = false }
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
