public import AudioGraph

extension Planner {
  /// What has to be done so that `profile` holds, on a server about which `former` is written down.
  ///
  /// - Parameter address: where the server answers.
  public func plan(_ profile: Profile, in graph: Graph, after former: Journal?, at address: String) throws(PlanError) -> Plan {
    let journal = former?.continued(on: ServerIdentity(graph.server, address: address), graph)
    let baseline = journal?.baseline ?? Baseline()
    return try plan(graph, baseline, profile, PlanningContext(of: journal, baseline, start: graph))
  }
}

extension PlanningContext {
  /// - Parameter journal: as it was found.
  init(of journal: Journal?, _ baseline: Baseline, start: Graph, isGentle: Bool = false) {
    let untouched = journal?.held.filter(\.attribute.isStream) ?? []
    self.init(baseline, start: start, isCertain: journal?.isInterrupted != true, untouched: Set(untouched), isGentle: isGentle)
    fixed = journal?.fixed ?? []
    guard let journal, journal.state == .applied else { return }
    applied = journal.profile
    let settings = baseline.entries.compactMap(\.outcome) + journal.held
    devicesInUse = Set(settings.flatMap { [$0.attribute.device?.name, $0.destination?.name].compactMap(\.self) })
  }

  /// For going back to what was there a moment ago, whoever had made it so.
  init(rollingBackTo start: Graph, _ baseline: Baseline) {
    self.init(baseline, start: start)
    changedByOthers = []
  }
}

extension Journal {
  /// What waits for devices, those that are there again.
  func returned(in graph: Graph) -> [Baseline.Entry] {
    baseline.entries.filter { entry in
      let setting = Setting(entry.attribute, entry.was)
      // What is remembered for a program is not read as long as nothing is done.
      guard entry.isPending, setting.isMemory || graph.value(of: entry.attribute) != nil else { return false }
      return setting.need.map { need in
        guard let device = graph.device(need.kind, named: need.name) else { return false }
        return !entry.attribute.isDefault || !device.isUnplugged
      } ?? true
    }
  }

  /// What an apply that was cut off may have sent, and the server may still do.
  var perhapsSent: Set<Setting> {
    isInterrupted ? Set(baseline.entries.compactMap(\.outcome)) : []
  }
}

extension Plan {
  /// What a revert has to leave for later, as one sentence for each device.
  func pendingWarnings(_ graph: Graph) -> [String] {
    let text = AttributeText(graph)
    var objects: [(name: String, values: [String])] = []
    for setting in later {
      var (name, value) = (text.object(setting.attribute), text.value(setting.value, of: setting.attribute))
      // It is not the program that is away.
      if setting.isMemory, let need = setting.need { (name, value) = (text.device(need.kind, need.name), name) }
      if let place = objects.firstIndex(where: { $0.name == name }) {
        objects[place].values.append(value)
      } else {
        objects.append((name, [value]))
      }
    }
    return objects.map {
      "\($0.name) is away; it will get back \($0.values.joined(separator: ", ")) "
        + "when it is there again and 'hproute revert' is run."
    }
  }
}
