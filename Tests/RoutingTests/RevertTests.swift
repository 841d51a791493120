import AudioGraph
import Foundation
import Routing
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(45))) struct RevertTests {
  private let desk: TransactionFixture

  init() throws { desk = try TransactionFixture() }

  /// Streams that hproute did not move leave by themselves, and a sink is not made loud under them.
  @Test func aSinkIsRaisedAfterItsFollowersHaveLeft() throws {
    let server = FakeServer(try GraphText.parse("server pipewire 0.3.65\n" + TransactionFixture.desk))
    server.followersAreLate = true
    _ = try desk.transaction(server).apply(
      try desk.profile("[profile]\nstreams = keep\n[output]\nmatch = bus:usb\nvolume = 45%\n"))
    _ = try server.waitForChange(until: .now)
    // One that has come since, and so goes with the default.
    server.edit { graph in
      var later = graph.sinkInputs[0]
      (later.index, later.sink) = (99, graph.sink(named: "interface")?.index)
      graph.sinkInputs.append(later)
    }
    server.beforeChange = { _, change, graph in
      guard change.attribute == .volume(.device(.sink, name: "interface", port: nil)) else { return }
      let sink = graph.sink(named: "interface")?.index
      #expect(!graph.sinkInputs.contains { $0.sink == sink }, "raised under a stream")
    }
    let report = try desk.transaction(server).revert()
    #expect(report.changes.contains { $0.action == "set-volume" })
    #expect(!server.current.sinkInputs.contains { $0.sink == server.current.sink(named: "interface")?.index })
  }

  /// What a sink has queued when a stream leaves is heard at the volume it has then.
  @Test func aSinkIsRaisedAfterItsQueueHasRunOut() throws {
    let server = FakeServer(try GraphText.parse(TransactionFixture.desk))
    _ = try desk.transaction(server).apply(try desk.profile(TransactionFixture.studio))
    var left: ContinuousClock.Instant?
    var raised: ContinuousClock.Instant?
    server.beforeChange = { _, change, _ in
      if case .streamSink = change.attribute { left = server.now }
      if change.attribute == .volume(.device(.sink, name: "interface", port: nil)) { raised = server.now }
    }
    _ = try desk.transaction(server).revert()
    #expect(try #require(raised) - #require(left) >= .milliseconds(59))
  }

  /// A stream that reads as being at home may have lost its wish to be there.
  @Test func aStreamWithAHomeOfItsOwnIsSentThereOnPipeWire() throws {
    let text = "server pipewire 0.3.65\n" + TransactionFixture.desk + "\nsink tv TV 10%\nstream 9 Kodi film tv 100% pinned\n"
    let server = FakeServer(try GraphText.parse(text))
    let home = try #require(server.current.sinkInputs.last)
    _ = try desk.transaction(server).apply(try desk.profile("[profile]\nstreams = all\n" + TransactionFixture.studio))
    server.edit { graph in graph.sinkInputs[graph.sinkInputs.firstIndex { $0.index == 9 }!].sink = home.sink }
    let start = server.performed.count
    #expect(try desk.transaction(server).revert().exitCode == 0)
    let moves = server.performed[start...].filter { $0.attribute == .streamSink(home.identity) }
    #expect(moves.map(\.to) == [.device("tv")])
  }

  /// A device that leaves while an apply is being undone gets its part back later.
  @Test func aDeviceThatLeavesDuringARollbackIsPending() throws {
    let server = FakeServer(try GraphText.parse(TransactionFixture.desk))
    let before = try #require(server.current.sink(named: "interface"))
    let load = try desk.loadNumber(TransactionFixture.studio)
    server.fault = (at: load, what: .refuse)
    server.beforeChange = { number, change, graph in
      let isItsVolume = change.attribute == .volume(.device(.sink, name: "interface", port: nil))
      if number > load && isItsVolume { graph.sinks.removeAll { $0.name == "interface" } }
    }
    let report = try desk.transaction(server).apply(try desk.profile(TransactionFixture.studio))
    #expect(report.exitCode == 1)
    #expect(
      try desk.state.journals().first?.pending.contains(
        Setting(.volume(.device(.sink, name: "interface", port: nil)), .volume(before.volume))) == true)
  }

  @Test func aRollbackGoesToWhatWasSetWhereTheServerDoesNotTell() throws {
    let text = TransactionFixture.desk.replacingOccurrences(of: "100%/50% muted", with: "100% suspended")
    let server = FakeServer(try GraphText.parse("server pipewire 1.4.2\n" + text))
    let first = try desk.profile("[output]\nmatch = bus:usb\nvolume = 45%\n", "first")
    _ = try desk.transaction(server).apply(first)
    // The fake server tells what was set; a real one of that version goes on telling 100 %.
    server.edit { $0.sinks[1].volume = ChannelVolumes(.full, count: 2) }
    server.fault = (at: server.performed.count + 1, what: .refuse)
    let second = try desk.profile("[output]\nmatch = bus:usb\nvolume = 30%\n[input]\nmatch = bus:usb\n", "second")
    #expect(try desk.transaction(server).apply(second).exitCode == 1)
    #expect(server.current.sink(named: "interface")?.volume.loudest == Volume(percent: 45))
  }

  @Test func aVolumeThatWasNotToldIsNotMadeUp() throws {
    let text = TransactionFixture.desk.replacingOccurrences(of: "100%/50% muted", with: "100% suspended")
    let server = FakeServer(try GraphText.parse("server pipewire 1.4.2\n" + text))
    _ = try desk.transaction(server).apply(try desk.profile("[output]\nmatch = bus:usb\nvolume = 45%\n"))
    let report = try desk.transaction(server).revert()
    #expect(report.exitCode == 0)
    #expect(report.left == [Left(object: "Scarlett Solo USB", reason: "the sound server did not tell its volume before")])
    #expect(server.current.sink(named: "interface")?.volume.loudest == Volume(percent: 45))
  }

  @Test func whatCannotBeUndoneIsListedAndTriedAgain() throws {
    let server = FakeServer(try GraphText.parse(TransactionFixture.desk))
    let before = server.current
    _ = try desk.transaction(server).apply(try desk.profile(TransactionFixture.studio))
    server.fault = (at: server.performed.count, what: .refuse)
    let report = try desk.transaction(server).revert()
    #expect(report.exitCode == 2)
    #expect(report.problems.count == 1)
    #expect(try desk.state.journals().first?.isInterrupted == true)
    #expect(try desk.transaction(server).revert().exitCode == 0)
    #expect(difference(server.current, before) == nil)
  }

  @Test func aDefaultWhoseDeviceIsAwayWaitsForIt() throws {
    let server = FakeServer(try GraphText.parse(TransactionFixture.desk))
    let builtin = try #require(server.current.sink(named: "builtin"))
    _ = try desk.transaction(server).apply(try desk.profile(TransactionFixture.studio))
    server.edit { graph in graph.sinks.removeAll { $0.name == "builtin" } }
    _ = try desk.transaction(server).apply(try desk.profile("[input]\nmatch = bus:usb\n", "inputs"))
    _ = try desk.transaction(server).revert()
    server.edit { graph in graph.sinks.append(builtin) }
    _ = try desk.transaction(server).revert()
    #expect(server.current.server.defaultSink == "builtin")
  }

  /// PipeWire without a default input takes the first that comes: one of ours, which goes with its profile.
  @Test func aDefaultThatIsOursWasNone() throws {
    let text = "server pipewire 1.6.9\nsink builtin Speakers 30% default\nsource mic Mic 20% usb=1235:8211\n"
    let server = FakeServer(try GraphText.parse(text))
    _ = try desk.transaction(server).apply(
      try desk.profile("[input right]\nmatch = bus:usb\nchannels = 2\ndefault = no\n", "right"))
    let ours = try #require(server.current.sources.first { OwnDevice.isOne($0.name) }).name
    server.edit { $0.server.defaultSource = ours }
    _ = try desk.transaction(server).apply(try desk.profile("[input]\nmatch = bus:usb\n", "whole"))
    #expect(server.current.server.defaultSource == "mic")
    let report = try desk.transaction(server).revert()
    #expect(report.exitCode == 0 && server.current.server.defaultSource == nil)
    #expect(try desk.state.journals().allSatisfy { $0.pending.isEmpty })
  }

  @Test func aRevertFinishesInSpiteOfASignal() throws {
    let clean = FakeServer(try GraphText.parse(TransactionFixture.desk))
    let before = clean.current
    for number in 0..<6 {
      let server = FakeServer(try GraphText.parse(TransactionFixture.desk))
      _ = try desk.transaction(server).apply(try desk.profile(TransactionFixture.studio))
      server.fault = (at: server.performed.count + number, what: .interrupt(2))
      let report = try desk.transaction(server).revert()
      #expect(report.exitCode == 0)
      #expect(difference(server.current, before) == nil, "call \(number)")
    }
  }

  /// Cut off anywhere, the next revert gives the state before, and the next apply what a fresh one gives.
  @Test func afterALostConnectionEverythingCanBePutBack() throws {
    let reference = FakeServer(try GraphText.parse(TransactionFixture.desk))
    let before = reference.current
    _ = try desk.transaction(reference).apply(try desk.profile(TransactionFixture.studio))
    let steps = reference.performed.count
    _ = try desk.transaction(reference).revert()
    for number in 0..<steps {
      for next in ["revert", "apply"] {
        let server = FakeServer(before)
        server.fault = (at: number, what: .disconnect)
        let error = #expect(throws: Failure.self) {
          try desk.transaction(server).apply(try desk.profile(TransactionFixture.studio))
        }
        #expect(error?.exitCode == 69)
        #expect(try desk.state.journals().first?.isInterrupted == true)

        let survivor = FakeServer(server.current)
        if next == "apply" {
          #expect(try desk.transaction(survivor).apply(try desk.profile(TransactionFixture.studio)).exitCode == 0)
          #expect(survivor.current.server.defaultSink == "interface")
          #expect(survivor.current.modules.count == 1)
        }
        #expect(try desk.transaction(survivor).revert().exitCode == 0)
        #expect(difference(survivor.current, before) == nil, "call \(number), then \(next)")
        #expect(try desk.journalText() == nil)
      }
    }
  }

  /// Where only the connection was lost, an apply is undone and a revert goes on.
  @Test func aLostConnectionIsMadeAgain() throws {
    let reference = FakeServer(try GraphText.parse(TransactionFixture.desk))
    let before = reference.current
    _ = try desk.transaction(reference).apply(try desk.profile(TransactionFixture.studio))
    let applied = reference.performed.count
    _ = try desk.transaction(reference).revert()
    for number in 0..<reference.performed.count {
      let server = FakeServer(before)
      server.isThereAgain = true
      server.fault = (at: number, what: .disconnect)
      let report = try desk.transaction(server).apply(try desk.profile(TransactionFixture.studio))
      if number < applied {
        #expect(report.exitCode == 1 && report.result == .rolledBack, "call \(number)")
        #expect(report.failure?.sentence == "the connection to the sound server was lost (the fake server is gone).")
      } else {
        #expect(try desk.transaction(server).revert().exitCode == 0, "call \(number)")
      }
      #expect(difference(server.current, before) == nil, "call \(number)")
      #expect(try desk.journalText() == nil)
    }
  }

  /// Another run of the server, whose devices are still coming, is left to the next command.
  @Test func aServerThatWasStartedAgainIsLeftAlone() throws {
    let server = FakeServer(try GraphText.parse(TransactionFixture.desk))
    let before = server.current
    server.isThereAgain = true
    server.fault = (at: try desk.loadNumber(TransactionFixture.studio), what: .disconnect)
    server.beforeChange = { [fault = server.fault] number, _, graph in
      guard number == fault?.at else { return }
      graph.server.cookie &+= 1
      graph.sinks = []
    }
    let error = #expect(throws: Failure.self) { try desk.transaction(server).apply(try desk.profile(TransactionFixture.studio)) }
    #expect(error?.exitCode == 69)
    #expect(error?.sentence.hasSuffix("'hproute revert' puts everything back when the server answers.") == true)
    server.beforeChange = { _, _, _ in }
    server.edit { graph in (graph.sinks, graph.modules) = (before.sinks, []) }
    #expect(try desk.transaction(server).revert().exitCode == 0)
    #expect(server.current.server.defaultSink == "builtin")
    #expect(try desk.journalText() == nil)
  }

  @Test func whatIsAwayAtRevertIsPutBackLater() throws {
    let server = FakeServer(try GraphText.parse(TransactionFixture.desk))
    let before = server.current
    _ = try desk.transaction(server).apply(try desk.profile(TransactionFixture.studio))
    let interface = try #require(server.current.sink(named: "interface"))
    server.edit { graph in graph.sinks.removeAll { $0.name == "interface" } }
    let report = try desk.transaction(server).revert()
    #expect(report.exitCode == 0)
    let journal = try #require(try desk.state.journals().first)
    #expect(journal.state == .none && !journal.pending.isEmpty)
    server.edit { graph in graph.sinks.append(interface) }
    _ = try desk.transaction(server).revert()
    #expect(server.current.sink(named: "interface") == before.sink(named: "interface"))
    #expect(try desk.journalText() == nil)
  }

  @Test func whatTheUserChangedMeanwhileStaysWhenItIsPutBackLater() throws {
    let server = FakeServer(try GraphText.parse(TransactionFixture.desk))
    _ = try desk.transaction(server).apply(try desk.profile(TransactionFixture.studio))
    var interface = try #require(server.current.sink(named: "interface"))
    server.edit { graph in graph.sinks.removeAll { $0.name == "interface" } }
    _ = try desk.transaction(server).revert()
    interface.volume = ChannelVolumes(Volume(percent: 33), count: 2)
    server.edit { graph in graph.sinks.append(interface) }
    let report = try desk.transaction(server).revert()
    #expect(server.current.sink(named: "interface")?.volume == interface.volume)
    #expect(report.left.map(\.reason) == ["it was changed meanwhile"])
    #expect(try desk.journalText() == nil)
  }

  @Test func aRevertWithoutAJournalRemovesWhatIsOurs() throws {
    let server = FakeServer(
      try GraphText.parse(
        TransactionFixture.desk + "\nloopback 1000-1-0 mic interface 20 50%\nloopback 1001-1-0 mic builtin 20 50%\n"))
    _ = try desk.transaction(server).revert()
    #expect(server.current.modules.map(\.tag?.rawValue) == ["1001-1-0"])
  }
}
