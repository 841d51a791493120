import AudioGraph
import Foundation
import Routing
import TestSupport
import Testing

/// Every folder below `Plans` is a case: `graph` is what is there, `former.profile` has been applied to it (or is not
/// there), `profile` is applied (without it the case is a revert), and `plan` is what has to be done, with the warnings.
///
/// A graph names its server in its first line. What plans otherwise on PipeWire 1.4 has a `plan.pipewire` as well.
///
/// `RECORD_SNAPSHOTS=1 swift test --filter PlanTests` writes the plans anew, the name of a folder in place of the 1 only that one.
@Suite(.timeLimit(.minutes(45))) struct PlanTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Plans")
  static let cases = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).filter { !$0.hasPrefix(".") }
    .sorted()

  @Test func thereAreCases() { #expect(Self.cases.count >= 12) }

  /// One after the other: what is written anew for PipeWire depends on what has been written before.
  @Test(arguments: cases) func plan(name: String) throws { for other in [nil, "pipewire 1.4.2"] { try plan(name, on: other) } }

  private func plan(_ name: String, on other: String?) throws {
    let folder = Self.folder.appendingPathComponent(name)
    let read = { (file: String) in try? String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8) }
    var lines = try #require(read("graph")).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    #expect(lines[0].hasPrefix("server "), "\(name)")
    if let other { lines[0] = "server \(other)" }
    let server = try FakeServer(text: lines.joined(separator: "\n"))
    let directory = try TemporaryDirectory()
    let state = try StateDirectory(Environment { $0 == "XDG_STATE_HOME" ? directory.path : nil })
    let lock = try state.lock(until: .now)
    if let former = read("former.profile") {
      let report = try transaction(server, state, 1).apply(try profile(former, "former"))
      #expect(report.failure == nil)
    }
    withExtendedLifetime(lock) {}
    if let after = read("after") { try edit(server, after) }

    let graph = server.current
    let journal = try state.journals().first
    let wanted = try read("profile").map { try profile($0, "wanted") }
    let planner = Planner(user: 1000, transaction: 2)
    let text: String
    do {
      let plan = try planner.plan(graph, journal?.baseline ?? Baseline(), wanted)
      text = PlanText(plan, graph).text() + plan.warnings.map { "warning: \($0)\n" }.joined()
    } catch { text = "error: \(error.sentence)\n" }

    let own = other == nil ? "plan" : "plan.pipewire"
    if ["1", name].contains(ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"]) {
      let golden = folder.appendingPathComponent(own)
      try? FileManager.default.removeItem(at: golden)
      if other == nil || text != read("plan") { try text.write(to: golden, atomically: true, encoding: .utf8) }
    }
    #expect(difference(text, read(own) ?? read("plan") ?? "") == nil, "\(name)")
  }

  private func profile(_ text: String, _ name: String) throws -> Profile {
    let parsed = Parser.parse(SourceText(name: name, text), name: name)
    return try #require(parsed.profile, "\(parsed.diagnostics)")
  }

  private func transaction(_ server: FakeServer, _ state: StateDirectory, _ number: UInt32) -> Transaction {
    Transaction(
      server: server, address: "fake", state: state, timeout: .milliseconds(300),
      planner: Planner(user: 1000, transaction: number))
  }

  /// Lines of a graph that are there in addition after the former apply, or devices that left: `- NAME`.
  private func edit(_ server: FakeServer, _ text: String) throws {
    for line in text.split(separator: "\n") {
      var graph = server.current
      if line.hasPrefix("- ") {
        let name = line.dropFirst(2)
        try #require(graph.sinks.contains { $0.name == name } || graph.sources.contains { $0.name == name }, "\(line)")
        graph.sinks.removeAll { $0.name == name }
        graph.sources.removeAll { $0.name == name }
      } else {
        try GraphText.add(String(line), to: &graph)
      }
      server.edit { $0 = graph }
    }
  }
}
