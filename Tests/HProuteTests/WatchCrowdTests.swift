import Foundation
import SeededRandom
import TestSupport
import Testing

/// Many programs under `hproute watch`, by the clock: `Tests/run` runs nothing beside it.
@Suite(.timeLimit(.minutes(45))) struct WatchCrowdTests {
  /// Fifty programs that begin at random moments of ten applies and reverts: each is where it belongs within a moment of when it
  /// has begun or of the end of the command, whichever is later, and moved once each time.
  @Test(arguments: ServerKind.allCases) func fiftyAtRandomMoments(kind: ServerKind) throws {
    let (server, watcher) = try WatchStreamTests.desk(kind)
    var random = SeededRandom(seed: 16)
    try server.play("Bystander", to: "mic-feed")
    let witness = try StreamWitness(server)
    /// When each command began and had ended, and where every program belongs from then on.
    var goals: [(begin: Double, end: Double, home: String)] = []
    var begun: [Program] = []
    for round in 0..<10 {
      let isApply = round % 2 == 1
      let home = isApply ? "interface" : "builtin"
      let start = Self.now
      let command = try Program(
        [HProuteBinary.path] + (isApply ? ["apply", "rules"] : ["revert"]), environment: server.environment,
        log: "\(server.directory.path)/command.log")
      for number in 1...5 {
        let delay = Double.random(in: 0...0.15, using: &random)
        begun.append(
          try Program(
            [
              "sh", "-c",
              "sleep \(delay); exec pacat --client-name='Music \(round) \(number)' --stream-name='Music \(round) \(number)' --latency-msec=20 /dev/zero",
            ], environment: server.environment, log: "\(server.directory.path)/begun.log"))
      }
      #expect(command.wait(within: 10) == 0)
      goals.append((start, Self.now, home))
      let names = (0...round).flatMap { round in (1...5).map { "Music \(round) \($0)" } }
      #expect(try eventually { try names.allSatisfy { try server.position(of: $0) == home } }, "round \(round): \(watcher.log)")
    }
    let sightings = try witness.stop()
    for program in begun { program.kill() }
    var delays: [Double] = []
    for round in 0..<10 {
      for number in 1...5 {
        let sightings = try #require(sightings["Music \(round) \(number)"])
        let begin = try #require(sightings.first).moment
        for index in round..<10 {
          let due = max(begin, goals[index].end)
          let next = index < 9 ? goals[index + 1].begin : .infinity
          let before = sightings.filter { $0.moment < next && $0.device != nil }
          // When it came to stay.
          let isElsewhere = before.lastIndex { $0.device != goals[index].home } ?? -1
          let arrival = try #require(before.dropFirst(isElsewhere + 1).first, "\(round) \(number), \(index): \(sightings)").moment
          delays.append(max(0, arrival - due))
        }
        // To and fro once for each command at most.
        #expect(sightings.path.count <= 11 - round, "\(round) \(number): \(sightings)")
      }
    }
    delays.sort()
    print("commands: \(goals.map { Int($0.end - $0.begin) })")
    print(
      "\(kind): late \(delays[delays.count / 2]) ms, at most \(delays.last ?? 0) ms, \(delays.count { $0 > 100 }) of \(delays.count) over 100 ms"
    )
    // One in twenty may meet a machine that is busy.
    #expect(delays.count { $0 > 100 } * 20 <= delays.count, "\(delays.suffix(20))")
    #expect(try server.position(of: "Bystander") == "mic-feed")
    #expect(sightings["Bystander"]?.path.count ?? 1 <= 1)
  }

  private static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) * 1000 + Double(time.tv_nsec) / 1_000_000
  }
}
