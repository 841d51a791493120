import AudioGraph
import Foundation
import Routing
import TestSupport
import Testing

/// Card profiles, ports, channels and combined outputs, with a server that fails at every call in turn.
@Suite(.timeLimit(.minutes(45))) struct CardTransactionTests {
  private let desk: TransactionFixture

  init() throws { desk = try TransactionFixture() }

  private static let cards = """
    card pch "Built-in Audio" bus=pci profiles=off,duplex active=duplex
    sink builtin "Built-in Audio" 30% bus=pci card=pch port=speaker,headphones active=analog-output-speaker default
    card solo "Scarlett" usb=1235:8211 profiles=off,output:analog,output:surround+input:mic active=output:analog
    sink analog "Scarlett Analog" 70%/60% card=solo port=line,spdif active=analog-output-line
    sink surround "Scarlett Surround" 90% map=front-left,front-right,rear-left,rear-right card=solo away=output:surround+input:mic
    source mic "Scarlett Mic" 40% map=aux0,aux1,aux2 card=solo away=output:surround+input:mic
    source inner "Inner Mic" 80% bus=pci card=pch default
    stream 1 Firefox song builtin 100%
    stream 2 Player film analog 100% pinned
    stream 3 Silent film analog 100% pinned muted
    """
  static let wish = """
    [card interface]
    match   = usb:1235:8211
    profile = HiFi | *surround*
    [output both]
    combine = phones, speakers
    [output phones]
    card     = interface
    channels = 3, 4
    volume   = -20 dB
    [output speakers]
    match  = bus:pci
    port   = headphones
    limit  = -30 dB
    [input voice]
    card     = interface
    channels = 2
    volume   = 50%
    [monitor]
    from = voice
    to   = phones
    [stream Firefox]
    volume = 80%
    """

  private func server() throws -> FakeServer { try Self.server() }
  private func state(_ server: FakeServer) -> [String] { Self.state(server) }

  static func server() throws -> FakeServer {
    let server = try FakeServer(text: cards)
    server.portVolumes = ["builtin analog-output-headphones": .full, "builtin analog-output-speaker": Volume(percent: 30)]
    server.edit { $0.streamMemory = [] }
    return server
  }

  /// Everything there is, what is away included, whatever the order.
  static func state(_ server: FakeServer) -> [String] {
    let graph = server.current
    let away = server.away.filter { card, _ in !graph.cards.contains { card == "\($0.name) \($0.activeProfile ?? "")" } }
    let sinks = graph.sinks.map { "\($0)" } + away.values.flatMap(\.sinks).map { "away \($0)" }
    let sources = graph.sources.map { "\($0)" } + away.values.flatMap(\.sources).map { "away \($0)" }
    return sinks.sorted() + sources.sorted() + graph.sinkInputs.map { "\($0)" } + graph.modules.map { "\($0)" }
      + graph.cards.map { "\($0)" } + ["\(graph.server)", "\(String(describing: graph.streamMemory))"]
  }

  @Test func allOfItAndBack() throws {
    let server = try server()
    let before = state(server)
    let profile = try desk.profile(Self.wish)
    let report = try desk.transaction(server).apply(profile)
    #expect(report.result == .applied, "\(String(describing: report.failure))")
    let graph = server.current
    #expect(graph.server.defaultSink == "hproute.both" && graph.server.defaultSource == "hproute.voice")
    #expect(graph.sink(named: "hproute.phones")?.volume.loudest.isClose(to: Volume(decibels: -20)) == true)
    // One volume is enough: the channels below are open, those beside them are as they were.
    #expect(graph.sink(named: "surround")?.volume.channels.map { $0.percent.rounded() } == [90, 90, 100, 100])
    #expect(graph.source(named: "mic")?.volume.channels.map { $0.percent.rounded() } == [40, 100, 40])
    #expect(graph.sink(named: "builtin")?.activePort == "analog-output-headphones")
    #expect(graph.sink(named: "builtin")?.volume.loudest.isClose(to: Volume(decibels: -30)) == true)
    #expect(graph.sinkInputs.filter(\.isMovable).allSatisfy { graph.sink(index: $0.sink)?.name == "hproute.both" })
    #expect(graph.sinkInputs.filter(\.isMuted).map(\.index) == [3])
    #expect(graph.streamMemory?.map(\.key) == ["sink-input-by-application-name:Firefox"])

    let sent = server.performed.count
    #expect(try desk.transaction(server).apply(profile).result == .unchanged)
    #expect(server.performed.count == sent)
    let reverted = try desk.transaction(server).revert()
    #expect(reverted.result == .reverted && reverted.problems.isEmpty && reverted.left.isEmpty, "\(reverted)")
    #expect(difference(state(server), before) == nil)
    #expect(try desk.journalText() == nil)
  }

  @Test func theVolumesOfACardProfileAreNotHeardBeforeTheyAreRight() throws {
    let server = try server()
    server.beforeChange = { number, change, graph in
      switch (change.attribute, change.to) {
      case (.cardProfile, _):
        // What plays through a device of ours plays to the card; the stream in between is left alone.
        let sinks = graph.sinks.filter { $0.card == 101 || $0.name == graph.server.defaultSink || $0.name.hasPrefix("hproute.") }
          .map(\.index)
        for stream in graph.sinkInputs where stream.client != nil && stream.sink.map(sinks.contains) ?? false {
          #expect(stream.isMuted, "call \(number)")
        }
        for stream in graph.sinkInputs
        where stream.client == nil && graph.sinks.contains(where: { $0.ownerModule == stream.ownerModule }) {
          #expect(!stream.isMuted, "call \(number)")
        }
      case (.port(_, let name), _):
        let sink = graph.sink(named: name)?.index
        for stream in graph.sinkInputs where stream.sink == sink { #expect(stream.isMuted, "call \(number)") }
      case (.mute(.stream(let identity)), .mute(false)):
        let sink = graph.sink(index: graph.sinkInput(identity)?.sink)
        // Where it goes, or where it came from.
        #expect(["hproute.both", "builtin", "analog"].contains(sink?.name), "call \(number)")
        #expect(graph.sink(named: "hproute.phones").map { $0.volume.loudest <= Volume(decibels: -19) } ?? true, "call \(number)")
      default: break
      }
    }
    _ = try desk.transaction(server).apply(try desk.profile(Self.wish))
    _ = try desk.transaction(server).revert()
  }

  @Test(arguments: ["refuse", "interrupt", "disconnect"]) func everyFailureIsUndone(what: String) throws {
    var number = 0
    var failures = 0
    while true {
      let server = try server()
      let before = state(server)
      let fault: FakeServer.Fault = what == "refuse" ? .refuse : what == "interrupt" ? .interrupt(15) : .disconnect
      server.fault = (at: number, what: fault)
      let report = try? desk.transaction(server).apply(try desk.profile(Self.wish))
      guard server.performed.count > number else { break }
      if what == "disconnect" {
        // As after a kill: another process finds the journal, and a server that answers.
        server.isThereAgain = true
        try server.reconnect()
      } else if let report, report.failure != nil {
        failures += 1
        #expect(report.result == .rolledBack && report.problems.isEmpty, "call \(number): \(report.problems)")
        #expect(difference(state(server), before) == nil, "call \(number): \(server.performed[number])")
      }
      server.fault = nil
      _ = try desk.transaction(server).revert()
      #expect(difference(state(server), before) == nil, "call \(number): \(server.performed[number])")
      #expect(try desk.journalText() == nil, "call \(number)")
      number += 1
    }
    #expect(number >= 18 && (what == "disconnect" || failures >= 14))
  }

  /// A device that hproute did not find in its card profile is waited for, and then everything goes back.
  @Test func aSinkThatDoesNotComeRollsBack() throws {
    let server = try server()
    server.away["solo output:surround+input:mic"] = ([], [])
    let before = state(server)
    let report = try desk.transaction(server).apply(try desk.profile(Self.wish))
    #expect(report.result == .rolledBack)
    #expect(
      report.failure?.sentence.contains(
        "Scarlett has no device for [output phones] in its card profile 'output:surround+input:mic'") == true)
    #expect(difference(state(server), before) == nil)
  }

  /// A pair of channels without a volume of its own is as loud as it was, and not as what is below it has become.
  @Test(arguments: ["", "limit = -3 dB\n"]) func channelsAreAsLoudAsTheyWere(more: String) throws {
    let server = try server()
    let text = "[card c]\nmatch = bus:usb\nprofile = *surround*\n[output o]\ncard = c\nchannels = 3, 4\n\(more)"
    _ = try desk.transaction(server).apply(try desk.profile(text))
    #expect(server.current.sink(named: "hproute.o")?.volume.loudest.percent.rounded() == (more.isEmpty ? 90.0 : 89.0))
    #expect(server.current.sink(named: "surround")?.volume.channels.last == .full)
    #expect(try desk.transaction(server).apply(try desk.profile(text)).result == .unchanged)
  }

  /// Two profiles use the same channels: what the second asks for and cannot have leaves the first as it was.
  @Test func aDeviceOfOurOwnIsRolledBackToo() throws {
    let server = try server()
    let quiet = "[output o]\nmatch = name:analog\nchannels = 1\nvolume = -20 dB\nmute = yes\n"
    _ = try desk.transaction(server).apply(try desk.profile(quiet, "quiet"))
    let before = state(server)
    let loud = quiet.replacingOccurrences(of: "-20 dB", with: "-6 dB").replacingOccurrences(of: "mute = yes\n", with: "")
    let failing = loud + "[input i]\nmatch = name:inner\n[monitor]\nfrom = i\nto = o\n"
    server.beforeChange = { number, change, _ in if change.isLoad { server.fault = (at: number, what: .refuse) } }
    #expect(try desk.transaction(server).apply(try desk.profile(failing, "failing")).result == .rolledBack)
    #expect(difference(state(server), before) == nil)
    server.beforeChange = { _, _, _ in }
    _ = try desk.transaction(server).apply(try desk.profile(loud, "loud"))
    #expect(server.current.sink(named: "hproute.o")?.isMuted == false)
  }

  /// A card profile brings devices whose parts another profile had set: nobody waits for those that it has taken away.
  @Test func oneProfileAfterAnotherAcrossCardProfiles() throws {
    let server = try server()
    let before = state(server)
    _ = try desk.transaction(server).apply(try desk.profile("[output o]\nmatch = name:analog\nvolume = 20%\n", "first"))
    let start = server.now
    let card = "[card c]\nmatch = bus:usb\nprofile = *surround*\n[output o]\ncard = c\nvolume = 30%\n"
    _ = try desk.transaction(server, timeout: .seconds(5)).apply(try desk.profile(card, "second"))
    _ = try desk.transaction(server, timeout: .seconds(5)).apply(try desk.profile("[output o]\nmatch = bus:pci\n", "third"))
    #expect(server.now - start < .seconds(2))
    let journal = try #require(try desk.state.journals().first)
    #expect(journal.drift(in: server.current).isEmpty)
    #expect(!journal.baseline.entries.contains { $0.card == "solo" || $0.attribute == .cardProfile(card: "solo") })
    _ = try desk.transaction(server).revert()
    #expect(difference(state(server), before) == nil)
  }

  /// PipeWire's session manager writes what it remembers some time after a device has come, over what was set meanwhile:
  /// that is seen, mended, and not heard.
  @Test func whatIsRememberedLateIsNotHeard() throws {
    let server = try FakeServer(text: "server pipewire 0.3.65\n" + Self.cards)
    var switched: ContinuousClock.Instant?
    var isRemembered = false
    server.beforeChange = { number, change, graph in
      if case .cardProfile = change.attribute { switched = server.now }
      guard case .mute(.stream) = change.attribute, change.to == .mute(false) else { return }
      #expect(
        isRemembered && graph.sink(named: "surround")?.volume.loudest.isClose(to: Volume(percent: 20)) == true, "call \(number)")
    }
    server.whileWaiting = { graph in
      guard let moment = switched, !isRemembered, server.now > moment + .milliseconds(130),
        let place = graph.sinks.firstIndex(where: { $0.name == "surround" })
      else { return false }
      graph.sinks[place].device.volume = ChannelVolumes(.full, count: 4)
      isRemembered = true
      return true
    }
    let text = "[card c]\nmatch = bus:usb\nprofile = *surround*\n[output o]\ncard = c\nvolume = 20%\n"
    let report = try desk.transaction(server, timeout: .seconds(2)).apply(try desk.profile(text))
    #expect(report.result == .applied && isRemembered)
    #expect(server.current.sink(named: "surround")?.volume.loudest.isClose(to: Volume(percent: 20)) == true)
  }
}
