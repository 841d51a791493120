public import AudioGraph

/// What has to be done to get from what is there to what is wanted. Nothing, where it is there already.
public struct Plan: Hashable, Sendable {
  /// One change, and when its turn is.
  public struct Step: Hashable, Sendable {
    /// A plan has its steps sorted by it.
    public var phase: Phase
    /// What is sent to the server. A volume may need two: first what goes down, later what goes up.
    public var change: Change
  }

  /// In the order in which they have to be done.
  public private(set) var steps: [Step]
  /// What holds when all is done, as far as it is wanted: also what holds already.
  public var wanted: [Setting] = []
  /// What nobody has asked for, and stays as it was although the server may take it along; see ``Bystanders``.
  public var guards: [Setting] = []
  /// Devices whose volume matters, and is told only while they run.
  public var hidden: [Device] = []
  /// Programs of which has to be known what is remembered for them: how many channels their streams have, by key.
  public var unread: [String: Int] = [:]
  /// What stays written down of ports that are not in use.
  public var asleep: Set<Attribute> = []
  /// What cannot be done, and need not be.
  public var left: [Left] = []
  /// Sentences for a person: what can be done, and may not be what was meant.
  public var warnings: [String] = []
  /// Which rules only `watch` can carry out for programs that are started later, in a sentence. Nil if it runs, or all rules hold
  /// without it.
  public var unattended: String?
  /// Which of several devices that fit a section was taken, and why.
  public var choices: [String] = []
  /// What the profile can do without, should the server refuse it.
  public var optional: Set<Attribute> = []
  /// Settings of devices that are not there now.
  public var pending: [Setting] = []
  /// Settings of devices that will be there once the server has done what a card profile asks of it.
  public var awaited: [Setting] = []
  /// What has to wait for a device.
  public var later: [Setting] { pending + awaited }
  /// What a card profile or a port takes along when it changes, although nobody asked for another: it has to be put back
  /// with them.
  public var sideEffects: [Setting] = []
  /// Whether a card profile has to be in force before the rest of the profile can be told.
  public var isPartial = false
  /// The cards and devices that the profile has found.
  public var presences: Set<Presence> = []
  /// What the profile says should not be left to other programs.
  public var guarded: Set<Attribute> = []
  /// What `watch` lowers when it is above.
  public var ceilings: [Attribute: Ceiling] = [:]
  /// The device of each `[output]` and `[input]` that is there, by the title of the section.
  public var devices: [String: PlannedDevice] = [:]
  /// The loopback of each `[monitor]` that hproute has loaded, or would load, by its label.
  public var monitors: [String: Tag] = [:]

  /// What a section stands for.
  public struct PlannedDevice: Hashable, Sendable {
    /// The name of the device that programs play to or record from.
    public var name: String
    /// The name of the first device of the hardware behind it; its own if it is one.
    public var hardware: String
  }

  /// Those of ``steps``, in their order.
  public var changes: [Change] { steps.map(\.change) }
  /// Whether there is nothing to do now. Something may still be ``pending`` or ``awaited``.
  public var isEmpty: Bool { steps.isEmpty }

  /// What `attribute` has when all is done; nil where that does not matter.
  public func wanted(_ attribute: Attribute) -> Value? { wanted.first { $0.attribute == attribute }?.value }

  /// What an `[output]` or `[input]` stands for; nil if it is not there.
  public func device(_ kind: DeviceKind, labelled label: String) -> PlannedDevice? {
    devices[Resolution.title(kind == .sink ? "output" : "input", label)]
  }

  /// - Parameters:
  ///   - settings: what is wanted, in the order in which it should be told.
  ///   - graph: what is there.
  ///   - assumed: what hproute set last; see ``AudioGraph/Graph/holds(_:assuming:)``.
  ///   - leaving: what is about devices that are about to go.
  ///   - silenced: streams that are muted before anything else happens.
  ///   - mustSend: what has to be said to the server once, even if it reads as it should.
  ///   - exact: what goes back to what it was, to the very number. Once it has been said, a device may round it.
  init(
    reaching settings: [Setting], from graph: Graph, assuming assumed: [Attribute: Value] = [:],
    mustSend: Set<Attribute> = [], exactly exact: Set<Attribute> = [], silencing silenced: Set<Attribute> = [],
    leaving: Set<Attribute> = []
  ) {
    wanted = settings
    steps = settings.flatMap { setting -> [Step] in
      guard let found = graph.value(of: setting.attribute) else { return [] }
      let mustBeSaid = mustSend.contains(setting.attribute) || (exact.contains(setting.attribute) && found != setting.value)
      let isSaid = !mustBeSaid || assumed[setting.attribute] == setting.value
      if isSaid && graph.holds(setting, assuming: assumed) { return [] }
      if leaving.contains(setting.attribute) {
        return [Step(phase: .beforeCardProfile, change: Change(setting.attribute, from: found, to: setting.value))]
      }
      return Plan.steps(setting.attribute, from: found, to: setting.value, silenced)
    }
    let combined = settings.compactMap { setting in
      if case .module(.combination(let it)?) = setting.value { it.name } else { nil }
    }
    steps = steps.map { step in
      guard step.phase == .mixes, case .module(.remap(let it)?) = step.change.to, combined.contains(it.master) else {
        return step
      }
      return Step(phase: .mixesOfCombined, change: step.change)
    }
    // Stable: within a phase the order of the settings stays.
    let (early, late) = Plan.split(steps, in: graph)
    steps = Phase.allCases.flatMap { phase in early.filter { $0.phase == phase } + late.filter { $0.phase == phase } }
  }

  /// Takes aside what has to wait until combined outputs are unloaded: PulseAudio ends itself when a filter that one of them
  /// plays to is moved to a sink with other latencies.
  private static func split(_ steps: [Step], in graph: Graph) -> (early: [Step], late: [Step]) {
    let members = steps.flatMap { step -> [String] in
      if case (.module(.combination(let it)?), .module(nil)) = (step.change.from, step.change.to) { it.members } else { [] }
    }
    let filters = Set(graph.sinks.filter { members.contains($0.name) }.compactMap(\.ownerModule))
    func isLate(_ step: Step) -> Bool {
      guard case .streamSink(let identity) = step.change.attribute, let stream = graph.sinkInput(identity) else { return false }
      return stream.client == nil && stream.ownerModule.map(filters.contains) ?? false
    }
    let late = steps.filter(isLate).map { Step(phase: .clear, change: $0.change) }
    return (steps.filter { !isLate($0) }, late)
  }

  /// What may be sent together now: the first phase, and those that need no look in between. A phase does not pass
  /// another one, except for monitors, which need none of those they may follow.
  func burst(on server: ServerTraits, withMonitors: Bool) -> [Change] {
    guard let first = steps.first?.phase else { return [] }
    var isOpen = true
    return steps.filter { step in
      let follows = step.phase.canFollow(first, on: server) && (withMonitors || step.phase == first || step.phase != .monitors)
      if !follows { isOpen = false }
      return follows && (isOpen || step.phase == .monitors)
    }.map(\.change)
  }

  private static func steps(_ attribute: Attribute, from: Value, to: Value, _ silenced: Set<Attribute>) -> [Step] {
    let whole = Change(attribute, from: from, to: to)
    switch (attribute, from, to) {
    case (.volume, .volume(let old), .volume(let new)):
      // A balance may turn one channel down and the other up: first what goes down, then the rest.
      let low = old.channels.count == new.channels.count ? old.lower(of: new) : new
      if low == old { return [Step(phase: .raise, change: whole)] }
      let down = Step(phase: .lower, change: Change(attribute, from: from, to: .volume(low)))
      if low == new { return [down] }
      return [down, Step(phase: .raise, change: Change(attribute, from: .volume(low), to: to))]
    case (.mute, _, .mute(let isMuted)):
      if case .mute(.stream) = attribute, silenced.contains(attribute) { return [Step(phase: .silence, change: whole)] }
      return [Step(phase: isMuted ? .lower : .raise, change: whole)]
    case (.userModule, _, .userModule(nil)):
      return [Step(phase: .silence, change: whole)]
    case (.memory, _, _):
      return [Step(phase: .memory, change: whole)]
    case (.cardProfile, _, _):
      return [Step(phase: .cardProfiles, change: whole)]
    case (.port, _, _):
      return [Step(phase: .ports, change: whole)]
    case (.module, .module(.loopback?), .module(nil)):
      return [Step(phase: .unload, change: whole)]
    case (.module, .module(.remap(let it)?), .module(nil)) where it.master.isEmpty && it.kind == .source:
      // Nothing is heard through it any more. WirePlumber 0.4 joins nothing while there is one that has outlived it.
      return [Step(phase: .unload, change: whole)]
    case (.module, _, .module(nil)):
      return [Step(phase: .clear, change: whole)]
    case (.module, _, .module(.remap(let it)?)) where it.isMix:
      return [Step(phase: .mixes, change: whole)]
    case (.module, _, .module(.remap?)):
      return [Step(phase: .devices, change: whole)]
    case (.module, _, .module(.combination?)):
      return [Step(phase: .combinations, change: whole)]
    case (.module, _, _):
      return [Step(phase: .monitors, change: whole)]
    case (.streamSink, _, _), (.streamSource, _, _):
      return [Step(phase: .streams, change: whole)]
    default:
      return [Step(phase: .defaults, change: whole)]
    }
  }
}

/// Something that stays as it is although it was asked for, and why.
public struct Left: Hashable, Sendable {
  /// Why a stream stays that a server refuses to move: "Invalid argument" is all that it says.
  static let isFixed = "it does not let itself be moved"

  /// What it is called: a description, an application, or a section such as `[output phones]`.
  public var object: String
  /// A part of a sentence, without a full stop.
  public var reason: String
  /// Whether it does not stay, but goes with a card profile for a while, or for good.
  public var isTakenAlong: Bool

  /// Stores its parameters.
  public init(object: String, reason: String, isTakenAlong: Bool = false) {
    self.object = object
    self.reason = reason
    self.isTakenAlong = isTakenAlong
  }
}
