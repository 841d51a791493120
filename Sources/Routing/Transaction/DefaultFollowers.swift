internal import AudioGraph

/// Knows which streams may still be following a default that was changed, on a server that answers before it acts.
///
/// An example: the default goes from the loudspeakers to the headphones. Whoever had no wish of their own is taken along by the
/// server, some time within the next tenths of a second: a stream that is to go with the default is not moved by us as long as
/// it may go by itself; one that is to stay on the loudspeakers is watched until it can no longer be taken along; and the
/// loudspeakers are not made louder under somebody who is about to leave.
struct DefaultFollowers {
  /// For so long pipewire-pulse may need to take the streams along when the default changes. A stream that is moved
  /// although it would have followed costs more: a second connection, to see whether it has really moved, and a question what
  /// its program is remembered for.
  private static let followingTakes = Duration.milliseconds(25)
  /// A stream that has not followed by then stays.
  private static let followingTakesAtMost = Duration.milliseconds(150)
  /// For so long somebody who is to stay on what was the default may still be taken along. Measured: a quarter of a second if
  /// the machine is busy.
  private static let draggingTakesAtMost = Duration.milliseconds(300)
  /// All of that takes longer the more there are, and all are seen to go at once. Measured: 4 after 26 ms, 20 after 94 to 130,
  /// 54 after 271 to 581.
  private static let eachTakes = Duration.milliseconds(8)
  private static let allTakeAtMost = Duration.seconds(1)

  /// The default that streams may be leaving.
  private struct Departure {
    var device: String?
    var since: ContinuousClock.Instant
    /// How many were on it at most, and when it was looked at last.
    var most = 0
    var streams = 0
    /// When the default was first seen to be another, or the last stream was seen to leave.
    var lastSeen: ContinuousClock.Instant?

    /// The end of a time that begins anew with each stream that leaves.
    func end(_ time: Duration) -> ContinuousClock.Instant {
      min((lastSeen ?? since) + time + DefaultFollowers.eachTakes * most, since + max(time, DefaultFollowers.allTakeAtMost))
    }
  }

  private var departures: [DeviceKind: Departure] = [:]

  /// A change is sent.
  mutating func note(_ change: Change, on server: ServerTraits, at now: ContinuousClock.Instant) {
    guard server.actsAfterAnswering, change.attribute.isDefault, let kind = change.attribute.leadsTo,
      case .device(let former) = change.from
    else { return }
    departures[kind] = Departure(device: former, since: now)
  }

  /// Takes in whether the default is another, and who has left.
  mutating func observe(_ graph: Graph, at now: ContinuousClock.Instant) {
    for (kind, departure) in departures {
      let index = departure.device.flatMap { graph.device(kind, named: $0)?.index }
      let count =
        kind == .sink ? graph.sinkInputs.count { $0.sink == index } : graph.sourceOutputs.count { $0.source == index }
      if graph.server.defaultDevice(kind) != departure.device, departure.lastSeen == nil || count < departure.streams {
        departures[kind]?.lastSeen = now
      }
      departures[kind]?.streams = count
      departures[kind]?.most = max(departure.most, count)
    }
  }

  /// Until when streams may move by themselves that `changes` would move. Who has been taken along, and is to go back, is not.
  func end(before changes: [Change]) -> ContinuousClock.Instant? {
    departures.values.flatMap { departure in
      changes.compactMap { change in
        switch change.from {
        case .device(departure.device): departure.end(Self.followingTakes)
        // Without a device it is on its way already.
        case .device(nil): departure.end(Self.followingTakesAtMost)
        default: nil
        }
      }
    }.max()
  }

  /// Until when streams may still be on their way out of a sink that `changes` make louder, and that was the default till now.
  func stragglersEnd(before changes: [Change], in graph: Graph) -> ContinuousClock.Instant? {
    guard let departure = departures[.sink], let sink = departure.device.flatMap({ graph.sink(named: $0) }),
      changes.contains(where: { $0.attribute.isAbout(sink: sink.name) }),
      graph.sinkInputs.contains(where: { $0.sink == sink.index && $0.isMovable && !$0.isCorked })
    else { return nil }
    return departure.end(Self.followingTakesAtMost)
  }

  /// Until when the server may take somebody along who is to stay on what was the default.
  func dragEnd(of plan: Plan, in graph: Graph) -> ContinuousClock.Instant? {
    departures.compactMap { kind, departure in
      isAtRisk(plan, graph, kind, departure) ? departure.end(Self.draggingTakesAtMost) : nil
    }.max()
  }

  private func isAtRisk(_ plan: Plan, _ graph: Graph, _ kind: DeviceKind, _ departure: Departure) -> Bool {
    (plan.guards + plan.wanted).contains { setting in
      guard setting.attribute.isPlacement, let home = setting.destination, graph.value(of: setting.attribute) != nil else {
        return false
      }
      if home.kind == kind { return home.name == departure.device }
      // What records from the monitor source of the default sink goes along as well.
      return home.kind == .source && graph.source(named: home.name)?.monitorOf.map { $0 == departure.device } ?? false
    }
  }
}
