internal import AudioGraph

extension Examination {
  /// A loopback that runs, whoever loaded it.
  private struct Running {
    var module: Module
    var source: Source
    var sink: Sink

    var text: String { "\(source.description) in \(sink.description)" }
    var unloading: String { "pactl unload-module \(module.index)" }
  }

  mutating func examineMonitors() {
    let running = graph.modules.filter { $0.name == "module-loopback" && !$0.makesDevice }.compactMap { module in
      graph.ends(ofLoopback: module).map { Running(module: module, source: $0.source, sink: $0.sink) }
    }
    let before = findings.count
    if aim?.isApplied == true { examineOwn() }
    for (index, loopback) in running.enumerated() {
      let isSame: (Running) -> Bool = { $0.source.name == loopback.source.name && $0.sink.name == loopback.sink.name }
      if loopback.source.monitorOf == loopback.sink.name {
        add(.wrong(.monitor, "\(loopback.text): it hears itself, which howls.", object: loopback.source.name, remedy: loopback.unloading))
      } else if running[..<index].contains(where: isSame) {
        add(.wrong(.monitor, "\(loopback.text) is heard twice.", object: loopback.source.name, remedy: loopback.unloading))
      } else if loopback.module.tag == nil, isAstray(loopback) {
        add(.wrong(
          .monitor, "\(loopback.text): it is heard in another device than the default output.", object: loopback.source.name,
          remedy: loopback.unloading))
      } else {
        add(.fine(.monitor, "\(loopback.text).", object: loopback.source.name))
      }
    }
    if findings.count == before { add(.fine(.monitor, "None runs.")) }
  }

  /// What the profile says, and is not so.
  private mutating func examineOwn() {
    let labels = Dictionary((plan?.monitors ?? [:]).map { ($1, $0) }) { first, _ in first }
    for change in plan?.changes ?? [] {
      guard case .module(let tag) = change.attribute, let label = labels[tag], case .module(.loopback(let wanted)?) = change.to else { continue }
      add(.wrong(
        .monitor,
        "\(Resolution.title("monitor", label)), \(description(.source, wanted.source)) in \(description(.sink, wanted.sink)), does not run.",
        object: wanted.source, remedy: applying))
    }
  }

  private func description(_ kind: DeviceKind, _ name: String) -> String { graph.device(kind, named: name)?.description ?? name }

  /// A microphone in hardware that is not listened to. One in a device of software is meant for a recording.
  private func isAstray(_ loopback: Running) -> Bool {
    loopback.source.monitorOf == nil && loopback.sink.device.card != nil && !way.contains { $0.name == loopback.sink.name }
  }
}
