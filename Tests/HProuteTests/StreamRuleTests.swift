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

  @Test func pulseAudioTellsStreamsThatStartLater() throws {
    let server = try desk(.pulseaudio)
    try server.play("Music box")
    try server.succeed("apply", "rules")
    #expect(try server.position(of: "Music box") == "interface")
    // As programs start, a while after the apply has ended: by their names, and not by a device they ask for.
    for name in ["Talk", "Loud", "Other"] { try server.play(name) }
    #expect(try server.position(of: "Talk") == "interface")
    #expect(try volume(of: "Talk", on: server).contains(" 70% "))
    #expect(try server.position(of: "Loud") == "builtin")
    #expect(try volume(of: "Loud", on: server).contains(" 20% "))
    #expect(try server.position(of: "Other") == "builtin")
    #expect(try volume(of: "Other", on: server).contains(" 100% "))
    let again = try server.hproute("apply", "rules", "--json")
    #expect(again.output.contains("\"unchanged\""), "\(again.output)")
    try server.succeed("revert")

    // Forgotten: the next of their kind are like any other.
    server.endPlayers()
    for name in ["Talk", "Loud", "Music box"] { try server.play(name) }
    for name in ["Talk", "Loud", "Music box"] {
      #expect(try server.position(of: name) == "builtin", "\(name)")
      #expect(try volume(of: name, on: server).contains(" 100% "), "\(name)")
      #expect(try volume(of: name, on: server).contains("Mute: no"), "\(name)")
    }
  }

  /// What the user had taught the server comes back, and of a program of which it knew only the place it does not keep the
  /// volume of a rule.
  @Test(arguments: ["33%", nil]) func pulseAudioRemembersWhatItRememberedBefore(volume: String?) throws {
    let server = try desk(.pulseaudio)
    try server.play("Talk")
    let index = try #require(try server.index(of: "Talk"))
    if let volume { try server.pactl("set-sink-input-volume", index, volume) }
    try server.pactl("move-sink-input", index, "mic-feed")
    #expect(try server.position(of: "Talk") == "mic-feed")
    server.endPlayers()
    #expect(try eventually { try server.position(of: "Talk") == nil })
    try server.succeed("apply", "rules")
    try server.succeed("revert")
    try server.play("Talk")
    #expect(try server.position(of: "Talk") == "mic-feed")
    #expect(try self.volume(of: "Talk", on: server).contains(" \(volume ?? "100%") "))
  }

  @Test func pipeWireIsSaidNotToKnow() throws {
    let server = try desk(.pipewire)
    try server.play("Talk")
    let outcome = try server.hproute("apply", "rules")
    #expect(outcome.exitCode == 0)
    #expect(outcome.errors.contains("[stream Talk], [stream Mus?c*], [stream Loud]: for what plays now."), "\(outcome.errors)")
    #expect(try server.position(of: "Talk") == "interface")
    try server.succeed("revert")
    server.endPlayers()
    try server.play("Talk")
    #expect(try server.position(of: "Talk") == "builtin")
  }
}
