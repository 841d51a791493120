import Foundation
import TestSupport
import Testing

/// The sound server, or a part of it, ends under `watch`, and is started again.
@Suite(.timeLimit(.minutes(45))) struct WatchRestartTests {
  private func desk(_ kind: ServerKind) throws -> PrivateServer {
    let server = try PrivateServer(kind, withDesk: true)
    try server.writeProfile("studio", WatchTests.studio)
    try server.writeProfile("desk", "[output]\nmatch = bus:pci\nvolume = 20%\n")
    return server
  }

  /// What the profile says, once and not twice.
  static func isInForce(_ server: PrivateServer) throws -> Bool {
    guard (try? server.pactl("get-default-sink")) == "interface", try server.volume(of: "interface").contains(" 45% ") else {
      return false
    }
    guard try server.modules().count(where: { $0.contains("hproute.id") }) == 2 else { return false }
    let monitors = try server.pactl("list", "sink-inputs").components(separatedBy: "Sink Input #").filter {
      $0.contains("media.name = \"mic (")
    }
    return monitors.count == 1 && monitors[0].contains("/ -6.00 dB")
  }

  @Test(arguments: RestartTests.Restart.all) func whatWasInForceIsPutBack(restart: RestartTests.Restart) throws {
    let server = try desk(restart.kind)
    let before = try server.snapshot()
    let watcher = try Watcher(server)
    #expect(try eventually { try Self.isInForce(server) }, "\(watcher.log)")
    for round in 1...3 {
      server.stop(restart.part)
      #expect(try watcher.wait(for: "lost", count: round), "\(watcher.log)")
      try server.start(isWaiting: false)
      #expect(eventually { (try? server.pactl("info")) != nil })
      let answering = ContinuousClock.now
      #expect(eventually { (try? Self.isInForce(server)) ?? false }, "\(watcher.log)")
      let took = ContinuousClock.now - answering
      print("\(restart), started again: in force after \(took)")
      // Two seconds on a machine that is not busy with other tests: 'swift test --filter whatWasInForceIsPutBack' shows it.
      #expect(took < .seconds(4), "\(watcher.log)")
      #expect(try watcher.wait(for: "applied", count: round + 1), "\(watcher.log)")
    }
    #expect(try watcher.count("by_hand") == 0 && watcher.count("reverted") == 0, "\(watcher.log)")
    try server.play("Player")
    #expect(try server.position(of: "Player") == "interface")
    #expect(watcher.end() == 0)
    server.endPlayers()
    try server.succeed("revert")
    try server.requireUnchanged(since: before)
  }

  /// A restart is no reason to do something else than what was done by hand.
  @Test(arguments: RestartTests.Restart.all, ["revert", "apply"]) func whatWasDoneByHandIsPutBack(
    restart: RestartTests.Restart, hand: String
  ) throws {
    let server = try desk(restart.kind)
    let watcher = try Watcher(server)
    #expect(try eventually { try Self.isInForce(server) }, "\(watcher.log)")
    if hand == "revert" { try server.succeed("revert") } else { try server.succeed("apply", "desk") }
    #expect(try watcher.wait(for: "by_hand", count: 1))
    // A session manager writes down a second later what was chosen, and begins with that.
    let chosen = { (try? server.directory.read("state/wireplumber/default-nodes")) ?? "" }
    #expect(eventually { !chosen().contains("audio.sink=interface") }, "\(chosen())")
    server.stop(restart.part)
    try server.start()
    #expect(try watcher.wait(for: "connected", count: 1), "\(watcher.log)")
    let wanted = hand == "revert" ? "No profile is applied." : "desk is applied"
    let isSteady = try steadily(for: 1) {
      try server.hproute("status").output.hasPrefix(wanted) && server.pactl("get-default-sink") == "builtin"
    }
    #expect(isSteady, "\(watcher.log)")
    if hand == "apply" { #expect(try server.volume(of: "builtin").contains(" 20% ")) }
  }

  /// At login the watch may be there before the sound server is, and the interface after it.
  @Test(arguments: ServerKind.allCases) func theServerComesLater(kind: ServerKind) throws {
    let server = try desk(kind)
    server.stop()
    let watcher = try Watcher(server, isWaiting: false)
    #expect(try watcher.wait(for: "lost", count: 1), "\(watcher.log)")
    // One line for an outage, however long it is.
    #expect(try steadily(for: 2) { try watcher.count("lost") == 1 })
    try server.start(isWaiting: false)
    #expect(eventually { (try? Self.isInForce(server)) ?? false }, "\(watcher.log)")
    #expect(watcher.end() == 0)
  }

  /// At login the built-in card comes first, and the interface a second later: nothing is reverted in between.
  @Test(arguments: ServerKind.allCases) func theInterfaceComesAfterTheBuiltInCard(kind: ServerKind) throws {
    let server = try CardTests.desk(kind, try SimulatedCard("solo"))
    try server.writeProfile("studio", WatchTests.studio)
    try server.succeed("apply", "studio")
    server.stop()
    try server.start(isWaiting: false)
    #expect(eventually { (try? server.pactl("info")) != nil })
    try server.plug("laptop")
    let watcher = try Watcher(server, isWaiting: false)
    #expect(try watcher.wait(for: "started", count: 1), "\(watcher.log)")
    #expect(try steadily(for: 1.5, within: 2) { try watcher.events().count == 1 }, "\(watcher.log)")
    try server.plug("solo")
    #expect(try watcher.wait(for: "applied", count: 1), "\(watcher.log)")
    #expect(try watcher.count("reverted") == 0, "\(watcher.log)")
    #expect(try server.pactl("get-default-sink") == server.device("output", "analog-stereo", of: "solo"))
    #expect(watcher.end() == 0)
  }

  /// The watch itself is killed, in the middle of anything, and the next one goes on.
  @Test(arguments: ServerKind.allCases) func theWatchIsKilled(kind: ServerKind) throws {
    let server = try desk(kind)
    let before = try server.snapshot()
    for _ in 0..<3 {
      let watcher = try Watcher(server, isWaiting: false)
      #expect(eventually { (try? server.pactl("get-default-sink")) == "interface" })
      watcher.program.kill()
      let next = try Watcher(server)
      #expect(try eventually { try Self.isInForce(server) }, "\(next.log)")
      #expect(next.end() == 0)
      try server.succeed("revert")
      try server.requireUnchanged(since: before)
    }
  }
}
