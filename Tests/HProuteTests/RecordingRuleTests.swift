import Foundation
import TestSupport
import Testing

/// `[recording]` rules, for what records and for what starts later.
@Suite(.timeLimit(.minutes(45))) struct RecordingRuleTests {
  private static let rules = """
    [input usb]
    match   = bus:usb
    default = no
    [recording Talk]
    from   = usb
    volume = 50%
    [recording "Mus?c*"]
    from = usb
    mute = yes
    [recording Meter]
    volume = 30%
    """

  /// A webcam that is the default input, and the interface's microphone.
  private func desk(_ kind: ServerKind) throws -> PrivateServer {
    let server = try PrivateServer(kind)
    try server.addDesk()
    try server.addWebcam()
    try server.writeProfile("rules", Self.rules)
    return server
  }

  private func records(_ name: String, from source: String, _ volume: String, _ mute: String = "no", on server: PrivateServer)
    throws -> Bool
  {
    try eventually {
      guard try server.recorderPosition(of: name) == source,
        let stream = try server.objects("source-outputs").first(where: { $0.lines.contains("media.name = \"\(name)\"") })
      else { return false }
      return stream.lines.contains { $0.hasPrefix("Volume: ") && $0.contains(" \(volume) ") }
        && stream.lines.contains("Mute: \(mute)")
    }
  }

  @Test(arguments: ServerKind.allCases) func programsThatRecord(kind: ServerKind) throws {
    let server = try desk(kind)
    try server.record("Music box")
    // What listens to what is played is meant by its name alone.
    try server.record("Music watcher", from: "builtin.monitor")
    try server.record("Meter", from: "builtin.monitor")
    try server.succeed("apply", "rules")
    #expect(try records("Music box", from: "mic", "100%", "yes", on: server))
    #expect(try records("Music watcher", from: "builtin.monitor", "100%", on: server))
    #expect(try records("Meter", from: "builtin.monitor", "30%", on: server))
    try server.record("Talk")
    try server.record("Other")
    #expect(try records("Talk", from: "mic", "50%", on: server))
    #expect(try records("Other", from: "webcam", "100%", on: server))
    let again = try server.hproute("apply", "rules", "--json")
    #expect(again.output.contains("\"unchanged\""), "\(again.output)")

    try server.succeed("revert")
    for name in ["Talk", "Music box", "Other"] { #expect(try records(name, from: "webcam", "100%", on: server), "\(name)") }
    #expect(try records("Meter", from: "builtin.monitor", "100%", on: server))

    // Forgotten: the next of their kind are like any other.
    server.endPlayers()
    for name in ["Talk", "Music box"] {
      #expect(try eventually { try server.recorderPosition(of: name) == nil })
      try server.record(name)
      #expect(try records(name, from: "webcam", "100%", on: server), "\(name)")
    }
  }

  /// PipeWire takes it to some other monitor, if it is asked for a microphone.
  @Test(arguments: ServerKind.allCases) func whatRecordsWhatIsPlayed(kind: ServerKind) throws {
    let server = try desk(kind)
    try server.record("Talk", from: "builtin.monitor")
    let report = try server.succeed("apply", "rules")
    if kind == .pipewire {
      #expect(
        report.contains("left as it is: Talk: PipeWire does not let a program change between a microphone and what is played"))
    }
    #expect(try records("Talk", from: kind == .pipewire ? "builtin.monitor" : "mic", "50%", on: server), "\(report)")
    try server.succeed("revert")
    #expect(try records("Talk", from: "builtin.monitor", "100%", on: server))
  }

  @Test(arguments: ServerKind.allCases) func anInputThatIsAway(kind: ServerKind) throws {
    let server = try desk(kind)
    try server.writeProfile(
      "away",
      "[input near]\nmatch = bus:usb\ndefault = no\n[input far]\nmatch = usb:1:2\nrequired = no\n[recording Talk]\nfrom = far\n")
    try server.record("Talk")
    let outcome = try server.hproute("apply", "away")
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect("\(outcome.output)\(outcome.errors)".contains("Talk: [input far] is away"), "\(outcome)")
    #expect(try server.recorderPosition(of: "Talk") == "webcam")
  }
}
