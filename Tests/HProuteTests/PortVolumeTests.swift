import Foundation
import TestSupport
import Testing

/// A volume belongs to a port: loudspeakers never get what headphones had.
@Suite(.timeLimit(.minutes(45))) struct PortVolumeTests {
  /// A laptop with headphones at 80 %, muted or not, and speakers at 20 %.
  private func desk(_ kind: ServerKind) throws -> (server: PrivateServer, sink: String) {
    let server = try CardTests.desk(kind)
    let sink = server.device("output", "analog-stereo", of: "laptop")
    try set("20%", server, sink)
    try jack(true, server, sink)
    try set("80%", server, sink)
    return (server, sink)
  }

  private func jack(_ isIn: Bool, _ server: PrivateServer, _ sink: String) throws {
    try server.card("laptop", "avail", "analog-output-headphones", isIn ? "yes" : "no")
    let port = isIn ? "analog-output-headphones" : "analog-output-speaker"
    guard
      try eventually({
        if try server.activePort(of: sink) == port { return true }
        if server.kind == .pipewire { return false }
        // PulseAudio's module follows the jack; where it hesitates the user does it.
        try server.pactl("set-sink-port", sink, port)
        return false
      })
    else { throw PrivateServer.Failed(description: "the jack is not followed to \(port)") }
  }

  private func set(_ volume: String, _ server: PrivateServer, _ sink: String) throws {
    guard
      try eventually({
        try server.pactl("set-sink-volume", sink, volume)
        return try steadily(within: 0.3) { try server.volume(of: sink).contains(" \(volume) ") }
      })
    else { throw PrivateServer.Failed(description: "the port does not take \(volume)") }
  }

  private func choose(_ port: String, _ server: PrivateServer, _ sink: String) throws {
    guard
      try eventually({
        try server.pactl("set-sink-port", sink, port)
        return try steadily(within: 0.3) { try server.activePort(of: sink) == port }
      })
    else { throw PrivateServer.Failed(description: "the port does not change to \(port)") }
  }

  /// What a port has when it is chosen next. On PipeWire the session manager is asked for what it keeps: the change of ports that
  /// would show it is lost now and then under load, with pactl alone (docs/servers.md).
  private func isKept(_ volume: String, for port: String, _ server: PrivateServer, _ sink: String) throws -> Bool {
    if server.kind == .pipewire { return try eventually { try server.volumeKept(for: port) == volume } }
    let active = try #require(try server.activePort(of: sink))
    try choose(port, server, sink)
    let isSo = try holds(volume, server, sink)
    try choose(active, server, sink)
    return isSo
  }

  private func holds(_ volume: String, _ server: PrivateServer, _ sink: String) throws -> Bool {
    try eventually { try steadily(within: 0.3) { try server.volume(of: sink).contains(" \(volume) ") } }
  }

  @Test(arguments: ServerKind.allCases, ["", "port = headphones"]) func aJackThatIsPulledMakesNothingLouder(
    kind: ServerKind, port: String
  ) throws {
    let (server, sink) = try desk(kind)
    try server.writeProfile("quiet", "[output]\nmatch = bus:pci\n\(port)\nvolume = 30%\n")
    try server.succeed("apply", "quiet")
    #expect(try holds("30%", server, sink))
    try jack(false, server, sink)
    #expect(try holds("20%", server, sink))
    #expect(!(try server.succeed("status").contains("now 20%")), "another port is no drift")

    let reverted = try server.hproute("revert")
    #expect(reverted.exitCode == 0, "\(reverted.errors)")
    #expect(try holds("20%", server, sink), "the loudspeakers are as loud as the headphones were")
    #expect(reverted.errors.contains("Built-in Audio Analog Stereo (Headphones)"), "\(reverted.errors)")
    #expect(try server.succeed("status").contains("Headphones"))

    try jack(true, server, sink)
    #expect(try holds("30%", server, sink))
    try server.succeed("revert")
    #expect(try holds("80%", server, sink))
    try jack(false, server, sink)
    #expect(try holds("20%", server, sink))
    #expect(try server.hproute("status").output.hasPrefix("No profile is applied."))
  }

  /// The port that a profile chooses gets its own volume back before it is left.
  @Test(arguments: ServerKind.allCases) func aPortThatIsChosenIsLeftAsItWas(kind: ServerKind) throws {
    let (server, sink) = try desk(kind)
    try choose("analog-output-speaker", server, sink)
    try set("20%", server, sink)
    #expect(try isKept("80%", for: "analog-output-headphones", server, sink))
    let before = try server.snapshot()
    try server.writeProfile("phones", "[output]\nmatch = bus:pci\nport = headphones\nvolume = 30%\n")
    try server.succeed("apply", "phones")
    #expect(try server.activePort(of: sink) == "analog-output-headphones")
    #expect(try holds("30%", server, sink))
    // So that what is kept afterwards is not what was kept before. On PulseAudio the port would have to be left to see it.
    if kind == .pipewire { #expect(try isKept("30%", for: "analog-output-headphones", server, sink)) }
    try server.succeed("revert")
    try server.requireUnchanged(since: before)
    #expect(try isKept("80%", for: "analog-output-headphones", server, sink))
    #expect(try isKept("20%", for: "analog-output-speaker", server, sink))
  }

  /// A session manager that has no time remembers what it sees when it looks: what is left has to be there until then.
  @Test(arguments: ServerKind.only(.pipewire), ["port", "card profile"]) func whatIsLeftIsSeenBefore(
    kind: ServerKind, left: String
  ) throws {
    let (server, sink) = try desk(kind)
    let card = "alsa_card.pci-0000_00_1f.3"
    if left == "port" {
      try choose("analog-output-speaker", server, sink)
      try set("20%", server, sink)
    } else {
      #expect(try isKept("80%", for: "analog-output-headphones", server, sink))
      try server.card("laptop", "avail", "hdmi-output-0", "yes")
      try server.card("laptop", "profile-avail", "output:hdmi-stereo+input:analog-stereo", "yes")
      try server.pactl("set-card-profile", card, "output:hdmi-stereo+input:analog-stereo")
      let hdmi = server.device("output", "hdmi-stereo", of: "laptop")
      #expect(try eventually { try steadily { try server.pactl("get-default-sink") == hdmi } })
    }
    #expect(try isKept("80%", for: "analog-output-headphones", server, sink))
    let before = try server.snapshot()
    try server.writeProfile(
      "phones",
      """
      [card laptop]
      match   = bus:pci
      profile = output:analog-stereo+input:analog-stereo
      [output]
      card   = laptop
      port   = headphones
      volume = 30%
      """)
    try server.succeed("apply", "phones")
    #expect(try isKept("30%", for: "analog-output-headphones", server, sink))

    // Without it no program is let in, so that it has time until the volume is on its way.
    let gate = try PacketGate("\(server.directory.path)/gate", to: "\(server.directory.path)/run/pulse/native")
    gate.guardBy { passage in
      if passage.packet.isA(.setSinkVolume) { server.send(SIGSTOP, to: .sessionManager) }
      if passage.packet.isA(.createPlaybackStream) { server.send(SIGCONT, to: .sessionManager) }
      return .pass
    }
    let environment = server.environment.merging(["PULSE_SERVER": "unix:\(gate.path)"]) { $1 }
    let revert = try Program.run([HProuteBinary.path, "revert"], environment: environment)
    server.send(SIGCONT, to: .sessionManager)
    #expect(revert.exitCode == 0, "\(revert.errors)")
    try server.requireUnchanged(since: before)
    #expect(try isKept("80%", for: "analog-output-headphones", server, sink))
  }

  /// What an apply without a port leaves is told as it is, and a second apply at the other port has a say about that port alone.
  @Test(arguments: ServerKind.allCases) func everyPortKeepsItsOwn(kind: ServerKind) throws {
    let (server, sink) = try desk(kind)
    try server.writeProfile("quiet", "[output]\nmatch = bus:pci\nvolume = 30%\n")
    try server.succeed("apply", "quiet")
    try jack(false, server, sink)
    try server.succeed("apply", "quiet")
    #expect(try holds("30%", server, sink))
    try jack(true, server, sink)
    #expect(try holds("30%", server, sink))
    #expect(try server.hproute("apply", "quiet").output.hasPrefix("Nothing to do: "))
    try server.succeed("revert")
    #expect(try holds("80%", server, sink))
    try jack(false, server, sink)
    #expect(try holds("30%", server, sink))
    try server.succeed("revert")
    #expect(try holds("20%", server, sink))
  }
}
