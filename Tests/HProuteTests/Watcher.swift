import Foundation
import TestSupport

/// `hproute watch` on a private server, until the test ends.
final class Watcher {
  let server: PrivateServer
  let program: Program
  private let output: String

  /// - Parameter isWaiting: whether to wait until it is connected and has looked around.
  init(_ server: PrivateServer, _ arguments: String..., isWaiting: Bool = true) throws {
    self.server = server
    output = "\(server.directory.path)/watch-\(UInt32.random(in: 0 ... .max)).json"
    program = try Program(
      ["sh", "-c", "out=$1; shift; exec \"$@\" > \"$out\"", "watch", output, HProuteBinary.path, "watch", "--json"] + arguments,
      environment: server.environment, log: "\(output).log")
    guard try !isWaiting || wait(for: { $0.contains { ["applied", "idle", "in_force", "reverted"].contains($0.event) } }) else {
      throw PrivateServer.Failed(description: "watch does not begin: \(log)")
    }
  }

  deinit { program.kill() }

  /// One change of situation.
  struct Event: Decodable, Equatable, CustomStringConvertible {
    var event: String
    var state: String
    var profile: String?
    var choice: String?
    var message: String
    var description: String { "\(event) \(profile ?? "-"): \(message)" }
  }

  var log: String { program.logText }

  func events() throws -> [Event] {
    let text = (try? String(contentsOfFile: output, encoding: .utf8)) ?? ""
    return text.split(separator: "\n").compactMap { try? JSONDecoder().decode(Event.self, from: Data($0.utf8)) }
  }

  func wait(within seconds: Double = 10, for condition: ([Event]) -> Bool) throws -> Bool {
    try eventually(within: seconds) { condition(try events()) }
  }

  /// Waits until `watch` has said so many times that it has done something.
  func wait(for event: String, count: Int, within seconds: Double = 10) throws -> Bool {
    try wait(within: seconds) { $0.count { $0.event == event } >= count }
  }

  func count(_ event: String) throws -> Int { try events().count { $0.event == event } }

  /// Ends it as a service manager would.
  func end() -> Int32? {
    program.send(SIGTERM)
    return program.wait(within: 10)
  }
}
