public import AudioGraph

/// Attributes and values in the words of a person who looks at a mixer.
public struct AttributeText {
  private let graph: Graph

  /// - Parameter graph: has the descriptions. What is not there any more is called by the name a server gave it.
  public init(_ graph: Graph) { self.graph = graph }

  /// What the attribute is about: a device by its description, a stream by its application.
  public func object(_ attribute: Attribute) -> String {
    switch attribute {
    case .defaultSink: "default output"
    case .defaultSource: "default input"
    case .volume(let object), .mute(let object): self.object(object)
    case .streamSink(let identity), .streamSource(let identity): stream(identity)
    case .cardProfile(let name): graph.card(named: name)?.description ?? name
    case .port(let kind, let name): device(kind, name)
    case .memory(let key): "later streams of \(StreamMemory.title(of: key))"
    case .module(let tag): graph.ownModule(tagged: tag).map(module) ?? "module \(tag.rawValue)"
    case .userModule(let module): module.title
    }
  }

  /// What a change is about: a module that is not there yet has its name in the change.
  public func object(_ change: Change) -> String {
    if case .module(let it?) = change.to { return module(it) }
    return object(change.attribute)
  }

  private func object(_ object: Attribute.Object) -> String {
    switch object {
    case .device(let kind, let name, let port): device(kind, name, at: port)
    case .stream(let identity), .recording(let identity): stream(identity)
    case .loopback(let tag): graph.ownModule(tagged: tag).map(module) ?? "monitor \(tag.rawValue)"
    }
  }

  private func stream(_ identity: StreamIdentity) -> String {
    // Known by what has loaded it: a number says nothing to anybody.
    if let module = graph.loader(of: identity) { return module.title }
    return identity.media.isEmpty ? identity.application.title : "\(identity.application.title) (\(identity.media))"
  }

  private func module(_ module: OwnModule) -> String {
    let title = module.title.isEmpty ? module.tag.rawValue : module.title
    let word =
      switch module {
      case .loopback: "monitor"
      case .remap(let it): it.kind == .sink ? "output" : "input"
      case .combination: "output"
      }
    // A section without a label is called by its kind already.
    return title.hasPrefix("\(word) ") ? title : "\(word) \(title)"
  }

  /// A device, with its port where that is not the one in use.
  private func device(_ kind: DeviceKind, _ name: String, at port: String?) -> String {
    guard let port, let device = graph.device(kind, named: name), device.activePort != port else {
      return self.device(kind, name)
    }
    return "\(device.description) (\(device.ports.first { $0.name == port }?.description ?? port))"
  }

  func device(_ kind: DeviceKind, _ name: String) -> String {
    if let device = graph.device(kind, named: name) { return device.description }
    // Ours, and not there yet: it will be called after its section.
    return OwnDevice.isOne(name) ? String(name.dropFirst(OwnDevice.prefix.count)) : name
  }

  /// The value as a mixer would show it.
  public func value(_ value: Value, of attribute: Attribute) -> String {
    switch value {
    case .volume(let volumes): return VolumeText.channels(volumes)
    case .mute(let isMuted): return isMuted ? "muted" : "not muted"
    case .device(nil), .choice(nil): return "none"
    case .device(let name?): return device(attribute.leadsTo ?? .sink, name)
    case .choice(let name?): return choice(name, of: attribute)
    case .memory(nil): return "nothing remembered"
    case .memory(let memory?):
      let volume = memory.volume.channels.isEmpty ? [] : [VolumeText.channels(memory.volume)]
      let any = memory.kind == .sink ? "any output" : "any input"
      return ([memory.sink.map { device(memory.kind, $0) } ?? any] + volume + (memory.isMuted ? ["muted"] : [])).joined(
        separator: ", ")
    case .module(nil), .userModule(nil): return "not loaded"
    case .userModule(let state?): return state.volume.channels.isEmpty ? "loaded" : "loaded, \(VolumeText.channels(state.volume))"
    case .unknown: return "unknown"
    case .module(let module?): return content(module)
    }
  }

  private func choice(_ name: String, of attribute: Attribute) -> String {
    switch attribute {
    case .cardProfile(let card): graph.card(named: card)?.profiles.first { $0.name == name }?.description ?? name
    case .port(let kind, let device): graph.device(kind, named: device)?.ports.first { $0.name == name }?.description ?? name
    default: name
    }
  }

  /// What a module of ours does.
  private func content(_ module: OwnModule) -> String {
    switch module {
    case .loopback(let it) where it.source.isEmpty: return "whose devices are away"
    case .loopback(let it):
      let ends = "\(device(.source, it.source)) in \(device(.sink, it.sink))"
      return "\(ends), \(it.latency) ms, \(it.isMuted ? "muted" : VolumeText.both(it.volume))"
    case .remap(let it) where it.isMix:
      return "left and right of \(device(.sink, it.master)) in both ears, \(VolumeText.both(it.volume))"
    case .remap(let it):
      return
        "channels \(it.masterMap.positions.joined(separator: ", ")) of \(device(it.kind, it.master)), "
        + "\(VolumeText.both(it.volume))"
    case .combination(let it): return it.members.map { device(.sink, $0) }.joined(separator: " and ")
    }
  }

  /// One line that says what a change does.
  public func line(_ change: Change) -> String {
    switch (change.from, change.to) {
    case (_, .module(.loopback(let it)?)): "load  monitor \(content(.loopback(it)))"
    case (.module(.loopback(let it)?), .module): "unload  monitor \(content(.loopback(it)))"
    case (_, .module(let it?)): "load  \(module(it)): \(content(it))"
    case (.module(let it?), .module): "unload  \(module(it))"
    default:
      "\(change.action)  \(object(change.attribute)): \(value(change.from, of: change.attribute))"
        + " -> \(value(change.to, of: change.attribute))"
    }
  }
}
