import TestSupport
import Testing

/// Some desks thrown from numbers, with what is done at them: the part of `make campaign` that is quick.
@Suite(.timeLimit(.minutes(45))) struct RandomDeskTests {
  @Test(arguments: ServerKind.allCases) func everythingIsAsItWas(kind: ServerKind) throws {
    let tally = try RandomDeskCampaign(kind, seeds: Array(1...20)).run(jobs: 2)
    for failure in tally.failures {
      for finding in failure.findings { Issue.record("SEED=\(failure.seed): \(finding)") }
    }
    for (seed, reason) in tally.broken { Issue.record("SEED=\(seed): no desk: \(reason)") }
    #expect(tally.held == 20)
    // Most of what is thrown can be applied, or little would be shown.
    #expect(tally.applies[0, default: 0] > 20)
  }
}
