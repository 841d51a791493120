internal import Foundation
internal import Synchronization

/// Walks through every packet of a command, and lets something happen there; then looks whether everything can be
/// brought back.
///
/// A case is one command with one fault at one packet, and what a user types next: `revert`, which has to give the state
/// before, or `apply studio`, which has to give what it always gives, and then `revert`. The state is what pactl tells.
public struct Campaign: Sendable {
  public enum Command: String, CaseIterable, Sendable {
    case apply
    case change = "switch"
    case revert
    /// A volume key, as it is pressed for the second time.
    case key

    /// What is typed.
    var words: [String] {
      switch self {
      case .apply, .change: ["apply", "studio"]
      case .revert: ["revert"]
      case .key: ["volume", "-3dB"]
      }
    }
  }
  public enum Remedy: String, CaseIterable, Sendable { case revert, apply }

  public struct Case: Sendable, CustomStringConvertible {
    public var server: ServerKind
    public var command: Command
    public var fault: Fault
    public var packet: Int
    public var remedy: Remedy
    public var description: String { "\(server) \(command.rawValue) \(fault) \(packet) \(remedy.rawValue)" }
  }

  public struct Tally: Sendable {
    public fileprivate(set) var cases = 0
    public fileprivate(set) var failures: [(place: Case, reason: String)] = []
    public var held: Int { cases - failures.count }
  }

  public var servers: [ServerKind] = ServerKind.allCases
  public var commands: [Command] = Command.allCases
  public var faults: [Fault] = Fault.allCases
  public var remedies: [Remedy] = Remedy.allCases
  /// Every so many packets.
  public var stride = 1
  public var first = 0

  public init() {}

  /// One fault in one command, packet by packet.
  struct Walk: Hashable, Sendable {
    var server: ServerKind
    var command: Command
    var fault: Fault
    var remedy: Remedy
  }

  /// - Parameters:
  ///   - jobs: how many walks are taken at the same time, each with a server of its own.
  ///   - report: told of every case that does not hold, and of every walk that is over.
  public func run(jobs: Int = 1, _ report: @escaping @Sendable (String) -> Void = { _ in }) throws -> Tally {
    let walks = servers.flatMap { server in
      commands.flatMap { command in
        faults.flatMap { fault in remedies.map { Walk(server: server, command: command, fault: fault, remedy: $0) } }
      }
    }
    let progress = Mutex((rest: walks[...], tally: Tally(), error: (any Error)?.none))
    let ends = DispatchGroup()
    for _ in 0..<jobs {
      ends.enter()
      Thread {
        defer { ends.leave() }
        var desk: CampaignDesk?
        while let walk = progress.withLock({ $0.rest.popFirst() }) {
          do {
            var count = 0
            try take(walk, &desk) { place, reason in
              count += 1
              progress.withLock {
                $0.tally.cases += 1
                if let reason {
                  $0.tally.failures.append((place, reason))
                  report("NOT HELD: \(place): \(reason)")
                }
              }
            }
            report("\(walk.server) \(walk.command.rawValue) \(walk.fault) then \(walk.remedy.rawValue): \(count)")
          } catch {
            progress.withLock {
              $0.error = error
              $0.rest = []
            }
          }
        }
      }.start()
    }
    ends.wait()
    return try progress.withLock { end in
      if let error = end.error { throw error }
      return end.tally
    }
  }

  private func take(_ walk: Walk, _ desk: inout CampaignDesk?, _ report: (Case, String?) -> Void) throws {
    var packet = first
    var faults = 0
    while true {
      let here: CampaignDesk
      if let desk, desk.server.kind == walk.server { here = desk } else { here = try CampaignDesk(walk.server) }
      desk = here
      let place = Case(server: walk.server, command: walk.command, fault: walk.fault, packet: packet, remedy: walk.remedy)
      do {
        guard let isTried = try Self.attempt(place, on: here) else { return }
        if isTried { report(place, nil) }
      } catch {
        // A server that dies of itself proves nothing about a case. Twice is no accident.
        if here.server.hasKnownFault, let fault = here.server.fault, faults == 0 {
          print("\(place) once more: \(fault)")
          faults += 1
          desk = nil
          continue
        }
        report(place, "\(error)")
        // What is left of the case is no ground for the next.
        desk = nil
      }
      packet += stride
    }
  }

  /// - Returns: whether there is such a fault at that packet; nil where the command has fewer packets.
  private static func attempt(_ place: Case, on desk: CampaignDesk) throws -> Bool? {
    if place.fault == .endServer { try desk.restart(forgetting: true) }
    switch place.command {
    case .apply: break
    case .change: try desk.require(["apply", "quiet"])
    case .revert: try desk.require(["apply", "studio"])
    case .key:
      try desk.require(["apply", "studio"])
      try desk.require(place.command.words)
    }
    let before = place.command == .apply ? desk.baseline : try desk.server.snapshot(masking: true)

    let (outcome, meeting) = try suffer(place, on: desk)
    // What had ended by itself was not killed, and is no case.
    let isHit = meeting == .hit && !(place.fault == .kill && outcome.exitCode == 0)
    if isHit {
      guard place.fault.allows(outcome.exitCode) else {
        throw PrivateServer.Failed(description: "it ended with \(outcome.exitCode): \(outcome.output)\(outcome.errors)")
      }
      if place.fault != .endServer {
        switch outcome.exitCode {
        // A revert goes on where it can, and leaves the rest to the next.
        case 77 where place.command == .revert: break
        // It lost the connection when it had not begun, or it would have made another.
        case 69 where place.fault == .cut: try desk.requireState(before, "a command that has not begun: \(outcome.errors)")
        case 1, 77, 128 + SIGTERM, 128 + SIGINT: try desk.requireState(before, "a command that says that nothing has changed")
        case 0 where place.fault != .deny && place.fault != .fail && place.command != .key:
          try desk.requireState(place.command == .revert ? desk.baseline : desk.applied, "a command that says that it is done")
        default: break
        }
      }
    } else if outcome.exitCode != 0 {
      throw PrivateServer.Failed(description: "without any fault it ended with \(outcome.exitCode): \(outcome.errors)")
    }

    if place.remedy == .apply {
      try desk.require(["apply", "studio"])
      try desk.requireState(desk.applied, "apply")
    }
    try desk.require(["revert"])
    try desk.requireState(desk.baseline, "revert")
    try desk.requireNothingWrittenDown()
    // A server that is killed has not written all of that down.
    if place.fault != .endServer { try desk.requireMemory("revert (\(outcome.exitCode): \(outcome.output)\(outcome.errors))") }
    return meeting == .missed ? nil : isHit
  }

  private enum Meeting { case missed, unfit, hit }

  /// Runs the command with the fault.
  private static func suffer(_ place: Case, on desk: CampaignDesk) throws -> (Program.Outcome, Meeting) {
    let meeting = Shared(Meeting.missed)
    desk.gate.guardBy { passage in
      guard passage.number == place.packet else { return .pass }
      guard place.fault.fits(passage) else {
        meeting.value = .unfit
        return .pass
      }
      meeting.value = .hit
      return place.fault.verdict(passage) { desk.server.stop() }
    }
    let start = ContinuousClock.now
    let outcome = try desk.run(place.command.words + ["--timeout", "\(place.fault.timeout)"])
    let elapsed = ContinuousClock.now - start
    desk.gate.open()
    if place.fault == .endServer && meeting.value == .hit { try desk.restart() }
    // A machine that is busy takes its time to start a process.
    if elapsed > .seconds(place.fault.timeout + 3) { throw PrivateServer.Failed(description: "it took \(elapsed)") }
    return (outcome, meeting.value)
  }
}

/// A value that two threads hand to each other.
public final class Shared<Value>: @unchecked Sendable {
  private let lock = NSLock()
  private var stored: Value
  public init(_ value: Value) { stored = value }
  public var value: Value {
    get { lock.withLock { stored } }
    set { lock.withLock { stored = newValue } }
  }
}
