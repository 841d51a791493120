import AudioGraph
import Routing
import TestSupport
import Testing

/// An apply that ends muted says so, whoever has muted it.
@Suite(.timeLimit(.minutes(45))) struct MutedTests {
  private let desk: TransactionFixture

  init() throws { desk = try TransactionFixture() }

  private func warnings(_ text: String, _ graph: String = TransactionFixture.desk) throws -> [String] {
    let server = FakeServer(try GraphText.parse(graph))
    let report = try desk.transaction(server).apply(try desk.profile(text))
    #expect(report.failure == nil)
    // Nothing has to be done, and it is as muted as before.
    #expect(try desk.transaction(server).apply(try desk.profile(text)).warnings == report.warnings)
    _ = try desk.transaction(server).revert()
    return report.warnings
  }

  @Test func theOutputThatWasChosen() throws {
    #expect(
      try warnings("[output]\nmatch = bus:usb\n") == [
        "Scarlett Solo USB is muted, and studio leaves it so: nothing is heard from it. 'mute = no' in its [output] unmutes it."
      ])
    #expect(try warnings("[output]\nmatch = bus:usb\nmute = no\n").isEmpty)
    #expect(
      try warnings("[output]\nmatch = bus:pci\nmute = yes\n") == [
        "Built-in Speakers is muted, as studio says: nothing is heard from it."
      ])
    // Another one is as somebody wants it.
    #expect(try warnings("[output main]\nmatch = bus:pci\n[output other]\nmatch = bus:usb\n").isEmpty)
  }

  @Test func whatIsBelow() throws {
    let graph = """
      sink builtin "Built-in Speakers" 30% bus=pci default
      sink interface "Scarlett 18i20" 50% map=front-left,front-right,rear-left,rear-right usb=1235:8215 muted
      source mic "Scarlett Mic" 20% usb=1235:8211 default
      """
    #expect(
      try warnings("[output]\nmatch = bus:usb\nchannels = 3, 4\n", graph) == [
        "Scarlett 18i20 is muted, which output (Scarlett 18i20 3+4) plays to: nothing is heard from it. Unmute it in your mixer."
      ])
  }
}
