import Foundation
import TestSupport
import Testing

/// Something else changes in the middle of an apply, at any packet: streams end, devices come and go, and another program
/// sets what hproute sets as well.
@Suite(.timeLimit(.minutes(45))) struct MeddlingTests {
  /// Runs an apply again and again, with something else happening at one packet further on each time.
  ///
  /// - Parameters:
  ///   - meddle: what happens; hproute stands still meanwhile.
  ///   - check: called after the apply.
  private func walk(
    _ desk: CampaignDesk, _ profile: String, _ meddle: @escaping () throws -> Void,
    _ check: (_ outcome: Program.Outcome, _ place: String) throws -> Void
  ) throws {
    var packet = 3
    while true {
      let isMet = Shared(false)
      let error = Shared<(any Error)?>(nil)
      desk.gate.guardBy { [packet] passage in
        guard passage.number == packet else { return .pass }
        isMet.value = true
        do { try passage.whileSuspended(meddle) } catch let failure { error.value = failure }
        return .pass
      }
      let outcome = try desk.run(["apply", profile])
      desk.gate.open()
      if let error = error.value { throw error }
      // What comes after the last packet comes after the apply.
      if !isMet.value { try meddle() }
      do { try check(outcome, "\(desk.server.kind), packet \(packet)") } catch {
        Issue.record("\(desk.server.kind), packet \(packet): \(error)")
      }
      if !isMet.value { break }
      packet += desk.server.kind == .pulseaudio ? 19 : 41
    }
    #expect(packet > 40)
  }

  @Test(arguments: ServerKind.allCases) func aStreamEnds(kind: ServerKind) throws {
    let desk = try CampaignDesk(kind)
    try walk(desk, "studio", { try desk.server.endPlayer("Follower") }) { outcome, place in
      #expect(outcome.exitCode == 0, "\(place): \(outcome.errors)")
      try desk.require(["revert"])
      try desk.requireState(desk.baseline.filter { !$0.contains("\"Follower\"") }, place)
      try desk.requireNothingWrittenDown()
      try desk.server.play("Follower")
      try desk.requireState(desk.baseline, "\(place), with a new stream")
    }
  }

  @Test(arguments: ServerKind.allCases) func aDeviceVanishes(kind: ServerKind) throws {
    let desk = try CampaignDesk(kind)
    let plug = { try desk.server.addSink("doomed", "Headphones", "device.bus=bluetooth") }
    try desk.server.writeProfile(
      "doomed", "[output]\nmatch = bus:bluetooth\nvolume = 20%\n[input]\nmatch = bus:usb\nvolume = 70%\n")
    try plug()
    let before = try desk.server.snapshot(masking: true)
    try walk(desk, "doomed", { try desk.server.unload("sink_name=doomed") }) { outcome, place in
      #expect([0, 1, 3].contains(outcome.exitCode), "\(place): \(outcome.exitCode) \(outcome.errors)")
      // What waits for it is told.
      if outcome.errors.contains("Everything is as it was") { try desk.requireNothingWrittenDown() }
      if outcome.exitCode == 0 { try desk.require(["revert"]) }
      // Without it the rest is as before, and so is it when it comes again.
      try desk.requireState(desk.baseline, place)
      try plug()
      try desk.require(["revert"])
      try desk.requireState(before, "\(place), plugged in again")
      try desk.requireNothingWrittenDown()
    }
  }

  @Test(arguments: ServerKind.allCases) func aDeviceAppears(kind: ServerKind) throws {
    let desk = try CampaignDesk(kind)
    try walk(desk, "studio", { try desk.server.addSink("newcomer", "Television", "device.bus=pci2") }) { outcome, place in
      #expect(outcome.exitCode == 0, "\(place): \(outcome.errors)")
      try desk.require(["revert"])
      try desk.requireNothingWrittenDown()
      try desk.server.unload("sink_name=newcomer")
      try desk.requireState(desk.baseline, place)
    }
  }

  /// Two that fit: never guess, not in the middle either.
  @Test(arguments: ServerKind.allCases) func aSecondDeviceThatFitsAppears(kind: ServerKind) throws {
    let desk = try CampaignDesk(kind)
    try desk.server.writeProfile("any", "[output]\nmatch = bus:usb\nvolume = 20%\n[input]\nmatch = bus:usb\nvolume = 70%\n")
    try walk(desk, "any", { try desk.server.addSink("twin", "Twin", "device.bus=usb") }) { outcome, place in
      #expect([0, 1, 3].contains(outcome.exitCode), "\(place): \(outcome.exitCode) \(outcome.errors)")
      if outcome.exitCode != 0 {
        #expect(outcome.errors.contains("Twin") && outcome.errors.contains("interface"), "\(place): \(outcome.errors)")
      }
      try desk.require(["revert"])
      try desk.server.unload("sink_name=twin")
      try desk.requireState(desk.baseline, place)
      try desk.requireNothingWrittenDown()
    }
  }

  struct Change: Sendable, CustomStringConvertible {
    var command: [String]
    /// What undoes it, where it came before hproute had read anything.
    var inverse: [String]
    var description: String { command.joined(separator: " ") }

    static let all = [
      Change(command: ["set-default-sink", "interface"], inverse: ["set-default-sink", "builtin"]),
      Change(command: ["set-sink-volume", "interface", "77%"], inverse: ["set-sink-volume", "interface", "100%"]),
      Change(command: ["set-sink-mute", "builtin", "1"], inverse: ["set-sink-mute", "builtin", "0"]),
    ]
  }

  @Test(arguments: ServerKind.allCases, Change.all) func anotherProgramChangesTheSame(kind: ServerKind, change: Change) throws {
    let desk = try CampaignDesk(kind)
    try walk(desk, "studio", { try desk.server.control(change.command) }) { outcome, place in
      #expect([0, 1].contains(outcome.exitCode), "\(place): \(outcome.exitCode) \(outcome.errors)")
      #expect(try desk.run(["status"]).exitCode == 0)
      try desk.require(["revert"])
      try desk.requireNothingWrittenDown()
      // Before hproute had looked it was part of what there was, and is so again; undone by the one who did it, it is as before.
      try desk.server.control(change.inverse)
      try desk.requireState(desk.baseline, "\(place), \(change)")
    }
  }
}
