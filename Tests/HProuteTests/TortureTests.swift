import TestSupport
import Testing

/// Something happens at some packets of every command: the part of `make torture` that is quick.
@Suite(.timeLimit(.minutes(45))) struct TortureTests {
  @Test(arguments: ServerKind.allCases) func everythingCanBeBroughtBack(kind: ServerKind) throws {
    var campaign = Campaign()
    campaign.servers = [kind]
    // Another remainder each, so that the faults do not all meet the same packets.
    campaign.first = 5
    campaign.stride = kind == .pulseaudio ? 41 : 97
    let tally = try campaign.run(jobs: 2)
    for failure in tally.failures { Issue.record("\(failure.place): \(failure.reason)") }
    #expect(tally.cases > 100)
    #expect(tally.held == tally.cases)
  }

  /// A signal while something is asked or told that the server does not show, such as what it remembers for programs.
  @Test(arguments: ServerKind.allCases) func nothingIsTakenForDoneThatWasCutOff(kind: ServerKind) throws {
    var campaign = Campaign()
    campaign.servers = [kind]
    campaign.commands = [.apply, .revert]
    campaign.faults = [.interrupt]
    campaign.remedies = [.revert]
    campaign.first = kind == .pulseaudio ? 20 : 150
    campaign.stride = kind == .pulseaudio ? 9 : 19
    let tally = try campaign.run(jobs: 2)
    for failure in tally.failures { Issue.record("\(failure.place): \(failure.reason)") }
    #expect(tally.cases > 10)
  }
}
