public import AudioGraph

/// Decides what has to be done. Pure: the same graph, baseline and profile give the same plan.
public struct Planner: Sendable {
  /// The number of the user whose modules are ours.
  public let user: UInt32
  /// A number drawn for this apply, which marks what it loads.
  public let transaction: UInt32
  /// Whether `hproute watch` runs, and looks after what is started later.
  private let isWatched: Bool

  /// Stores its parameters.
  public init(user: UInt32, transaction: UInt32, isWatched: Bool = false) {
    (self.user, self.transaction, self.isWatched) = (user, transaction, isWatched)
  }

  /// What has to be done so that `profile` holds; without a profile, so that the baseline does.
  ///
  /// What only a former profile touched goes back to the baseline. What both want is not touched.
  ///
  /// - Throws: ``PlanError`` where the profile does not fit the devices that are there.
  public func plan(
    _ graph: Graph, _ baseline: Baseline, _ profile: Profile?, _ context: PlanningContext? = nil
  ) throws(PlanError) -> Plan {
    let context = context ?? PlanningContext(baseline, start: graph)
    var resolution = Resolution(
      graph: graph, baseline: baseline, context: context, planner: self)
    if let profile {
      if !profile.isBlank || !profile.outputs.isEmpty { try resolution.resolve(profile) }
      resolution.turn(profile.controls)
    }
    let wanted = resolution.settings
    let isWanted = Set(wanted.map(\.attribute))
    let bystanders = resolution.bystanders
    // Where a profile names a default input, what records from the default may go along.
    let followed: Set<DeviceKind> = profile?.streams != .keep && isWanted.contains(.defaultSource) ? [.source] : []
    let staysFree = { (attribute: Attribute) in
      if case .streamSource = attribute {
        followed.contains(.source) && bystanders.follows(attribute, in: graph)
      } else {
        false
      }
    }

    var restoration = Restoration(
      graph: graph, entries: baseline.entries, isRevert: profile == nil, except: isWanted, leaving: context.changedByOthers,
      said: context.assumed)
    var stray: [Setting] = []
    // As long as it cannot be told what the profile wants, nothing is too much.
    if !resolution.isPartial {
      for entry in baseline.entries
      where !isWanted.contains(entry.attribute) && !Baseline.isSideEffect(entry, of: isWanted, in: graph) {
        // Of a part of a profile nothing is put back but what was done for it, such as silence.
        let wasTouched = context.origin[entry.attribute].map { !$0.isSideEffect || entry.isSideEffect } ?? false
        let isMeant = context.scope == nil ? !context.isBystander(entry.attribute) : !wasTouched
        // What programs have been remembered for stays as it is as long as a profile is applied.
        if profile != nil, entry.isKeptMemory {
          restoration.addVoice(entry, baseline)
        } else if profile != nil, case .userModule(let module) = entry.attribute, graph.index(of: module) == nil,
          !module.canBeLoaded(in: graph)
        {
          restoration.left.append(
            Left(object: module.title, reason: "its devices have gone with a card profile; it is loaded again when they are back")
          )
        } else if profile != nil, entry.attribute.isPlacement, entry.attribute.stream.map(context.fixed.contains) ?? false {
          continue
        } else if isMeant && !staysFree(entry.attribute) && !isAsleep(entry, isWanted, in: graph) {
          restoration.add(entry)
        }
      }
      if profile == nil {
        restoration.addFollowers(of: context.origin, untouched: context.untouched)
        restoration.addLaterStreams(of: context.origin, since: context.start)
      }
    }
    if !resolution.isPartial, context.scope == nil {
      let isKnown = { (attribute: Attribute) in isWanted.contains(attribute) || restoration.attributes.contains(attribute) }
      let unwritten = context.start.ownModules(of: user).map(\.tag).filter { tag in
        !isKnown(.module(tag)) && baseline[.module(tag)] == nil && context.origin[.module(tag)] == nil
      }
      let strays = Strays(unwritten, start: context.start, in: graph)
      stray = strays.settings.filter { !isKnown($0.attribute) }
      restoration.left += stray.isEmpty ? [] : strays.left
      stray += graph.ownModules(of: user).map { Setting(.module($0.tag), .module(nil)) }.filter { !isKnown($0.attribute) }
    }
    try resolution.requireThatItStays(restoration)
    let inScope = wanted.filter { context.scope?.contains($0.attribute) ?? true }
    var guards: [Setting] = []
    if !resolution.isPartial, context.scope == nil {
      let unmovable = context.fixed.flatMap { [Attribute.streamSink($0), .streamSource($0)] }
      guards = bystanders.settings(
        in: graph, excluding: isWanted.union(restoration.attributes).union(unmovable), followed: followed,
        isRevert: profile == nil)
    }
    let settings = (inScope + restoration.settings + guards + stray).filter { setting in
      // That there is no default shows only as long as there is no device: once it is said it is done.
      let isSaid = setting.value == .device(nil) && context.assumed[setting.attribute] == setting.value
      return !isSaid && !context.exempt.contains(setting.attribute)
    }
    var plan = quietPlan(
      reaching: settings, from: graph, baseline, context, mustSend: restoration.mustSend,
      // A key moves a device by less than it tells apart.
      exactly: Set((restoration.settings + guards).map(\.attribute)).union(profile?.controls.levels.keys ?? [:].keys),
      leaving: restoration.leaving)
    plan.wanted = wanted
    plan.guards = guards
    // Where a stream belongs that has come while a profile was applied is not where it has begun.
    plan.sideEffects = bystanders.sideEffects.filter { context.scope?.contains($0.attribute) ?? true } + plan.sideEffects
    plan.asleep = Set(baseline.entries.filter { isAsleep($0, isWanted, in: graph) }.map(\.attribute))
    plan.left = resolution.left + restoration.left + plan.left
    if !isWatched { plan.unattended = resolution.unattended }
    plan.warnings = resolution.warnings + [plan.unattended].compactMap(\.self)
    plan.choices = resolution.choices
    if context.scope == nil { plan.unread = resolution.unread.merging(restoration.unread) { first, _ in first } }
    plan.optional = resolution.optional
    plan.presences = resolution.presences
    plan.guarded = resolution.guarded
    if let profile { plan.ceilings = resolution.ceilings(profile) }
    plan.monitors = resolution.monitors
    plan.devices = resolution.devices
    plan.isPartial = resolution.isPartial
    plan.pending = restoration.pending
    plan.awaited = restoration.awaited
    return plan
  }

  /// Whether an entry is about a port that is not in use, of a device that the profile wants: it stays as it was left until
  /// the port is in use again.
  private func isAsleep(_ entry: Baseline.Entry, _ wanted: Set<Attribute>, in graph: Graph) -> Bool {
    guard entry.attribute.portName != nil, !entry.isPending, graph.value(of: entry.attribute) == nil,
      let device = entry.attribute.device,
      let present = graph.device(device.kind, named: device.name)
    else { return false }
    return wanted.contains(.volume(present.object)) || wanted.contains(.mute(present.object))
  }

  /// What has to be done to get back to what `entries` were, wherever their objects are still there.
  ///
  /// - Parameter isRevert: whether what is left over from a revert is meant as well.
  public func plan(
    _ graph: Graph, _ baseline: Baseline, restoring entries: [Baseline.Entry], _ context: PlanningContext, isRevert: Bool = false
  ) -> Plan {
    var restoration = Restoration(
      graph: graph, entries: entries, isRevert: isRevert, leaving: context.changedByOthers, said: context.assumed)
    for entry in entries { restoration.add(entry) }
    // Only now: what a device that has left did not let itself be set is pending all the same.
    let possible = restoration.settings.filter { !context.exempt.contains($0.attribute) }
    var plan = quietPlan(
      reaching: possible, from: graph, baseline, context, mustSend: restoration.mustSend,
      exactly: Set(possible.map(\.attribute)), leaving: restoration.leaving)
    plan.guards = possible.filter { $0.attribute.isPlacement }
    plan.left = restoration.left + plan.left
    plan.pending = restoration.pending
    plan.awaited = restoration.awaited
    plan.unread = restoration.unread
    return plan
  }

  /// A plan with silence where it needs it.
  private func quietPlan(
    reaching settings: [Setting], from graph: Graph, _ baseline: Baseline, _ context: PlanningContext,
    mustSend: Set<Attribute>, exactly exact: Set<Attribute>, leaving: Set<Attribute>
  ) -> Plan {
    let silence = SwitchMuting(before: settings, in: graph, excepting: context.exempt)
    let mutes = (silence.unloads + silence.mutes(baseline)).filter { !context.exempt.contains($0.attribute) }
    let isSilenced = Set(mutes.map(\.attribute))
    var plan = Plan(
      reaching: mutes + settings.filter { !isSilenced.contains($0.attribute) }, from: graph, assuming: context.assumed,
      mustSend: mustSend, exactly: exact, silencing: isSilenced, leaving: silence.isNeeded ? leaving : [])
    plan.hidden = settings.compactMap { setting in
      switch setting.attribute {
      case .volume(let object), .mute(let object):
        graph.hidesVolume(of: setting.attribute) || (graph.hidesChanges(of: object) && !graph.holds(setting))
          ? graph.device(of: object) : nil
      default: nil
      }
    }
    plan.sideEffects = silence.sideEffects + memories(of: plan, in: graph)
    if plan.changes.contains(where: \.isLoad) {
      plan.sideEffects += [.defaultSink, .defaultSource].compactMap { graph.chosenDefault($0) }
    }
    let names = AttributeText(graph)
    plan.left =
      silence.modules.map {
        Left(
          object: $0.title, reason: "it goes with the card profile, and is loaded again when its devices are there",
          isTakenAlong: true)
      }
      + silence.takenAlong.map {
        Left(
          object: names.object($0.placement), reason: "its device goes with the card profile; it is put back if that comes again",
          isTakenAlong: true)
      }
    return plan
  }

  /// What is remembered for the programs whose streams are about to be changed.
  private func memories(of plan: Plan, in graph: Graph) -> [Setting] {
    guard let memory = graph.streamMemory else { return [] }
    let touched = Set(plan.changes.compactMap(\.attribute.stream))
    let modules = plan.changes.compactMap { if case .userModule(let state?) = $0.from { state.memoryKey } else { nil } }
    // PipeWire's session manager has been asked for some of them.
    let isKnown = { (key: String) in graph.server.traits.programMemory == .table || memory.contains { $0.key == key } }
    let keys = (graph.foreignStreams.filter { touched.contains($0.identity) }.map(\.memoryKey) + modules.filter { !$0.isEmpty })
      .filter(isKnown)
    return Set(keys).sorted().map { key in
      Setting(.memory(key), .memory(memory.first { $0.key == key }))
    }
  }
}

/// What a transaction has learned on its way, and a graph does not show.
public struct PlanningContext: Sendable {
  /// What turned out not to be changeable, and is left as it is.
  public var exempt: Set<Attribute> = []
  /// What of a profile is meant; nil for all of it.
  public var scope: Set<Attribute>?
  /// What somebody else has changed, and keeps.
  public var changedByOthers: Set<Attribute>
  /// What hproute set last; see ``AudioGraph/Graph/holds(_:assuming:)``.
  public var assumed: [Attribute: Value]

  /// What there was to begin with. A profile that says part of a volume means the rest of it as it was then, and not as
  /// it is when half of the way is done.
  public var start: Graph
  /// The profile that is in force, and the devices that it has set or found as they should be.
  var applied: String?
  var devicesInUse: Set<String> = []
  /// Streams that did not let themselves be moved the last time.
  public var fixed: Set<StreamIdentity> = []
  /// What was written down to begin with, and stays what it was while the journal goes on.
  let origin: Baseline
  /// Whether what ``origin`` says was set has been set; not so after an interruption.
  let isCertain: Bool
  /// What streams had already when a profile came to want it.
  let untouched: Set<Setting>

  /// - Parameter isGentle: whether only what still is as hproute left it goes back to what it was.
  public init(_ baseline: Baseline, start: Graph, isCertain: Bool = true, untouched: Set<Setting> = [], isGentle: Bool = false) {
    changedByOthers = baseline.changedByOthers(in: start, isGentle: isGentle)
    assumed = isCertain ? baseline.lastSet : [:]
    self.start = start
    self.isCertain = isCertain
    self.untouched = untouched
    origin = baseline
  }

  /// What a session manager remembers for those of `programs` that play as hproute left them. The others have to be asked for: on
  /// the default device one may be by itself, and elsewhere it has been sent.
  func memories(of programs: some Sequence<String>, in graph: Graph) -> [StreamMemory] {
    guard graph.server.traits.programMemory == .session else { return [] }
    let streams = Dictionary(grouping: graph.foreignStreams, by: \.memoryKey)
    return programs.compactMap { key in
      guard case .memory(let memory?)? = assumed[.memory(key)], let place = memory.sink, let its = streams[key] else {
        return nil
      }
      let isAsLeft = its.allSatisfy { stream in
        stream.place == place && place != graph.server.defaultDevice(stream.kind) && stream.volume == memory.volume
          && stream.isMuted == memory.isMuted
      }
      return isAsLeft ? memory : nil
    }
  }

  /// Whether it is about a stream that hproute had done nothing to when the transaction began.
  func isBystander(_ attribute: Attribute) -> Bool {
    guard let stream = attribute.stream, stream.isStream else { return false }
    return origin[attribute].map { $0.isSideEffect } ?? true
  }
}
