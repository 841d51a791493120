public import AudioGraph

/// What hproute has changed, and what was there before: what a revert goes back to.
public struct Baseline: Hashable, Sendable {
  /// One attribute that was touched.
  public struct Entry: Hashable, Sendable {
    /// What was touched. A baseline has one entry for it.
    public var attribute: Attribute
    /// What the server had before the first change.
    public var was: Value
    /// What hproute set last; nil for a side effect, of which it has set nothing, and that the server may lose.
    public var set: Value?
    /// What somebody has chosen while a profile was applied, and a profile starts from since where it says only part of a
    /// volume. Nil where nobody has.
    public var chosen: Value?
    /// The name of the card that the device it is about belongs to, if it is about one.
    public var card: String?
    /// Whether the profile has been reverted while the device was away, so that its part still has to be done.
    public var isPending: Bool

    /// Whether it was only written down because the server may lose it.
    public var isSideEffect: Bool { self.set == nil }

    /// What hproute left behind; nil for a side effect. Until its device is back a program is sent nowhere, and is as loud as it
    /// was.
    public var outcome: Setting? {
      if isPending, case .memory(var memory?) = was {
        memory.sink = nil
        return Setting(attribute, .memory(memory))
      }
      return self.set.map { Setting(attribute, $0) }
    }

    /// Whether it only keeps what was remembered for a program.
    var isKeptMemory: Bool { if case .memory = attribute { isSideEffect } else { false } }

    var isUserModule: Bool { Setting(attribute, was).isUserModule }

    /// Stores its parameters.
    public init(
      _ attribute: Attribute, was: Value, set: Value?, card: String? = nil, isPending: Bool = false, chosen: Value? = nil
    ) {
      self.attribute = attribute
      self.was = was
      self.set = set
      self.card = card
      self.isPending = isPending
      self.chosen = chosen
    }
  }

  /// In the order in which they were first touched.
  public private(set) var entries: [Entry] { didSet { (places, programs) = (Self.places(entries), Self.programs(entries)) } }
  /// Where in ``entries`` each attribute is.
  private var places: [Attribute: Int]
  /// Where in ``entries`` the volumes and mutes of the streams of a program are.
  private var programs: [ProgramStreams: [Int]]

  /// Stores its parameter. Of two entries for one attribute the first is found.
  public init(_ entries: [Entry] = []) {
    self.entries = entries
    (places, programs) = (Self.places(entries), Self.programs(entries))
  }

  private static func places(_ entries: [Entry]) -> [Attribute: Int] {
    Dictionary(entries.enumerated().map { ($1.attribute, $0) }, uniquingKeysWith: { first, _ in first })
  }

  private static func programs(_ entries: [Entry]) -> [ProgramStreams: [Int]] {
    var programs: [ProgramStreams: [Int]] = [:]
    for (place, entry) in entries.enumerated() {
      guard let program = ProgramStreams(entry.attribute) else { continue }
      programs[program, default: []].append(place)
    }
    return programs
  }

  /// The volumes and mutes that were touched of streams of the program that `stream` is of.
  func entries(ofProgramOf stream: Stream) -> [Entry] {
    let program = ProgramStreams(kind: stream.kind, application: stream.identity.application)
    return (programs[program] ?? []).map { entries[$0] }
  }

  /// Whether there is nothing to put back, and nothing that waits.
  public var isEmpty: Bool { entries.isEmpty }

  /// How many entries a profile has in force.
  public var inForce: Int {
    entries.count { !$0.isPending && !$0.isSideEffect && $0.set != $0.was && $0.attribute.stream?.isStream ?? true }
  }

  /// Nil if hproute has not touched it, and keeps nothing of it.
  public subscript(attribute: Attribute) -> Entry? { places[attribute].map { entries[$0] } }

  /// What hproute set last, by attribute.
  public var lastSet: [Attribute: Value] {
    Dictionary(entries.compactMap(\.outcome).map { ($0.attribute, $0.value) }, uniquingKeysWith: { $1 })
  }

  /// Notes changes that are about to be made to `graph`. What an attribute was before the first change stays.
  ///
  /// - Parameter start: what there was before any of it. What is read on the way may be something on its way: pipewire-pulse
  ///   tells another port, and another volume, while those of a card are being changed.
  /// - Parameter sideEffects: what the changes may take along. They are noted in front of them, which tells the devices of
  ///   a former card profile from those of the new one.
  /// - Parameter isRefreshing: whether how loud bystanders were is noted anew: since the last time somebody may have turned
  ///   them up or down.
  public mutating func record(
    _ changes: [Change], keeping sideEffects: [Setting] = [], in graph: Graph, since start: Graph, isRefreshing: Bool = false
  ) {
    var entries = entries
    var places = places
    for sideEffect in sideEffects where isRefreshing && sideEffect.attribute.isStream && !sideEffect.attribute.isPlacement {
      if let place = places[sideEffect.attribute], entries[place].isSideEffect { entries[place].was = sideEffect.value }
    }
    for sideEffect in sideEffects where places[sideEffect.attribute] == nil {
      // A device of a card profile that is ours already has nothing to be kept.
      let card = graph.cardName(of: sideEffect.attribute)
      if let card, places[.cardProfile(card: card)] != nil { continue }
      places[sideEffect.attribute] = entries.count
      // Where a stream belongs is not always where it is.
      let isOfNow =
        sideEffect.attribute.isStream || sideEffect.isUserModule || start.value(of: sideEffect.attribute) == .memory(nil)
      let was = isOfNow ? sideEffect.value : start.value(of: sideEffect.attribute) ?? sideEffect.value
      entries.append(Entry(sideEffect.attribute, was: was, set: nil, card: card))
    }
    for change in changes {
      if let place = places[change.attribute] {
        entries[place].set = change.to
        entries[place].isPending = false
      } else {
        places[change.attribute] = entries.count
        let first = graph.known(change.attribute, since: start)
        var was = first.hidesVolume(of: change.attribute) ? .unknown : first.value(of: change.attribute) ?? change.from
        // A server without another device has taken one of ours. Nobody has chosen it, and it goes with its profile.
        if first.isDefaultOurs(change.attribute) { was = .device(nil) }
        // A stream that has just begun was about to go to the default.
        if was == .device(nil), change.attribute.isPlacement, let kind = change.attribute.leadsTo {
          was = self[.default(kind)]?.was ?? .device(start.server.defaultDevice(kind))
        }
        entries.append(Entry(change.attribute, was: was, set: change.to, card: graph.cardName(of: change.attribute)))
      }
    }
    self.entries = entries
  }

  /// Notes what somebody has made of the volumes that hproute had set, before they are set again: the next apply starts from
  /// there as well.
  ///
  /// - Parameter superseded: what a key sets in its place, or a limit.
  mutating func noteChoices(in graph: Graph, except superseded: Set<Attribute> = []) {
    entries = entries.map { entry in
      guard !superseded.contains(entry.attribute), let outcome = entry.outcome, case .volume = outcome.value, !entry.isPending,
        !graph.hidesVolume(of: entry.attribute),
        let value = graph.value(of: entry.attribute),
        !graph.holds(outcome, assuming: [outcome.attribute: outcome.value])
      else { return entry }
      var entry = entry
      entry.chosen = graph.holds(Setting(entry.attribute, entry.was)) ? nil : value
      return entry
    }
  }

  /// Whether `entry` is kept for when a card profile or port of `wanted` goes back to what it was.
  static func isSideEffect(_ entry: Entry, of wanted: Set<Attribute>, in graph: Graph) -> Bool {
    // What a former profile has set, and has gone with the card profile.
    if let card = entry.card, wanted.contains(.cardProfile(card: card)), graph.value(of: entry.attribute) == nil { return true }
    return entry.isSideEffect
      && wanted.contains { attribute in
        switch attribute {
        case .cardProfile(let card): entry.card == nil || entry.card == card
        case .port(_, let name): entry.attribute.deviceName == name
        // A server may take what is loaded for its default.
        case .module: entry.attribute.isDefault
        default: false
        }
      }
  }

  /// Whether a stream has ended that hproute had muted.
  func hasMutedWhatEnded(in graph: Graph) -> Bool {
    entries.contains { entry in
      switch entry.attribute {
      case .mute(.stream), .mute(.recording):
        entry.was == .mute(false) && entry.set == .mute(true) && graph.value(of: entry.attribute) == nil
      default: false
      }
    }
  }

  /// Drops all other entries: what they say is not put back any more.
  public mutating func keep(where isKept: (Entry) -> Bool) { entries.removeAll { !isKept($0) } }

  /// Takes up again what waits for a device that is back and wanted: it is not put back, but stays noted as what there was
  /// before.
  mutating func reclaim(_ wanted: [Setting]) {
    guard entries.contains(where: \.isPending) else { return }
    let values = Dictionary(wanted.map { ($0.attribute, $0.value) }, uniquingKeysWith: { $1 })
    entries = entries.map { entry in
      guard entry.isPending, let value = values[entry.attribute] else { return entry }
      return Entry(entry.attribute, was: entry.was, set: value, card: entry.card)
    }
  }

  /// Takes over what is as a profile wants it although a former one has set something else: somebody has been faster.
  ///
  /// - Returns: whether there was any.
  mutating func takeOver(_ wanted: [Setting], in graph: Graph) -> Bool {
    let former = entries
    for setting in wanted {
      guard let place = places[setting.attribute], !entries[place].isPending, !entries[place].isSideEffect,
        entries[place].set != setting.value, graph.holds(setting)
      else { continue }
      if case .module = setting.attribute { continue }
      entries[place].set = setting.value
    }
    return entries != former
  }

  /// Corrects what an attribute was before the first change.
  mutating func correct(_ attribute: Attribute, was: Value) {
    if let place = places[attribute] { entries[place].was = was }
  }

  /// Leaves entries as things that are to be done later.
  ///
  /// - Parameter attributes: of those that are meant; nil for all.
  public mutating func markPending(_ attributes: Set<Attribute>? = nil) {
    entries = entries.map { entry in
      guard attributes?.contains(entry.attribute) ?? true else { return entry }
      return Entry(entry.attribute, was: entry.was, set: entry.set, card: entry.card, isPending: true)
    }
  }

  /// An application whose stream hproute has moved, and where to.
  struct Move: Hashable {
    var application: Application
    var sink: String
  }

  func movedApplications() -> Set<Move> {
    Set(
      entries.compactMap { entry in
        guard case .streamSink(let identity) = entry.attribute, case .device(let sink?) = entry.set else { return nil }
        return Move(application: identity.application, sink: sink)
      })
  }
}

/// What a program plays, or what it records.
private struct ProgramStreams: Hashable {
  var kind: DeviceKind
  var application: Application
}

extension ProgramStreams {
  /// Nil for what is no volume and no mute of a stream.
  init?(_ attribute: Attribute) {
    switch attribute {
    case .volume(.stream(let identity)), .mute(.stream(let identity)): self.init(kind: .sink, application: identity.application)
    case .volume(.recording(let identity)), .mute(.recording(let identity)):
      self.init(kind: .source, application: identity.application)
    default: return nil
    }
  }
}

extension Graph {
  /// The graph that tells what an attribute was before: the first one, or this where the first did not know.
  func known(_ attribute: Attribute, since start: Graph) -> Graph {
    // What is remembered for a program may have been asked for since.
    [nil, .memory(nil)].contains(start.value(of: attribute)) || start.hidesVolume(of: attribute) ? self : start
  }

  /// The card of the device an attribute is about.
  func cardName(of attribute: Attribute) -> String? {
    attribute.device.flatMap { device($0.kind, named: $0.name) }.flatMap(cardName)
  }
}

extension Graph {
  /// A default, to be kept when something is loaded that the server may take for it. Nil where it is of ours.
  func chosenDefault(_ attribute: Attribute) -> Setting? {
    guard !isDefaultOurs(attribute), case .device(let name?)? = value(of: attribute) else { return nil }
    return Setting(attribute, .device(name))
  }

  /// Whether a default is a device that hproute has loaded.
  func isDefaultOurs(_ attribute: Attribute) -> Bool {
    guard attribute.isDefault, case .device(let name?)? = value(of: attribute) else { return false }
    return OwnDevice.isOne(name)
  }
}
