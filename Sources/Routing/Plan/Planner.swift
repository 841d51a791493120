public import AudioGraph

/// Decides what has to be done. Pure: the same graph, baseline and profile give the same plan.
public struct Planner: Sendable {
  /// The number of the user whose modules are ours.
  public let user: UInt32
  /// A number drawn for this apply, which marks what it loads.
  public let transaction: UInt32

  public init(user: UInt32, transaction: UInt32) {
    self.user = user
    self.transaction = transaction
  }

  /// What has to be done so that `profile` holds; without a profile, so that the baseline does.
  ///
  /// What only a former profile touched goes back to the baseline. What both want is not touched.
  ///
  /// - Throws: ``PlanError`` where the profile does not fit the devices that are there.
  public func plan(
    _ graph: Graph, _ baseline: Baseline, _ profile: Profile?, _ experience: Experience? = nil
  ) throws(PlanError) -> Plan {
    let experience = experience ?? Experience(baseline, start: graph)
    var resolution = Resolution(graph: graph, baseline: baseline, start: experience.start, planner: self)
    if let profile { try resolution.resolve(profile) }
    let wanted = resolution.settings
    let isWanted = Set(wanted.map(\.attribute))

    var restoration = Restoration(graph: graph, isRevert: profile == nil)
    for entry in baseline.entries where !isWanted.contains(entry.attribute) { restoration.add(entry) }
    if profile == nil { restoration.addFollowers(of: baseline) }
    let stray = graph.ownModules(of: user).map { Setting(.loopback($0.tag), .loopback(nil)) }
      .filter { !isWanted.contains($0.attribute) && !restoration.attributes.contains($0.attribute) }

    let settings = (wanted + restoration.settings + stray).filter { setting in
      // That there is no default shows only as long as there is no device: once it is said it is done.
      let isSaid = setting.value == .device(nil) && experience.assumed[setting.attribute] == setting.value
      return !isSaid && !experience.exempt.contains(setting.attribute)
    }
    var plan = Plan(
      reaching: settings, from: graph, assuming: experience.assumed, insisting: restoration.positionsToInsistOn)
    plan.wanted = wanted
    plan.left = resolution.left + restoration.left
    plan.warnings = resolution.warnings
    plan.optional = resolution.optional
    plan.pending = restoration.pending
    return plan
  }

  /// What has to be done to get back to `settings`, wherever their objects are still there.
  public func plan(_ graph: Graph, restoring settings: [Setting], _ experience: Experience) -> Plan {
    var restoration = Restoration(graph: graph, isRevert: false)
    for setting in settings { restoration.add(setting) }
    // Only now: what a device that has left did not let itself be set is pending all the same.
    let possible = restoration.settings.filter { !experience.exempt.contains($0.attribute) }
    var plan = Plan(reaching: possible, from: graph, assuming: experience.assumed)
    plan.left = restoration.left
    plan.pending = restoration.pending
    return plan
  }
}

/// What a transaction has learned on its way, and a graph does not show.
public struct Experience: Sendable {
  /// What turned out not to be changeable, and is left as it is.
  public var exempt: Set<Attribute> = []
  /// What hproute set last; see ``AudioGraph/Graph/holds(_:assuming:)``.
  public var assumed: [Attribute: Value]

  /// What there was to begin with. A profile that says part of a volume means the rest of it as it was then, and not as
  /// it is when half of the way is done.
  public var start: Graph

  /// - Parameter isCertain: whether what the baseline says was set has been set; not so after an interruption.
  public init(_ baseline: Baseline, start: Graph, isCertain: Bool = true) {
    assumed = isCertain ? baseline.lastSet : [:]
    self.start = start
  }
}
