import AudioGraph
import Foundation
import Routing
import TestSupport
import Testing

/// What hproute does by itself: the same as when somebody types it, but that what somebody else has changed stays changed.
@Suite(.timeLimit(.minutes(45))) struct GentleTests {
  private let desk: TransactionFixture

  init() throws { desk = try TransactionFixture() }

  private static let loud = Volume(percent: 80)

  private func server() throws -> FakeServer { try CardTransactionTests.server() }

  /// With nobody else at work there is no difference, whatever phases it takes.
  @Test func withoutAnybodyElseItIsTheSame() throws {
    let (typed, gentle) = (try server(), try server())
    let before = CardTransactionTests.state(gentle)
    let wish = try desk.profile(CardTransactionTests.wish)
    #expect(try desk.transaction(typed).apply(wish).result == .applied)
    _ = try desk.transaction(typed).revert()
    let other = try desk.profile("[output]\nmatch = bus:pci\nvolume = 10%\nbalance = -50%\n", "other")
    let report = try desk.transaction(gentle).apply(wish, .respectManualChanges)
    #expect(report.result == .applied && report.left.isEmpty, "\(report.left)")
    #expect(!gentle.current.sinkInputs.contains { $0.isMuted && $0.properties[.applicationName] != "Silent" })
    #expect(try desk.transaction(gentle).apply(other, .respectManualChanges).failure == nil)
    #expect(!gentle.current.sinkInputs.contains { $0.isMuted && $0.properties[.applicationName] != "Silent" })
    #expect(try desk.transaction(gentle).apply(wish, .respectManualChanges).failure == nil)
    let reverted = try desk.transaction(gentle).revert(.respectManualChanges)
    #expect(reverted.result == .reverted && reverted.left.isEmpty && reverted.problems.isEmpty, "\(reverted.left)")
    #expect(difference(before, CardTransactionTests.state(gentle)) == nil)
    #expect(try desk.journalText() == nil)
  }

  @Test func whatSomebodyHasChangedStays() throws {
    let server = try server()
    _ = try desk.transaction(server).apply(
      try desk.profile("[output]\nmatch = bus:pci\nvolume = 10%\nmute = yes\n[input]\nmatch = bus:pci\nvolume = 20%\n"),
      .respectManualChanges)
    server.edit { $0.sinks[0].volume = ChannelVolumes(Self.loud, count: 2) }
    let report = try desk.transaction(server).revert(.respectManualChanges)
    #expect(server.current.sink(named: "builtin")?.volume.loudest == Self.loud)
    #expect(server.current.sink(named: "builtin")?.isMuted == false)
    #expect(server.current.source(named: "inner")?.volume.loudest == Volume(percent: 80))
    #expect(report.left == [Left(object: "Built-in Audio", reason: "it was changed meanwhile")])
    #expect(try desk.journalText() == nil)
  }

  /// A stream that somebody has sent to an output is not made louder there.
  @Test func nothingGetsLouderUnderAStreamThatStays() throws {
    let server = FakeServer(try GraphText.parse(TransactionFixture.desk))
    _ = try desk.transaction(server).apply(
      try desk.profile(
        "[profile]\nstreams = keep\n[output phones]\nmatch = bus:usb\nvolume = 20%\nmute = no\ndefault = no\n[output speakers]\nmatch = bus:pci\n[stream Game]\nto = phones\n[stream Player]\nto = phones\n"
      ))
    let interface = try #require(server.current.sink(named: "interface"))
    // The game has been sent back, the player on to where the game was.
    server.edit { graph in
      graph.sinkInputs[2].sink = graph.sink(named: "builtin")?.index
      graph.sinkInputs[0].sink = interface.index
    }
    _ = try desk.transaction(server).revert(.respectManualChanges)
    #expect(server.current.sink(named: "interface")?.volume.loudest == Volume(percent: 100))

    _ = try desk.transaction(server).apply(
      try desk.profile(
        "[profile]\nstreams = keep\n[output phones]\nmatch = bus:usb\nvolume = 20%\ndefault = no\n[output speakers]\nmatch = bus:pci\n[stream Player]\nto = speakers\n[stream Firefox]\nto = speakers\n"
      ))
    server.edit { $0.sinkInputs[0].sink = interface.index }
    _ = try desk.transaction(server).revert(.respectManualChanges)
    #expect(server.current.sink(named: "interface")?.volume.loudest == Volume(percent: 20))
  }

  // MARK: - Only a part

  private static let phones = "[output]\nmatch = bus:pci\nport = headphones\nvolume = 20%\nhold = yes\n"

  /// What is silenced for a port is heard again, and nothing of it is left in the journal.
  @Test func aPartOfAProfileIsDoneWhole() throws {
    let server = try server()
    let before = CardTransactionTests.state(server)
    let profile = try desk.profile(Self.phones)
    _ = try desk.transaction(server).apply(profile)
    let applied = server.current
    server.edit { graph in
      graph.sinks[0].activePort = "analog-output-speaker"
      graph.sinks[0].volume = ChannelVolumes(Self.loud, count: 2)
    }
    let report = try desk.transaction(server).adjust(profile) { plan, _ in plan.guarded }
    #expect(
      Set(report.changes.map(\.action)) == ["set-port", "set-volume", "set-mute"]
        || Set(report.changes.map(\.action)) == ["set-port", "set-volume"], "\(report.changes.map(\.action))")
    #expect(difference(server.current, applied) == nil)
    #expect(try desk.journalText()?.contains("set mute") == false)
    _ = try desk.transaction(server).revert()
    #expect(difference(before, CardTransactionTests.state(server)) == nil)
  }

  /// Somebody has reverted in the meantime.
  @Test func aPartOfNothingIsNothing() throws {
    let server = try server()
    let before = server.current
    let report = try desk.transaction(server).adjust(try desk.profile(Self.phones)) { plan, _ in
      plan.guarded
    }
    #expect(report.result == .unchanged)
    #expect(difference(server.current, before) == nil)
    #expect(try desk.journalText() == nil)
  }

  /// Only what the profile found as it should be: a revert goes to that, and not to what somebody has made of it since.
  @Test func whatWasHeldWasSoBefore() throws {
    let server = try server()
    let profile = try desk.profile("[output]\nmatch = bus:pci\nvolume = 30%\nhold = yes\n")
    _ = try desk.transaction(server).apply(profile)
    server.edit { $0.sinks[0].volume = ChannelVolumes(Self.loud, count: 2) }
    _ = try desk.transaction(server).adjust(profile) { plan, _ in plan.guarded }
    server.edit { $0.sinks[0].volume = ChannelVolumes(Self.loud, count: 2) }
    _ = try desk.transaction(server).revert()
    #expect(server.current.sink(named: "builtin")?.volume.loudest == Volume(percent: 30))
  }

  // MARK: - What has come since

  /// What is about devices that have been there all the time stays as somebody has made it.
  @Test func onlyWhatIsAboutNewDevicesIsSet() throws {
    let server = FakeServer(try GraphText.parse(TransactionFixture.desk))
    let profile = try desk.profile(
      TransactionFixture.studio + "\n[output tv]\nmatch = bus:hdmi\nvolume = 10%\ndefault = no\nrequired = no\n")
    let first = try desk.transaction(server).apply(profile)
    server.edit { graph in
      graph.sinks[1].volume = ChannelVolumes(Volume(percent: 33), count: 2)
      graph.server.defaultSink = "builtin"
      for index in graph.sinkInputs.indices { graph.sinkInputs[index].sink = graph.sink(named: "builtin")?.index }
      if let loopback = graph.sinkInputs.firstIndex(where: { $0.ownerModule != nil }) {
        graph.sinkInputs[loopback].sink = graph.sink(named: "interface")?.index
        graph.sinkInputs[loopback].isMuted = true
      }
      var television = graph.sinks[0]
      (television.device.name, television.device.index) = ("tv", 77)
      television.device.properties = Properties([.bus: "hdmi"])
      graph.sinks.append(television)
    }
    let touched = server.current
    let second = try desk.transaction(server).apply(profile, ApplyPolicy(isGentle: true, steady: first.presences))
    #expect(second.failure == nil && second.changes.map(\.action) == ["set-volume"], "\(second.changes)")
    var expected = touched
    expected.sinks[2].volume = ChannelVolumes(Volume(percent: 10), count: 2)
    #expect(difference(server.current, expected) == nil)
    // All of it is still written down.
    _ = try desk.transaction(server).revert()
    #expect(server.current.sink(named: "interface")?.volume.channels.map { $0.percent.rounded() } == [100, 50])
    #expect(server.current.modules.isEmpty)
  }

  /// What an apply over another leaves to a device that is away is put back when it is there again.
  @Test func whatIsLeftToADeviceThatIsAwayIsPending() throws {
    let server = FakeServer(try GraphText.parse(TransactionFixture.desk))
    let interface = try #require(server.current.sink(named: "interface"))
    _ = try desk.transaction(server).apply(try desk.profile(TransactionFixture.studio))
    var used = try #require(server.current.sink(named: "interface"))
    server.edit { graph in graph.sinks.removeAll { $0.name == "interface" } }
    _ = try desk.transaction(server).apply(try desk.profile("[output]\nmatch = bus:pci\nvolume = 25%\n", "desk"))
    #expect(
      try desk.state.journals().first?.pending.contains { $0.attribute == .volume(.device(.sink, name: "interface", port: nil)) }
        == true)
    used.device.index = 99
    server.edit { $0.sinks.append(used) }
    let report = try desk.transaction(server).restorePending()
    #expect(report.problems.isEmpty)
    #expect(server.current.sink(named: "interface")?.volume == interface.volume)
    #expect(server.current.sink(named: "builtin")?.volume.loudest == Volume(percent: 25))
    let journal = try #require(try desk.state.journals().first)
    #expect(journal.state == .applied && journal.profile == "desk" && journal.pending.isEmpty)
  }
}
