internal import Foundation
internal import Synchronization

/// Plays sequences at random desks, and tells which promises do not hold.
///
/// A sequence is a desk, some profiles and what is done with them, all thrown from its number. What is promised is looked
/// up with pactl alone: see ``ApplyOracle`` for an apply, ``DeskHistory`` for a revert.
public struct RandomDeskCampaign: Sendable {
  public struct Failure: Sendable {
    public var seed: UInt64
    public var findings: [Finding]
  }

  public struct Tally: Sendable {
    public fileprivate(set) var sequences = 0
    public fileprivate(set) var held = 0
    /// What came of every apply: how often which exit code.
    public fileprivate(set) var applies: [Int32: Int] = [:]
    /// Why applies were refused: how often which reason, without the names of devices.
    public fileprivate(set) var refusals: [String: Int] = [:]
    public fileprivate(set) var failures: [Failure] = []
    /// Desks that could not be made.
    public fileprivate(set) var broken: [(seed: UInt64, reason: String)] = []
  }

  public var server: ServerKind
  public var seeds: [UInt64]
  /// Whether what fails is made as short as it can be, and whether it is printed as it is.
  public var shrinks = false
  public var prints = false
  public var isVerbose = false

  public init(_ server: ServerKind, seeds: [UInt64]) { (self.server, self.seeds) = (server, seeds) }

  /// - Parameters:
  ///   - jobs: how many sequences are played at the same time, each on a server of its own.
  ///   - report: told of everything as it is found.
  public func run(jobs: Int = 1, _ report: @escaping @Sendable (String) -> Void = { _ in }) throws -> Tally {
    let words = try Vocabulary()
    let progress = Mutex((rest: seeds[...], tally: Tally(), error: (any Error)?.none))
    let ends = DispatchGroup()
    for _ in 0..<jobs {
      ends.enter()
      Thread {
        defer { ends.leave() }
        while let seed = progress.withLock({ $0.rest.popFirst() }) {
          do {
            let sequence = words.known(try RandomSequence(seed: seed))
            let run = SequenceRun(sequence, on: server)
            let outcome = try run.run()
            progress.withLock { count(run, outcome, seed, &$0.tally) }
            tell(run, outcome, report)
          } catch {
            progress.withLock { $0 = ([], $0.tally, error) }
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

  private func count(_ run: SequenceRun, _ outcome: SequenceRun.Outcome, _ seed: UInt64, _ tally: inout Tally) {
    tally.sequences += 1
    for code in run.applyCodes { tally.applies[code, default: 0] += 1 }
    for reason in run.refusals { tally.refusals[reason, default: 0] += 1 }
    switch outcome {
    case .held: tally.held += 1
    case .failed(let findings): tally.failures.append(Failure(seed: seed, findings: findings))
    case .broken(let reason): tally.broken.append((seed, reason))
    }
  }

  private func tell(_ run: SequenceRun, _ outcome: SequenceRun.Outcome, _ report: (String) -> Void) {
    let place = "\(server) SEED=\(run.sequence.seed)"
    if prints { report(run.sequence.script(on: server)) }
    switch outcome {
    case .held: if isVerbose { report("held: \(place)") }
    case .broken(let reason): report("BROKEN DESK: \(place): \(reason)")
    case .failed(let findings):
      for finding in findings { report("NOT HELD: \(place): \(finding)") }
      // What is about the sound comes last.
      if shrinks, let finding = findings.last {
        let (sequence, its) = Shrinking(kind: server).shortest(run.sequence, finding)
        report("\n\(sequence.script(on: server))\n# \(its)\n")
      }
    }
    if isVerbose { report(run.notes.map { "    \($0)" }.joined(separator: "\n")) }
  }
}

/// The words of the format that the program under test does not know yet: older ones are tried as well.
struct Vocabulary: Sendable {
  private let knowsAll: Bool
  private let knowsRecording: Bool

  init() throws {
    let directory = try TemporaryDirectory()
    let isKnown = { (text: String) in
      let file = try directory.write(text, to: "probe.profile")
      return try Program.run([HProuteBinary.path, "check", file], environment: ["HOME": directory.path]).exitCode == 0
    }
    let output = "[output]\nmatch = x\n"
    guard try isKnown(output) else { throw BrokenDesk("\(HProuteBinary.path) does not check a profile") }
    knowsAll = try isKnown("[profile]\nstreams = all\n" + output)
    knowsRecording = try isKnown(output + "[recording x]\nvolume = 50%\n")
  }

  func known(_ sequence: RandomSequence) -> RandomSequence {
    var sequence = sequence
    for index in sequence.profiles.indices {
      if !knowsRecording { sequence.profiles[index].sections.removeAll { $0.kind == "recording" } }
      for section in sequence.profiles[index].sections.indices where !knowsAll {
        sequence.profiles[index].sections[section].keys.removeAll { $0.key == "streams" && $0.value == "all" }
      }
    }
    return sequence
  }
}
