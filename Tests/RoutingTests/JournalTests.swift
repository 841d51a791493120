import AudioGraph
import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import Routing

@Suite(.timeLimit(.minutes(45))) struct JournalTests {
  static let journal: Journal = {
    let identity = StreamIdentity(
      index: 7, application: Application(name: "Fire \"fox\"", binary: "firefox", id: ""), process: "12", media: "a\nb\\c")
    let tag = Tag(user: 1000, transaction: 0xBEEF, ordinal: 0)
    let loopback = Loopback(
      tag: tag, source: "mic with a blank", sink: "phones", latency: 20, channelMap: ChannelMap(["mono"]),
      volume: Volume(decibels: -6), isMuted: true, title: "Mic in Phones")
    let volumes = ChannelVolumes([Volume(rawValue: 1), Volume(rawValue: 65_536)])
    let remap = Remap(
      tag: tag, kind: .source, name: "hproute.mic", master: "a b", masterMap: ChannelMap(["aux2"]), map: .mono,
      title: "mic: A \"B\" 3", volume: .full)
    let combination = Combination(tag: tag, name: "hproute.both", members: ["a", "b"], title: "both: a + b")
    var journal = Journal(
      server: ServerIdentity(host: "host", user: "me", address: "/run/x", cookie: .max), state: .applying,
      profile: "studio",
      baseline: Baseline([
        .init(.defaultSink, was: .device("a b"), set: .device("c")),
        .init(.defaultSource, was: .device(nil), set: .device("d")),
        .init(
          .volume(.device(.sink, name: "s", port: nil)), was: .volume(volumes), set: .volume(volumes.scaled(to: .silence)),
          isPending: true),
        .init(.mute(.device(.source, name: "é", port: nil)), was: .mute(false), set: .mute(true)),
        .init(.mute(.stream(identity)), was: .mute(true), set: .mute(false)),
        .init(.streamSink(identity), was: .device("a"), set: .device("b")),
        .init(.module(tag), was: .module(nil), set: .module(.loopback(loopback))),
        .init(.module(tag), was: .module(nil), set: .module(.remap(remap))),
        .init(.module(tag), was: .module(nil), set: .module(.combination(combination))),
        .init(.volume(.device(.sink, name: "k", port: nil)), was: .volume(volumes), set: nil, card: "a card"),
        .init(.cardProfile(card: "a card"), was: .choice("off"), set: .choice("output:analog-stereo+input:analog-stereo")),
        .init(.port(.source, name: "k"), was: .choice(nil), set: .choice("[In] Mic1"), card: "a card", isPending: true),
        .init(.volume(.loopback(tag)), was: .volume(volumes), set: .volume(volumes)),
      ]), held: [Setting(.mute(.device(.sink, name: "s", port: nil)), .mute(false))],
      revision: 0xDEAD_BEEF, afterRevert: "echo \"a\" | cat # é")
    journal.controls.monitors = ["early": true, "mic": false]
    journal.controls.levels = [
      .volume(.device(.sink, name: "a sink", port: "p")): .volume(volumes),
      .mute(.device(.source, name: "é", port: nil)): .mute(true),
    ]
    journal.controls.dimmed = [.volume(.device(.sink, name: "a sink", port: "p")): volumes]
    return journal
  }()

  @Test func whatIsWrittenIsRead() throws {
    let text = JournalText.encode(Self.journal)
    #expect(difference(try JournalText.decode(Array(text.utf8)), Self.journal) == nil)
    #expect(text.hasPrefix("hproute journal 1\n"))
  }

  @Test func marksChangeTheState() throws {
    let text = JournalText.encode(Self.journal) + JournalText.mark(.applied)
    #expect(try JournalText.decode(Array(text.utf8)).state == .applied)
    let both = text + JournalText.mark(.reverting)
    #expect(try JournalText.decode(Array(both.utf8)).state == .reverting)
  }

  /// Cut off anywhere, a journal is either refused or has all that it needs for undoing.
  @Test func aJournalCutOffAtAnyByteIsWholeOrRefused() {
    let body = JournalText.encode(Self.journal)
    let bytes = Array((body + JournalText.mark(.applied) + JournalText.mark(.reverting)).utf8)
    var refused = 0
    for length in 0...bytes.count {
      guard let journal = try? JournalText.decode(Array(bytes[..<length])) else {
        refused += 1
        #expect(length < body.utf8.count, "refused at \(length)")
        continue
      }
      #expect(length >= body.utf8.count)
      #expect(journal.baseline == Self.journal.baseline && journal.held == Self.journal.held)
    }
    #expect(refused == body.utf8.count)
  }

  /// A bit turned anywhere is either refused, or costs no more than a mark.
  @Test func aJournalWithATurnedBitIsNeverReadWrongly() {
    let bytes = Array((JournalText.encode(Self.journal) + JournalText.mark(.applied)).utf8)
    for place in bytes.indices {
      for bit in 0..<8 {
        var damaged = bytes
        damaged[place] ^= 1 << bit
        guard let journal = try? JournalText.decode(damaged) else { continue }
        #expect(journal.baseline == Self.journal.baseline && journal.server == Self.journal.server, "byte \(place)")
        #expect(journal.state == .applying || journal.state == .applied)
      }
    }
  }

  @Test func aDamagedJournalIsKeptAside() throws {
    let directory = try TemporaryDirectory()
    let state = try StateDirectory(Environment { $0 == "XDG_STATE_HOME" ? directory.path : nil })
    let lock = try state.lock(until: .now)
    defer { withExtendedLifetime(lock) {} }
    try state.write(Self.journal)
    let name = try #require(
      try FileManager.default.contentsOfDirectory(atPath: "\(directory.path)/hproute").first { $0.hasSuffix(".journal") })
    try directory.write("hproute journal 1\nrubbish\n", to: "hproute/\(name)")
    #expect(throws: StateDirectory.Failure.self) { try state.journals() }
    // Who only looks leaves it where it is.
    #expect(throws: StateDirectory.Failure.self) { try state.journal(of: Self.journal.server) }
    #expect(try directory.read("hproute/\(name)") == "hproute journal 1\nrubbish\n")
    #expect(throws: StateDirectory.Failure.self) { try state.journal(of: Self.journal.server, isLocked: true) }
    #expect(try directory.read("hproute/\(name).damaged-1") == "hproute journal 1\nrubbish\n")
    #expect(try state.journals().isEmpty)
  }

  /// One that is written behind another counts from when it is whole, and until then the former does, with the marks behind both.
  @Test func aJournalBehindAnother() throws {
    var second = Self.journal
    second.state = .applied
    second.controls = Controls()
    let first = Array(JournalText.encode(Self.journal).utf8)
    let both = first + Array(JournalText.encode(second).utf8)
    for length in first.count...both.count {
      let journal = try JournalText.decode(Array(both[..<length]))
      #expect(difference(journal, length == both.count ? second : Self.journal) == nil, "cut off at \(length)")
      var marked = Array(both[..<length])
      if marked.last != UInt8(ascii: "\n") { marked.append(UInt8(ascii: "\n")) }
      #expect(
        try JournalText.decode(marked + Array(JournalText.mark(.reverting).utf8)).state == .reverting, "cut off at \(length)")
    }
  }

  /// Keys make no file that grows for ever, and no file is no obstacle.
  @Test func journalsOfKeys() throws {
    let directory = try TemporaryDirectory()
    let state = try StateDirectory(Environment { $0 == "XDG_STATE_HOME" ? directory.path : nil })
    try state.prepare()
    var journal = Self.journal
    var sizes: [Int] = []
    for press in 0..<100 {
      journal.controls.levels = [.mute(.device(.sink, name: "\(press)", port: nil)): .mute(true)]
      try state.append(journal)
      let file = try #require(try Files.names(in: state.path).first { $0.hasSuffix(".journal") })
      sizes.append(try Files.read(state.path.appending(file)).count)
      #expect(difference(try state.journals().first, journal) == nil)
    }
    #expect(sizes[1] > sizes[0] * 3 / 2 && sizes.max() ?? 0 <= 1 << 15 && sizes.count { $0 < sizes[1] } > 1, "\(sizes)")
  }

  /// A mark behind one that was cut off counts, and what was written at once is not lost by it.
  @Test func aMarkBehindOneThatWasCutOffCounts() throws {
    let directory = try TemporaryDirectory()
    let state = try StateDirectory(Environment { $0 == "XDG_STATE_HOME" ? directory.path : nil })
    let lock = try state.lock(until: .now)
    defer { withExtendedLifetime(lock) {} }
    let body = JournalText.encode(Self.journal)
    let whole = body + JournalText.mark(.applied)
    for length in body.utf8.count...whole.utf8.count {
      var journal = Self.journal
      try state.write(journal)
      let name = try #require(
        try FileManager.default.contentsOfDirectory(atPath: "\(directory.path)/hproute").first { $0.hasSuffix(".journal") })
      try directory.write(String(decoding: Array(whole.utf8)[..<length], as: UTF8.self), to: "hproute/\(name)")
      try state.mark(&journal, .reverting)
      let read = try #require(try state.journal(of: Self.journal.server))
      #expect(read.state == .reverting && read.baseline == Self.journal.baseline, "cut off at \(length)")
    }
  }

  @Test func theSameRunOfAServerIsFoundAtAnotherAddress() throws {
    let directory = try TemporaryDirectory()
    let state = try StateDirectory(Environment { $0 == "XDG_STATE_HOME" ? directory.path : nil })
    let lock = try state.lock(until: .now)
    defer { withExtendedLifetime(lock) {} }
    try state.write(Self.journal)
    let elsewhere = ServerIdentity(host: "host", user: "me", address: "tcp:localhost", cookie: .max)
    #expect(try state.journal(of: elsewhere) == Self.journal)
    let restarted = ServerIdentity(host: "host", user: "me", address: "/run/x", cookie: 5)
    #expect(try state.journal(of: restarted) == Self.journal)
    let other = ServerIdentity(host: "host", user: "me", address: "/run/y", cookie: 5)
    #expect(try state.journal(of: other) == nil)
  }

  @Test func oneAtATime() throws {
    let directory = try TemporaryDirectory()
    let state = try StateDirectory(Environment { $0 == "XDG_STATE_HOME" ? directory.path : nil })
    let lock = try state.lock(until: .now)
    #expect(state.isBusy())
    #expect(throws: StateDirectory.Failure.self) { try state.lock(until: .now + .milliseconds(20)) }
    withExtendedLifetime(lock) {}
  }

  /// One that another hproute removes between the look into the directory and the look into the file.
  @Test func aJournalThatVanishesIsNone() throws {
    let directory = try TemporaryDirectory()
    let state = try StateDirectory(Environment { $0 == "XDG_STATE_HOME" ? directory.path : nil })
    _ = try state.lock(until: .now)
    // A name that leads to nothing is what it looks like then.
    try FileManager.default.createSymbolicLink(atPath: "\(directory.path)/hproute/gone.journal", withDestinationPath: "nowhere")
    #expect(try state.journals().isEmpty)
    #expect(try state.journal(of: Self.journal.server) == nil)
  }
}
