import AudioGraph
import Foundation
import Routing
import TestSupport
import Testing

/// Every state of the watch with every event: `Watch/table` has what comes of each.
///
/// `RECORD_SNAPSHOTS=1 swift test --filter WatchTableTests` writes the table anew.
@Suite(.timeLimit(.minutes(45))) struct WatchTableTests {
  static let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Watch/table")

  // MARK: - Situations

  static let laptop = Presence(.sink, name: "laptop", index: 1)
  static let phones = Presence(.sink, name: "phones", index: 7)
  static let phonesAnew = Presence(.sink, name: "phones", index: 9)

  /// Profiles `studio`, which may be chosen and wants the phones, and `speakers`, which may not and wants the laptop.
  static func situation(_ phones: Presence? = nil, _ record: Situation.Record = .nothing) -> Situation {
    var fits: [String: Situation.Fit] = ["studio": phones.map { .present([$0]) } ?? .absent("no phones")]
    if record == .applied("speakers") { fits["speakers"] = .present([laptop]) }
    if record == .applied("by-path") { fits["by-path"] = .unknown }
    var situation = Situation(
      presences: phones.map { [laptop, $0] } ?? [laptop], choice: phones.map { _ in "studio" }, fits: fits,
      revisions: fits.mapValues { _ in 1 }, record: record)
    situation.appliedRevision = situation.profile.map { _ in 1 }
    return situation
  }

  static let sights: KeyValuePairs<String, Situation> = {
    var held = situation(phones, .applied("studio"))
    held.deviations = [.volume(.device(.sink, name: "phones", port: nil))]
    var loud = situation(phones, .applied("studio"))
    loud.excesses = [.volume(.device(.sink, name: "phones", port: nil)): ChannelVolumes(.full, count: 2)]
    var begun = situation(phones, .applied("studio"))
    begun.strays = [.streamSink(StreamIdentity(index: 5, application: Application(name: "Talk"), process: "", media: ""))]
    var edited = situation(phones, .applied("studio"))
    edited.revisions["studio"] = 2
    var back = situation()
    back.hasReturned = true
    var unclear = situation(phones, .applied("studio"))
    unclear.fits["studio"] = .unclear
    var elsewhere = situation(phones, .applied("studio"))
    elsewhere.isSameRun = false
    return [
      "no phones": situation(), "phones": situation(phones), "phones, studio": situation(phones, .applied("studio")),
      "no phones, studio": situation(nil, .applied("studio")), "phones anew, studio": situation(phonesAnew, .applied("studio")),
      "phones, studio edited": edited, "phones, studio held": held, "television and phones, studio held": besideHeld,
      "phones, studio, something has begun": begun, "phones, studio, too loud": loud,
      "phones, studio of another run": elsewhere, "phones twice, studio": unclear,
      "phones, speakers": situation(phones, .applied("speakers")), "no phones, speakers": situation(nil, .applied("speakers")),
      "no phones, by-path": situation(nil, .applied("by-path")), "phones, cut off": situation(phones, .interrupted),
      "no phones, cut off": situation(nil, .interrupted), "something is back": back,
    ]
  }()

  static let events: [(String, WatchEvent)] =
    [
      ("begin", .begin), ("connected", .connected), ("lost", .lost("the server is gone")), ("timer", .timer),
      ("applied", .finished(.applied("studio", [phones], .applied("studio"), isNews: true))),
      ("reverted", .finished(.reverted(.nothing))),
      ("put back", .finished(.putBack)), ("failed", .finished(.failed("it broke.", .nothing))), ("busy", .finished(.busy)),
    ] + sights.map { ("saw \($0.key)", .saw($0.value)) }

  // MARK: - States

  /// A watch after some events, five a second, and the moment of the next.
  static func after(_ name: String, _ events: WatchEvent...) -> (String, Watch, Duration) {
    var watch = Watch()
    for (number, event) in events.enumerated() { _ = watch.handle(event, at: .milliseconds(200 * number)) }
    return (name, watch, .milliseconds(200 * events.count))
  }

  static let beside = television(inForce), besideHeld = television(situation(phones, .applied("studio")), holding: true)

  static func television(_ situation: Situation, holding: Bool = false) -> Situation {
    var situation = situation
    situation.presences.insert(Presence(.sink, name: "television", index: 11))
    if holding { situation.deviations = [.volume(.device(.sink, name: "phones", port: nil))] }
    return situation
  }

  static let backBeside = {
    var situation = inForce
    situation.hasReturned = true
    return situation
  }()

  /// What was in force when the last session ended.
  static func login(_ phones: Presence?) -> Situation {
    var situation = situation(phones, .applied("studio"))
    situation.isSameRun = false
    return situation
  }

  static let there = situation(phones), inForce = situation(phones, .applied("studio")), none = situation()
  static let done = WatchEvent.finished(.applied("studio", [phones], .applied("studio"), isNews: true))
  static let broken = WatchEvent.finished(.failed("it broke.", .nothing))

  static let states = [
    after("new"), after("no server", .begin, .lost("no"), .timer, .lost("no")), after("connected", .begin, .connected),
    after("login, studio in force, the phones still to come", .begin, .connected, .saw(login(nil)), .timer),
    after("login, the phones have come", .begin, .connected, .saw(login(nil)), .timer, .saw(login(phones))),
    after("settling, no phones", .begin, .connected, .saw(none)), after("settling, phones", .begin, .connected, .saw(there)),
    after(
      "phones that come and go for a second", .begin, .connected, .saw(there), .saw(none), .saw(there), .saw(none), .saw(there)),
    after(
      "a television that comes and goes for a second under studio", .begin, .connected, .saw(there), .timer, done, .saw(inForce),
      .timer,
      .saw(beside), .saw(inForce), .saw(beside), .saw(inForce), .saw(beside)),
    after(
      "putting back while it settles", .begin, .connected, .saw(there), .timer, done, .saw(inForce), .timer, .saw(besideHeld)),
    after("applying", .begin, .connected, .saw(there), .timer),
    after("at rest, nothing", .begin, .connected, .saw(none), .timer),
    after("at rest, studio", .begin, .connected, .saw(there), .timer, done, .saw(inForce), .timer),
    after("at rest, reverted by hand", .begin, .connected, .saw(there), .timer, done, .saw(inForce), .timer, .saw(there), .timer),
    after(
      "at rest, speakers by hand", .begin, .connected, .saw(there), .timer, done, .saw(inForce), .timer,
      .saw(situation(phones, .applied("speakers"))), .timer),
    after(
      "what waited is given back beside studio", .begin, .connected, .saw(there), .timer, done, .saw(inForce), .timer,
      .saw(backBeside), .timer, .finished(.reverted(.applied("studio")))),
    after("pausing", .begin, .connected, .saw(there), .timer, broken),
    after(
      "resigned", .begin, .connected, .saw(there), .timer, broken, .timer, broken, .timer, broken, .timer, broken, .timer, broken,
      .timer, broken),
    after("server gone under studio", .begin, .connected, .saw(there), .timer, done, .saw(inForce), .timer, .lost("gone")),
    after(
      "server back, phones not yet", .begin, .connected, .saw(there), .timer, done, .saw(inForce), .timer, .lost("gone"),
      .connected,
      .saw(situation(nil, .applied("studio")))),
    after(
      "server back, phones as well", .begin, .connected, .saw(there), .timer, done, .saw(inForce), .timer, .lost("gone"),
      .connected,
      .saw(situation(phonesAnew, .applied("studio")))),
  ]

  @Test func everyStateWithEveryEvent() throws {
    var lines: [String] = []
    for (state, watch, now) in Self.states {
      lines.append("\(state): \(Self.text(watch, since: now))")
      for (event, it) in Self.events {
        var next = watch
        let actions = next.handle(it, at: now)
        let isSame = next == watch && actions.isEmpty
        lines.append(
          "  \(event) -> \(isSame ? "nothing" : ([Self.text(next, since: now)] + actions.map(Self.text)).joined(separator: "; "))"
        )
      }
    }
    let text = lines.map { "\($0)\n" }.joined()
    if ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] != nil {
      try text.write(to: Self.file, atomically: true, encoding: .utf8)
    }
    let golden = try String(contentsOf: Self.file, encoding: .utf8)
    #expect(difference(text.split(separator: "\n"), golden.split(separator: "\n")) == nil)
  }

  private static func text(_ watch: Watch, since now: Duration) -> String {
    let phase =
      switch watch.phase {
      case .away(let attempts): "away (\(attempts))"
      case .settling: "settling"
      case .working: "working"
      case .resting: "at rest"
      case .pausing: "pausing"
      case .resigned: "resigned"
      }
    let wake = watch.wakeAt.map { " until \(Int(($0 - now) / .milliseconds(1))) ms" } ?? ""
    let wish: String =
      switch watch.wish {
      case .automatic: ""
      case .manual(let profile, let choice): ", \(profile ?? "nothing") by hand instead of \(choice ?? "nothing")"
      }
    return phase + wake + wish
  }

  private static func text(_ action: WatchAction) -> String {
    switch action {
    case .connect: "connect"
    case .apply(let name, .whole, let reason): "apply all of \(name), for \(reason.text)"
    case .apply(let name, .remainder(let steady), let reason):
      "apply the rest of \(name) but for \(steady.map(\.name).sorted().joined(separator: " and ")), for \(reason.text)"
    case .revert(let reason): "revert, for \(reason.text)"
    case .restorePending: "restore what was pending"
    case .putBack: "put back what is held"
    case .lower: "lower what is above its limit"
    case .place: "place what has just begun"
    case .tell(let news): "tell '\(news.text)'"
    }
  }
}
