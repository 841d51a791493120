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

extension Session {
  /// The devices with these names. Without any: those of the profile that is applied, and the defaults.
  ///
  /// - Throws: what is called so by nobody, or by several.
  func devices(named names: [String], in graph: Graph, at address: String) throws(CommandFailure) -> [NamedDevice] {
    let journal = try journal(in: try stateDirectory(), of: graph, at: address)
    let profile = journal?.appliedProfile.flatMap(silentProfile)?.switching(journal?.switches ?? [:])
    var labelled: [NamedDevice] = []
    if var profile {
      profile.on = journal?.on ?? []
      let plan = try? planner.plan(profile, in: graph, after: journal, at: address)
      let sections = profile.outputs.map { (DeviceKind.sink, $0.label) } + profile.inputs.map { (DeviceKind.source, $0.label) }
      labelled = sections.compactMap { kind, label in
        NamedDevice(kind, named: plan?.device(kind, labelled: label)?.name, label: label, in: graph)
      }
    }
    let output = NamedDevice(.sink, named: graph.server.defaultSink, in: graph)
    // A monitor source is what an output plays.
    let input = NamedDevice(.source, named: graph.server.defaultSource, in: graph).flatMap { $0.isMonitor ? nil : $0 }
    let isNamed = { (device: NamedDevice) in
      labelled.contains { $0.device.kind == device.device.kind && $0.device.name == device.device.name }
    }
    let defaults = [output, input].compactMap(\.self).filter { !isNamed($0) }
    guard !names.isEmpty else { return labelled + defaults }
    var found: [NamedDevice] = []
    for name in names { found.append(try device(name, of: labelled, output, input, in: graph)) }
    return found
  }

  private func device(
    _ name: String, of labelled: [NamedDevice], _ output: NamedDevice?, _ input: NamedDevice?, in graph: Graph
  ) throws(CommandFailure) -> NamedDevice {
    if let device = labelled.first(where: { $0.label == name }) { return device }
    let present = graph.sinks.map { NamedDevice($0) } + graph.sources.filter { $0.monitorOf == nil }.map { NamedDevice($0) }
    let exact = { (name: String) in present.first { $0.device.name == name } }
    switch name {
    case "output", "@DEFAULT_SINK@": if let output { return output }
    case "input", "@DEFAULT_SOURCE@": if let input { return input }
    default: if let device = exact(name) { return device }
    }
    let fitting = present.filter { $0.device.description.lowercased().contains(name.lowercased()) }
    if let device = fitting.first, fitting.count == 1 { return device }
    guard fitting.isEmpty else {
      throw CommandFailure(
        exitCode: 3, sentence: "'\(name)' could be any of these: \(fitting.map(\.device.description).joined(separator: ", ")).",
        objects: fitting.map(\.device.name))
    }
    let known = labelled.compactMap(\.label)
    let hint =
      Suggestion.nearest(to: name, among: known).map { "Did you mean '\($0)'?" }
      ?? (known.isEmpty ? "'hproute devices' shows what there is." : "The profile has: \(known.joined(separator: ", ")).")
    throw CommandFailure(exitCode: 3, sentence: "there is no output or input '\(name)'. \(hint)", objects: [name])
  }
}
