import Foundation
import TestSupport
import Testing

/// `hproute watch`, on real servers with cards that come and go.
@Suite(.timeLimit(.minutes(45))) struct WatchTests {
  static let studio = """
    [profile]
    auto = yes
    [output phones]
    match  = usb:1235:8211
    volume = 45%
    [input mic]
    match    = usb:1235:8211
    channels = 1
    [monitor]
    from   = mic
    to     = phones
    volume = -6 dB
    """

  /// A laptop that plays through its speakers at 30 %, and an interface that is not plugged in.
  private func desk(_ kind: ServerKind, _ more: SimulatedCard...) throws -> PrivateServer {
    let server = try CardTests.desk(kind, try SimulatedCard("solo"))
    try server.unplug("solo")
    let speakers = server.device("output", "analog-stereo", of: "laptop")
    guard
      try eventually({
        try server.pactl("get-default-sink") == speakers && !server.pactl("list", "short", "sinks").contains("usb")
      })
    else {
      throw PrivateServer.Failed(description: "the interface does not leave")
    }
    try server.play("Follower")
    try server.play("Settled", to: speakers)
    try server.writeProfile("studio", Self.studio)
    return server
  }

  private func phones(_ server: PrivateServer) -> String { server.device("output", "analog-stereo", of: "solo") }
  private func speakers(_ server: PrivateServer) -> String { server.device("output", "analog-stereo", of: "laptop") }

  /// What the profile says, as pactl tells it.
  private func isInForce(_ server: PrivateServer) throws -> Bool {
    let sink = phones(server)
    guard try server.pactl("get-default-sink") == sink, try server.volume(of: sink).contains(" 45% ") else { return false }
    for player in ["Follower", "Settled"] where try server.position(of: player) != sink { return false }
    let monitors = try server.pactl("list", "sink-inputs").components(separatedBy: "Sink Input #").filter {
      $0.contains("media.name = \"mic (")
    }
    return monitors.count == 1 && monitors[0].contains("/ -6.00 dB")
  }

  /// Everything on the laptop, as it was.
  private func isAtHome(_ server: PrivateServer) throws -> Bool {
    let sink = speakers(server)
    guard try server.pactl("get-default-sink") == sink, try server.volume(of: sink).contains(" 30% ") else { return false }
    for player in ["Follower", "Settled"] where try server.position(of: player) != sink { return false }
    return try !server.modules().contains { $0.contains("hproute.id") }
  }

  private func isSilent(_ server: PrivateServer) throws -> Bool { try server.pactl("list", "sink-inputs").contains("Mute: yes") }

  @Test(arguments: ServerKind.allCases) func pluggedAndUnpluggedAndPluggedAgain(kind: ServerKind) throws {
    let server = try desk(kind)
    let watcher = try Watcher(server)
    for round in 1...3 {
      try server.plug("solo")
      let plugged = ContinuousClock.now
      #expect(try eventually { try isInForce(server) }, "round \(round): \(watcher.log)")
      // With a machine that is busy with other tests it may take a little longer.
      #expect(ContinuousClock.now - plugged < .seconds(1.5), "round \(round)")
      #expect(try !isSilent(server))
      #expect(try watcher.wait(for: "applied", count: round))
      try server.unplug("solo")
      #expect(try eventually { try isAtHome(server) }, "round \(round): \(watcher.log)")
      #expect(try watcher.wait(for: "reverted", count: round))
      #expect(try !isSilent(server))
    }
    #expect(try watcher.count("applied") == 3 && watcher.count("reverted") == 3, "\(watcher.log)")
    #expect(watcher.end() == 0)
  }

  /// What a profile says for a device that is not there is told once, and not with every plug.
  @Test(arguments: ServerKind.allCases) func whatIsLeftIsToldOnce(kind: ServerKind) throws {
    let server = try desk(kind)
    try server.writeProfile("studio", Self.studio + "\n[output headset]\nmatch = bus:bluetooth\nrequired = no\n")
    let watcher = try Watcher(server)
    for round in 1...2 {
      try server.plug("solo")
      #expect(try watcher.wait(for: "applied", count: round), "\(watcher.log)")
      try server.unplug("solo")
      #expect(try watcher.wait(for: "reverted", count: round), "\(watcher.log)")
    }
    #expect(watcher.log.components(separatedBy: "left as it is: [output headset]").count == 2, "\(watcher.log)")
  }

  /// What plays is heard where it should be, and the interface is as loud as the profile says.
  @Test(arguments: ServerKind.allCases) func whatPlaysIsHeard(kind: ServerKind) throws {
    let server = try CardTests.desk(kind, try SimulatedCard("solo"))
    try server.unplug("solo")
    try server.writeProfile("studio", "[profile]\nauto = yes\n[output]\nmatch = usb:1235:8211\nvolume = -20 dB\n")
    try server.play("Player", tone: Tone(frequency: 440, peak: 0.5))
    let watcher = try Watcher(server)
    for round in 1...2 {
      try server.plug("solo")
      #expect(try watcher.wait(for: "applied", count: round))
      let phones = Tap(phones(server), on: server)
      #expect(phones.differs(from: [0: [440: -26.02], 1: [440: -26.02]]) == nil, "\(watcher.log)")
      try server.unplug("solo")
      #expect(try watcher.wait(for: "reverted", count: round))
      // 30 % on a cubic scale.
      let speakers = Tap(speakers(server), on: server)
      #expect(speakers.differs(from: [0: [440: -37.39], 1: [440: -37.39]]) == nil, "\(watcher.log)")
    }
  }

  /// When the interface is there again without the profile being chosen, it gets back what it had.
  @Test(arguments: ServerKind.allCases) func whatIsPendingIsRestored(kind: ServerKind) throws {
    let server = try desk(kind)
    try server.plug("solo")
    let sink = phones(server)
    #expect(
      try eventually {
        try server.pactl("set-sink-volume", sink, "70%")
        return try steadily(within: 0.6) { try server.volume(of: sink).contains(" 70% ") }
      })
    try server.pactl("set-default-sink", speakers(server))
    let watcher = try Watcher(server)
    #expect(try eventually { try isInForce(server) }, "\(watcher.log)")
    try server.unplug("solo")
    #expect(try watcher.wait(for: "reverted", count: 1))
    try server.writeProfile("studio", Self.studio.replacingOccurrences(of: "auto = yes", with: "auto = no"))
    try server.plug("solo")
    #expect(try eventually { try server.volume(of: sink).contains(" 70% ") }, "\(watcher.log)")
    #expect(try eventually { try server.hproute("status").output.hasPrefix("No profile is applied.\nSound goes to ") })
    #expect(try watcher.count("applied") == 1)
    #expect(try isAtHome(server))
  }

  // MARK: - By hand

  @Test(arguments: ServerKind.allCases) func whatIsDoneByHandStays(kind: ServerKind) throws {
    let television = try SimulatedCard("dac")
    let server = try PrivateServer(kind, cards: [try SimulatedCard("laptop"), try SimulatedCard("solo"), television])
    for card in ["laptop", "solo"] { try server.plug(card) }
    try server.writeProfile("studio", Self.studio)
    try server.writeProfile("desk", "[output]\nmatch = bus:pci\nvolume = 20%\n")
    let watcher = try Watcher(server)
    #expect(try watcher.wait(for: "applied", count: 1))

    try server.succeed("revert")
    #expect(try watcher.wait(for: "by_hand", count: 1))
    // A television wakes up, and goes to sleep again.
    try server.plug("dac")
    #expect(try steadily(for: 0.8) { try server.hproute("status").output.hasPrefix("No profile is applied.") })
    try server.succeed("apply", "desk")
    #expect(try watcher.wait(for: "by_hand", count: 2))
    try server.pactl("set-sink-volume", speakers(server), "25%")
    try server.unplug("dac")
    #expect(try steadily(for: 0.8) { try server.volume(of: speakers(server)).contains(" 25% ") })
    #expect(try server.hproute("status").output.hasPrefix("desk is applied"))
    #expect(try watcher.count("applied") == 1, "\(watcher.log)")

    // The interface is switched off, and on again: that is another situation.
    try server.unplug("solo")
    #expect(try steadily(for: 0.8) { try server.hproute("status").output.hasPrefix("desk is applied") })
    try server.plug("solo")
    #expect(try watcher.wait(for: "applied", count: 2), "\(watcher.log)")
    #expect(try server.hproute("status").output.hasPrefix("studio is applied"))
  }

  /// A profile applied by hand comes back with its device, although it does not say 'auto'.
  @Test(arguments: ServerKind.allCases) func whatIsAppliedByHandIsLookedAfterToo(kind: ServerKind) throws {
    let server = try desk(kind)
    try server.writeProfile("studio", Self.studio.replacingOccurrences(of: "auto = yes", with: "auto = no"))
    let watcher = try Watcher(server)
    try server.plug("solo")
    try server.succeed("apply", "studio")
    #expect(try watcher.wait(for: "by_hand", count: 1))
    try server.unplug("solo")
    #expect(try watcher.wait(for: "reverted", count: 1), "\(watcher.log)")
    #expect(try eventually { try isAtHome(server) }, "\(watcher.log)")
    try server.plug("solo")
    #expect(try eventually { try isInForce(server) }, "\(watcher.log)")
    #expect(
      try watcher.wait { $0.contains { $0.message.hasPrefix("studio applied (its devices are there again): ") } },
      "\(watcher.log)")
  }

  /// What the user has changed is not set again because some other device comes.
  @Test(arguments: ServerKind.allCases) func aVolumeTurnedByHandStaysTurned(kind: ServerKind) throws {
    let server = try PrivateServer(
      kind, cards: [try SimulatedCard("laptop"), try SimulatedCard("solo"), try SimulatedCard("dac")])
    for card in ["laptop", "solo"] { try server.plug(card) }
    try server.writeProfile("studio", Self.studio)
    let watcher = try Watcher(server)
    #expect(try watcher.wait(for: "applied", count: 1))
    try server.pactl("set-sink-volume", phones(server), "60%")
    try server.plug("dac")
    #expect(try steadily(for: 0.8) { try server.volume(of: phones(server)).contains(" 60% ") }, "\(watcher.log)")
    try server.unplug("dac")
    #expect(try steadily(for: 0.8) { try server.volume(of: phones(server)).contains(" 60% ") }, "\(watcher.log)")
  }

  // MARK: - Choosing

  @Test(arguments: ServerKind.allCases) func theHighestPriorityThatFits(kind: ServerKind) throws {
    let server = try PrivateServer(kind, cards: [try SimulatedCard("laptop"), try SimulatedCard("solo")])
    try server.plug("laptop")
    try server.writeProfile("aaa-desk", "[profile]\nauto = yes\n[output]\nmatch = bus:pci\nvolume = 20%\n")
    try server.writeProfile("studio", Self.studio.replacingOccurrences(of: "auto = yes", with: "auto = yes\npriority = 10"))
    let watcher = try Watcher(server)
    let status = { try server.hproute("status").output }
    #expect(try status().hasPrefix("aaa-desk is applied"))
    try server.plug("solo")
    #expect(try eventually { try status().hasPrefix("studio is applied") }, "\(watcher.log)")
    try server.unplug("solo")
    #expect(try eventually { try status().hasPrefix("aaa-desk is applied") }, "\(watcher.log)")
    #expect(try server.volume(of: speakers(server)).contains(" 20% "))
    let second = try server.hproute("watch")
    #expect(
      second.exitCode == 75
        && second.errors.contains("another hproute is watching already (process \(watcher.program.pid): watch"),
      "\(second.errors)")
  }

  @Test func aNamedProfileNeedNotSayAuto() throws {
    let server = try desk(.any)
    try server.writeProfile("studio", Self.studio.replacingOccurrences(of: "auto = yes", with: "auto = no"))
    #expect(try server.hproute("watch", "studoi").exitCode == 66)
    let watcher = try Watcher(server, "studio")
    try server.plug("solo")
    #expect(try eventually { try isInForce(server) }, "\(watcher.log)")
  }

  /// Ten times in two seconds: one apply, when it has come to rest.
  @Test(arguments: ServerKind.allCases) func aDeviceThatFlapsIsAppliedOnce(kind: ServerKind) throws {
    let hasFlapped = try eventually(within: 90) {
      let server = try desk(kind)
      let watcher = try Watcher(server)
      guard try flap("solo", of: server) else { return false }
      try server.plug("solo")
      #expect(try eventually { try isInForce(server) }, "\(watcher.log)")
      #expect(try steadily(for: 0.8) { try watcher.count("applied") == 1 }, "\(watcher.log)")
      #expect(try watcher.count("reverted") == 0, "\(watcher.log)")
      return true
    }
    #expect(hasFlapped)
  }

  /// - Returns: false where the machine was too busy for it: what is there for 300 ms has come to rest.
  private func flap(_ card: String, of server: PrivateServer) throws -> Bool {
    let start = ContinuousClock.now
    for number in 0..<10 {
      if number % 2 == 0 { try server.plug(card) } else { try server.unplug(card) }
      let next = start + .milliseconds(200 * (number + 1))
      guard ContinuousClock.now < next else { return false }
      while ContinuousClock.now < next { usleep(1000) }
    }
    return true
  }

  // MARK: - Files

  @Test(arguments: ServerKind.allCases) func profilesAreReadAgain(kind: ServerKind) throws {
    let server = try desk(kind)
    try FileManager.default.removeItem(atPath: "\(server.directory.path)/profiles")
    let watcher = try Watcher(server)
    try server.plug("solo")
    // Neither the file nor its directory was there.
    try server.writeProfile("studio", Self.studio)
    #expect(try eventually { try isInForce(server) }, "\(watcher.log)")
    // In the middle of being written it is what it was.
    try server.writeProfile("studio", "[output\n")
    #expect(eventually { watcher.log.contains("studio.profile:1:1: error: a section that does not end") }, "\(watcher.log)")
    #expect(try steadily(for: 0.6) { try isInForce(server) })
    try server.writeProfile("studio", Self.studio.replacingOccurrences(of: "45%", with: "35%"))
    #expect(try eventually { try server.volume(of: phones(server)).contains(" 35% ") }, "\(watcher.log)")
    #expect(
      try watcher.wait { $0.contains { $0.message.hasPrefix("studio applied (its file has changed): ") } }, "\(watcher.log)")
    try FileManager.default.removeItem(atPath: "\(server.directory.path)/profiles/studio.profile")
    #expect(try eventually { try server.hproute("status").output.hasPrefix("No profile is applied.") }, "\(watcher.log)")
  }

  // MARK: - What goes wrong

  @Test(arguments: ServerKind.allCases) func whatFailsIsTriedAgainAndNotForEver(kind: ServerKind) throws {
    let server = try desk(kind)
    try server.writeProfile(
      "studio", Self.studio + "\n[hook]\nbefore-apply = echo x >> \"$HOME/tries\"; test -e \"$HOME/open\"\n")
    let watcher = try Watcher(server)
    try server.plug("solo")
    let tries = { (try? server.directory.read("home/tries"))?.count { $0 == "x" } ?? 0 }
    #expect(eventually(within: 5) { tries() >= 3 }, "\(watcher.log)")
    #expect(try watcher.count("failed") == 1, "one line: \(watcher.log)")
    #expect(try eventually { try isAtHome(server) })
    try server.directory.write("", to: "home/open")
    #expect(try eventually { try isInForce(server) }, "\(watcher.log)")
  }

  // MARK: - Hold

  @Test(arguments: ServerKind.allCases) func whatIsHeldIsPutBack(kind: ServerKind) throws {
    let server = try desk(kind)
    try server.writeProfile(
      "studio", Self.studio.replacingOccurrences(of: "volume = 45%", with: "volume = 45%\nmute = no\nhold = yes"))
    let watcher = try Watcher(server)
    try server.plug("solo")
    #expect(try eventually { try isInForce(server) }, "\(watcher.log)")
    let before = try server.snapshot(masking: true)
    try server.pactl("set-sink-volume", phones(server), "90%")
    #expect(try watcher.wait(for: "held", count: 1), "\(watcher.log)")
    try server.pactl("set-sink-mute", phones(server), "1")
    #expect(try watcher.wait(for: "held", count: 2), "\(watcher.log)")
    var found: [String] = []
    #expect(
      try steadily {
        found = try server.snapshot(masking: true)
        return found == before
      }, "\(difference(before, found) ?? "")")
    // What is not held is nobody's business.
    try server.pactl("set-source-volume", server.device("input", "analog-stereo", of: "solo"), "50%")
    #expect(
      try watcher.events().last?.message.contains(
        "Scarlett Solo USB Analog Stereo was changed to muted; back to not muted, which studio holds") == true)
    // Somebody who does not give in gets their way for a while.
    for number in 0..<12 {
      try server.pactl("set-sink-volume", phones(server), "\(60 + number)%")
      _ = try eventually(within: 0.3) { try server.volume(of: phones(server)).contains(" 45% ") }
    }
    #expect(eventually { watcher.log.contains("something keeps changing a held volume") }, "\(watcher.log)")
    #expect(try watcher.count("held") <= 7)
    // A revert goes to what there was before, and nothing is put back after it.
    try server.succeed("revert")
    #expect(try steadily { try isAtHome(server) })
  }

  @Test(arguments: ServerKind.allCases) func aMonitorThatIsOffStaysOff(kind: ServerKind) throws {
    let server = try desk(kind)
    let watcher = try Watcher(server)
    let isOff = {
      try server.pactl("list", "sink-inputs").components(separatedBy: "Sink Input #").contains {
        $0.contains("hproute.id") && $0.contains("Mute: yes")
      }
    }
    try server.plug("solo")
    #expect(try eventually { try isInForce(server) }, "\(watcher.log)")
    try server.succeed("monitor", "off")
    try server.unplug("solo")
    #expect(try watcher.wait(for: "reverted", count: 1))
    try server.plug("solo")
    #expect(try watcher.wait(for: "applied", count: 2))
    #expect(try isOff(), "\(watcher.log)")
    #expect(try watcher.count("by_hand") == 0, "\(watcher.log)")
    try server.succeed("monitor", "on")
    #expect(try !isOff())
  }
}
