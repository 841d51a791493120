import Foundation
import TestSupport

// Plays sequences at random desks on both sound servers, and prints what did not hold: see RandomDeskCampaign.
//
//   RandomDesks [SERVER]... [count=N] [first=SEED] [seed=SEED] [jobs=N] [verbose] [whole]
//
// One seed alone is shrunk to what matters, or printed as it is if it shall stay 'whole'.

/// Not held back until the end, as 'print' does where nobody looks.
func say(_ line: String) { FileHandle.standardOutput.write(Data("\(line)\n".utf8)) }

var servers: [ServerKind] = []
var (count, first, jobs): (UInt64, UInt64, Int) = (300, 1, 1)
var seed: UInt64?
var (isVerbose, isWhole) = (false, false)
for word in CommandLine.arguments.dropFirst() {
  let parts = word.split(separator: "=", maxSplits: 1)
  let number = parts.count == 2 ? UInt64(parts[1]) : nil
  switch (String(parts.first ?? ""), number) {
  case ("count", let number?): count = number
  case ("first", let number?): first = number
  case ("seed", let number?): seed = number
  case ("jobs", let number?) where number > 0: jobs = Int(number)
  case ("verbose", nil): isVerbose = true
  case ("whole", nil): isWhole = true
  default:
    guard let server = ServerKind(rawValue: word) else {
      say("RandomDesks: there is no '\(word)'.")
      exit(64)
    }
    servers.append(server)
  }
}
do {
  var isFine = true
  for server in servers.isEmpty ? ServerKind.allCases : servers {
    var campaign = RandomDeskCampaign(server, seeds: seed.map { [$0] } ?? Array(first..<first + count))
    campaign.shrinks = seed != nil && !isWhole
    campaign.prints = seed != nil && isWhole
    campaign.isVerbose = isVerbose
    let start = ContinuousClock.now
    let tally = try campaign.run(jobs: jobs) { say($0) }
    say("")
    let kinds = Dictionary(
      tally.failures.flatMap { failure in failure.findings.flatMap(\.kinds).map { ($0, [failure.seed]) } }, uniquingKeysWith: +)
    for (kind, seeds) in kinds.sorted(by: { $0.value.count > $1.value.count }) {
      say("\(seeds.count) x \(kind): SEED=\(seeds.sorted().prefix(8).map(String.init).joined(separator: ", "))")
    }
    for (reason, count) in tally.refusals.sorted(by: { $0.value > $1.value }) where isVerbose {
      say("refused \(count) x \(reason)")
    }
    let exits = tally.applies.sorted { $0.key < $1.key }.map { "\($0.value) with \($0.key)" }.joined(separator: ", ")
    say("\(server): applies ended \(exits); \(tally.broken.count) desks could not be made")
    say("\(server): \(tally.sequences) sequences, \(tally.held) held, in \((ContinuousClock.now - start).components.seconds) s")
    // A desk that could not be made has shown nothing.
    isFine = isFine && tally.failures.isEmpty && tally.broken.isEmpty
  }
  exit(isFine ? 0 : 1)
} catch {
  say("\(error)")
  exit(2)
}
