import Foundation
import TestSupport
import Testing

/// The sound server, or a part of it, is started again between apply and revert.
@Suite(.timeLimit(.minutes(45))) struct RestartTests {
  struct Restart: Sendable, CustomStringConvertible {
    var kind: ServerKind
    var part: PrivateServer.Part
    var description: String { part.rawValue }

    static let all = [
      Restart(kind: .pulseaudio, part: .pulseaudio), Restart(kind: .pipewire, part: .protocolServer),
      Restart(kind: .pipewire, part: .daemon),
    ].filter { ServerKind.allCases.contains($0.kind) }
  }

  @Test(arguments: Restart.all, ["revert", "apply"]) func betweenApplyAndRevert(restart: Restart, remedy: String) throws {
    let desk = try CampaignDesk(restart.kind)
    try desk.require(["apply", "studio"])
    desk.server.stop(restart.part)
    let blind = try desk.run(["status", "--timeout", "1"])
    #expect(blind.exitCode == 0)
    #expect(blind.output.hasPrefix("studio is applied.\n"), "\(blind.output)")
    #expect(blind.output.hasSuffix("\nNo sound server is running; this is the last known state.\n"), "\(blind.output)")
    let early = try desk.run(["revert", "--timeout", "1"])
    #expect(early.exitCode == 69)
    #expect(early.errors.contains("no sound server answers at "), "\(early.errors)")
    try desk.restart(restart.part)

    let status = try desk.run(["status"])
    #expect(status.exitCode == 0)
    #expect(status.output.hasPrefix("studio is applied."), "\(status.output)")
    // What was loaded is gone in any case. That pipewire-pulse alone was started again cannot be told.
    let isAnotherRun = restart.part != .protocolServer
    #expect(status.output.contains("The sound server has been started again since.\n") == isAnotherRun, "\(status.output)")
    #expect(status.output.contains("\nChanged since:\n"), "\(status.output)")
    #expect(status.output.contains("\n  monitor mic (mic 1) in interface: now not loaded, studio set "), "\(status.output)")
    #expect(
      status.output.contains("\n'hproute apply studio' sets this again, 'hproute revert' goes back to before.\n"),
      "\(status.output)")
    if remedy == "apply" {
      try desk.require(["apply", "studio"])
      try desk.requireState(desk.applied, "apply after a restart of \(restart)")
    }
    try desk.require(["revert"])
    try desk.requireState(desk.baseline, "a restart of \(restart), then \(remedy)")
    try desk.requireNothingWrittenDown()
  }

  /// WirePlumber takes the devices along, and brings them back. Streams that outlive it keep WirePlumber 0.4 from joining
  /// anything to anything, so there are none here; those of our own monitor go with the first thing that is done.
  @Test(arguments: ServerKind.only(.pipewire), ["revert", "apply"])
  func ofTheSessionManagerAlone(kind: ServerKind, remedy: String) throws {
    let server = try PrivateServer(kind, cards: [try SimulatedCard("laptop"), try SimulatedCard("solo")])
    let cards = ["laptop", "solo"]
    for card in cards { try server.plug(card) }
    try server.useShippedProfiles()
    let speakers = server.device("output", "analog-stereo", of: "laptop")
    try server.chooseDefault(speakers)
    try server.play("Player")
    let before = try server.snapshot()
    try server.succeed("apply", "scarlett-solo")
    let applied = try server.snapshot(masking: true)

    server.endPlayers()
    server.stop(.cards)
    server.stop(.sessionManager)
    try server.start(isWaiting: false)
    for card in cards { try server.plug(card) }
    #expect(try server.hproute("status").output.hasPrefix("scarlett-solo is applied."))
    if remedy == "apply" {
      try server.succeed("apply", "scarlett-solo")
      try server.play("Player")
      var found: [String] = []
      let isApplied = try eventually(within: 2) {
        found = try server.snapshot(masking: true)
        return found == applied
      }
      #expect(isApplied, "\(difference(applied, found) ?? "")")
    }
    try server.succeed("revert")
    if remedy == "revert" { try server.play("Player") }
    try server.requireUnchanged(since: before)
    #expect(try server.hproute("status").output.hasPrefix("No profile is applied."))
  }
}
