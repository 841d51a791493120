import Foundation
import TestSupport
import Testing

/// What a person does with hproute, on real servers, read back with pactl.
@Suite(.timeLimit(.minutes(45))) struct ApplyTests {
  static let studio = """
    [output phones]
    match  = usb:1235:8211
    volume = 45%
    limit  = -6 dB

    [input mic]
    match  = usb:1235:8211
    volume = 80%

    [monitor]
    from    = mic
    to      = phones
    latency = 20 ms
    volume  = -6 dB
    """

  private func desk(_ kind: ServerKind) throws -> PrivateServer {
    let server = try PrivateServer(kind)
    try server.addDesk()
    try server.writeProfile("studio", Self.studio)
    // One that follows the default, one that has asked for the device it is on, and one on yet another.
    try server.play("Follower")
    try server.play("Settled", to: "builtin")
    try server.play("Elsewhere", to: "mic-feed")
    return server
  }

  @Test(arguments: ServerKind.allCases) func applyDoesWhatTheProfileSays(kind: ServerKind) throws {
    let server = try desk(kind)
    let outcome = try server.hproute("apply", "studio")
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("Applied studio: sound goes to Scarlett Solo USB at 45 %; "))

    #expect(try server.pactl("get-default-sink") == "interface")
    #expect(try server.pactl("get-default-source") == "mic")
    for player in ["Follower", "Settled"] { #expect(try server.position(of: player) == "interface") }
    // Somebody has put it there.
    #expect(try server.position(of: "Elsewhere") == "mic-feed")
    #expect(outcome.output.contains("left as it is: Elsewhere: it plays to Feed of Scarlett Mic"))
    #expect(outcome.output.contains("[stream Elsewhere] with to = phones"))
    #expect(try server.volume(of: "interface").contains(" 45% / -20.81 dB"))
    #expect(try server.pactl("get-source-volume", "mic").contains(" 80% / -5.81 dB"))
    #expect(try server.volume(of: "builtin").contains(" 30% "))
    let loopback = try #require(try server.modules().first { $0.contains("module-loopback") })
    #expect(loopback.contains("source=mic sink=interface latency_msec=20"))
    let stream = try #require(
      try server.pactl("list", "sink-inputs").components(separatedBy: "Sink Input #").first { $0.contains("hproute.id") })
    #expect(stream.contains("/ -6.00 dB"))
  }

  @Test(arguments: ServerKind.allCases) func revertGivesBackExactlyWhatWasThere(kind: ServerKind) throws {
    let server = try desk(kind)
    try server.pactl("set-sink-volume", "interface", "90%", "35%")
    try server.pactl("set-sink-mute", "interface", "1")
    let before = try server.snapshot()
    try server.succeed("apply", "studio")
    #expect(try server.snapshot() != before)
    let outcome = try server.hproute("revert")
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(outcome.output.hasPrefix("Reverted: everything is as it was before studio."))
    try server.requireUnchanged(since: before)
    #expect(try server.hproute("revert").output.hasPrefix("Nothing to revert"))
  }

  @Test(arguments: ServerKind.allCases) func aSecondApplyDoesNothing(kind: ServerKind) throws {
    let server = try desk(kind)
    try server.succeed("apply", "studio")
    let before = try server.snapshot()
    let journal = try journal(server)
    let log = "\(server.directory.path)/events"
    let watcher = try Program(["pactl", "subscribe"], environment: server.environment, log: log)
    defer { watcher.kill() }
    // The subscription is there when it sees its own first event.
    #expect(
      try eventually {
        try server.pactl("set-sink-volume", "mic-feed", "\(Int.random(in: 50...90))%")
        return watcher.logText.contains("sink")
      })
    try server.pactl("set-sink-volume", "mic-feed", "100%")
    #expect(eventually { !watcher.logText.isEmpty })
    let monitor = try #require(
      try server.objects("sink-inputs").first { $0.lines.contains { $0.hasPrefix("hproute.id = ") } })
    var loud: [String] = []
    for _ in 0..<5 {
      let settled = try settledEvents(watcher, server)
      let outcome = try server.hproute("apply", "studio")
      #expect(outcome.exitCode == 0 && outcome.output.hasPrefix("Nothing to do: everything is already as studio says"))
      let events = try settledEvents(watcher, server).dropFirst(settled.count)
      // Clients come and go, and devices fall asleep by themselves; the snapshot below tells what matters of those.
      loud = events.filter { !$0.contains(" client ") && !$0.contains(" sink ") && !$0.contains(" source ") }
      // A loopback of PulseAudio corrects its rate in its first seconds, which is a change of its stream: then once more. What an
      // apply did it would do each time.
      guard !loud.isEmpty, loud.allSatisfy({ $0 == "Event 'change' on sink-input #\(monitor.number)" }) else { break }
    }
    #expect(loud.isEmpty)
    #expect(try self.journal(server) == journal)
    try server.requireUnchanged(since: before)
  }

  /// All events so far: a server tells them in order, so a new client's coming is behind all that was before it.
  private func settledEvents(_ watcher: Program, _ server: PrivateServer) throws -> [String] {
    let count = watcher.logText.components(separatedBy: "'new' on client").count
    #expect(
      try eventually {
        try server.pactl("info")
        return watcher.logText.components(separatedBy: "'new' on client").count > count
      })
    return watcher.logText.split(separator: "\n").map(String.init)
  }

  private func journal(_ server: PrivateServer) throws -> [String] {
    let directory = "\(server.directory.path)/state/hproute"
    return try FileManager.default.contentsOfDirectory(atPath: directory).filter { $0.hasSuffix(".journal") }.map {
      let attributes = try FileManager.default.attributesOfItem(atPath: "\(directory)/\($0)")
      return "\($0) \(String(describing: attributes[.modificationDate])) \(try server.directory.read("state/hproute/\($0)"))"
    }
  }

  @Test(arguments: ServerKind.allCases) func oneProfileAfterAnother(kind: ServerKind) throws {
    let server = try desk(kind)
    try server.writeProfile(
      "quiet",
      """
      [output phones]
      match   = bus:usb
      volume  = -30 dB
      balance = 50%
      [input mic]
      match = bus:usb
      [monitor]
      from    = mic
      to      = phones
      latency = 20 ms
      volume  = -12 dB
      [output speakers]
      match   = bus:pci
      default = no
      mute    = yes
      [stream Settled]
      to     = speakers
      volume = 50%
      """)
    let before = try server.snapshot()
    try server.succeed("apply", "studio")
    let loopbacks = try server.modules().filter { $0.contains("module-loopback") }
    try server.succeed("apply", "quiet")
    // A monitor that both have does not drop out.
    #expect(try server.modules().filter { $0.contains("module-loopback") } == loopbacks)
    #expect(try server.position(of: "Settled") == "builtin")
    #expect(try server.volume(of: "interface").contains("front-left: 10362 /  16%"))
    #expect(try server.volume(of: "interface").contains("front-right: 20724 /  32% / -30.00 dB"))
    #expect(try server.pactl("get-sink-mute", "builtin") == "Mute: yes")
    #expect(try server.pactl("get-source-volume", "mic").contains(" 100% "))
    try server.succeed("revert")
    try server.requireUnchanged(since: before)
  }

  @Test(arguments: ServerKind.allCases) func aLaterStreamOfAMovedApplicationGoesHome(kind: ServerKind) throws {
    let server = try desk(kind)
    try server.succeed("apply", "studio")
    try server.play("Later", to: "interface", properties: ["application.name=Settled"])
    try server.succeed("revert")
    #expect(try server.position(of: "Later") == "builtin")
  }

  @Test(arguments: ServerKind.allCases) func anAbsentDeviceChangesNothing(kind: ServerKind) throws {
    let server = try desk(kind)
    try server.writeProfile("absent", "[output]\nmatch = usb:dead:beef\n[output speakers]\nmatch = bus:pci\nvolume = 3%\n")
    let before = try server.snapshot()
    let unlabelled = try server.hproute("apply", "absent")
    #expect(unlabelled.exitCode == 65)
    try server.writeProfile("absent", "[output]\nmatch = usb:dead:beef\nvolume = 3%\n")
    let outcome = try server.hproute("apply", "absent")
    #expect(outcome.exitCode == 3)
    #expect(outcome.errors.contains("nothing that is connected fits [output] (match = usb:dead:beef"))
    try server.requireUnchanged(since: before)
    #expect(try journal(server).isEmpty)
  }

  @Test(arguments: ServerKind.allCases) func aDeviceThatIsAwayAtRevertGetsItsPartLater(kind: ServerKind) throws {
    let server = try desk(kind)
    try server.addSink("dac", "Headphone DAC", "device.bus=usb device.vendor.id=152a device.product.id=8750")
    try server.pactl("set-sink-volume", "dac", "70%")
    try server.writeProfile("dac", "[output]\nmatch = usb:152a:8750\nvolume = 20%\n")
    try server.succeed("apply", "dac")
    try server.unload("sink_name=dac")
    let reverted = try server.hproute("revert")
    #expect(reverted.exitCode == 0)
    #expect(reverted.errors.contains("is away"))
    #expect(try server.hproute("status").output.contains("Waiting for a device that is away"))
    try server.addSink("dac", "Headphone DAC", "device.bus=usb device.vendor.id=152a device.product.id=8750")
    try server.pactl("set-sink-volume", "dac", "20%")
    try server.succeed("revert")
    #expect(try server.volume(of: "dac").contains(" 70% "))
    #expect(try server.hproute("status").output.hasPrefix("No profile is applied."))
  }

  /// Whoever is sent to an output that is muted hears nothing, and is told why.
  @Test(arguments: ServerKind.allCases) func anApplyThatEndsMutedSaysSo(kind: ServerKind) throws {
    let server = try PrivateServer(kind)
    try server.addDesk()
    try server.writeProfile("plain", "[output]\nmatch = bus:usb\n")
    try server.writeProfile("silent", "[output]\nmatch = bus:usb\nmute = yes\n")
    try server.writeProfile("open", "[output]\nmatch = bus:usb\nmute = no\n")
    try server.pactl("set-sink-mute", "interface", "1")
    let warning = { (name: String) in try server.hproute("apply", name).errors }
    #expect(
      try warning("plain")
        == "hproute: warning: Scarlett Solo USB is muted, and plain leaves it so: nothing is heard from it. 'mute = no' in its [output] unmutes it.\n"
    )
    #expect(try warning("silent") == "hproute: warning: Scarlett Solo USB is muted, as silent says: nothing is heard from it.\n")
    #expect(try warning("open").isEmpty)
    let json = try server.succeed("apply", "silent", "--json")
    #expect(json.contains("\"warnings\":[\"Scarlett Solo USB is muted"), "\(json)")
  }
}
