internal import AudioGraph

extension Doctor {
  /// A loopback that runs, whoever loaded it.
  private struct Running {
    var module: Module
    var source: Source
    var sink: Sink

    var text: String { "\(source.description) in \(sink.description)" }
    var unloading: String { "pactl unload-module \(module.index)" }
  }

  mutating func examineMonitors() {
    let running = graph.modules.filter(\.isLoopback).compactMap { module in
      graph.ends(ofLoopback: module).map { Running(module: module, source: $0.source, sink: $0.sink) }
    }
    let before = findings.count
    if target?.isApplied == true { examineOwn() }
    for (index, loopback) in running.enumerated() {
      let isSame: (Running) -> Bool = { $0.source.name == loopback.source.name && $0.sink.name == loopback.sink.name }
      if loopback.source.monitorOf == loopback.sink.name {
        add(
          .wrong(
            .monitor, "\(loopback.text): it hears itself, which howls.", object: loopback.source.name, remedy: loopback.unloading)
        )
      } else if running[..<index].contains(where: isSame) {
        add(.wrong(.monitor, "\(loopback.text) is heard twice.", object: loopback.source.name, remedy: loopback.unloading))
      } else if loopback.module.tag == nil, isAstray(loopback) {
        add(
          .wrong(
            .monitor, "\(loopback.text): it is heard in another device than the default output.", object: loopback.source.name,
            remedy: loopback.unloading))
      } else {
        let known = findings.count
        examine(VolumeControl(loopback.source.device, in: graph), .monitor)
        if let stream = graph.sinkInputs.first(where: { $0.ownerModule == loopback.module.index }) {
          let object = loopback.module.tag.map { Attribute.Object.loopback($0) } ?? .stream(stream.identity)
          examine(VolumeControl(stream, "The monitor \(loopback.text)", object), .monitor)
        }
        let isOff = graph.sinkInputs.contains { $0.ownerModule == loopback.module.index && $0.isMuted }
        if findings.count == known, isOff {
          add(.note(.monitor, "\(loopback.text) is off.", object: loopback.source.name, remedy: "hproute monitor on"))
        } else if findings.count == known {
          add(.fine(.monitor, "\(loopback.text).", object: loopback.source.name))
        }
      }
    }
    if findings.count == before { add(.fine(.monitor, "No monitor is running.")) }
  }

  /// What the profile says, and is not so.
  private mutating func examineOwn() {
    let labels = Dictionary((plan?.monitors ?? [:]).map { ($1, $0) }) { first, _ in first }
    for change in plan?.changes ?? [] {
      guard case .module(let tag) = change.attribute, let label = labels[tag], case .module(.loopback(let wanted)?) = change.to
      else { continue }
      add(
        .wrong(
          .monitor,
          "\(Resolution.title("monitor", label)), \(description(.source, wanted.source)) in "
            + "\(description(.sink, wanted.sink)), does not run.",
          object: wanted.source, remedy: applying))
    }
  }

  private func description(_ kind: DeviceKind, _ name: String) -> String { graph.device(kind, named: name)?.description ?? name }

  /// A microphone in hardware that nobody means to listen to. One in a device of software is meant for a recording, and with a
  /// default output of somebody else's software it cannot be told where the sound goes.
  private func isAstray(_ loopback: Running) -> Bool {
    guard let output, output.device.card != nil || OwnDevice.isOne(output.name) else { return false }
    let isMeant = plan?.presences.contains(Presence(loopback.sink.device)) ?? false
    return loopback.source.monitorOf == nil && loopback.sink.device.card != nil && !isMeant
      && !soundPath.contains { $0.name == loopback.sink.name }
  }
}
