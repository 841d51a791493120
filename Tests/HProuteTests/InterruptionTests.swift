import Foundation
import TestSupport
import Testing

/// After every kind of interruption hproute says in one sentence what happened, and what to type.
@Suite(.timeLimit(.minutes(45))) struct InterruptionTests {
  private static let cutOff =
    "studio was cut off while it was being applied: 'hproute revert' puts everything back, 'hproute apply studio' finishes it.\n"
  private static let unfinished = "A revert of studio was not completed: 'hproute revert' goes on with it.\n"
  private static let nothing = "No profile is applied.\n"

  /// Lets something happen when the default output is about to be set: some things have been done by then, and some not.
  private func meet(_ desk: CampaignDesk, _ verdict: @escaping @Sendable (PacketGate.Passage) -> PacketGate.Verdict) {
    let isMet = Shared(false)
    desk.gate.guardBy { passage in
      guard !isMet.value, passage.isFromClient, passage.packet.isA(.setDefaultSink) else { return .pass }
      isMet.value = true
      return verdict(passage)
    }
  }

  private func expectStatus(_ desk: CampaignDesk, _ sentence: String, _ place: String) throws {
    desk.gate.open()
    let status = try desk.run(["status"])
    #expect(status.exitCode == 0, "\(place)")
    #expect(status.output.hasPrefix(sentence + "Sound goes to "), "\(place): \(status.output)")
    let json = try desk.run(["status", "--json"])
    #expect(
      json.output.contains("\"state\":\"\(sentence == Self.nothing ? "none" : "interrupted")\""), "\(place): \(json.output)")
    try desk.require(["revert"])
    try desk.requireState(desk.baseline, place)
    #expect(try desk.run(["status"]).output.hasPrefix(Self.nothing))
  }

  @Test(arguments: ServerKind.allCases) func anApplyThatIsCutOff(kind: ServerKind) throws {
    let desk = try CampaignDesk(kind)
    let apply = ["apply", "studio", "--timeout", "0.5"]
    let later = "What had been done by then is written down: 'hproute revert' puts everything back when the server answers.\n"

    meet(desk) {
      kill($0.client, SIGKILL)
      return .cut
    }
    #expect(try desk.run(apply).exitCode == 128 + SIGKILL)
    try expectStatus(desk, Self.cutOff, "SIGKILL")

    meet(desk) {
      kill($0.client, SIGTERM)
      return .pass
    }
    let stopped = try desk.run(apply)
    #expect(stopped.exitCode == 128 + SIGTERM)
    #expect(stopped.errors == "hproute: error: stopped by signal 15. Everything is as it was before.\n")
    try expectStatus(desk, Self.nothing, "SIGTERM")

    meet(desk) { _ in .cut }
    let cut = try desk.run(apply)
    #expect(cut.exitCode == 1)
    #expect(
      cut.errors
        == "hproute: error: the connection to the sound server was lost (Connection terminated). Everything is as it was before.\n"
    )
    try expectStatus(desk, Self.nothing, "a lost connection")

    meet(desk) { _ in .vanish }
    let vanished = try desk.run(apply)
    #expect(vanished.exitCode == 69)
    #expect(vanished.errors == "hproute: error: the connection to the sound server was lost (Connection terminated). \(later)")
    try expectStatus(desk, Self.cutOff, "a lost server")

    meet(desk) { _ in .stall }
    let stalled = try desk.run(apply)
    #expect(stalled.exitCode == 69)
    #expect(
      stalled.errors
        == "hproute: error: the sound server has not answered within 0.5 s. \(later)")
    try expectStatus(desk, Self.cutOff, "a stalled server")
  }

  @Test(arguments: ServerKind.allCases) func aRevertThatIsCutOff(kind: ServerKind) throws {
    let desk = try CampaignDesk(kind)
    for verdict in [PacketGate.Verdict.vanish, .stall] {
      try desk.require(["apply", "studio"])
      meet(desk) { _ in verdict }
      #expect(try desk.run(["revert", "--timeout", "0.5"]).exitCode == 69)
      try expectStatus(desk, Self.unfinished, "a revert, \(verdict)")
    }
    // A signal and a lost connection do not keep it from its end.
    for verdict in [PacketGate.Verdict.pass, .cut] {
      try desk.require(["apply", "studio"])
      meet(desk) { passage in
        if verdict == .pass { kill(passage.client, SIGINT) }
        return verdict
      }
      let outcome = try desk.run(["revert"])
      #expect(outcome.exitCode == 0 && outcome.output.hasPrefix("Reverted: "), "\(verdict): \(outcome.errors)")
      try expectStatus(desk, Self.nothing, "a revert, \(verdict)")
    }
  }

  /// Whoever is told to stop does not wait for a server that is stuck, whatever it is waiting for.
  @Test(arguments: ServerKind.allCases) func aSignalIsObeyedInEveryWait(kind: ServerKind) throws {
    let desk = try CampaignDesk(kind)
    var packet = 0
    while true {
      let isStuck = Shared(false)
      desk.gate.guardBy { [packet] passage in
        // For an event nobody waits; the last may come when all is done.
        guard passage.number >= packet, passage.isRequestOrReply else { return .pass }
        isStuck.value = true
        return .stall
      }
      let program = try desk.start(["apply", "studio", "--timeout", "60", "--trace"], log: "stuck")
      #expect(eventually { isStuck.value || !program.isRunning })
      guard isStuck.value else { break }
      let start = ContinuousClock.now
      program.send(SIGTERM)
      let code = program.wait(within: 10)
      // Rolled back it cannot be.
      #expect(code == 128 + SIGTERM || code == 69, "packet \(packet): \(String(describing: code)) \(program.logText)")
      #expect(ContinuousClock.now - start < .seconds(4), "packet \(packet): \(program.logText)")
      desk.gate.open()
      try desk.require(["revert"])
      try desk.requireState(desk.baseline, "a signal while stuck at packet \(packet)")
      packet += kind == .pulseaudio ? 13 : 29
    }
    #expect(packet > 60)
  }

  /// When all is done and is only told, it is too late for a signal: its exit code would say that nothing has changed.
  @Test(arguments: ServerKind.allCases) func aSignalThatComesTooLate(kind: ServerKind) throws {
    let desk = try CampaignDesk(kind)
    for (words, headline, state) in [
      (["apply", "studio"], "Applied studio", desk.applied), (["revert"], "Reverted", desk.baseline),
    ] {
      // The report cannot be written as long as nobody reads.
      let report = try FullPipe("\(desk.server.directory.path)/report")
      let program = try desk.start(words, log: "report")
      try desk.requireState(state, words[0])
      #expect(try eventually { try !desk.server.pactl("list", "clients").contains("application.name = \"hproute\"") })
      for signal in [SIGINT, SIGTERM, SIGHUP] { program.send(signal) }
      #expect(program.isRunning)
      let text = try report.text(until: { !program.isRunning })
      #expect(program.wait(within: 1) == 0)
      #expect(text.contains(headline), "\(text)")
    }
  }

  /// A machine that sleeps, or has no time for it, is no server that does not answer.
  @Test(arguments: ServerKind.allCases) func anAnswerThatCameInItsSleep(kind: ServerKind) throws {
    let desk = try CampaignDesk(kind)
    for packet in [0, 1, 5, 9, 14] {
      let isStopped = Shared(false)
      desk.gate.guardBy { passage in
        if passage.number == packet {
          kill(passage.client, SIGSTOP)
          isStopped.value = true
        }
        return .pass
      }
      let program = try desk.start(["devices", "--timeout", "0.5"], log: "asleep")
      let start = ContinuousClock.now
      #expect(eventually { isStopped.value && ContinuousClock.now - start > .seconds(1) })
      program.send(SIGCONT)
      #expect(program.wait(within: 10) == 0, "packet \(packet): \(program.logText)")
    }
  }

  /// The second signal ends it at once, and the next command goes on.
  @Test(arguments: ServerKind.allCases) func aSecondSignalEndsAtOnce(kind: ServerKind) throws {
    let desk = try CampaignDesk(kind)
    let client = Shared<Int32>(0)
    meet(desk) { passage in
      client.value = passage.client
      return .stall
    }
    let program = try desk.start(["apply", "studio", "--timeout", "60"], log: "stuck")
    #expect(eventually { client.value == program.pid })
    program.send(SIGINT)
    // It takes the first one in, and has its ordinary way with the next.
    #expect(
      eventually {
        program.send(SIGINT)
        return !program.isRunning
      })
    #expect(program.wait(within: 1) == 128 + SIGINT)
    try expectStatus(desk, Self.cutOff, "two signals")
  }
}
