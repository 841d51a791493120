public import AudioGraph

/// Attributes and values in the words of a person who looks at a mixer.
public struct AttributeText {
  private let graph: Graph

  public init(_ graph: Graph) { self.graph = graph }

  /// What the attribute is about: a device by its description, a stream by its application.
  public func object(_ attribute: Attribute) -> String {
    switch attribute {
    case .defaultSink: "default output"
    case .defaultSource: "default input"
    case .volume(let object), .mute(let object): self.object(object)
    case .position(let identity): stream(identity)
    case .loopback(let tag): monitor(tag)
    }
  }

  /// What a change is about: a monitor that is not there yet has its name in the change.
  public func object(_ change: Change) -> String {
    if case .loopback(let loopback?) = change.to { return "monitor \(loopback.title)" }
    return object(change.attribute)
  }

  private func object(_ object: Attribute.Object) -> String {
    switch object {
    case .device(let kind, let name): device(kind, name)
    case .stream(let identity): stream(identity)
    case .loopback(let tag): monitor(tag)
    }
  }

  private func stream(_ identity: StreamIdentity) -> String {
    identity.media.isEmpty ? identity.application.title : "\(identity.application.title) (\(identity.media))"
  }

  private func monitor(_ tag: Tag) -> String {
    let title = graph.stream(of: .loopback(tag))?.properties[.mediaName]
    return "monitor \(title ?? tag.rawValue)"
  }

  private func device(_ kind: DeviceKind, _ name: String) -> String {
    graph.device(kind, named: name)?.description ?? name
  }

  /// The value as a mixer would show it.
  public func value(_ value: Value, of attribute: Attribute) -> String {
    switch value {
    case .volume(let volumes): return VolumeText.channels(volumes)
    case .mute(let isMuted): return isMuted ? "muted" : "not muted"
    case .device(nil): return "none"
    case .device(let name?): return device(attribute == .defaultSource ? .source : .sink, name)
    case .loopback(nil): return "not loaded"
    case .unknown: return "unknown"
    case .loopback(let loopback?) where loopback.source.isEmpty: return "whose devices are away"
    case .loopback(let loopback?):
      let ends = "\(device(.source, loopback.source)) in \(device(.sink, loopback.sink))"
      return "\(ends), \(loopback.latency) ms, \(loopback.isMuted ? "muted" : VolumeText.both(loopback.volume))"
    }
  }

  /// One line that says what a change does.
  public func line(_ change: Change) -> String {
    switch (change.attribute, change.from, change.to) {
    case (.loopback, _, .loopback(let loaded?)): "load  monitor \(value(.loopback(loaded), of: change.attribute))"
    case (.loopback, .loopback(let gone?), _): "unload  monitor \(value(.loopback(gone), of: change.attribute))"
    default:
      "\(change.action)  \(object(change.attribute)): \(value(change.from, of: change.attribute))"
        + " -> \(value(change.to, of: change.attribute))"
    }
  }
}
