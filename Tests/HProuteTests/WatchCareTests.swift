import Foundation
import TestSupport
import Testing

/// Where `watch` has to be careful: card profiles and ports while something plays, what people change, and its own end.
@Suite(.timeLimit(.minutes(45))) struct WatchCareTests {
  private static let solo = "alsa_card.usb-Focusrite_Scarlett_Solo_USB_Y7ABC12345678-00"

  private func phones(_ server: PrivateServer) -> String { server.device("output", "analog-stereo", of: "solo") }
  private func speakers(_ server: PrivateServer) -> String { server.device("output", "analog-stereo", of: "laptop") }
  private func isSilent(_ server: PrivateServer) throws -> Bool { try server.pactl("list", "sink-inputs").contains("Mute: yes") }

  /// A card profile is changed and put back, and everybody is heard.
  @Test(arguments: ServerKind.allCases) func aCardProfileWhileSomethingPlays(kind: ServerKind) throws {
    let server = try CardTests.desk(kind, try SimulatedCard("solo"))
    try server.pactl("set-card-profile", Self.solo, "input:analog-stereo")
    #expect(try eventually { try !server.pactl("list", "short", "sinks").contains("usb") })
    try server.play("Player")
    let before = try server.snapshot()
    try server.writeProfile(
      "out", "[profile]\nauto = yes\n[card c]\nmatch = bus:usb\nprofile = output:*+input:*\n[output]\ncard = c\nvolume = 40%\n")
    let watcher = try Watcher(server)
    #expect(try watcher.wait(for: "applied", count: 1))
    let phones = phones(server)
    #expect(
      try eventually { try server.volume(of: phones).contains(" 40% ") && server.position(of: "Player") == phones },
      "\(watcher.log)")
    #expect(try steadily { try !isSilent(server) }, "\(watcher.log)")
    // Somebody chooses another card profile: it stays, for nothing says that it is held.
    try server.pactl("set-card-profile", Self.solo, "input:analog-stereo")
    let isLeft = try steadily(for: 1) { try server.activeProfile(of: Self.solo) == "input:analog-stereo" }
    #expect(isLeft, "\(watcher.log)")
    // And back: the profile holds again.
    try server.pactl("set-card-profile", Self.solo, "output:analog-stereo+input:analog-stereo")
    #expect(
      try eventually { try server.pactl("get-default-sink") == phones && server.position(of: "Player") == phones },
      "\(watcher.log)")
    #expect(try steadily { try !isSilent(server) }, "\(watcher.log)")
    // Not to be chosen any more: as it was.
    try server.writeProfile("out", "[card c]\nmatch = bus:usb\nprofile = output:*+input:*\n[output]\ncard = c\nvolume = 40%\n")
    #expect(try watcher.wait(for: "reverted", count: 1), "\(watcher.log)")
    var found: [String] = []
    let isBack = try steadily(within: 5) {
      found = try server.snapshot()
      return found == before
    }
    #expect(isBack, "\(difference(before, found) ?? "")\n\(watcher.log)")
  }

  /// A profile takes the place of another, and what only the other had touched goes back.
  @Test(arguments: ServerKind.allCases) func oneProfileAfterAnother(kind: ServerKind) throws {
    let server = try CardTests.desk(kind, try SimulatedCard("solo"))
    try server.unplug("solo")
    #expect(try eventually { try !server.pactl("list", "short", "sinks").contains("usb") })
    let speakers = speakers(server)
    #expect(
      try eventually {
        try server.pactl("set-sink-volume", speakers, "80%", "60%")
        return try steadily(within: 0.5) { try server.volume(of: speakers).contains(" 60% ") }
      })
    try server.writeProfile("desk", "[profile]\nauto = yes\n[output]\nmatch = bus:pci\nvolume = 20%\nbalance = 40%\n")
    try server.writeProfile("studio", "[profile]\nauto = yes\npriority = 5\n[output]\nmatch = bus:usb\nvolume = 45%\n")
    let watcher = try Watcher(server)
    #expect(try eventually { try server.volume(of: speakers).contains(" 20% ") })
    for round in 1...2 {
      try server.plug("solo")
      #expect(try watcher.wait(for: "applied", count: 2 * round), "\(watcher.log)")
      #expect(
        try eventually { try server.volume(of: speakers).contains(" 80% ") && server.volume(of: speakers).contains(" 60% ") },
        "\(watcher.log)")
      try server.unplug("solo")
      #expect(try watcher.wait(for: "applied", count: 2 * round + 1), "\(watcher.log)")
      #expect(try eventually { try server.volume(of: speakers).contains(" 20% ") }, "\(watcher.log)")
    }
  }

  /// The port is held, and nobody stays silent because of it.
  @Test(arguments: ServerKind.allCases) func aPortThatIsHeld(kind: ServerKind) throws {
    let server = try CardTests.desk(kind)
    let sink = speakers(server)
    try server.card("laptop", "avail", "analog-output-headphones", "yes")
    #expect(try steadily { try server.activePort(of: sink) == "analog-output-headphones" })
    try server.writeProfile(
      "phones", "[profile]\nauto = yes\n[output]\nmatch = bus:pci\nport = headphones\nvolume = 20%\nhold = yes\n")
    try server.play("Player")
    let watcher = try Watcher(server)
    #expect(try eventually { try server.volume(of: sink).contains(" 20% ") })
    #expect(try eventually { try server.hproute("status").output.hasPrefix("phones is applied") })
    try server.pactl("set-sink-port", sink, "analog-output-speaker")
    #expect(try watcher.wait(for: "held", count: 1), "\(watcher.log)")
    let isBack = try steadily(for: 0.5) {
      try server.activePort(of: sink) == "analog-output-headphones" && server.volume(of: sink).contains(" 20% ")
        && !isSilent(server)
    }
    #expect(isBack, "\(watcher.log)")
    // The plug is pulled: the profile does not fit any more.
    try server.card("laptop", "avail", "analog-output-headphones", "no")
    #expect(try watcher.wait(for: "reverted", count: 1), "\(watcher.log)")
    #expect(try steadily { try !isSilent(server) })
  }

  /// Another device of the profile leaves: what the user has turned stays turned.
  @Test(arguments: ServerKind.allCases) func aDeviceThatIsNotRequiredLeaves(kind: ServerKind) throws {
    let server = try PrivateServer(
      kind, cards: [try SimulatedCard("laptop"), try SimulatedCard("solo"), try SimulatedCard("dac")])
    for card in ["laptop", "solo", "dac"] { try server.plug(card) }
    try server.writeProfile(
      "studio",
      "[profile]\nauto = yes\n[output phones]\nmatch = usb:1235:8211\nvolume = 45%\n[output dac]\nmatch = usb:2972:0103\nvolume = 30%\nrequired = no\n"
    )
    let watcher = try Watcher(server)
    #expect(try watcher.wait(for: "applied", count: 1))
    try server.pactl("set-sink-volume", phones(server), "20%")
    let dac = server.device("output", "analog-stereo", of: "dac")
    for round in 1...2 {
      try server.unplug("dac")
      #expect(
        try steadily(for: 0.8) { try server.volume(of: phones(server)).contains(" 20% ") }, "round \(round): \(watcher.log)")
      try server.plug("dac")
      #expect(try eventually { try server.volume(of: dac).contains(" 30% ") }, "round \(round): \(watcher.log)")
      #expect(
        try steadily(for: 0.5) { try server.volume(of: phones(server)).contains(" 20% ") }, "round \(round): \(watcher.log)")
    }
  }

  /// Two that fit: what is in force stays.
  @Test func aSecondDeviceThatFitsChangesNothing() throws {
    let twin = try SimulatedCard("solo", id: "twin", replacing: ["Y7ABC12345678": "Y7XYZ87654321"])
    let server = try PrivateServer(.any, cards: [try SimulatedCard("laptop"), try SimulatedCard("solo"), twin])
    for card in ["laptop", "solo"] { try server.plug(card) }
    try server.writeProfile("studio", "[profile]\nauto = yes\n[output]\nmatch = bus:usb\nvolume = 45%\n")
    let watcher = try Watcher(server)
    #expect(try watcher.wait(for: "applied", count: 1))
    try server.plug("twin")
    #expect(try steadily(for: 1) { try server.hproute("status").output.hasPrefix("studio is applied") }, "\(watcher.log)")
    #expect(try server.pactl("get-default-sink") == phones(server))
    try server.unplug("solo")
    #expect(
      try eventually { try server.pactl("get-default-sink") == server.device("output", "analog-stereo", of: "twin") },
      "\(watcher.log)")
  }

  // MARK: - Its end

  /// It is told to stop while a hook runs, and stops.
  @Test func aSignalDuringAHookEndsIt() throws {
    let server = try PrivateServer(.any, withDesk: true)
    try server.writeProfile("studio", WatchTests.studio + "\n[hook]\nafter-apply = touch \"$HOME/begun\"; sleep 1000\n")
    let watcher = try Watcher(server, isWaiting: false)
    #expect(eventually { FileManager.default.fileExists(atPath: "\(server.directory.path)/home/begun") }, "\(watcher.log)")
    watcher.program.send(SIGTERM)
    #expect(watcher.program.wait(within: 3) == 0, "\(watcher.log)")
    #expect(try WatchRestartTests.isInForce(server))
  }

  /// Wherever a signal comes in the middle of what it does, it ends soon, and nothing is half done.
  @Test(arguments: ServerKind.allCases) func aSignalAtAnyMoment(kind: ServerKind) throws {
    let desk = try CampaignDesk(kind)
    try desk.server.writeProfile("studio", CampaignDesk.studio + "\n[profile]\nauto = yes\n")
    var packet = 40
    while packet < 400 {
      let isSent = Shared(false)
      desk.gate.guardBy { [packet] passage in
        guard passage.number == packet else { return .pass }
        isSent.value = true
        kill(passage.client, SIGTERM)
        return .pass
      }
      let program = try desk.start(["watch"], log: "watch")
      guard eventually(within: 2, { isSent.value || !program.isRunning }) else {
        program.kill()
        break
      }
      #expect(program.wait(within: 5) == 0, "\(kind), packet \(packet): \(program.logText)")
      desk.gate.open()
      #expect(try !desk.run(["status", "--json"]).output.contains("interrupted"), "\(kind), packet \(packet)")
      try desk.require(["revert"])
      try desk.requireState(desk.baseline, "\(kind), a signal at packet \(packet)")
      packet += kind == .pulseaudio ? 23 : 61
    }
    #expect(packet > 60)
  }

  /// What cannot be put back is not tried for ever.
  @Test func whatCannotBePutBackIsGivenUp() throws {
    let server = try CardTests.desk(.any, try SimulatedCard("solo"))
    try server.writeProfile(
      "out",
      "[profile]\nauto = yes\n[card c]\nmatch = bus:usb\nprofile = output:analog-stereo\n[output]\ncard = c\nvolume = 40%\n")
    let watcher = try Watcher(server, "--timeout", "1")
    #expect(try watcher.wait(for: "applied", count: 1))
    try server.allCards("reject profile on")
    try server.writeProfile("out", "rubbish")
    try FileManager.default.removeItem(atPath: "\(server.directory.path)/profiles/out.profile")
    #expect(try watcher.wait(for: "failed", count: 1), "\(watcher.log)")
    // Pauses that grow: no more than a handful within three seconds.
    #expect(try steadily(for: 1.5) { try watcher.count("failed") <= 2 }, "\(watcher.log)")
    try server.allCards("reject profile off")
    #expect(try watcher.wait(for: "reverted", count: 1, within: 20), "\(watcher.log)")
  }
}
