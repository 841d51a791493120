import Foundation
import TestSupport
import Testing

/// Many at once.
@Suite(.timeLimit(.minutes(45))) struct RaceTests {
  /// Fifty processes at the same time: every one ends, with a code of the table, and the end is one that some order of
  /// them would have given.
  @Test(arguments: ServerKind.allCases) func fiftyAtOnce(kind: ServerKind) throws {
    let desk = try CampaignDesk(kind)
    try desk.require(["apply", "quiet"])
    let quiet = try desk.server.snapshot(masking: true)
    try desk.require(["revert"])
    let commands = [["apply", "studio"], ["apply", "quiet"], ["revert"], ["status"], ["apply", "studio", "--json"]]
    let programs = try (0..<50).map { try desk.start(commands[$0 % commands.count], log: "racer-\($0)") }
    for (number, program) in programs.enumerated() {
      let code = program.wait(within: 60)
      let place = "\(commands[number % commands.count]): \(program.logText)"
      #expect(code == 0 || code == 75, "\(String(describing: code)) of \(place)")
      if code == 75 { #expect(program.logText.contains("another hproute is at work (process "), "\(place)") }
    }
    let ends = [desk.baseline, desk.applied, quiet]
    var found: [String] = []
    #expect(
      try eventually {
        found = try desk.server.snapshot(masking: true)
        return ends.contains(found)
      }, "\(difference(desk.applied, found) ?? "")")
    let status = try desk.run(["status"]).output
    let isTold = found == desk.baseline ? "No profile is applied." : found == quiet ? "quiet is applied" : "studio is applied"
    #expect(status.hasPrefix(isTold) && !status.contains("Changed since"), "\(status)")
    try desk.require(["revert"])
    try desk.requireState(desk.baseline, "the race")
    try desk.requireNothingWrittenDown()
  }

  /// The kernel takes the lock back from who was killed.
  @Test func theLockOfAKilledProcessDoesNotBlock() throws {
    let desk = try CampaignDesk(.any)
    let holder = Shared<Int32>(0)
    desk.gate.guardBy { passage in
      holder.value = passage.client
      return .stall
    }
    let stuck = try desk.start(["apply", "studio", "--timeout", "60"], log: "stuck")
    #expect(eventually { holder.value == stuck.pid })
    let blocked = try desk.run(["apply", "studio", "--timeout", "0.1"])
    #expect(blocked.exitCode == 75)
    #expect(
      blocked.errors.contains("another hproute is at work (process \(stuck.pid): apply studio --timeout 60)"), "\(blocked.errors)"
    )
    #expect(try desk.run(["status", "--timeout", "0.1"]).output.contains("Another hproute is at work right now.\n"))
    stuck.send(SIGKILL)
    #expect(stuck.wait(within: 5) == 128 + SIGKILL)
    desk.gate.open()
    try desk.require(["apply", "studio", "--timeout", "2"])
  }
}
