internal import AudioGraph
internal import PulseAudio
internal import Routing

/// A device as a person names it on the command line: by the label of a section of the profile that is applied, or as the
/// server calls it.
struct NamedDevice {
  /// Nil if the profile that is applied does not name it.
  var label: String?
  var device: Device
  /// Where what it carries can be heard: the source itself, or the monitor source of a sink. Nil if there is none.
  var source: String?

  /// Whether it is the monitor source of a sink.
  var isMonitor = false

  /// What it is called in a line of text.
  var title: String { label ?? device.description }

  init(_ sink: Sink, label: String? = nil) { (self.label, device, source) = (label, sink.device, sink.monitorSource) }

  init(_ source: Source, label: String? = nil) {
    (self.label, device, self.source, isMonitor) = (label, source.device, source.name, source.monitorOf != nil)
  }

  /// - Returns: nil if it is not there.
  init?(_ kind: DeviceKind, named name: String?, label: String? = nil, in graph: Graph) {
    guard let name else { return nil }
    switch kind {
    case .sink:
      guard let sink = graph.sink(named: name) else { return nil }
      self.init(sink, label: label)
    case .source:
      guard let source = graph.source(named: name) else { return nil }
      self.init(source, label: label)
    }
  }
}

extension NamedDevice {
  /// The devices with these names. Without any: those of the profile that is applied, and the defaults.
  ///
  /// - Parameter profile: the one that is applied, with its plan; nil if none is, or it cannot be told.
  /// - Throws: what is called so by nobody, or by several.
  static func find(_ names: [String], of profile: (Profile, Plan)?, in graph: Graph) throws(CommandFailure) -> [NamedDevice] {
    let labelled = profile.map { sections(of: $0, $1, in: graph) } ?? []
    guard !names.isEmpty else {
      let isNamed = { (device: NamedDevice) in
        labelled.contains { $0.device.kind == device.device.kind && $0.device.name == device.device.name }
      }
      return labelled + DeviceKind.allCases.compactMap { usual($0, in: graph) }.filter { !isNamed($0) }
    }
    var found: [NamedDevice] = []
    for name in names {
      let device = try find(name, labelled, in: graph)
      // One that is named twice is one all the same.
      if !found.contains(where: { $0.device.kind == device.device.kind && $0.device.name == device.device.name }) {
        found.append(device)
      }
    }
    return found
  }

  /// The default output or input; nil if there is none. A monitor source is what an output plays, and no input.
  private static func usual(_ kind: DeviceKind, in graph: Graph) -> NamedDevice? {
    let name = kind == .sink ? graph.server.defaultSink : graph.server.defaultSource
    return NamedDevice(kind, named: name, in: graph).flatMap { $0.isMonitor ? nil : $0 }
  }

  private static func sections(of profile: Profile, _ plan: Plan, in graph: Graph) -> [NamedDevice] {
    let sections = profile.outputs.map { (DeviceKind.sink, $0.label) } + profile.inputs.map { (DeviceKind.source, $0.label) }
    return sections.compactMap { kind, label in
      NamedDevice(kind, named: plan.device(kind, labelled: label)?.name, label: label, in: graph)
    }
  }

  private static func find(_ name: String, _ labelled: [NamedDevice], in graph: Graph) throws(CommandFailure) -> NamedDevice {
    if let device = labelled.first(where: { $0.label == name }) { return device }
    let present = graph.sinks.map { NamedDevice($0) } + graph.sources.filter { $0.monitorOf == nil }.map { NamedDevice($0) }
    let kinds: [String: DeviceKind] = ["output": .sink, "@DEFAULT_SINK@": .sink, "input": .source, "@DEFAULT_SOURCE@": .source]
    if let kind = kinds[name] {
      if let device = usual(kind, in: graph) { return device.labelled(in: labelled) }
      throw CommandFailure(
        exitCode: 3, sentence: "there is no default \(kind == .sink ? "output" : "input"). 'hproute devices' shows what there is."
      )
    }
    if let device = try find(name, among: present) { return device.labelled(in: labelled) }
    let known = labelled.compactMap(\.label)
    let hint =
      Suggestion.nearest(to: name, among: known).map { "Did you mean '\($0)'?" }
      ?? (known.isEmpty ? "'hproute devices' shows what there is." : "The profile has: \(known.joined(separator: ", ")).")
    throw CommandFailure(exitCode: 3, sentence: "there is no output or input '\(name)'. \(hint)", objects: [name])
  }

  /// The one of that name, or with that in its description; nil if there is none.
  ///
  /// - Throws: if there are several.
  static func find(_ name: String, among present: [NamedDevice]) throws(CommandFailure) -> NamedDevice? {
    if let device = present.first(where: { $0.device.name == name }) { return device }
    let fitting = present.filter { $0.device.description.lowercased().contains(name.lowercased()) }
    guard fitting.count > 1 else { return fitting.first }
    throw CommandFailure(
      exitCode: 3, sentence: "'\(name)' could be any of these: \(fitting.map(\.device.description).joined(separator: ", ")).",
      objects: fitting.map(\.device.name))
  }

  /// The same, with its label if the profile has one for it.
  private func labelled(in labelled: [NamedDevice]) -> NamedDevice {
    labelled.first { $0.device.kind == device.kind && $0.device.name == device.name } ?? self
  }
}

extension Session {
  /// The devices with these names; see ``NamedDevice/find(_:of:in:)``.
  func devices(named names: [String], in graph: Graph, at address: String) throws(CommandFailure) -> [NamedDevice] {
    let journal = try journal(in: try stateDirectory(), of: graph, at: address)
    let profile = journal.flatMap(appliedProfile)
    let plan = profile.flatMap { try? planner.plan($0, in: graph, after: journal, at: address) }
    return try NamedDevice.find(names, of: profile.flatMap { it in plan.map { (it, $0) } }, in: graph)
  }

  /// The profile that is applied, as its file says it; nil if none is.
  ///
  /// - Throws: if that cannot be read, or says something else by now.
  func profileInForce(_ journal: Journal) throws(CommandFailure) -> Profile? {
    guard let name = journal.appliedProfile else { return nil }
    var profile = try profile(name)
    profile.on = journal.on
    guard journal.revision == nil || journal.revision == profile.revision else {
      throw CommandFailure(
        exitCode: 64, sentence: "\(name) was applied from another text than its file holds now. Apply it again first.",
        objects: [name])
    }
    return profile
  }

  /// The profile that is applied, as its file is now and the user has turned it; nil if none is, or it cannot be read.
  func appliedProfile(_ journal: Journal) -> Profile? {
    var profile = journal.appliedProfile.flatMap(silentProfile)?.under(journal.controls)
    profile?.on = journal.on
    return profile
  }
}
