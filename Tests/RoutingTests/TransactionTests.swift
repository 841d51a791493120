import AudioGraph
import Foundation
import Routing
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(45))) struct TransactionTests {
  private let desk: TransactionFixture

  init() throws { desk = try TransactionFixture() }

  @Test func applyAndRevertGiveTheGraphBack() throws {
    let server = FakeServer(try GraphText.parse(TransactionFixture.desk))
    let before = server.current
    let report = try desk.transaction(server).apply(try desk.profile(TransactionFixture.studio))
    #expect(report.result == .applied && report.exitCode == 0)
    #expect(server.current.server.defaultSink == "interface")
    #expect(
      server.current.sinkInputs.filter(\.isMovable).allSatisfy { $0.sink == server.current.sink(named: "interface")?.index })
    #expect(server.current.modules.count == 1)
    let reverted = try desk.transaction(server).revert()
    #expect(reverted.result == .reverted && reverted.exitCode == 0)
    #expect(difference(server.current, before) == nil)
    #expect(try desk.journalText() == nil)
  }

  @Test func aSecondApplySendsNothingAndWritesNothing() throws {
    let server = FakeServer(try GraphText.parse(TransactionFixture.desk))
    _ = try desk.transaction(server).apply(try desk.profile(TransactionFixture.studio))
    let sent = server.performed.count
    let journal = try desk.journalText()
    let report = try desk.transaction(server).apply(try desk.profile(TransactionFixture.studio))
    #expect(report.result == .unchanged && report.changes.isEmpty)
    #expect(server.performed.count == sent)
    #expect(try desk.journalText() == journal)
  }

  /// A gamepad has an output and a microphone, as the profile wants it, and is plugged in to be charged.
  @Test func anotherDeviceTakesNothingAway() throws {
    let start = """
      card dac "Topping D10" usb=152a:8750
      card webcam Webcam usb=046d:082d
      card gamepad DualSense usb=054c:0ce6
      sink builtin "Built-in Speakers" 30% bus=pci default
      sink dac-out "Topping D10" 100% card=dac port=analog
      source webcam-mic Webcam 80% card=webcam port=mic default
      """
    let gamepad = "\nsink pad-out DualSense 100% card=gamepad\nsource pad-mic DualSense 100% card=gamepad port=mic"
    let studio = try desk.profile("[output phones]\nmatch = bus:usb\nvolume = 45%\n[input mic]\nmatch = bus:usb\n")
    let server = FakeServer(try GraphText.parse(start))
    _ = try desk.transaction(server).apply(studio)
    let pad = try GraphText.parse(start + gamepad)
    server.edit { graph in
      graph.sinks += pad.sinks.filter { $0.name == "pad-out" }
      graph.sources += pad.sources.filter { $0.name == "pad-mic" }
    }
    #expect(try desk.transaction(server).plan(studio).plan.isEmpty)
    #expect(try desk.transaction(server).apply(studio).result == .unchanged)
    // Where nothing is in force the one that has both is taken.
    _ = try desk.transaction(server).revert()
    _ = try desk.transaction(server).apply(studio)
    #expect(server.current.server.defaultSink == "pad-out")
  }

  @Test func theBaselineIsThatOfBeforeTheFirst() throws {
    let server = FakeServer(try GraphText.parse(TransactionFixture.desk))
    let before = server.current
    _ = try desk.transaction(server).apply(try desk.profile(TransactionFixture.studio))
    _ = try desk.transaction(server).apply(try desk.profile(TransactionFixture.quiet, "quiet"))
    #expect(server.current.modules.isEmpty)
    #expect(server.current.source(named: "mic")?.volume == before.source(named: "mic")?.volume)
    _ = try desk.transaction(server).apply(try desk.profile(TransactionFixture.studio))
    _ = try desk.transaction(server).revert()
    #expect(difference(server.current, before) == nil)
  }

  /// Whatever change fails, in whatever way, all is as it was, and the first error is the one that is told.
  @Test(arguments: ["apply", "switch"]) func everyFailureIsUndone(what: String) throws {
    var number = 0
    while true {
      let server = FakeServer(try GraphText.parse(TransactionFixture.desk))
      if what == "switch" { _ = try desk.transaction(server).apply(try desk.profile(TransactionFixture.quiet, "quiet")) }
      let start = server.performed.count
      let before = server.current
      let journal = try desk.state.journals().first
      server.fault = (at: start + number, what: .refuse)
      let report = try desk.transaction(server).apply(try desk.profile(TransactionFixture.studio))
      guard server.performed.count > start + number else { break }
      let failed = server.performed[start + number]
      if case .streamSink = failed.attribute {
        // A loopback may have been in its own way: it is tried once more.
        #expect(report.result == .applied && report.left.isEmpty, "call \(number)")
      } else {
        #expect(report.result == .rolledBack && report.exitCode == 1, "call \(number): \(failed)")
        #expect(report.failure?.sentence.contains("the fake server refuses call \(start + number)") == true)
        #expect(difference(server.current, before) == nil, "call \(number): \(failed)")
        #expect(difference(try desk.state.journals().first, journal) == nil, "call \(number)")
      }
      server.fault = nil
      _ = try desk.transaction(server).revert()
      number += 1
      if report.failure == nil && server.performed.count <= start + number { break }
    }
    #expect(number >= 8)
  }

  @Test func aStreamThatIsRefusedTwiceStays() throws {
    let server = FakeServer(try GraphText.parse(TransactionFixture.desk))
    server.beforeChange = { number, change, _ in
      if case .streamSink = change.attribute { server.fault = (at: number, what: .refuse) }
    }
    let profile = try desk.profile(TransactionFixture.studio)
    let report = try desk.transaction(server).apply(profile)
    #expect(report.result == .applied && report.left.count == 2)
    #expect(server.current.sinkInputs[1...2].allSatisfy { $0.sink == server.current.sink(named: "builtin")?.index })
    // It is told, and not tried again.
    let sent = server.performed.count
    #expect(try desk.transaction(server).apply(profile).left.count == 2)
    #expect(server.performed.count == sent)
  }

  /// What a server does not take for programs that start later is no half of a profile; what it does not take back stays written
  /// down.
  @Test func whatIsNotRememberedIsNoHalf() throws {
    var graph = try GraphText.parse(TransactionFixture.desk)
    graph.streamMemory = []
    let server = FakeServer(graph)
    let refuse = { (number: Int, change: Change, _: inout Graph) in
      if case .memory = change.attribute { server.fault = (at: number, what: .refuse) }
    }
    let profile = try desk.profile(TransactionFixture.studio)
    server.beforeChange = refuse
    #expect(try desk.transaction(server).apply(profile).failure != nil)
    #expect(difference(server.current, graph) == nil)

    (server.beforeChange, server.fault) = ({ _, _, _ in }, nil)
    _ = try desk.transaction(server).apply(profile)
    #expect(server.current.streamMemory?.isEmpty == false)
    server.beforeChange = refuse
    #expect(try !desk.transaction(server).revert().problems.isEmpty)
    (server.beforeChange, server.fault) = ({ _, _, _ in }, nil)
    #expect(try desk.transaction(server).revert().problems.isEmpty)
    #expect(server.current.streamMemory == [])
  }

  /// A session manager is asked again only if it has to be: what it refuses then is not done, whatever was known of it before.
  @Test func whatASessionManagerDoesNotTakeBackIsTold() throws {
    var graph = try GraphText.parse("server pipewire 0.3.65\n" + TransactionFixture.desk)
    let key = StreamMemory.Program(.sink, "Late").key
    let free = StreamMemory(
      key: key, sink: nil, volume: ChannelVolumes(.full, count: 2), channelMap: ChannelMap([]), isMuted: false)
    graph.streamMemory = [free]
    let server = FakeServer(graph)
    let rules = "[output phones]\nmatch = bus:usb\ndefault = no\n[stream Late]\nto = phones\n"
    _ = try desk.transaction(server).apply(try desk.profile(rules))
    #expect(server.current.streamMemory?.first?.sink == "interface")
    // Another process, which has asked nobody yet.
    var forgetful = server.current
    forgetful.streamMemory = []
    let later = FakeServer(forgetful)
    later.beforeChange = { number, change, _ in
      if case .memory = change.attribute { later.fault = (at: number, what: .refuse) }
    }
    #expect(try !desk.transaction(later).revert().problems.isEmpty)
    (later.beforeChange, later.fault) = ({ _, _, _ in }, nil)
    #expect(try desk.transaction(later).revert().problems.isEmpty)
    #expect(later.current.streamMemory == [free])
  }

  /// A program that begins while a revert is at work, as its rule has told the server, goes home with the others.
  @Test func whatBeginsDuringARevertGoesHome() throws {
    var graph = try GraphText.parse(TransactionFixture.desk)
    graph.streamMemory = []
    let server = FakeServer(graph)
    let rules = "[output phones]\nmatch = bus:usb\ndefault = no\n[stream Late]\nto = phones\nvolume = 50%\n"
    _ = try desk.transaction(server).apply(try desk.profile(rules))
    let newcomer = try #require(
      try GraphText.parse(TransactionFixture.desk + "\nstream 77 Late talk interface 50%").sinkInputs.first { $0.index == 77 })
    server.beforeChange = { _, change, graph in
      guard case .memory = change.attribute, graph.sinkInputs.allSatisfy({ $0.index != 77 }) else { return }
      graph.sinkInputs.append(newcomer)
    }
    #expect(try desk.transaction(server).revert().problems.isEmpty)
    let late = try #require(server.current.sinkInputs.first { $0.index == 77 })
    #expect(late.sink == server.current.sink(named: "builtin")?.index && late.volume.loudest == .full, "\(late)")
  }

  /// What a server does late must not be undone before it is done.
  @Test func whatIsDoneLateIsUndoneAfterwards() throws {
    var failures = 0
    for number in 0..<8 {
      let server = FakeServer(try GraphText.parse("server pipewire 0.3.65\n" + TransactionFixture.desk))
      server.isLate = true
      let before = server.current
      server.fault = (at: number, what: .refuse)
      let report = try desk.transaction(server).apply(try desk.profile(TransactionFixture.studio))
      _ = try? server.waitForChange(until: .now)
      if report.failure != nil {
        failures += 1
        #expect(difference(server.current, before) == nil, "call \(number)")
      }
      _ = try desk.transaction(server).revert()
      _ = try? server.waitForChange(until: .now)
      #expect(difference(server.current, before) == nil, "call \(number)")
    }
    #expect(failures >= 4)
  }

  /// PipeWire takes a default that is named twice for no news: it is made news.
  @Test func aDefaultThatWasLostIsSentAgain() throws {
    let server = FakeServer(try GraphText.parse("server pipewire 0.3.65\n" + TransactionFixture.desk))
    let profile = try desk.profile("[output]\nmatch = bus:usb\n")
    server.fault = (at: 0, what: .ignore)
    let report = try desk.transaction(server, timeout: .seconds(2)).apply(profile)
    #expect(report.result == .applied)
    #expect(server.performed.prefix(3).map(\.to) == [.device("interface"), .device("builtin"), .device("interface")])
  }

  /// PipeWire 1.4 tells 100 % of a sink that has never run, whatever it is: it is made to run before it is read and set.
  @Test func whatIsNotToldIsReadWhileItRuns() throws {
    let text = TransactionFixture.desk.replacingOccurrences(of: "100%/50% muted", with: "100%/100% suspended")
    let server = FakeServer(try GraphText.parse("server pipewire 1.4.2\n" + text))
    server.untold = ["interface": ChannelVolumes(Volume(percent: 80), count: 2)]
    let report = try desk.transaction(server).apply(try desk.profile("[output]\nmatch = bus:usb\nvolume = 45%\n"))
    #expect(report.result == .applied)
    #expect(server.current.sink(named: "interface")?.volume.loudest.percent.rounded() == 45)
    let reverted = try desk.transaction(server).revert()
    #expect(reverted.left.isEmpty, "\(reverted.left)")
    #expect(server.current.sink(named: "interface")?.volume.loudest == Volume(percent: 80))
  }

  @Test func aBalanceAloneEndsWhereItShould() throws {
    let server = FakeServer(try GraphText.parse(TransactionFixture.desk.replacingOccurrences(of: "100%/50%", with: "20%/60%")))
    _ = try desk.transaction(server).apply(try desk.profile("[output]\nmatch = bus:usb\nbalance = -50%\n"))
    let volumes = server.current.sink(named: "interface")?.volume.channels.map { $0.percent.rounded() }
    #expect(volumes == [60, 30])
    #expect(
      try desk.transaction(server).apply(try desk.profile("[output]\nmatch = bus:usb\nbalance = -50%\n")).result == .unchanged)
  }

  /// Somebody has done by hand what the next profile wants: it is as that one has left it, and no drift.
  @Test func whatIsThereAlreadyIsTakenOver() throws {
    let server = FakeServer(try GraphText.parse(TransactionFixture.desk))
    let before = server.current
    _ = try desk.transaction(server).apply(try desk.profile("[output]\nmatch = bus:usb\nvolume = 40%\n", "a"))
    server.edit { graph in
      graph.server.defaultSink = "builtin"
      graph.sinks[1].volume = ChannelVolumes(Volume(percent: 60), count: 2)
    }
    let text = "[output speakers]\nmatch = bus:pci\n[output phones]\nmatch = bus:usb\nvolume = 60%\ndefault = no\n"
    #expect(try desk.transaction(server).apply(try desk.profile(text, "b")).changes.allSatisfy { $0.attribute.isStream })
    let journal = try #require(try desk.state.journals().first)
    #expect(journal.drift(in: server.current).isEmpty)
    _ = try desk.transaction(server).revert()
    #expect(server.current.server.defaultSink == before.server.defaultSink)
    #expect(server.current.sink(named: "interface")?.volume == before.sink(named: "interface")?.volume)
  }

  /// What the user has chosen between two applies stays chosen, however often it is applied.
  @Test func theBalanceOfTheUserStaysThroughEveryApply() throws {
    let server = FakeServer(try GraphText.parse(TransactionFixture.desk))
    let profile = try desk.profile("[output]\nmatch = bus:usb\nvolume = 40%\n")
    let was = server.current.sink(named: "interface")?.volume
    _ = try desk.transaction(server).apply(profile)
    let skewed = ChannelVolumes([Volume(percent: 20), Volume(percent: 30)])
    server.edit { $0.sinks[1].volume = skewed }
    _ = try desk.transaction(server).apply(profile)
    let first = server.current.sink(named: "interface")?.volume
    #expect(first?.channels.map { $0.percent.rounded() } == [27, 40])
    // Something else has to be done, and the volume is told to be as it is.
    server.edit { $0.sinks[1].isMuted = true }
    let heard = try desk.profile("[output]\nmatch = bus:usb\nvolume = 40%\nmute = no\n")
    #expect(try desk.transaction(server).apply(heard).result == .applied)
    #expect(server.current.sink(named: "interface")?.volume == first)
    #expect(try desk.transaction(server).apply(heard).result == .unchanged)
    _ = try desk.transaction(server).revert()
    #expect(server.current.sink(named: "interface")?.volume == was)
  }

  @Test func anOptionalMonitorThatIsRefusedIsNoDrift() throws {
    let server = FakeServer(try GraphText.parse(TransactionFixture.desk))
    let text = TransactionFixture.studio.replacingOccurrences(of: "volume = -6 dB", with: "volume = -6 dB\nrequired = no")
    let lenient = try desk.profile(text)
    server.fault = (at: try desk.loadNumber(text), what: .refuse)
    let report = try desk.transaction(server).apply(lenient)
    #expect(report.result == .applied && report.left.count == 1)
    let journal = try #require(try desk.state.journals().first)
    #expect(journal.drift(in: server.current).isEmpty)
    #expect(!journal.baseline.entries.contains { if case .module = $0.attribute { true } else { false } })
  }

  @Test func aChangeThatIsAcknowledgedAndNotMadeIsAFailure() throws {
    var failures = 0
    for number in 0..<8 {
      let server = FakeServer(try GraphText.parse(TransactionFixture.desk))
      let before = server.current
      server.fault = (at: number, what: .ignore)
      let report = try desk.transaction(server).apply(try desk.profile(TransactionFixture.studio))
      if report.failure != nil {
        failures += 1
        #expect(report.result == .rolledBack && report.exitCode == 1)
        #expect(difference(server.current, before) == nil, "call \(number)")
      }
      _ = try desk.transaction(server).revert()
      #expect(difference(server.current, before) == nil, "call \(number)")
    }
    #expect(failures >= 4)
  }

  @Test func aSignalRollsBack() throws {
    for number in 0..<8 {
      let server = FakeServer(try GraphText.parse(TransactionFixture.desk))
      let before = server.current
      server.fault = (at: number, what: .interrupt(15))
      let report = try desk.transaction(server).apply(try desk.profile(TransactionFixture.studio))
      #expect(report.exitCode == 128 + 15)
      #expect(difference(server.current, before) == nil, "call \(number)")
      #expect(try desk.journalText() == nil)
    }
  }

  @Test func aSinkThatVanishesBeforeItsVolumeIsSetIsAFailure() throws {
    let server = FakeServer(try GraphText.parse(TransactionFixture.desk))
    server.beforeChange = { number, _, graph in
      if number == 0 { graph.sinks.removeAll { $0.name == "interface" } }
    }
    let report = try desk.transaction(server).apply(try desk.profile(TransactionFixture.studio))
    #expect(report.result == .rolledBack && report.exitCode == 1)
    // Not "No such entity", which is what the server says.
    #expect(report.failure?.sentence.contains("nothing that is connected fits [output phones]") == true)
    #expect(server.current.server.defaultSink == "builtin")
    // Its volume may have been changed: that waits for it.
    #expect(try desk.state.journals().first?.pending.isEmpty == false)
  }

  @Test func nothingIsWrittenWhereNothingCanBe() throws {
    let server = FakeServer(try GraphText.parse(TransactionFixture.desk))
    let before = server.current
    // A directory in the way of the draft: root may write into a directory that is read-only.
    let name = try journalFileName(server)
    _ = try desk.directory.make("hproute/\(name).new")
    let error = #expect(throws: Failure.self) { try desk.transaction(server).apply(try desk.profile(TransactionFixture.studio)) }
    #expect(error?.exitCode == 74)
    #expect(server.performed.isEmpty)
    #expect(server.current == before)
  }

  private func journalFileName(_ server: FakeServer) throws -> String {
    _ = try desk.transaction(server).apply(try desk.profile("[output]\nmatch = bus:pci\n", "x"))
    let name = try #require(
      try FileManager.default.contentsOfDirectory(atPath: "\(desk.directory.path)/hproute").first { $0.hasSuffix(".journal") })
    _ = try desk.transaction(server).revert()
    return name
  }
}
