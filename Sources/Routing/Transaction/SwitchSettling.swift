internal import AudioGraph

/// Knows when what a card profile or a port has brought can be believed.
///
/// PulseAudio has done it all when it answers. pipewire-pulse shows a device before it knows its volume, and some time
/// later the session manager writes the volume that it remembers, over what was set in the meantime.
struct SwitchSettling {
  /// New devices must look the same for this long before their volumes are trusted.
  private static let comingTakes = Duration.milliseconds(40)
  /// What is still silent then is silent.
  private static let comingTakesAtMost = Duration.milliseconds(500)
  /// For so long all volumes must have been right before anything is heard.
  private static let steadyTime = Duration.milliseconds(150)
  /// For so long pipewire-pulse may tell another card profile or port while anything about the card changes.
  private static let doubtTakes = Duration.milliseconds(40)

  /// When a card profile or a port was last changed.
  private var switchedAt: ContinuousClock.Instant?
  private var isLate = false
  /// What has come, and since when it has been so.
  private var arrivals: (volumes: [String: ChannelVolumes], since: ContinuousClock.Instant)?
  /// Since when the volumes are right.
  private var steadySince: ContinuousClock.Instant?
  /// Since when one reads as if somebody else had changed it.
  private var doubtSince: ContinuousClock.Instant?

  /// A change is sent.
  mutating func note(_ change: Change, at now: ContinuousClock.Instant) {
    if change.attribute.isSwitch { (switchedAt, steadySince, arrivals) = (now, now, nil) }
  }

  /// A card does not do it: there is nothing to wait for.
  mutating func forget() { switchedAt = nil }

  /// A volume is too loud, and about to be set.
  mutating func noteDeviation(at now: ContinuousClock.Instant) { if steadySince != nil { steadySince = now } }

  /// Takes in what devices there are, and how loud, that were not there or had another port in `start`. Once that has been
  /// the same for a while it is believed; what changes afterwards is hproute's own doing, or is seen while it is held.
  mutating func observe(_ graph: Graph, since start: Graph, at now: ContinuousClock.Instant) {
    isLate = graph.server.traits.actsAfterAnswering
    guard isLate, let switchedAt else { return }
    var volumes: [String: ChannelVolumes] = [:]
    for device in graph.sinks.map(\.device) + graph.sources.map(\.device) where !OwnDevice.isOne(device.name) {
      let known = start.device(device.kind, named: device.name)
      if known == nil || known?.activePort != device.activePort { volumes["\(device.kind) \(device.name)"] = device.volume }
    }
    if let arrivals, arrivals.since + Self.comingTakes <= now, Set(arrivals.volumes.keys) == Set(volumes.keys) { return }
    // Silence is what is shown of a channel as long as nothing is known.
    let isUnknown = volumes.values.contains { $0.channels.contains(.silence) } && now < switchedAt + Self.comingTakesAtMost
    if arrivals?.volumes != volumes || isUnknown { arrivals = (volumes, now) }
  }

  /// Whether what a switch brings is there, and will not be another.
  func hasArrived(at now: ContinuousClock.Instant) -> Bool {
    !isLate || arrivals.map { $0.since + Self.comingTakes <= now && !$0.volumes.isEmpty } ?? false
  }

  /// Until when what has come is not to be believed.
  var arrivalEnd: ContinuousClock.Instant? { arrivals.map { $0.since + Self.comingTakes } }

  /// Until when volumes may still change by themselves.
  var holdEnd: ContinuousClock.Instant? { isLate ? steadySince.map { $0 + Self.steadyTime } : nil }

  /// Until when devices may still be on their way.
  func comingUntil(_ timeout: Duration) -> ContinuousClock.Instant? { switchedAt.map { $0 + timeout } }

  /// Until when a card profile or a port that was right to begin with, and that nobody has changed, is looked at again.
  mutating func doubtEnd(_ isDoubtful: Bool, at now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
    doubtSince = isLate && isDoubtful ? doubtSince ?? now : nil
    return doubtSince.map { $0 + Self.doubtTakes }
  }
}
