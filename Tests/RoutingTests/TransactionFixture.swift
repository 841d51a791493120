import AudioGraph
import Foundation
import Routing
import TestSupport
import Testing

/// A desk made of a graph, a state directory of its own, and two profiles.
struct TransactionFixture {
  static let desk = """
    sink builtin "Built-in Speakers" 30% bus=pci default
    sink interface "Scarlett Solo USB" 100%/50% muted usb=1235:8211
    source webcam Webcam 80% bus=pci default
    source mic "Scarlett Mic" 20% usb=1235:8211
    stream 1 Firefox song builtin 100%
    stream 2 Player film builtin 100% pinned
    stream 3 Game battle builtin 100% pinned
    """
  static let studio = """
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
  static let quiet = """
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

  let directory: TemporaryDirectory
  let state: StateDirectory
  let lock: StateLock

  init() throws {
    let directory = try TemporaryDirectory()
    self.directory = directory
    state = try StateDirectory(Environment { $0 == "XDG_STATE_HOME" ? directory.path : nil })
    lock = try state.lock(until: .now)
  }

  func profile(_ text: String, _ name: String = "studio") throws -> Profile {
    try #require(Parser.parse(SourceText(name: name, text), name: name).profile)
  }

  func transaction(_ server: FakeServer, timeout: Duration = .milliseconds(40)) -> Transaction {
    Transaction(
      server: server, address: "fake", state: state, timeout: timeout,
      planner: Planner(user: 1000, transaction: .random(in: 1 ... .max)))
  }

  func journalText() throws -> String? {
    let files = try FileManager.default.contentsOfDirectory(atPath: "\(directory.path)/hproute")
    return try files.first { $0.hasSuffix(".journal") }.map { try directory.read("hproute/\($0)") }
  }

  /// The number of the change that loads the monitor of a profile, counted from the first of the apply.
  func loadNumber(_ text: String) throws -> Int {
    let probe = FakeServer(try GraphText.parse(Self.desk))
    _ = try transaction(probe).apply(try profile(text))
    let number = try #require(probe.performed.firstIndex { $0.action == "load" })
    _ = try transaction(probe).revert()
    return number
  }
}
