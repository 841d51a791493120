internal import AudioGraph

/// The streams that nobody has named: they stay where they are, as loud as they are.
///
/// A server takes streams along when a default changes, and when a card profile takes their device away for a moment. A DAW
/// that was on the interface before the apply is on the default while the profile is applied, and would end in the laptop's
/// speakers with the revert. So all streams are written down when a transaction begins; what is dragged away is put back.
///
/// A stream that has come while a profile was applied, and is on the default, follows the default.
struct Bystanders {
  /// What there was when the transaction began.
  private let start: Graph
  /// What was written down by then.
  private let origin: Baseline
  /// Whether nobody knows what of it has been done.
  private let isInterrupted: Bool
  private let streams: [Stream]
  /// The same, by their positions.
  private let places: [Attribute: Stream]

  init(_ context: PlanningContext) {
    (start, origin, isInterrupted) = (context.start, context.origin, !context.isCertain)
    // A short desktop sound is over before it could be put back.
    streams = context.start.foreignStreams.filter { $0.role != "event" && $0.place != nil }
    places = Dictionary(streams.map { ($0.placement, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The default of the time before hproute changed it.
  func originalDefault(_ kind: DeviceKind) -> String? {
    if let entry = origin[.default(kind)], !entry.isSideEffect, case .device(let name?) = entry.was { return name }
    return start.server.defaultDevice(kind)
  }

  /// Where a stream belongs if no profile says otherwise: where it was before hproute came, or where somebody has put it since.
  private func home(of stream: Stream) -> String? {
    let isOnDefault = stream.place == start.server.defaultDevice(stream.kind)
    guard let entry = origin[stream.placement], case .device(let was?) = entry.was else {
      if let former = origin.formerPlace(of: stream, else: originalDefault(stream.kind)) { return former }
      if isOnDefault { return originalDefault(stream.kind) }
      // What plays to a device of ours has come while it was there.
      return stream.place.flatMap { OwnDevice.isOne($0) ? nil : $0 }
    }
    // A bystander on the default may have been taken along by somebody who has changed the default.
    return !entry.isSideEffect || isOnDefault || isInterrupted ? was : stream.place
  }

  /// Whether a stream goes where the default goes: it was on the default before hproute came, or on something that is no
  /// longer there.
  func follows(_ position: Attribute, in graph: Graph) -> Bool {
    guard let stream = places[position], let home = home(of: stream) else {
      // One that has come in the meantime is where the server has put it, and so may still be on the default of before.
      return graph.value(of: position) == .device(start.server.defaultDevice(position.leadsTo ?? .sink))
    }
    let isLost = graph.device(stream.kind, named: home) == nil || OwnDevice.isOne(home)
    return isLost || (home == originalDefault(stream.kind) && !isAnchored(stream))
  }

  /// What stays as it is.
  ///
  /// - Parameters:
  ///   - named: what a profile or a baseline has a say about.
  ///   - followed: of which kinds there is a new default that streams may follow.
  ///   - isRevert: whether hproute goes, and with it the default that it has set.
  func settings(in graph: Graph, excluding named: Set<Attribute>, followed: Set<DeviceKind>, isRevert: Bool) -> [Setting] {
    streams.flatMap { stream -> [Setting] in
      var settings: [Setting] = []
      if let place = isRevert ? placeAfterRevert(of: stream) : place(of: stream, followed),
        graph.device(stream.kind, named: place) != nil
      {
        settings.append(Setting(stream.placement, .device(place)))
      }
      settings.append(Setting(.volume(stream.object), known(.volume(stream.object)) ?? .volume(stream.volume)))
      settings.append(Setting(.mute(stream.object), known(.mute(stream.object)) ?? .mute(stream.isMuted)))
      return settings.filter { !named.contains($0.attribute) }
    }
  }

  private func place(of stream: Stream, _ followed: Set<DeviceKind>) -> String? {
    let home = home(of: stream)
    return followed.contains(stream.kind) && home == originalDefault(stream.kind) && !isAnchored(stream) ? nil : home
  }

  /// Whether it is an end of a loopback that was loaded for this very device, be it the default or not.
  private func isAnchored(_ stream: Stream) -> Bool {
    guard !stream.hasClient, let loader = start.loader(of: stream.identity) else { return false }
    return loader.isLoopback && loader.namesItsEnd(stream.kind)
  }

  /// Nil where it goes with the default.
  private func placeAfterRevert(of stream: Stream) -> String? {
    if origin[stream.placement] != nil { return home(of: stream) }
    let isOurs = stream.place.map(OwnDevice.isOne) ?? true
    return isOurs || stream.place == start.server.defaultDevice(stream.kind) ? nil : stream.place
  }

  /// What was written down of something that may be half done.
  private func known(_ attribute: Attribute) -> Value? {
    isInterrupted ? origin[attribute].flatMap { $0.isSideEffect ? $0.was : nil } : nil
  }

  /// What is written down of them.
  var sideEffects: [Setting] {
    streams.flatMap { stream in
      let position = home(of: stream).map { [Setting(stream.placement, .device($0))] } ?? []
      // One that is where a rule has told the server to begin it is as loud as that says, too.
      let wasThereBefore = origin[stream.placement].map { $0.was == .device(stream.place) } ?? false
      let isByRule = !wasThereBefore && origin.formerPlace(of: stream, else: stream.place) != nil
      let volume = isByRule ? origin.formerVolume(of: stream).map(stream.volume.scaled) : nil
      let isMuted = isByRule ? origin.formerMute(of: stream) : nil
      return position + [
        Setting(.volume(stream.object), .volume(volume ?? stream.volume)),
        Setting(.mute(stream.object), .mute(isMuted ?? stream.isMuted)),
      ]
    }
  }
}

extension Graph {
  /// Says which programs are elsewhere because their device has gone, and where.
  ///
  /// - Parameter named: what a profile or a baseline has a say about, and is told as a change.
  func displacements(since start: Graph, except named: Set<Attribute>) -> [String] {
    let names = AttributeText(self)
    return start.foreignStreams.compactMap { stream in
      guard stream.hasClient, !named.contains(stream.placement),
        let place = stream.place, !OwnDevice.isOne(place), device(stream.kind, named: place) == nil,
        let now = value(of: stream.placement), now != .device(nil)
      else { return nil }
      let verb = stream.kind == .sink ? "plays to" : "records from"
      let device = names.value(now, of: stream.placement)
      return "\(names.object(stream.placement)) \(verb) \(device) now: its device has gone."
    }
  }
}

extension Attribute {
  static func `default`(_ kind: DeviceKind) -> Attribute { kind == .sink ? .defaultSink : .defaultSource }
}

extension Baseline {
  /// Writes down where modules of others belong that have been loaded again: their streams are new ones.
  mutating func reclaimReloaded(in graph: Graph) {
    let ends = entries.flatMap { entry -> [Entry] in
      guard case .userModule(let module) = entry.attribute, case .userModule(let was?) = entry.was,
        let index = graph.index(of: module)
      else { return [] }
      return graph.foreignStreams.filter { $0.ownerModule == index && self[$0.placement] == nil }.compactMap { stream in
        (stream.kind == .sink ? was.sink : was.source).map { Entry(stream.placement, was: .device($0), set: nil) }
      }
    }
    if !ends.isEmpty { self = Baseline(entries + ends) }
  }

  /// Settles what was written down of streams, now that all is done: what is as it was is only kept; what the server has
  /// changed, and would not change back, is ours.
  ///
  /// - Parameters:
  ///   - wanted: what a profile has a say about.
  ///   - exempt: what could not be changed.
  ///   - keepsEnded: whether what has ended stays written down.
  mutating func settleStreams(in graph: Graph, wanted: Set<Attribute>, exempt: Set<Attribute>, keepsEnded: Bool) {
    let settled = entries.compactMap { entry -> Entry? in
      guard let stream = entry.attribute.stream, stream.isStream, !wanted.contains(entry.attribute) else { return entry }
      guard let value = graph.value(of: entry.attribute) else { return keepsEnded ? entry : nil }
      var entry = entry
      if value == entry.was {
        entry.set = nil
      } else if entry.isSideEffect || exempt.contains(entry.attribute) {
        entry.set = value
      }
      return entry
    }
    if settled != entries { self = Baseline(settled) }
  }
}
