import Foundation
import TestSupport
import Testing

/// The present state as a profile, which leads to just that.
@Suite(.timeLimit(.minutes(45))) struct SaveTests {
  private static let cards = ["solo", "solo-ucm", "six", "eighteen", "headset", "dac", "mixer", "apollo"]

  /// Saves, and says how what it gives differs from what there is.
  private func save(_ server: PrivateServer, _ name: String = "here") throws -> String {
    let before = try server.snapshot()
    let saved = try server.hproute("save", name)
    #expect(saved.exitCode == 0, "\(saved.errors)")
    let path = "\(server.directory.path)/config/hproute/profiles/\(name).profile"
    #expect(saved.output.hasPrefix("\(name) saved: \(path)\n"))
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let check = try server.hproute("check", path)
    #expect(check.exitCode == 0 && check.errors.isEmpty, "\(check.errors)\n\(text)")
    let applied = try server.hproute("apply", name, "--json")
    #expect(
      applied.exitCode == 0 && applied.output.contains("\"changes\":[]") && applied.output.contains("\"result\":\"unchanged\""),
      "\(applied.output)\(applied.errors)\n\(text)")
    try server.requireUnchanged(since: before)
    return text
  }

  @Test(arguments: ServerKind.allCases, cards) func whatIsThereIsWhatIsWritten(kind: ServerKind, card: String) throws {
    let simulated = try SimulatedCard(card)
    let server = try CardTests.desk(kind, simulated)
    // The interface is what is used, if its card is offered without being told.
    let sinks = try server.listed("sinks").map(\.name)
    let sink = try #require(sinks.first { !$0.contains("pci-0000_00_1f") } ?? sinks.first)
    try server.chooseDefault(sink)
    #expect(
      try eventually {
        try server.pactl("set-sink-volume", sink, "37%")
        return try steadily(within: 0.6) { try server.volume(of: sink).contains(" 37% ") }
      })
    try server.pactl("set-sink-mute", sink, "1")
    try server.play("Player")
    let text = try save(server)
    // By what it still has after a reboot.
    #expect(
      text.contains("match   = usb:") || text.contains("# Left out: Apollo Twin X Multichannel: its channels only have numbers")
        || text.contains("match   = pci:") || text.contains("match   = name:bluez"), "\(text)")
  }

  @Test(arguments: ServerKind.allCases) func balanceAndMonitor(kind: ServerKind) throws {
    let server = try PrivateServer(kind)
    try server.addDesk()
    try server.pactl("set-sink-volume", "interface", "80%", "23%")
    try server.pactl("set-default-sink", "interface")
    try server.pactl(
      "load-module", "module-loopback", "source=mic", "sink=interface", "latency_msec=30", "channels=2",
      "channel_map=front-left,front-right")
    #expect(
      try eventually {
        try server.pactl("list", "sink-inputs").contains("oopback") && server.pactl("get-default-sink") == "interface"
      })
    let text = try save(server)
    #expect(text.contains("volume  = 80%\nbalance = -71."), "\(text)")
    #expect(text.contains("[monitor monitor]\nfrom    = mic") && text.contains("latency = 30 ms"), "\(text)")
  }

  /// From what a profile has made: channels, a monitor, two outputs at once.
  @Test(arguments: ServerKind.allCases) func whatAProfileHasMade(kind: ServerKind) throws {
    let server = try CardTests.desk(kind, try SimulatedCard("solo"))
    try server.writeProfile(
      "made",
      "[card c]\nmatch = usb:1235:8211\n[output both]\ncombine = phones, speakers\n[output phones]\ncard = c\nvolume = 30%\n[output speakers]\nmatch = bus:pci\nvolume = 20%\n[input mic]\ncard = c\nchannels = 1\nvolume = 70%\n[monitor]\nfrom = mic\nto = phones\nvolume = -12 dB\n"
    )
    // What it has moved stays where it is.
    try server.play("Player")
    // By its path: what is saved then cannot be based on it.
    try server.succeed("apply", "\(server.directory.path)/profiles/made.profile")
    let text = try save(server)
    #expect(text.contains("streams     = move"))
    #expect(
      text.contains("combine = ") && text.contains("channels = 1\n") && text.contains("[monitor monitor]"), "\(text)")
  }

  /// Where there is no microphone the server names what the output plays.
  @Test(arguments: ServerKind.allCases) func withoutAMicrophone(kind: ServerKind) throws {
    let server = try PrivateServer(kind, cards: [try SimulatedCard("dac")])
    try server.plug("dac")
    let sink = server.device("output", "analog-stereo", of: "dac")
    #expect(try eventually { try server.pactl("list", "short", "sinks").contains(sink) })
    try server.pactl("set-default-sink", sink)
    try server.pactl("set-default-source", "\(sink).monitor")
    #expect(
      try eventually { try server.pactl("get-default-sink") == sink && server.pactl("get-default-source") == "\(sink).monitor" })
    let text = try save(server)
    #expect(
      !text.contains("[input")
        && text.contains(
          "# Left out: Monitor of FiiO K11 Analog Stereo: it is what FiiO K11 Analog Stereo plays, and no microphone.\n"),
      "\(text)")
    try server.succeed("revert")
    let json = try server.succeed("save", "again", "--json")
    #expect(json.contains("\"left\":[{\"object\":\"Monitor of FiiO K11 Analog Stereo\",\"reason\":\"it is what"), "\(json)")
    // Nor the one of a card that has no inputs, where it is heard somewhere.
    try server.addSink("other", "Other", "device.bus=pci")
    try server.pactl("load-module", "module-loopback", "source=\(sink).monitor", "sink=other", "latency_msec=30", "channels=2")
    #expect(try eventually { try server.pactl("list", "sink-inputs").contains("oopback") })
    #expect(try save(server, "heard").contains("[monitor monitor]"))
  }

  /// Eight channels, and nobody knows in which ear each is to be heard: the rest is written, and it can be applied.
  @Test(arguments: ServerKind.allCases) func aMonitorThatNoProfileCanSay(kind: ServerKind) throws {
    let server = try PrivateServer(kind)
    try server.addDesk()
    let numbers = (0..<8).map { "aux\($0)" }.joined(separator: ",")
    try server.addSink("many", "Many Channels", "device.bus=pci", map: numbers)
    for (source, sink) in [("mic", "interface"), ("many.monitor", "interface"), ("mic", "many")] {
      try server.pactl("load-module", "module-loopback", "source=\(source)", "sink=\(sink)", "latency_msec=30")
    }
    #expect(try eventually { try server.pactl("list", "sink-inputs").components(separatedBy: "oopback").count > 3 })
    let text = try save(server)
    #expect(text.contains("[monitor monitor]\nfrom    = mic\nto      = other\n"), "\(text)")
    #expect(
      text.contains(
        "# Left out: Many Channels: its channels only have numbers, and an [output] for it is the first two of them.\n"),
      "\(text)")
    #expect(text.contains("# Left out: Monitor of Many Channels in Scarlett Solo USB: of the 8 channels of "), "\(text)")
    #expect(
      try server.succeed("save", "again").contains(
        "\n  left out: Monitor of Many Channels in Scarlett Solo USB: of the 8 channels"))
  }

  /// What is apart is not brought together.
  @Test(arguments: ServerKind.allCases) func aProgramThatPlaysElsewhere(kind: ServerKind) throws {
    let server = try PrivateServer(kind)
    try server.addDesk()
    try server.play("Player", to: "interface")
    #expect(try server.position(of: "Player") == "interface")
    #expect(try save(server).contains("streams     = keep"))
    #expect(try server.position(of: "Player") == "interface")
  }

  @Test func nothingIsOverwritten() throws {
    let server = try PrivateServer(.any)
    try server.addDesk()
    try server.succeed("save", "here")
    let path = "\(server.directory.path)/config/hproute/profiles/here.profile"
    try "mine".write(toFile: path, atomically: true, encoding: .utf8)
    let refused = try server.hproute("save", "here")
    #expect(refused.exitCode == 64 && refused.errors.contains("there is a profile 'here' already: \(path)."), "\(refused.errors)")
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "mine")
    try server.succeed("save", "here.profile", "--force")
    #expect(try String(contentsOfFile: path, encoding: .utf8) != "mine")
    // A link to where somebody keeps it stays one.
    let kept = "\(server.directory.path)/kept.profile"
    try FileManager.default.moveItem(atPath: path, toPath: kept)
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: kept)
    try "mine".write(toFile: kept, atomically: true, encoding: .utf8)
    try server.succeed("save", "here", "--force")
    #expect(
      try String(contentsOfFile: kept, encoding: .utf8) != "mine"
        && FileManager.default.destinationOfSymbolicLink(atPath: path) == kept)
    #expect(try server.hproute("save", "../here").exitCode == 66)
    #expect(try server.hproute("save", "-x").exitCode == 64)
    // One that comes before it is said.
    try server.writeProfile("here", "[output]\nmatch = bus:pci\n")
    #expect(
      try server.hproute("save", "here", "--force").errors.contains(
        "'hproute apply here' takes \(server.directory.path)/profiles/here.profile, which comes before it."))
    server.stop()
    #expect(try server.hproute("save", "there").exitCode == 69)
    #expect(!FileManager.default.fileExists(atPath: "\(server.directory.path)/config/hproute/profiles/there.profile"))
  }
}
