import AudioGraph
import Foundation
import PulseAudio
import Routing
import TestSupport
import Testing

/// A real server that has an accident right before a certain burst of changes.
final class Meddler: AudioServer {
  private let server: SoundServer
  private let number: Int
  private let accident: () throws -> Void
  /// How many bursts there were.
  private(set) var count = 0

  private init(_ server: SoundServer, at number: Int, accident: @escaping () throws -> Void) {
    (self.server, self.number, self.accident) = (server, number, accident)
  }

  var readsStreamMemory: Bool {
    get { server.readsStreamMemory }
    set { server.readsStreamMemory = newValue }
  }

  func reconnect() throws(ServerError) { try server.reconnect() }

  func graph() throws(ServerError) -> Graph { try server.graph() }

  func wake(_ devices: [Device]) throws(ServerError) { try server.wake(devices) }

  func recall(_ programs: [String: Int], known: [StreamMemory]) throws(ServerError) -> Bool {
    try server.recall(programs, known: known)
  }

  func waitForChange(until deadline: ContinuousClock.Instant) throws(ServerError) -> Bool {
    try server.waitForChange(until: deadline)
  }

  func perform(_ changes: [Change]) throws(ServerError) -> BurstResult {
    if count == number {
      do { try accident() } catch { Issue.record("the accident does not happen: \(error)") }
    }
    count += 1
    return try server.perform(changes)
  }

  /// Runs a command of hproute with an accident in front of burst `number`, counted from 0.
  ///
  /// - Returns: what it reports, and how many bursts it took.
  static func run(
    on server: PrivateServer, at number: Int, _ accident: @escaping () throws -> Void,
    _ command: (Transaction) throws -> Report
  ) throws -> (report: Report, bursts: Int) {
    setenv("PULSE_COOKIE", "\(server.directory.path)/cookie", 1)
    let sound = try SoundServer(address: server.environment["PULSE_SERVER"], timeout: .seconds(5))
    let meddler = Meddler(sound, at: number, accident: accident)
    let state = try StateDirectory(Environment { server.environment[$0] })
    let lock = try state.lock(until: .now)
    defer { withExtendedLifetime(lock) {} }
    let transaction = Transaction(
      server: meddler, address: sound.canonicalAddress, state: state, timeout: .seconds(2),
      planner: Planner(user: getuid(), transaction: .random(in: 1 ... .max)))
    return (try command(transaction), meddler.count)
  }
}

extension PrivateServer {
  /// The profile that was written for this server.
  func profile(_ name: String) throws -> Profile {
    let text = try directory.read("profiles/\(name).profile")
    return try #require(Parser.parse(SourceText(name: name, text), name: name).profile)
  }
}
