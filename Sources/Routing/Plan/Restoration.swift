internal import AudioGraph

/// Collects what goes back to what it was, and says what cannot.
struct Restoration {
  let graph: Graph
  private let isRevert: Bool
  /// What somebody else has changed, and keeps.
  private let changedByOthers: Set<Attribute>
  private let said: [Attribute: Value]
  var settings: [Setting] = []
  var left: [Left] = []
  /// Of devices that are away.
  private(set) var pending: [Setting] = []
  /// See ``Plan/unread``.
  var unread: [String: Int] = [:]
  /// Of devices that come back with the card profile that is put back.
  private(set) var awaited: [Setting] = []
  /// The devices of the card profiles that were in force before, and of those that hproute has brought into force, each
  /// with the name of its card.
  private var former: [String: String] = [:]
  private var newer: [String: String] = [:]
  /// Whether card profiles were changed, and with them perhaps defaults that nobody named.
  private let switchesCards: Bool
  /// The cards whose card profile stays the one that hproute chose.
  private let unchangedCards: Set<String>
  /// The ports that go back to what they were, by their attributes.
  private var ports: [Attribute: String] = [:]

  /// - Parameters:
  ///   - entries: all there is to restore, in the order in which it was noted: what was noted of a card's devices
  ///     behind its card profile is of devices that came with the new one.
  ///   - wanted: what a profile wants, and so does not go back.
  ///   - said: what hproute has set last.
  init(
    graph: Graph, entries: [Baseline.Entry], isRevert: Bool, except wanted: Set<Attribute> = [],
    leaving changedByOthers: Set<Attribute> = [],
    said: [Attribute: Value] = [:]
  ) {
    self.graph = graph
    unchangedCards = Set(wanted.compactMap { if case .cardProfile(let card) = $0 { card } else { nil } })
    self.said = said
    self.isRevert = isRevert
    self.changedByOthers = changedByOthers
    var switched: Set<String> = []
    for entry in entries {
      if case .cardProfile(let card) = entry.attribute { switched.insert(card) }
      guard let card = entry.card, let name = entry.attribute.deviceName else { continue }
      if !switched.contains(card) { former[name] = card } else if former[name] == nil { newer[name] = card }
    }
    switchesCards = !switched.isEmpty
    // Only where a card profile was changed does a device come and go with it.
    former = former.filter { switched.contains($0.value) }
    for entry in entries {
      if case .port(let kind, let name) = entry.attribute, case .choice(let port?) = entry.was,
        graph.device(kind, named: name)?.ports.first(where: { $0.name == port })?.availability != .no
      {
        ports[entry.attribute] = port
      }
    }
  }

  /// What is about devices that go with the card profile that is put back, and about ports that are in use no longer when
  /// another is put back. What is put back of them is put back before.
  var leaving: Set<Attribute> {
    var (cards, devices): (Set<String>, Set<Attribute>) = ([], [])
    for setting in settings where !graph.holds(setting) {
      switch setting.attribute {
      case .cardProfile(let card): cards.insert(card)
      case .port: devices.insert(setting.attribute)
      default: break
      }
    }
    return attributes.filter { attribute in
      guard let device = attribute.device else { return false }
      let losesPort = attribute.portName != nil && devices.contains(.port(device.kind, name: device.name))
      return losesPort || newer[device.name].map(cards.contains) ?? false
    }
  }

  var attributes: Set<Attribute> { Set(settings.map(\.attribute)) }

  /// Whether a device goes with a card profile that is put back.
  func losesWithCardProfile(_ device: Device) -> Bool {
    guard let card = graph.card(index: device.card)?.name, former[device.name] == nil else { return false }
    return settings.contains { $0.attribute == .cardProfile(card: card) && !graph.holds($0) }
  }

  /// What has to be said once, even if it reads as it should.
  var mustSend: Set<Attribute> { chosen.union(positionsToInsistOn) }

  /// What hproute has chosen and a server remembers beside what it shows: a default, where its device has left and the
  /// server has fallen back to another; a rule for streams, whose volume counts as right if none is asked for.
  var chosen: Set<Attribute> = []

  /// Streams that go to another sink than the default. By moving one to what was the default then, hproute has taken its
  /// own wish from it; on PipeWire it may read as being at home, and yet leave with the next change of the default.
  private var positionsToInsistOn: Set<Attribute> {
    guard graph.server.traits.forgetsHomeOnDefault, isRevert else { return [] }
    let home = Value.device(restoredDefault(.sink))
    return Set(
      settings.filter { setting in
        guard case .streamSink = setting.attribute else { return false }
        return setting.value != home
      }.map(\.attribute))
  }

  /// The default there will be.
  func restoredDefault(_ kind: DeviceKind) -> String? {
    let setting = settings.first { $0.attribute == .default(kind) }
    if case .device(let name)? = setting?.value { return name }
    return graph.server.defaultDevice(kind)
  }

  mutating func add(_ entry: Baseline.Entry) {
    let isLeft = changedByOthers.contains(entry.attribute)
    guard entry.isPending else { return isLeft ? relinquish(entry) : restore(entry) }
    // Left over from a revert while the device was away. An apply of something else does not touch it; a revert puts
    // it back where nobody has changed it since.
    guard isRevert, graph.value(of: entry.attribute) != nil else {
      let name = entry.attribute.deviceName ?? ""
      let isCardThere = isRevert && entry.card.map { graph.card(named: $0) != nil } ?? false
      // A device of the card profile that hproute chose is not waited for any longer, nor is one that it did not set.
      if isCardThere, newer[name] != nil || (entry.isSideEffect && former[name] == nil) { return }
      if isRevert {
        wait(for: Setting(entry.attribute, entry.was), name)
      } else {
        pending.append(Setting(entry.attribute, entry.was))
      }
      return
    }
    if isLeft || isRememberedOtherwise(entry) { relinquish(entry) } else { restore(entry) }
  }

  /// Leaves to somebody else what they have changed.
  private mutating func relinquish(_ entry: Baseline.Entry) {
    guard !entry.isSideEffect, !graph.holds(Setting(entry.attribute, entry.was)) else { return }
    left.append(Left(object: AttributeText(graph).object(entry.attribute), reason: "it was changed meanwhile"))
  }

  private mutating func restore(_ entry: Baseline.Entry) {
    let setting = Setting(entry.attribute, entry.was)
    if entry.isSideEffect, entry.attribute.isDefault, !switchesCards, !graph.isDefaultOurs(entry.attribute) { return }
    switch (entry.attribute, entry.set) {
    case (.defaultSink, .device(_?)), (.defaultSource, .device(_?)), (.memory, .memory):
      if entry.set != entry.was { chosen.insert(entry.attribute) }
    default: break
    }
    switch (setting.attribute, setting.value) {
    case (.streamSink(let identity), _) where !identity.isStream: break
    case (.memory(let key), .memory(let was)) where entry.isSideEffect: restoreMemory(key, was)
    case (.memory(let key), .memory(let was)): remember(key, was)
    case (_, .unknown):
      left.append(
        Left(object: AttributeText(graph).object(setting.attribute), reason: "the sound server did not tell its volume before"))
    case (.streamSink, .device(let home?)), (.streamSource, .device(let home?)):
      restorePosition(setting, home)
    case (.defaultSink, .device(let name?)), (.defaultSource, .device(let name?)):
      // A server does not use what nothing is plugged into.
      let device = setting.destination.flatMap { graph.device($0.kind, named: name) }
      if let device, graph.holds(setting) || !device.isUnplugged { settings.append(setting) } else { wait(for: setting, name) }
    case (.defaultSink, .device(nil)), (.defaultSource, .device(nil)):
      addUnset(setting)
    case (.cardProfile, _) where graph.value(of: setting.attribute) == nil:
      pending.append(setting)
    case (.userModule(let module), _) where graph.index(of: module) == nil && !module.canBeLoaded(in: graph):
      if former.values.contains(where: { graph.card(named: $0) != nil }) {
        awaited.append(setting)
      } else {
        pending.append(setting)
      }
    default:
      if let device = setting.attribute.device {
        restore(setting, of: device, wasSet: !entry.isSideEffect)
      } else {
        settings.append(setting)
      }
    }
  }

  private mutating func restorePosition(_ setting: Setting, _ home: String) {
    guard let kind = setting.attribute.leadsTo, graph.device(kind, named: home) == nil else { return settings.append(setting) }
    // It comes back with its card profile, or it does not come back.
    if isComing(home) { return awaited.append(setting) }
    if former[home].map(unchangedCards.contains) ?? false { return }
    guard graph.value(of: setting.attribute) != nil,
      let device = graph.server.defaultDevice(kind)
    else { return }
    settings.append(Setting(setting.attribute, .device(device)))
  }

  /// Puts a volume, a mute or a port back, or waits until the device is there and the port is in use.
  private mutating func restore(_ setting: Setting, of device: (kind: DeviceKind, name: String), wasSet: Bool) {
    if case .port = setting.attribute, let value = graph.value(of: setting.attribute), ports[setting.attribute] == nil {
      // Nothing is plugged in there now.
      if value != setting.value && wasSet { pending.append(setting) }
    } else if graph.value(of: setting.attribute) != nil {
      if !isGoing(device.kind, device.name) { settings.append(setting) }
    } else if let present = graph.device(device.kind, named: device.name) {
      // Another port is in use. What was put back before it was left needs no more, and what was only kept for it has not been
      // lost as long as nobody has set it.
      if said[setting.attribute] == setting.value { return }
      let coming = ports[.port(device.kind, name: device.name)]
      if coming != present.activePort && coming == setting.attribute.portName {
        awaited.append(setting)
      } else if wasSet {
        pending.append(setting)
      }
    } else {
      if !hasGone(device.name) { wait(for: setting, device.name) }
    }
  }

  /// Whether it is a device of ours, which has gone with its module, or one of a card profile of ours, which has gone with that.
  func hasGone(_ device: String) -> Bool {
    OwnDevice.isOne(device) || newer[device].map { graph.card(named: $0) != nil } ?? false
  }

  /// Whether a device of ours goes with its module.
  private func isGoing(_ kind: DeviceKind, _ name: String) -> Bool {
    guard OwnDevice.isOne(name), let tag = graph.device(kind, named: name)?.properties[.hprouteID] else { return false }
    return settings.contains { $0.attribute == .module(Tag(rawValue: tag)) && $0.value == .module(nil) }
  }

  mutating func wait(for setting: Setting, _ device: String) {
    if isComing(device) { awaited.append(setting) } else { pending.append(setting) }
  }

  /// Whether a device that is not there comes back by itself, because its card is.
  private func isComing(_ device: String) -> Bool {
    former[device].map { graph.card(named: $0) != nil && !unchangedCards.contains($0) } ?? false
  }

  /// A default that was none.
  private mutating func addUnset(_ setting: Setting) {
    if graph.holds(setting) { return }
    if graph.server.traits.canClearDefaults {
      settings.append(setting)
    } else {
      left.append(
        Left(object: AttributeText(graph).object(setting.attribute), reason: "this sound server cannot go back to having none"))
    }
  }

  /// Streams that an application hproute has moved started later, and that play on our output: they go where the
  /// sound goes now.
  ///
  /// - Parameter untouched: what streams had before.
  mutating func addFollowers(of baseline: Baseline, untouched: Set<Setting>) {
    let moved = baseline.movedApplications()
    guard !moved.isEmpty else { return }
    guard let home = restoredDefault(.sink) else { return }
    let known = attributes
    for stream in graph.sinkInputs where stream.isMovable {
      let attribute = Attribute.streamSink(stream.identity)
      guard !known.contains(attribute), let sink = graph.sink(index: stream.sink), sink.name != home,
        baseline[attribute] == nil, !untouched.contains(Setting(attribute, .device(sink.name))),
        moved.contains(Baseline.Move(application: stream.identity.application, sink: sink.name))
      else { continue }
      settings.append(Setting(attribute, .device(home)))
    }
  }
}
