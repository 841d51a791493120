import Foundation
import TestSupport
import Testing

/// `when` under `hproute watch`: a profile comes with its program, and goes with it.
@Suite(.timeLimit(.minutes(45))) struct WatchConditionTests {
  private func desk(_ kind: ServerKind) throws -> (PrivateServer, Watcher) {
    let server = try PrivateServer(kind)
    try server.addDesk()
    try server.addWebcam()
    try server.writeProfile("home", "[profile]\nauto = yes\n[output]\nmatch = bus:pci\nvolume = 20%\n")
    try server.writeProfile(
      "meeting",
      "[profile]\nauto = yes\npriority = 5\nwhen = recording:Zoom | playing:\"Team Talk\"\n[output]\nmatch = bus:usb\nvolume = 45%\n"
    )
    let watcher = try Watcher(server)
    #expect(try watcher.wait { $0.last?.profile == "home" }, "\(watcher.log)")
    return (server, watcher)
  }

  private func isInForce(_ profile: String, _ server: PrivateServer, within seconds: Double = 10) throws -> Bool {
    try eventually(within: seconds) { try server.hproute("status", "--format", "{profile}").output == "\(profile)\n" }
  }

  /// Time is what the issue is about: not later than it should be, and not sooner.
  @Test(arguments: ServerKind.allCases) func itComesAndGoes(kind: ServerKind) throws {
    let (server, watcher) = try desk(kind)
    let recorder = try server.record("Zoom")
    #expect(try watcher.wait { $0.last?.message.hasPrefix("meeting applied (its program is there)") == true }, "\(watcher.log)")
    #expect(try isInForce("meeting", server))
    #expect(try server.pactl("get-default-sink") == "interface")
    // Another of its programs takes over: it stays.
    try server.play("Team Talk")
    recorder.kill()
    #expect(try eventually { try server.recorderPosition(of: "Zoom") == nil })
    #expect(try steadily(for: 3.6) { try server.pactl("get-default-sink") == "interface" }, "\(watcher.log)")
    try server.endPlayer("Team Talk")
    let end = ContinuousClock.now
    #expect(try isInForce("home", server), "\(watcher.log)")
    let time = ContinuousClock.now - end
    #expect(time > .seconds(2.8) && time < .seconds(6), "\(time)")
    #expect(try server.pactl("get-default-sink") == "builtin")
  }

  /// What is done by hand stays until its program comes or goes.
  @Test(arguments: ServerKind.allCases) func byHand(kind: ServerKind) throws {
    let (server, watcher) = try desk(kind)
    try server.writeProfile("other", "[output]\nmatch = bus:usb\nvolume = 30%\n")
    let recorder = try server.record("Zoom")
    #expect(try isInForce("meeting", server), "\(watcher.log)")
    try server.succeed("apply", "other")
    #expect(try watcher.wait { $0.contains { $0.event == "by_hand" } }, "\(watcher.log)")
    try server.play("Something")
    #expect(try steadily(for: 1) { try isInForce("other", server) }, "\(watcher.log)")
    recorder.kill()
    #expect(try isInForce("home", server), "\(watcher.log)")
    // Applied by hand, and without its program.
    try server.succeed("apply", "meeting")
    #expect(try steadily(for: 1) { try isInForce("meeting", server) }, "\(watcher.log)")
  }

  /// What hproute itself plays and listens to is no program that anybody has started.
  @Test(arguments: ServerKind.allCases) func hproutesOwnStreamsDoNotCount(kind: ServerKind) throws {
    let server = try PrivateServer(kind)
    try server.addDesk()
    try server.writeProfile("any", "[profile]\nwhen = playing:* | recording:*\n[output]\nmatch = bus:usb\nvolume = 45%\n")
    let watcher = try Watcher(server)
    let tone = try server.hproute("test", "builtin")
    #expect(tone.exitCode == 0, "\(tone)")
    #expect(try watcher.count("applied") == 0, "\(watcher.log)")
    try server.play("Player")
    #expect(try isInForce("any", server), "\(watcher.log)")
  }
}
