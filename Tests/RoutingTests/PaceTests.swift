import AudioGraph
import Foundation
import TestSupport
import Testing

@testable import Routing

/// What is done when: `Pace/NAME` is a desk, a profile, and rows of what happens and of what is to be done then. No server, and
/// no time passes.
///
///     at 10 ms: done                what was sent last has been done
///     at 10 ms: follow              streams without a wish of their own have followed the default
///     at 10 ms: volume phones 100%  somebody else has changed a volume
///     at 10 ms                      nothing
///
/// `RECORD_SNAPSHOTS=1 swift test --filter PaceTests` writes what is to be done anew.
@Suite(.timeLimit(.minutes(45))) struct PaceTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Pace")
  static let cases = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()

  @Test func thereAreCases() { #expect(Self.cases.count >= 8) }

  @Test(arguments: cases) func rows(name: String) throws {
    let file = Self.folder.appendingPathComponent(name)
    let text = try String(contentsOf: file, encoding: .utf8)
    let parts = text.components(separatedBy: "\n---\n")
    try #require(parts.count == 3, "a desk, a profile and rows")
    var desk = try PaceDesk(parts[0], parts[1])
    let rows = parts[2].split(separator: "\n").filter { $0.hasPrefix("at ") }
    let lines = try rows.flatMap { try [String($0)] + desk.row(String($0)).map { "  \($0)" } }
    let result = (parts[..<2] + [lines.map { "\($0)\n" }.joined()]).joined(separator: "\n---\n")
    if ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] != nil {
      try result.write(to: file, atomically: true, encoding: .utf8)
    } else {
      #expect(difference(result, text) == nil)
    }
  }
}

/// A desk at which moments are told, and do not pass.
private struct PaceDesk {
  private let server: FakeServer
  private let profile: Profile
  private let context: PlanningContext
  private let planner = Planner(user: 1000, transaction: 1)
  private let begin = ContinuousClock.now
  private var baseline = Baseline()
  private var pace: Pace
  private var sent: [Change] = []

  init(_ desk: String, _ profile: String) throws {
    server = try FakeServer(text: desk)
    self.profile = try #require(Parser.parse(SourceText(name: "p", profile), name: "p").profile)
    context = PlanningContext(baseline, start: server.current)
    pace = Pace(from: server.current, timeout: .seconds(5))
  }

  /// What is to be done after a row, up to what has to be waited for.
  mutating func row(_ row: String) throws -> [String] {
    let parts = row.dropFirst("at ".count).split(separator: ":", maxSplits: 1)
    let moment = try #require(Int(parts[0].split(separator: " ")[0]))
    let now = begin + .milliseconds(moment)
    if parts.count == 2 { try happen(parts[1].trimmingCharacters(in: .whitespaces)) }
    var lines: [String] = []
    for _ in 0..<16 {
      let graph = server.current
      pace.observe(graph, at: now)
      let step: Pace.Step?
      do throws(PlanError) {
        let plan = try planner.plan(graph, baseline, profile, context)
        step = pace.next(plan, graph, at: now)
        if case .send(let changes, _) = step {
          baseline.record(changes, keeping: plan.sideEffects, in: graph, since: context.start)
        }
      } catch { step = pace.step(after: error, at: now) }
      switch step {
      case nil: return lines + ["the profile does not fit"]
      case .done?: return lines + ["done"]
      case .giveUp(let changes)?: return lines + changes.map { "give up \(AttributeText(graph).line($0))" }
      case .wait(let until, let reason)?:
        let end = Int(((until - begin) / .milliseconds(1)).rounded())
        return lines + ["wait until \(end) ms: \(reason.text)"]
      case .send(let changes, let phase)?:
        pace.noteSent(changes, on: graph.server.traits, at: now)
        sent = changes
        lines += changes.map { "send \(phase.title): \(AttributeText(graph).line($0))" }
        // Nothing shows yet.
        if graph.server.traits.actsAfterAnswering { return lines }
        _ = try server.perform(changes)
      }
    }
    return lines + ["and so on"]
  }

  private mutating func happen(_ event: String) throws {
    switch event {
    case "done":
      server.followersAreLate = true
      _ = try server.perform(sent)
    case "follow": _ = try server.waitForChange(until: server.now)
    default:
      let words = event.split(separator: " ").map(String.init)
      guard words.count == 3, words[0] == "volume", let percent = Double(words[2].dropLast()),
        let place = server.current.sinks.firstIndex(where: { $0.name == words[1] })
      else { throw Unreadable(event: event) }
      server.edit { graph in
        let count = graph.sinks[place].device.volume.channels.count
        graph.sinks[place].device.volume = ChannelVolumes(Volume(percent: percent), count: count)
      }
    }
  }

  struct Unreadable: Error { var event: String }
}
