import Foundation
import TestSupport
import Testing

/// What a server remembers for a program: shown, named by `doctor` where it sends it elsewhere, and forgotten.
@Suite(.timeLimit(.minutes(45))) struct MemoryTests {
  /// A program that was moved by hand to the interface, turned down, and has ended.
  private func desk(_ kind: ServerKind) throws -> PrivateServer {
    let server = try PrivateServer(kind)
    try server.addDesk()
    try server.play("Talk")
    // What a server remembers shows when the program starts again; a move that comes too soon is not remembered.
    #expect(
      try eventually {
        let index = try #require(try server.index(of: "Talk"))
        try server.pactl("set-sink-input-volume", index, "70%")
        // pipewire-pulse loses what a client asks for that is gone before it is done.
        let isMoved = try eventually(within: 3) {
          try server.pactl("move-sink-input", index, "interface")
          return try steadily(for: 0.2, within: 0.5) { try server.position(of: "Talk") == "interface" }
        }
        guard isMoved else { return false }
        try server.endPlayer("Talk")
        try server.play("Talk")
        return try eventually(within: 0.5) { try server.position(of: "Talk") == "interface" }
      })
    return server
  }

  @Test(arguments: ServerKind.allCases) func itIsShown(kind: ServerKind) throws {
    let server = try desk(kind)
    let before = try server.snapshot()
    let text = try server.succeed("streams", "--remembered")
    #expect(text.contains("remembered: Scarlett Solo USB, 70%"), "\(text)")
    #expect(try !server.succeed("streams").contains("remembered"))
    let json = try server.succeed("streams", "--remembered", "--json")
    #expect(json.contains(#""remembered":{"device":"interface","mute":false,"volume":[{"#), "\(json)")
    #expect(try server.snapshot() == before)
    let program = try server.succeed("doctor", "--json")
    #expect(program.contains("Talk plays in Scarlett Solo USB: the sound server remembers that for it."), "\(program)")
    #expect(program.contains("hproute streams --forget Talk"))
  }

  @Test(arguments: ServerKind.allCases) func itIsForgotten(kind: ServerKind) throws {
    let server = try desk(kind)
    #expect(try server.succeed("streams", "--forget", "Nobody") == "No output or input is remembered for Nobody.\n")
    #expect(try server.position(of: "Talk") == "interface")
    let told = try server.succeed("streams", "--forget", "talk")
    #expect(told == "talk begins on the default output again, and not on Scarlett Solo USB.\n", "\(told)")
    // What plays goes on where it is; the next time it begins on the default, as loud as it was.
    #expect(try server.position(of: "Talk") == "interface")
    try server.endPlayer("Talk")
    try server.play("Talk")
    #expect(try steadily(for: 0.3) { try server.position(of: "Talk") == "builtin" })
    #expect(try server.pactl("list", "sink-inputs").contains(" 70% "))
    #expect(try server.succeed("streams", "--forget", "Talk", "--json").contains(#""forgotten":[]"#))
  }

  /// Who sends a program elsewhere before the server is asked.
  @Test(arguments: ServerKind.allCases) func whatIsSetForAProgram(kind: ServerKind) throws {
    let server = try PrivateServer(kind)
    try server.addDesk()
    let script = "PULSE_SINK=interface exec pacat --client-name=Pinned --stream-name=Pinned /dev/zero"
    let program = try Program(
      ["sh", "-c", script], environment: server.environment, log: "\(server.directory.path)/pinned.log")
    #expect(try eventually { try server.position(of: "Pinned") == "interface" })
    let told = try server.hproute("doctor").output
    #expect(told.contains("Pinned plays in Scarlett Solo USB: PULSE_SINK=interface was set when it was started."), "\(told)")
    #expect(told.contains("start it without PULSE_SINK"))
    program.kill()
    try server.directory.write("# mine\n default-sink = interface\n", to: "config/pulse/client.conf")
    let configured = try server.hproute("doctor").output
    #expect(
      configured.contains("/config/pulse/client.conf sends programs to Scarlett Solo USB, whatever the default output is."),
      "\(configured)")
  }

  /// A device that a program is remembered for, and that is away at the revert, is its place again when it is back.
  @Test(arguments: ServerKind.allCases, ["revert", "watch"]) func ofADeviceThatIsAway(kind: ServerKind, giver: String) throws {
    let server = try desk(kind)
    // A rule is about it, or it is only taken along.
    let isMeant = giver == "revert"
    if isMeant { try server.endPlayer("Talk") }
    try server.writeProfile(
      "studio",
      (isMeant ? "[stream Talk]\nto = speakers\nvolume = 50%\n" : "[profile]\nstreams = all\n")
        + "[output speakers]\nmatch = name:builtin\n")
    try server.succeed("apply", "studio")
    if !isMeant { try server.endPlayer("Talk") }
    try server.unload("interface")
    let told = try server.hproute("revert")
    #expect(told.exitCode == 0)
    if kind == .pipewire {
      #expect((told.output + told.errors).contains("interface is away; it will get back later streams of Talk when it is there"))
      #expect(try server.hproute("revert").output.hasPrefix("Nothing to revert: "))
      // In between another apply finds it as it was left.
      #expect(try server.succeed("apply", "studio", "--json").contains(#""result":"applied""#) == isMeant)
      #expect(try server.hproute("revert").exitCode == 0)
      // Until then it goes where everybody goes, as loud as it was.
      try server.play("Talk")
      #expect(try eventually { try server.streams("sink-inputs", on: "builtin").contains { $0.contains(" 70% ") } })
      try server.endPlayer("Talk")
    }
    let watcher = giver == "watch" ? try Watcher(server) : nil
    try server.addSink("interface", "Scarlett Solo USB")
    if watcher == nil { try server.succeed("revert") }
    #expect(
      try eventually {
        try server.play("Talk")
        defer { try? server.endPlayer("Talk") }
        return try eventually(within: 0.5) {
          try server.streams("sink-inputs", on: "interface").contains { $0.contains(" 70% ") && $0.contains("Talk") }
        }
      }, "\(told)")
    #expect(try server.succeed("revert") == "Nothing to revert: no profile is applied.\n")
  }

  /// A program that somebody has turned since is theirs.
  @Test(arguments: ServerKind.only(.pipewire)) func whatIsChosenMeanwhileStays(kind: ServerKind) throws {
    let server = try desk(kind)
    try server.writeProfile("studio", "[profile]\nstreams = all\n[output speakers]\nmatch = name:builtin\n")
    try server.succeed("apply", "studio")
    try server.endPlayer("Talk")
    try server.unload("interface")
    try server.succeed("revert")
    try server.turn("Talk", to: 40)
    try server.addSink("interface", "Scarlett Solo USB")
    #expect(try server.succeed("revert").hasPrefix("Nothing to revert: "))
    try server.play("Talk")
    #expect(try steadily { try server.streams("sink-inputs", on: "builtin").contains { $0.contains(" 40% ") } })
  }

  /// pipewire-pulse now and then says that a move is done, and has lost it.
  @Test(arguments: ServerKind.only(.pipewire)) func aMoveThatGetsLost(kind: ServerKind) throws {
    let desk = try CampaignDesk(kind)
    try desk.require(["apply", "studio"])
    let lost = try loseMoves(of: desk, 1)
    try desk.require(["revert"])
    #expect(!lost.value.isEmpty)
    desk.gate.open()
    try desk.requireMemory("a revert of which a move got lost")
    try desk.requireState(desk.baseline, "a revert of which a move got lost")
  }

  /// What cannot be put back is told, and done by the next revert; a switch that has to put back what it cannot is none.
  @Test(arguments: ServerKind.only(.pipewire), [["revert"], ["apply", "quiet"]])
  func aMoveThatGetsLostEveryTime(kind: ServerKind, command: [String]) throws {
    let desk = try CampaignDesk(kind)
    try desk.require(["apply", "studio"])
    let lost = try loseMoves(of: desk, .max)
    let told = try desk.run(command)
    #expect(!lost.value.isEmpty)
    #expect(told.exitCode == (command == ["revert"] ? 2 : 1))
    #expect(told.errors.contains(#/: later streams of \w+: the session manager sends them elsewhere\./#), "\(told)")
    desk.gate.open()
    try desk.require(["revert"])
    try desk.requireMemory("\(command) of which every move got lost, and a revert")
    try desk.requireState(desk.baseline, "\(command) of which every move got lost, and a revert")
  }

  /// Has the server say that a move is done, and not do it: the first `count` of each stream that is only there to tell what is
  /// remembered.
  private func loseMoves(of desk: CampaignDesk, _ count: Int) throws -> Shared<[UInt32: Int]> {
    let playing = Set(try desk.server.objects("sink-inputs").map(\.number))
    let lost = Shared([UInt32: Int]())
    desk.gate.guardBy { passage in
      guard passage.isFromClient, passage.packet.isA(.moveSinkInput), let stream = passage.packet.subject,
        !playing.contains(String(stream)), lost.value[stream, default: 0] < count
      else { return .pass }
      lost.value[stream, default: 0] += 1
      return .lose
    }
    return lost
  }

  /// Some have their session manager remember nothing: a rule holds for what plays, and that is said once.
  @Test(arguments: ServerKind.only(.pipewire)) func whereNothingIsRemembered(kind: ServerKind) throws {
    let server = try PrivateServer(kind)
    try server.directory.write(
      "stream_defaults.properties = { [\"restore-props\"] = false, [\"restore-target\"] = false }\n",
      to: "config/wireplumber/main.lua.d/52-nothing.lua")
    try server.directory.write(
      "wireplumber.settings = { node.stream.restore-props = false node.stream.restore-target = false }\n",
      to: "config/wireplumber/wireplumber.conf.d/52-nothing.conf")
    server.stop(.sessionManager)
    try server.start()
    try server.addDesk()
    try server.play("Talk")
    let before = try server.snapshot()
    try server.writeProfile(
      "studio",
      "[output speakers]\nmatch = name:builtin\ndefault = no\n[output phones]\nmatch = name:interface\ndefault = no\n"
        + "[stream Talk]\nto = phones\nvolume = 50%\n[stream Other]\nto = phones\nvolume = 50%\n")
    let told = try server.succeed("apply", "studio")
    #expect(told.contains("left as it is: later streams of Other: the session"), "\(told)")
    #expect(told.contains("'hproute watch' places them as they begin"), "\(told)")
    #expect(try server.streams("sink-inputs", on: "interface").contains { $0.contains(" 50% ") })
    #expect(try server.succeed("apply", "studio").hasPrefix("Nothing to do: "))
    #expect(try server.succeed("revert") == "Reverted: everything is as it was before studio.\n")
    try server.requireUnchanged(since: before)
  }

  /// Only what the server remembers for a program that does not play.
  private static let later =
    "[output speakers]\nmatch = bus:pci\ndefault = no\n[stream Later]\nto = speakers\nvolume = 60%\n"

  /// What was said before a command was cut off may be taken in when it has been seen already that nothing came of it.
  @Test(arguments: ServerKind.only(.pipewire)) func whatIsTakenInLate(kind: ServerKind) throws {
    let desk = try CampaignDesk(kind)
    let (server, step) = (desk.server, Shared(0))
    try server.writeProfile("later", Self.later)
    desk.gate.guardBy { passage in
      guard passage.isFromClient else { return .pass }
      let isAboutProbe = passage.packet.isA(.setSinkInputVolume) || passage.packet.isA(.deletePlaybackStream)
      if step.value == 0, passage.packet.isA(.setSinkInputVolume) {
        step.value = 1
        return .cut
      }
      if step.value == 1, isAboutProbe {
        step.value = (try? passage.whileSuspended { try server.turn("Later", to: 60) }) == nil ? 3 : 2
      }
      return .pass
    }
    let told = try desk.run(["apply", "later"])
    #expect(step.value == 2)
    #expect(told.exitCode == 1 && told.errors.contains("Everything is as it was before."), "\(told)")
    desk.gate.open()
    try desk.requireMemory("an apply that was cut off")
    try desk.requireState(desk.baseline, "an apply that was cut off")
  }

  /// The stream that tells whether a program has gone home may itself have what was before remembered again.
  @Test(arguments: ServerKind.only(.pipewire)) func whatIsRememberedAgain(kind: ServerKind) throws {
    let desk = try CampaignDesk(kind)
    let (server, step) = (desk.server, Shared(0))
    try server.writeProfile("later", Self.later)
    try desk.require(["apply", "later"])
    desk.gate.guardBy { passage in
      guard passage.isFromClient else { return .pass }
      if step.value == 0, passage.packet.isA(.setSinkInputVolume) { step.value = 1 }
      guard passage.packet.isA(.createPlaybackStream) else { return .pass }
      // The first stream to tell has told that all is done when the second one is asked for.
      if step.value == 2, (try? passage.whileSuspended { try server.turn("Later", to: 60) }) == nil { step.value = 0 }
      if 1...2 ~= step.value { step.value += 1 }
      return .pass
    }
    try desk.require(["revert"])
    #expect(step.value == 3)
    desk.gate.open()
    try desk.requireMemory("a revert that was undone at once")
    try desk.requireState(desk.baseline, "a revert that was undone at once")
  }

  /// A session manager that has too much to do may pass a stream over that asks what is remembered, and a server refuse it.
  @Test(arguments: ServerKind.only(.pipewire), [PacketGate.Verdict.drop, .refuse(code: 10)])
  func aStreamThatIsPassedOver(kind: ServerKind, verdict: PacketGate.Verdict) throws {
    let desk = try CampaignDesk(kind)
    let isLost = Shared(false)
    desk.gate.guardBy { passage in
      guard !isLost.value, passage.isFromClient, passage.packet.isA(.createPlaybackStream) else { return .pass }
      isLost.value = true
      return verdict
    }
    try desk.require(["apply", "studio"])
    #expect(isLost.value)
    desk.gate.open()
    // The rule is in force, as for a program whose memory could be read.
    try desk.server.play("Later")
    #expect(try eventually { try desk.server.streams("sink-inputs", on: "builtin").contains { $0.contains(" 60% ") } })
    try desk.server.endPlayer("Later")
    try desk.require(["revert"])
    try desk.requireMemory("an apply that was passed over once")
    try desk.requireState(desk.baseline, "an apply that was passed over once")
  }

  /// Each stream that asks or tells costs a session manager more the more there are: a program that plays, and that nobody has
  /// touched, is asked once whether it is remembered as its own streams were changed to.
  @Test(arguments: ServerKind.only(.pipewire)) func whoPlaysTellsItself(kind: ServerKind) throws {
    let desk = try CampaignDesk(kind)
    let (asked, turned) = (Shared(0), Shared(0))
    try desk.server.writeProfile(
      "music", "[output phones]\nmatch = bus:usb\ndefault = no\n[stream Music]\nto = phones\nvolume = 60%\n")
    try desk.server.play("Music")
    desk.gate.guardBy { passage in
      if passage.isFromClient, passage.packet.isA(.createPlaybackStream) { asked.value += 1 }
      if passage.isFromClient, passage.packet.isA(.setSinkInputVolume) { turned.value += 1 }
      return .pass
    }
    // A session manager that is late is asked once more.
    let isOnce = try (1...5).contains { _ in
      try desk.require(["apply", "music"])
      (asked.value, turned.value) = (0, 0)
      try desk.require(["revert"])
      return asked.value == 1 && turned.value == 1
    }
    #expect(isOnce, "\(asked.value) streams asked, \(turned.value) volumes set")
    desk.gate.open()
    try desk.server.endPlayer("Music")
    try desk.server.play("Music")
    #expect(
      try steadily(for: 0.3) { try desk.server.streams("sink-inputs", on: "builtin").contains { $0.contains("\"Music\"") } })
    #expect(try !desk.server.pactl("list", "sink-inputs").contains(" 60% "))
  }
}
