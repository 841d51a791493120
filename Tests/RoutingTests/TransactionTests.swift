import AudioGraph
import Foundation
import Routing
import TestSupport
import Testing

@Suite struct TransactionTests {
  private static let desk = """
    sink builtin "Built-in Speakers" 30% bus=pci default
    sink interface "Scarlett Solo USB" 100%/50% muted usb=1235:8211
    source webcam Webcam 80% bus=pci default
    source mic "Scarlett Mic" 20% usb=1235:8211
    stream 1 Firefox song builtin 100%
    stream 2 Player film builtin 100% pinned
    stream 3 Game battle builtin 100% pinned
    """
  private static let studio = """
    [output phones]
    match  = bus:usb
    volume = 45%
    mute   = no
    [input mic]
    match  = bus:usb
    volume = 60%
    [monitor]
    from = mic
    to   = phones
    volume = -6 dB
    [stream Game]
    volume = 50%
    """
  private static let quiet = """
    [output phones]
    match  = bus:usb
    volume = 20%
    [output speakers]
    match = bus:pci
    volume = 90%
    default = no
    [stream Player]
    to = speakers
    """

  private let directory: TemporaryDirectory
  private let state: StateDirectory
  private let lock: StateLock

  init() throws {
    let directory = try TemporaryDirectory()
    self.directory = directory
    state = try StateDirectory(Environment { $0 == "XDG_STATE_HOME" ? directory.path : nil })
    lock = try state.lock(until: .now)
  }

  private func profile(_ text: String, _ name: String = "studio") throws -> Profile {
    try #require(Parser.parse(SourceText(name: name, text), name: name).profile)
  }

  private func transaction(_ server: FakeServer) -> Transaction {
    Transaction(
      server: server, address: "fake", state: state, timeout: .milliseconds(40),
      planner: Planner(user: 1000, transaction: .random(in: 1 ... .max)))
  }

  private func journalText() throws -> String? {
    let files = try FileManager.default.contentsOfDirectory(atPath: "\(directory.path)/hproute")
    return try files.first { $0.hasSuffix(".journal") }.map { try directory.read("hproute/\($0)") }
  }

  @Test func applyAndRevertGiveTheGraphBack() throws {
    let server = FakeServer(try GraphText.parse(Self.desk))
    let before = server.current
    let report = try transaction(server).apply(try profile(Self.studio))
    #expect(report.result == .applied && report.exitCode == 0)
    #expect(server.current.server.defaultSink == "interface")
    #expect(server.current.sinkInputs.filter(\.isMovable).allSatisfy { $0.sink == server.current.sink(named: "interface")?.index })
    #expect(server.current.modules.count == 1)
    let reverted = try transaction(server).revert()
    #expect(reverted.result == .reverted && reverted.exitCode == 0)
    #expect(difference(server.current, before) == nil)
    #expect(try journalText() == nil)
  }

  @Test func aSecondApplySendsNothingAndWritesNothing() throws {
    let server = FakeServer(try GraphText.parse(Self.desk))
    _ = try transaction(server).apply(try profile(Self.studio))
    let sent = server.performed.count
    let journal = try journalText()
    let report = try transaction(server).apply(try profile(Self.studio))
    #expect(report.result == .unchanged && report.changes.isEmpty)
    #expect(server.performed.count == sent)
    #expect(try journalText() == journal)
  }

  @Test func theBaselineIsThatOfBeforeTheFirst() throws {
    let server = FakeServer(try GraphText.parse(Self.desk))
    let before = server.current
    _ = try transaction(server).apply(try profile(Self.studio))
    _ = try transaction(server).apply(try profile(Self.quiet, "quiet"))
    #expect(server.current.modules.isEmpty)
    #expect(server.current.source(named: "mic")?.volume == before.source(named: "mic")?.volume)
    _ = try transaction(server).apply(try profile(Self.studio))
    _ = try transaction(server).revert()
    #expect(difference(server.current, before) == nil)
  }

  /// Whatever change fails, in whatever way, all is as it was, and the first error is the one that is told.
  @Test(arguments: ["apply", "switch"]) func everyFailureIsUndone(what: String) throws {
    var number = 0
    while true {
      let server = FakeServer(try GraphText.parse(Self.desk))
      if what == "switch" { _ = try transaction(server).apply(try profile(Self.quiet, "quiet")) }
      let start = server.performed.count
      let before = server.current
      let journal = try state.journals().first
      server.fault = (at: start + number, what: .refuse)
      let report = try transaction(server).apply(try profile(Self.studio))
      guard server.performed.count > start + number else { break }
      let failed = server.performed[start + number]
      if case .position = failed.attribute {
        #expect(report.result == .applied && report.left.count == 1, "call \(number)")
      } else {
        #expect(report.result == .rolledBack && report.exitCode == 1, "call \(number): \(failed)")
        #expect(report.failure?.sentence.contains("the fake server refuses call \(start + number)") == true)
        #expect(difference(server.current, before) == nil, "call \(number): \(failed)")
        #expect(difference(try state.journals().first, journal) == nil, "call \(number)")
      }
      server.fault = nil
      _ = try transaction(server).revert()
      number += 1
      if report.failure == nil && server.performed.count <= start + number { break }
    }
    #expect(number >= 8)
  }

  /// What a server does late must not be undone before it is done.
  @Test func whatIsDoneLateIsUndoneAfterwards() throws {
    for number in 0..<8 {
      let server = FakeServer(try GraphText.parse("server pipewire 0.3.65\n" + Self.desk))
      server.isLate = true
      let before = server.current
      server.fault = (at: number, what: .refuse)
      let report = try transaction(server).apply(try profile(Self.studio))
      _ = try? server.waitForChange(until: .now)
      if report.failure != nil { #expect(difference(server.current, before) == nil, "call \(number)") }
      _ = try transaction(server).revert()
      _ = try? server.waitForChange(until: .now)
      #expect(difference(server.current, before) == nil, "call \(number)")
    }
  }

  /// Streams that hproute did not move leave by themselves, and a sink is not made loud under them.
  @Test func aSinkIsRaisedAfterItsFollowersHaveLeft() throws {
    let server = FakeServer(try GraphText.parse("server pipewire 0.3.65\n" + Self.desk))
    server.followersAreLate = true
    _ = try transaction(server).apply(try profile("[profile]\nstreams = keep\n[output]\nmatch = bus:usb\nvolume = 45%\n"))
    _ = try server.waitForChange(until: .now)
    #expect(server.current.sinkInputs.contains { $0.sink == server.current.sink(named: "interface")?.index })
    server.beforeChange = { _, change, graph in
      guard change.attribute == .volume(.device(.sink, name: "interface")) else { return }
      let sink = graph.sink(named: "interface")?.index
      #expect(!graph.sinkInputs.contains { $0.sink == sink }, "raised under a stream")
    }
    let report = try transaction(server).revert()
    #expect(report.changes.contains { $0.action == "set-volume" })
    #expect(!server.current.sinkInputs.contains { $0.sink == server.current.sink(named: "interface")?.index })
  }

  @Test func aBalanceAloneEndsWhereItShould() throws {
    let server = FakeServer(try GraphText.parse(Self.desk.replacingOccurrences(of: "100%/50%", with: "20%/60%")))
    _ = try transaction(server).apply(try profile("[output]\nmatch = bus:usb\nbalance = -50%\n"))
    let volumes = server.current.sink(named: "interface")?.volume.channels.map { $0.percent.rounded() }
    #expect(volumes == [60, 30])
    #expect(try transaction(server).apply(try profile("[output]\nmatch = bus:usb\nbalance = -50%\n")).result == .unchanged)
  }

  @Test func aVolumeThatWasNotToldIsNotMadeUp() throws {
    let desk = Self.desk.replacingOccurrences(of: "100%/50% muted", with: "100% suspended")
    let server = FakeServer(try GraphText.parse("server pipewire 1.4.2\n" + desk))
    _ = try transaction(server).apply(try profile("[output]\nmatch = bus:usb\nvolume = 45%\n"))
    let report = try transaction(server).revert()
    #expect(report.exitCode == 0)
    #expect(report.left == [Left(object: "Scarlett Solo USB", reason: "the sound server did not tell its volume before")])
    #expect(server.current.sink(named: "interface")?.volume.loudest == Volume(percent: 45))
  }

  @Test func whatCannotBeUndoneIsListedAndTriedAgain() throws {
    let server = FakeServer(try GraphText.parse(Self.desk))
    let before = server.current
    _ = try transaction(server).apply(try profile(Self.studio))
    server.fault = (at: server.performed.count, what: .refuse)
    let report = try transaction(server).revert()
    #expect(report.exitCode == 2)
    #expect(report.problems.count == 1)
    #expect(try state.journals().first?.isInterrupted == true)
    #expect(try transaction(server).revert().exitCode == 0)
    #expect(difference(server.current, before) == nil)
  }

  @Test func anOptionalMonitorThatIsRefusedIsNoDrift() throws {
    let server = FakeServer(try GraphText.parse(Self.desk))
    let lenient = try profile(Self.studio.replacingOccurrences(of: "volume = -6 dB", with: "volume = -6 dB\nrequired = no"))
    let probe = FakeServer(try GraphText.parse(Self.desk))
    _ = try transaction(probe).apply(lenient)
    let monitor = probe.performed.firstIndex { $0.action == "load" }
    _ = try transaction(probe).revert()
    server.fault = (at: try #require(monitor), what: .refuse)
    let report = try transaction(server).apply(lenient)
    #expect(report.result == .applied && report.left.count == 1)
    let journal = try #require(try state.journals().first)
    #expect(journal.drift(in: server.current).isEmpty)
    #expect(!journal.baseline.entries.contains { if case .loopback = $0.attribute { true } else { false } })
  }

  @Test func aDefaultWhoseDeviceIsAwayWaitsForIt() throws {
    let server = FakeServer(try GraphText.parse(Self.desk))
    let builtin = try #require(server.current.sink(named: "builtin"))
    _ = try transaction(server).apply(try profile(Self.studio))
    server.edit { graph in graph.sinks.removeAll { $0.name == "builtin" } }
    _ = try transaction(server).apply(try profile("[input]\nmatch = bus:usb\n", "inputs"))
    _ = try transaction(server).revert()
    server.edit { graph in graph.sinks.append(builtin) }
    _ = try transaction(server).revert()
    #expect(server.current.server.defaultSink == "builtin")
  }

  @Test func aChangeThatIsAcknowledgedAndNotMadeIsAFailure() throws {
    for number in 0..<8 {
      let server = FakeServer(try GraphText.parse(Self.desk))
      let before = server.current
      server.fault = (at: number, what: .ignore)
      let report = try transaction(server).apply(try profile(Self.studio))
      if report.failure != nil {
        #expect(report.result == .rolledBack && report.exitCode == 1)
        #expect(difference(server.current, before) == nil, "call \(number)")
      }
      _ = try transaction(server).revert()
      #expect(difference(server.current, before) == nil, "call \(number)")
    }
  }

  @Test func aSignalRollsBack() throws {
    for number in 0..<8 {
      let server = FakeServer(try GraphText.parse(Self.desk))
      let before = server.current
      server.fault = (at: number, what: .interrupt(15))
      let report = try transaction(server).apply(try profile(Self.studio))
      #expect(report.exitCode == 128 + 15)
      #expect(difference(server.current, before) == nil, "call \(number)")
      #expect(try journalText() == nil)
    }
  }

  @Test func aRevertFinishesInSpiteOfASignal() throws {
    let clean = FakeServer(try GraphText.parse(Self.desk))
    let before = clean.current
    for number in 0..<6 {
      let server = FakeServer(try GraphText.parse(Self.desk))
      _ = try transaction(server).apply(try profile(Self.studio))
      server.fault = (at: server.performed.count + number, what: .interrupt(2))
      let report = try transaction(server).revert()
      #expect(report.exitCode == 0)
      #expect(difference(server.current, before) == nil, "call \(number)")
    }
  }

  /// Cut off anywhere, the next revert gives the state before, and the next apply what a fresh one gives.
  @Test func afterALostConnectionEverythingCanBePutBack() throws {
    let reference = FakeServer(try GraphText.parse(Self.desk))
    let before = reference.current
    _ = try transaction(reference).apply(try profile(Self.studio))
    let steps = reference.performed.count
    _ = try transaction(reference).revert()
    for number in 0..<steps {
      for next in ["revert", "apply"] {
        let server = FakeServer(before)
        server.fault = (at: number, what: .disconnect)
        let error = #expect(throws: Failure.self) { try transaction(server).apply(try profile(Self.studio)) }
        #expect(error?.exitCode == 69)
        #expect(try state.journals().first?.isInterrupted == true)

        let survivor = FakeServer(server.current)
        if next == "apply" {
          #expect(try transaction(survivor).apply(try profile(Self.studio)).exitCode == 0)
          #expect(survivor.current.server.defaultSink == "interface")
          #expect(survivor.current.modules.count == 1)
        }
        #expect(try transaction(survivor).revert().exitCode == 0)
        #expect(difference(survivor.current, before) == nil, "call \(number), then \(next)")
        #expect(try journalText() == nil)
      }
    }
  }

  @Test func aSinkThatVanishesBeforeItsVolumeIsSetIsAFailure() throws {
    let server = FakeServer(try GraphText.parse(Self.desk))
    server.beforeChange = { number, _, graph in
      if number == 0 { graph.sinks.removeAll { $0.name == "interface" } }
    }
    let report = try transaction(server).apply(try profile(Self.studio))
    #expect(report.result == .rolledBack && report.exitCode == 1)
    #expect(report.failure?.sentence.contains("Scarlett Solo USB: No such entity") == true)
    #expect(server.current.server.defaultSink == "builtin")
    // Its volume may have been changed: that waits for it.
    #expect(try state.journals().first?.pending.isEmpty == false)
  }

  @Test func whatIsAwayAtRevertIsPutBackLater() throws {
    let server = FakeServer(try GraphText.parse(Self.desk))
    let before = server.current
    _ = try transaction(server).apply(try profile(Self.studio))
    let interface = try #require(server.current.sink(named: "interface"))
    server.edit { graph in graph.sinks.removeAll { $0.name == "interface" } }
    let report = try transaction(server).revert()
    #expect(report.exitCode == 0)
    let journal = try #require(try state.journals().first)
    #expect(journal.state == .none && !journal.pending.isEmpty)
    server.edit { graph in graph.sinks.append(interface) }
    _ = try transaction(server).revert()
    #expect(server.current.sink(named: "interface") == before.sink(named: "interface"))
    #expect(try journalText() == nil)
  }

  @Test func whatTheUserChangedMeanwhileStaysWhenItIsPutBackLater() throws {
    let server = FakeServer(try GraphText.parse(Self.desk))
    _ = try transaction(server).apply(try profile(Self.studio))
    var interface = try #require(server.current.sink(named: "interface"))
    server.edit { graph in graph.sinks.removeAll { $0.name == "interface" } }
    _ = try transaction(server).revert()
    interface.volume = ChannelVolumes(Volume(percent: 33), count: 2)
    server.edit { graph in graph.sinks.append(interface) }
    let report = try transaction(server).revert()
    #expect(server.current.sink(named: "interface")?.volume == interface.volume)
    #expect(report.left.map(\.reason) == ["it was changed meanwhile"])
    #expect(try journalText() == nil)
  }

  @Test func aRevertWithoutAJournalRemovesWhatIsOurs() throws {
    let server = FakeServer(
      try GraphText.parse(Self.desk + "\nloopback 1000-1-0 mic interface 20 50%\nloopback 1001-1-0 mic builtin 20 50%\n"))
    _ = try transaction(server).revert()
    #expect(server.current.modules.map(\.tag?.rawValue) == ["1001-1-0"])
  }

  @Test func nothingIsWrittenWhereNothingCanBe() throws {
    let server = FakeServer(try GraphText.parse(Self.desk))
    let before = server.current
    // A directory in the way of the draft: root may write into a directory that is read-only.
    let name = try journalFileName(server)
    _ = try directory.make("hproute/\(name).new")
    let error = #expect(throws: Failure.self) { try transaction(server).apply(try profile(Self.studio)) }
    #expect(error?.exitCode == 74)
    #expect(server.performed.isEmpty)
    #expect(server.current == before)
  }

  private func journalFileName(_ server: FakeServer) throws -> String {
    _ = try transaction(server).apply(try profile("[output]\nmatch = bus:pci\n", "x"))
    let name = try #require(
      try FileManager.default.contentsOfDirectory(atPath: "\(directory.path)/hproute").first { $0.hasSuffix(".journal") })
    _ = try transaction(server).revert()
    return name
  }
}
