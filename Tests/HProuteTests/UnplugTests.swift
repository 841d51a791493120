import Foundation
import Routing
import TestSupport
import Testing

/// The interface is pulled out, before, in the middle of and after everything hproute does with it.
@Suite(.timeLimit(.minutes(45))) struct UnplugTests {
  private static let card = "alsa_card.usb-Focusrite_Scarlett_8i6_USB_F8ABC12345678-00"

  /// An interface that plays only, and is not the default; the profile wants its inputs as well, and two of its channels.
  private func desk(_ kind: ServerKind) throws -> PrivateServer {
    let server = try CardTests.desk(kind, try SimulatedCard("six"))
    try server.pactl("set-card-profile", Self.card, "output:analog-surround-51")
    let sink = server.device("output", "analog-surround-51", of: "six")
    #expect(try eventually { try !server.pactl("list", "short", "sources").contains("multichannel-input") })
    #expect(
      try eventually {
        try server.pactl("set-sink-volume", sink, "35%")
        return try server.volume(of: sink).contains("35% ")
      })
    try server.play("Player")
    try server.play("Settled", to: server.device("output", "analog-stereo", of: "laptop"))
    try server.writeProfile(
      "studio",
      """
      [card interface]
      match   = usb:1235:8213
      profile = output:analog-surround-51+input:*
      [output phones]
      card     = interface
      channels = 3, 4
      volume   = -20 dB
      [input mic]
      card     = interface
      channels = 3
      volume   = 90%
      [monitor]
      from = mic
      to   = phones
      """)
    return server
  }

  /// Without the interface: nothing of ours, and the rest as it was.
  private func expectTheRestToBeAsBefore(_ server: PrivateServer, _ place: String) throws {
    let speakers = server.device("output", "analog-stereo", of: "laptop")
    #expect(!(try server.modules().contains { $0.contains("hproute.id") }), "\(place)")
    #expect(try eventually { try server.pactl("get-default-sink") == speakers }, "\(place)")
    for player in ["Player", "Settled"] { #expect(try server.position(of: player) == speakers, "\(place)") }
    #expect(!(try server.pactl("list", "sink-inputs").contains("Mute: yes")), "\(place)")
    #expect(try server.volume(of: speakers).contains(" 30% "), "\(place)")
  }

  /// Plugged in again, the interface gets its own part back.
  private func expectTheInterfaceToBeAsBefore(_ server: PrivateServer, _ before: [String], _ place: String) throws {
    try server.plug("six")
    let reverted = try server.hproute("revert")
    #expect(reverted.exitCode == 0, "\(place): \(reverted.errors)")
    do { try server.requireUnchanged(since: before) } catch { Issue.record("\(place): \(error)") }
    #expect(try server.hproute("status").output.hasPrefix("No profile is applied."), "\(place)")
  }

  private func bursts(_ kind: ServerKind, revert: Bool) throws -> Int {
    let server = try desk(kind)
    if revert { try server.succeed("apply", "studio") }
    return try Meddler.run(on: server, at: -1, {}) { try revert ? $0.revert() : $0.apply(try server.profile("studio")) }.bursts
  }

  @Test(arguments: ServerKind.allCases) func inTheMiddleOfAnApply(kind: ServerKind) throws {
    for number in 0..<(try bursts(kind, revert: false)) {
      let server = try desk(kind)
      let before = try server.snapshot()
      let (report, bursts) = try Meddler.run(on: server, at: number, { try server.unplug("six") }) {
        try $0.apply(try server.profile("studio"))
      }
      // How many there are depends on how soon the server tells what it has done.
      guard bursts > number else { continue }
      let place = "\(kind), unplugged before burst \(number)"
      if report.result == .applied {
        // The server told of it only when all was done.
        try server.succeed("revert")
      } else {
        #expect(report.exitCode == 1 && report.result == .rolledBack, "\(place): \(report)")
        #expect(report.failure != nil && report.problems.isEmpty, "\(place): \(report.problems)")
      }
      try expectTheRestToBeAsBefore(server, place)
      try expectTheInterfaceToBeAsBefore(server, before, place)
    }
  }

  @Test(arguments: ServerKind.allCases) func inTheMiddleOfARevert(kind: ServerKind) throws {
    for number in 0..<(try bursts(kind, revert: true)) {
      let server = try desk(kind)
      let before = try server.snapshot()
      try server.succeed("apply", "studio")
      let (report, bursts) = try Meddler.run(on: server, at: number, { try server.unplug("six") }) { try $0.revert() }
      guard bursts > number else { continue }
      let place = "\(kind), unplugged before burst \(number) of the revert"
      #expect(report.exitCode == 0 && report.result == .reverted, "\(place): \(report.problems)")
      try expectTheRestToBeAsBefore(server, place)
      try expectTheInterfaceToBeAsBefore(server, before, place)
    }
  }

  @Test(arguments: ServerKind.allCases) func beforeAndAfter(kind: ServerKind) throws {
    let server = try desk(kind)
    let before = try server.snapshot()
    try server.unplug("six")
    let absent = try server.hproute("apply", "studio")
    #expect(absent.exitCode == 3)
    #expect(
      absent.errors.contains(
        "nothing that is connected fits [card interface] (match = usb:1235:8213). Connected: Built-in Audio."),
      "\(absent.errors)")
    try expectTheRestToBeAsBefore(server, "before")
    try server.plug("six")

    try server.succeed("apply", "studio")
    try server.unplug("six")
    #expect(try server.hproute("status").output.contains("studio is applied"))
    // No other microphone is heard meanwhile, and ours in nothing else.
    for (kind, laptop) in [
      ("source-outputs", server.device("input", "analog-stereo", of: "laptop")),
      ("sink-inputs", server.device("output", "analog-stereo", of: "laptop")),
    ] {
      #expect(try steadily { try server.streams(kind, on: laptop).allSatisfy { !$0.contains("hproute") } }, "\(kind)")
    }
    let reverted = try server.hproute("revert")
    #expect(reverted.exitCode == 0, "\(reverted.errors)")
    #expect(reverted.errors.contains("is away; it will get back"), "\(reverted.errors)")
    // Each of them once, however much of it is waited for.
    let away = reverted.errors.split(separator: "\n").filter { $0.contains(" is away") }
      .map { $0.replacing(#/ is away.*/#, with: "") }
    #expect(!away.isEmpty && Set(away).count == away.count, "\(reverted.errors)")
    try expectTheRestToBeAsBefore(server, "after apply")
    try expectTheInterfaceToBeAsBefore(server, before, "after apply")
  }
}
