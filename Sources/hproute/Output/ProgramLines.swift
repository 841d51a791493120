internal import AudioGraph
internal import Routing

/// Which programs play where, and which record what: `Firefox, Zoom -> Scarlett Solo USB (Headphones), 45 %`.
struct ProgramLines {
  typealias Line = (from: String, to: String)

  /// So many are shown at most: for all there is `hproute streams`.
  private static let (mostLines, mostNames) = (4, 4)

  /// The default output first.
  let lines: [Line]

  init(_ graph: Graph) {
    let sinks =
      graph.sinks.filter { $0.name == graph.server.defaultSink } + graph.sinks.filter { $0.name != graph.server.defaultSink }
    let playing = sinks.compactMap { sink -> Line? in
      let streams = graph.sinkInputs.filter { $0.sink == sink.device.index && $0.client != nil && !$0.isCorked }
      let device = Heard.Device(sink.device, in: graph)
      let level = device.level.isEmpty ? "" : ", \(device.level)"
      return Self.names(streams.map(\.identity)).map { ($0, "\(device.title)\(level)") }
    }
    let recording = graph.sources.filter { $0.monitorOf == nil }.compactMap { source -> Line? in
      let streams = graph.sourceOutputs.filter { $0.source == source.device.index && $0.client != nil && !$0.isMeter }
      return Self.names(streams.map(\.identity)).map { (Heard.Device(source.device, in: graph).title, $0) }
    }
    let all = playing + recording
    lines = all.count <= Self.mostLines ? all : all.prefix(Self.mostLines - 1) + [("and more", "'hproute streams'")]
  }

  /// Each program once; nil if there is none.
  private static func names(_ streams: [StreamIdentity]) -> String? {
    var names: [String] = []
    for name in streams.map(\.application.title) where !names.contains(name) { names.append(name) }
    guard !names.isEmpty else { return nil }
    let more = names.count - mostNames
    return names.prefix(mostNames).joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
  }
}
