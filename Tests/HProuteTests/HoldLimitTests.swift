import Foundation
import TestSupport
import Testing

/// `hold = limit` under `hproute watch`: what others turn up goes down again, and nothing else is touched.
@Suite(.timeLimit(.minutes(45))) struct HoldLimitTests {
  private static let profile = "[output phones]\nmatch = bus:usb\nvolume = 45%\nlimit = -12 dB\nhold = limit\n"

  private func isAtLimit(_ server: PrivateServer, _ sink: String) throws -> Bool {
    try server.volume(of: sink).contains(" 63% ") && server.volume(of: sink).contains("-12.0")
  }

  private func watched(_ server: PrivateServer, _ sink: String) -> String { (try? server.volume(of: sink)) ?? "nothing" }

  /// What a mixer turns up is lowered, what it turns down is left, and somebody who leans on a key is not given way to.
  @Test(arguments: ServerKind.allCases) func whatGoesAboveIsLowered(kind: ServerKind) throws {
    let server = try CardTests.desk(kind, try SimulatedCard("solo"))
    let phones = server.device("output", "analog-stereo", of: "solo")
    let speakers = server.device("output", "analog-stereo", of: "laptop")
    try server.play("Loud", tone: Tone(frequency: 440, peak: 0.5))
    let before = try server.snapshot()
    try server.writeProfile("quiet", Self.profile)
    try server.succeed("apply", "quiet")
    let watcher = try Watcher(server)
    #expect(try watcher.wait { $0.contains { $0.message == "quiet is in force" } }, "\(watcher.log)")
    #expect(try eventually { try server.position(of: "Loud") == phones })

    let tap = Tap(phones, on: server)
    let start = tap.position
    try server.pactl("set-sink-volume", phones, "150%")
    #expect(try eventually { try isAtLimit(server, phones) }, "\(watcher.log)")
    #expect(try watcher.wait(for: "lowered", count: 1), "\(watcher.log)")
    // Back for good, and heard so: half of full scale at -12 dB, with half a decibel for the device.
    #expect(tap.listen(seconds: 0.5))
    let heard = tap.position
    #expect(tap.listen(seconds: 0.3) && tap.peak(after: heard) < 0.5 * 0.251 * 1.06)
    let loud = tap.milliseconds(above: 0.5 * 0.251 * 1.122, after: start)
    #expect(loud < 300, "\(loud) ms above the limit")

    // The balance stays, and what others have is not this profile's business.
    try server.pactl("set-sink-volume", phones, "120%", "60%")
    #expect(
      try eventually { try server.volume(of: phones).contains(" 63% ") && server.volume(of: phones).contains(" 32% ") },
      "\(watched(server, phones))")
    try server.pactl("set-sink-volume", speakers, "110%")
    try server.pactl("set-sink-volume", phones, "20%")
    #expect(try steadily(for: 0.5) { try server.volume(of: phones).contains(" 20% ") })
    #expect(try server.volume(of: speakers).contains("110%"))
    #expect(try server.hproute("status").output.hasPrefix("quiet is applied"))

    for _ in 1...20 { try server.pactl("set-sink-volume", phones, "+10%") }
    #expect(try steadily(for: 0.5) { try isAtLimit(server, phones) }, "\(watched(server, phones))\n\(watcher.log)")
    // Below it is the user's own, and so is the mute switch.
    try server.pactl("set-sink-mute", phones, "1")
    try server.pactl("set-sink-volume", phones, "30%")
    #expect(
      try steadily(for: 0.5) {
        try server.volume(of: phones).contains(" 30% ") && server.pactl("get-sink-mute", phones) == "Mute: yes"
      })
    // Who leans on a key is told once.
    #expect(try watcher.count("lowered") <= 3, "\(watcher.log)")
    #expect(watcher.end() == 0)
    try server.pactl("set-sink-mute", phones, "0")
    try server.succeed("revert")
    try server.pactl("set-sink-volume", speakers, "30%")
    var found: [String] = []
    let isBack = try eventually {
      found = try server.snapshot()
      return found == before
    }
    #expect(isBack, "\(difference(before, found) ?? "")")
  }

  /// Picked channels are a device of their own: neither it nor what is below it goes above.
  @Test(arguments: ServerKind.allCases) func belowADeviceOfOurOwnToo(kind: ServerKind) throws {
    let server = try CardTests.desk(kind, try SimulatedCard("six"))
    let six = server.device("output", "analog-surround-51", of: "six")
    try server.writeProfile(
      "pair", "[output phones]\nmatch = bus:usb\nchannels = 3, 4\nvolume = 40%\nlimit = 50%\nhold = limit\n")
    // PipeWire 1 tells nothing of a device that has not played.
    try server.play("Music")
    try server.succeed("apply", "pair")
    let watcher = try Watcher(server)
    #expect(try watcher.wait { $0.contains { $0.message == "pair is in force" } }, "\(watcher.log)")
    try server.pactl("set-sink-volume", "hproute.phones", "140%")
    #expect(try eventually { try server.volume(of: "hproute.phones").contains(" 50% ") }, "\(watcher.log)")
    let before = try server.volume(of: six)
    try server.pactl("set-sink-volume", six, "140%")
    #expect(
      try eventually { try server.volume(of: six).components(separatedBy: "100%").count == 3 },
      "\(before)\n\(watched(server, six))\n\(watcher.log)")
    // The others are the user's.
    #expect(try server.volume(of: six).components(separatedBy: "140%").count == 5)
  }

  /// What is lowered below a device of ours is no volume that anybody has chosen.
  @Test(arguments: ServerKind.allCases) func whatIsBelowIsNotRemembered(kind: ServerKind) throws {
    let server = try PrivateServer(kind)
    try server.addDesk()
    try server.pactl("set-sink-volume", "interface", "40%")
    try server.play("Music")
    try server.writeProfile("quiet", "\(Self.profile)mono = yes\n")
    try server.writeProfile("loose", "[output phones]\nmatch = bus:usb\nlimit = 6 dB\n")
    try server.succeed("apply", "quiet")
    let watcher = try Watcher(server)
    #expect(try watcher.wait { $0.contains { $0.message == "quiet is in force" } }, "\(watcher.log)")
    #expect(try eventually { try server.volume(of: "interface").contains("100% ") })
    try server.pactl("set-sink-volume", "interface", "150%")
    #expect(try watcher.wait(for: "lowered", count: 1), "\(watcher.log)")
    #expect(try eventually { try server.volume(of: "interface").contains("100% ") })
    #expect(try server.succeed("mono", "off") == "phones: 45% (-20.8 dB)\n")
    #expect(try server.volume(of: "interface").contains(" 45% "))
    try server.succeed("mono", "on")
    try server.pactl("set-sink-volume", "interface", "150%")
    #expect(try eventually { try server.volume(of: "interface").contains("100% ") })
    // The next profile begins where it was before hproute.
    try server.succeed("apply", "loose")
    #expect(try server.volume(of: "interface").contains(" 40% "))
  }

  /// A key of hproute's, and what it remembers, survive what others do.
  @Test(arguments: ServerKind.allCases) func dimmedMeanwhile(kind: ServerKind) throws {
    let server = try PrivateServer(kind)
    try server.addDesk()
    try server.writeProfile("quiet", Self.profile)
    try server.succeed("apply", "quiet")
    let watcher = try Watcher(server)
    #expect(try watcher.wait { $0.contains { $0.message == "quiet is in force" } }, "\(watcher.log)")
    try server.succeed("dim", "on")
    #expect(try server.volume(of: "interface").contains("-40.8"))
    try server.pactl("set-sink-volume", "interface", "100%")
    #expect(try eventually { try isAtLimit(server, "interface") }, "\(watcher.log)")
    try server.succeed("dim", "off")
    #expect(try server.volume(of: "interface").contains(" 45% "))
  }
}
