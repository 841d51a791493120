import AudioGraph
import Foundation
import TestSupport
import Testing

@testable import Routing

/// What outlives streams: numbers that others get, and volumes that a server remembers for their applications.
@Suite(.timeLimit(.minutes(45))) struct ServerRestartTests {
  private let desk: TransactionFixture

  init() throws { desk = try TransactionFixture() }

  /// The stream of the game, which `studio` turns down to 50 %, and another one of it.
  private func game(_ server: FakeServer, index: UInt32, _ volume: Int, media: String = "battle") throws -> SinkInput {
    var stream = try #require(server.current.sinkInputs.first { $0.identity.application.name == "Game" })
    stream.index = index
    stream.volume = ChannelVolumes(Volume(percent: Double(volume)), count: stream.volume.channels.count)
    stream.properties[.mediaName] = media
    return stream
  }

  private func percent(_ server: FakeServer, _ index: UInt32) -> Double? {
    server.current.sinkInputs.first { $0.index == index }.map { $0.volume.loudest.percent.rounded() }
  }

  @Test func aStreamWithTheNumberOfAnotherIsLeftAlone() throws {
    let server = FakeServer(try GraphText.parse(TransactionFixture.desk))
    _ = try desk.transaction(server).apply(try desk.profile(TransactionFixture.studio))
    server.edit { graph in
      for place in graph.sinkInputs.indices where [1, 3].contains(graph.sinkInputs[place].index) {
        graph.sinkInputs[place].properties[.applicationName] = "Somebody else"
        graph.sinkInputs[place].properties[.processID] = "4711"
      }
    }
    let moved = server.performed.count
    #expect(try desk.transaction(server).revert().exitCode == 0)
    #expect(!server.performed[moved...].contains { ($0.attribute.stream?.index).map { [1, 3].contains($0) } ?? false })
    #expect(percent(server, 3) == 50)
    #expect(try desk.journalText() == nil)
  }

  /// Another run of the server gives the next stream of an application what hproute gave the last. Of pipewire-pulse it may
  /// have the same cookie.
  @Test(arguments: ["revert", "apply", "quiet"], [0, 1] as [UInt32])
  func aVolumeThatTheServerRemembersGoesBack(next: String, run: UInt32) throws {
    let server = FakeServer(try GraphText.parse(TransactionFixture.desk))
    _ = try desk.transaction(server).apply(try desk.profile(TransactionFixture.studio))
    let later = try game(server, index: 33, 50)
    server.edit { graph in
      graph.server.cookie &+= run
      graph.sinkInputs = graph.sinkInputs.filter { !$0.isMovable } + [later]
      graph.modules = []
    }
    if next == "apply" { #expect(try desk.transaction(server).apply(try desk.profile(TransactionFixture.studio)).exitCode == 0) }
    if next == "quiet" {
      #expect(try desk.transaction(server).apply(try desk.profile(TransactionFixture.quiet, "quiet")).exitCode == 0)
    }
    #expect(percent(server, 33) == (next == "quiet" ? 100 : 50))
    #expect(try desk.transaction(server).revert().exitCode == 0)
    #expect(percent(server, 33) == 100)
    #expect(server.current.sinkInputs.first { $0.index == 33 }?.sink == server.current.sink(named: "builtin")?.index)
    #expect(try desk.journalText() == nil)
  }

  /// One that had by itself what the profile wants keeps it, also where hproute has given the same to another.
  @Test func aStreamThatHadItByItselfKeepsIt() throws {
    let server = FakeServer(try GraphText.parse(TransactionFixture.desk))
    let other = try game(server, index: 34, 50, media: "menu")
    server.edit { graph in graph.sinkInputs.append(other) }
    let before = server.current
    for _ in 0..<2 { _ = try desk.transaction(server).apply(try desk.profile(TransactionFixture.studio)) }
    _ = try desk.transaction(server).apply(try desk.profile(TransactionFixture.studio + "\nmute = yes\n", "muted"))
    #expect(try desk.transaction(server).revert().exitCode == 0)
    #expect(difference(server.current, before) == nil)
  }

  /// The next song, a second profile, and the end of the stream that hproute did change make no difference to it.
  @Test func aStreamThatHadItByItselfKeepsItWhateverHappens() throws {
    let server = FakeServer(try GraphText.parse(TransactionFixture.desk))
    let other = try game(server, index: 34, 50, media: "menu")
    server.edit { graph in graph.sinkInputs.append(other) }
    _ = try desk.transaction(server).apply(try desk.profile(TransactionFixture.studio))
    server.edit { graph in
      graph.sinkInputs.removeAll { $0.index == 3 }
      graph.sinkInputs[graph.sinkInputs.firstIndex { $0.index == 34 }!].properties[.mediaName] = "another level"
    }
    _ = try desk.transaction(server).apply(try desk.profile(TransactionFixture.quiet, "quiet"))
    #expect(try desk.transaction(server).revert().exitCode == 0)
    #expect(percent(server, 34) == 50)
  }

  /// One that was where the profile sends the others stays there, also where a stream of its application was moved.
  @Test func aStreamThatWasThereByItselfStays() throws {
    let server = FakeServer(try GraphText.parse(TransactionFixture.desk))
    var other = try game(server, index: 34, 100, media: "menu")
    other.sink = server.current.sink(named: "interface")?.index
    server.edit { [other] graph in graph.sinkInputs.append(other) }
    let before = server.current
    _ = try desk.transaction(server).apply(try desk.profile(TransactionFixture.studio))
    _ = try desk.transaction(server).apply(try desk.profile("[profile]\nstreams = keep\n" + TransactionFixture.studio, "kept"))
    #expect(try desk.transaction(server).revert().exitCode == 0)
    #expect(difference(server.current, before) == nil)
  }

  /// Streams that come and go do not make the journal longer and longer.
  @Test func theJournalRemembersApplicationsAndNotStreams() throws {
    let server = FakeServer(try GraphText.parse(TransactionFixture.desk))
    var lengths: [Int] = []
    for index in 0..<6 as Range<UInt32> {
      let next = try game(server, index: 100 + index, 100, media: "level \(index)")
      server.edit { graph in graph.sinkInputs = graph.sinkInputs.filter { $0.identity.application.name != "Game" } + [next] }
      let text = TransactionFixture.studio + (index.isMultiple(of: 2) ? "" : "\nmute = no\n")
      _ = try desk.transaction(server).apply(try desk.profile(text, "studio\(index % 2)"))
      lengths.append(try desk.journalText()?.split(separator: "\n").count ?? 0)
    }
    #expect(lengths[4] == lengths[2] && lengths[5] == lengths[3], "\(lengths)")
  }
}
