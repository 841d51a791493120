import Foundation
import TestSupport
import Testing

/// `[stream]` rules, for what plays and for what starts later.
@Suite(.timeLimit(.minutes(45))) struct StreamRuleTests {
  private static let rules = """
    [output speakers]
    match = bus:pci
    [output phones]
    match   = bus:usb
    volume  = 45%
    default = no
    [stream Talk]
    to     = phones
    volume = 70%
    [stream "Mus?c*"]
    to   = phones
    mute = yes
    [stream Loud]
    volume = 20%
    """

  private func desk(_ kind: ServerKind) throws -> PrivateServer {
    let server = try PrivateServer(kind)
    try server.addDesk()
    try server.writeProfile("rules", Self.rules)
    return server
  }

  private func volume(of player: String, on server: PrivateServer) throws -> String {
    try server.pactl("list", "sink-inputs").components(separatedBy: "Sink Input #").first {
      $0.contains("media.name = \"\(player)\"")
    } ?? ""
  }

  /// Where a program plays as soon as it plays somewhere, and how: a session manager decides that some time after it has started.
  private func isHeard(_ name: String, in sink: String, _ volume: String, _ mute: String = "no", on server: PrivateServer) throws
    -> Bool
  {
    guard try eventually({ try server.position(of: name) != nil }) else { return false }
    let stream = try self.volume(of: name, on: server)
    return try server.position(of: name) == sink && stream.contains(" \(volume) ") && stream.contains("Mute: \(mute)")
  }

  @Test(arguments: ServerKind.allCases) func programsThatStartLater(kind: ServerKind) throws {
    let server = try desk(kind)
    try server.play("Music box")
    try server.succeed("apply", "rules")
    #expect(try server.position(of: "Music box") == "interface")
    // As programs start, a while after the apply has ended: by their names, and not by a device they ask for.
    for name in ["Talk", "Loud", "Other"] { try server.play(name) }
    #expect(try isHeard("Talk", in: "interface", "70%", on: server))
    #expect(try isHeard("Loud", in: "builtin", "20%", on: server))
    #expect(try isHeard("Other", in: "builtin", "100%", on: server))
    // One that plays when the profile is applied is known by its name from then on.
    try server.endPlayer("Music box")
    try server.play("Music box")
    #expect(try isHeard("Music box", in: "interface", "100%", "yes", on: server))
    try server.pactl("set-sink-input-volume", try #require(try server.index(of: "Loud")), "30%")
    let streams = try server.succeed("streams")
    #expect(streams.matches(of: #/-> \S.*  \[stream Talk\]\n/#).count == 1, "\(streams)")
    #expect(streams.matches(of: #/  not as \[stream Loud\] says\n/#).count == 1, "\(streams)")
    try server.pactl("set-sink-input-volume", try #require(try server.index(of: "Loud")), "20%")
    let again = try server.hproute("apply", "rules", "--json")
    #expect(again.output.contains("\"unchanged\""), "\(again.output)")
    try server.succeed("revert")
    for name in ["Talk", "Loud", "Music box"] { #expect(try isHeard(name, in: "builtin", "100%", on: server), "\(name)") }

    // Forgotten: the next of their kind are like any other, and pinned to nothing.
    server.endPlayers()
    for name in ["Talk", "Loud", "Music box"] { try server.play(name) }
    for name in ["Talk", "Loud", "Music box"] { #expect(try isHeard(name, in: "builtin", "100%", on: server), "\(name)") }
    try server.pactl("set-default-sink", "mic-feed")
    for name in ["Talk", "Loud", "Music box"] {
      try server.endPlayer(name)
      try server.play(name)
      #expect(try isHeard(name, in: "mic-feed", "100%", on: server), "\(name)")
    }
  }

  /// What the user had taught the server comes back, and of a program of which it knew only the place it does not keep the
  /// volume of a rule.
  @Test(arguments: ServerKind.allCases, ["33%", nil]) func whatWasRememberedBefore(kind: ServerKind, volume: String?) throws {
    let server = try desk(kind)
    try server.play("Talk")
    let index = try #require(try server.index(of: "Talk"))
    if let volume { try server.pactl("set-sink-input-volume", index, volume) }
    // pipewire-pulse loses what a client asks for that is gone before it is done.
    #expect(
      try eventually {
        try server.pactl("move-sink-input", index, "mic-feed")
        return try eventually(within: 0.3) { try server.position(of: "Talk") == "mic-feed" }
      })
    server.endPlayers()
    #expect(try eventually { try server.position(of: "Talk") == nil })
    try server.succeed("apply", "rules")
    try server.play("Talk")
    #expect(try isHeard("Talk", in: "interface", "70%", on: server))
    try server.endPlayer("Talk")
    try server.succeed("revert")
    try server.play("Talk")
    #expect(try isHeard("Talk", in: "mic-feed", volume ?? "100%", on: server))
  }

  /// Of a program that was sent to what is the default after the revert nobody sees that it was sent there.
  @Test(arguments: ServerKind.allCases, ["Talk", "M*"]) func nothingStaysPinnedToTheDefault(kind: ServerKind, pattern: String)
    throws
  {
    let server = try desk(kind)
    try server.writeProfile(
      "pin",
      "[output phones]\nmatch = bus:usb\n[output speakers]\nmatch = bus:pci\ndefault = no\n[stream \(pattern)]\nto = speakers\n")
    try server.play("Music")
    try server.succeed("apply", "pin")
    #expect(try server.position(of: "Music") == (pattern == "Talk" ? "interface" : "builtin"))
    try server.succeed("revert")
    try server.endPlayer("Music")
    for name in ["Talk", "Music"] {
      try server.play(name)
      #expect(try isHeard(name, in: "builtin", "100%", on: server))
      try server.endPlayer(name)
    }
    // Another default shows it.
    try server.chooseDefault("mic-feed")
    for name in ["Talk", "Music"] {
      try server.play(name)
      #expect(try isHeard(name, in: "mic-feed", "100%", on: server), "\(name)")
    }
  }

  /// What has begun under a rule goes home, also if a profile with the same rule has been applied since.
  @Test(arguments: ServerKind.allCases) func anotherProfileSaysTheSame(kind: ServerKind) throws {
    let server = try desk(kind)
    try server.writeProfile("same", Self.rules)
    try server.succeed("apply", "rules")
    try server.play("Talk")
    #expect(try isHeard("Talk", in: "interface", "70%", on: server))
    for name in ["same", "rules", "same"] {
      try server.succeed("apply", name)
      #expect(try isHeard("Talk", in: "interface", "70%", on: server))
    }
    try server.succeed("revert")
    #expect(try isHeard("Talk", in: "builtin", "100%", on: server))
  }

  /// PipeWire shows a stream that has just begun as silent, which is not how it was.
  @Test(arguments: ServerKind.allCases) func whatHasJustBegunIsNotSilent(kind: ServerKind) throws {
    let server = try desk(kind)
    for round in 1...5 {
      let player = try Program(
        ["pacat", "--playback", "--raw", "--client-name=Talk", "--stream-name=Talk", "/dev/zero"],
        environment: server.environment,
        log: "\(server.directory.path)/Talk.log")
      try server.succeed("apply", "rules")
      #expect(try eventually { try server.position(of: "Talk") == "interface" })
      try server.succeed("revert")
      #expect(try eventually { try isHeard("Talk", in: "builtin", "100%", on: server) }, "\(round)")
      player.kill()
      #expect(try eventually { try server.position(of: "Talk") == nil })
    }
  }

  /// The first rule that fits counts, also for what starts later: the second is for nobody.
  @Test(arguments: ServerKind.allCases) func theFirstRuleCounts(kind: ServerKind) throws {
    let server = try desk(kind)
    try server.writeProfile(
      "first", Self.rules.replacingOccurrences(of: "[stream Talk]", with: "[stream *]\nmute = no\n[stream Talk]"))
    try server.succeed("apply", "first")
    for name in ["Talk", "Loud"] {
      try server.play(name)
      #expect(try isHeard(name, in: "builtin", "100%", on: server))
    }
  }

  /// What one profile says of a program, and another does not, is as it was before.
  @Test(arguments: ServerKind.allCases) func anotherProfileSaysLess(kind: ServerKind) throws {
    let server = try desk(kind)
    try server.writeProfile(
      "less", "[output speakers]\nmatch = bus:pci\n[output phones]\nmatch = bus:usb\ndefault = no\n[stream Talk]\nto = phones\n")
    try server.succeed("apply", "rules")
    try server.succeed("apply", "less")
    for name in ["Talk", "Loud"] { try server.play(name) }
    #expect(try isHeard("Talk", in: "interface", "100%", on: server))
    #expect(try isHeard("Loud", in: "builtin", "100%", on: server))
  }

  @Test(arguments: ServerKind.allCases) func patternsAreForWhatPlaysNow(kind: ServerKind) throws {
    let server = try desk(kind)
    let outcome = try server.hproute("apply", "rules")
    #expect(outcome.exitCode == 0)
    #expect(
      outcome.errors.contains(
        "[stream Mus?c*]: for what is running now. Programs that are started later are placed only while 'hproute watch' runs."),
      "\(outcome.errors)")
    #expect(!outcome.errors.contains("Talk"))
    let doctor = try server.hproute("doctor")
    #expect(doctor.exitCode == 0 && doctor.output.contains("[stream Mus?c*]: for what is running now."), "\(doctor)")
    #expect(!doctor.output.contains("Talk"), "\(doctor)")
  }
}
