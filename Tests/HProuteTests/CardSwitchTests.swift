import Foundation
import TestSupport
import Testing

/// What a card profile takes along when it changes, and what comes back.
@Suite(.timeLimit(.minutes(45))) struct CardSwitchTests {
  static let output = """
    [card interface]
    match   = usb:1235:8211
    profile = output:analog-stereo
    [output]
    card   = interface
    volume = 40%
    """

  /// Without a sink on the interface.
  static let off = """
    [card interface]
    match   = usb:1235:8211
    profile = input:analog-stereo
    [output]
    match  = bus:pci
    volume = 20%
    """

  private func desk(_ kind: ServerKind) throws -> (server: PrivateServer, sink: String, source: String) {
    let server = try CardTests.desk(kind, try SimulatedCard("solo"))
    try server.writeProfile("out", Self.output)
    try server.writeProfile("off", Self.off)
    return (server, server.device("output", "analog-stereo", of: "solo"), server.device("input", "analog-stereo", of: "solo"))
  }

  /// A program that does not let itself be moved ends with its sink, while it is muted: the next one of it is heard.
  @Test(arguments: ServerKind.allCases) func nobodyIsMutedForEver(kind: ServerKind) throws {
    let (server, sink, _) = try desk(kind)
    try server.pactl("set-card-profile", CardTests.solo, "output:analog-stereo+input:analog-stereo")
    try server.start(deskPlayer: "play", "Game", "device=\(sink)", "fixed")
    for _ in 0..<2 {
      try server.succeed("apply", "off")
      try server.succeed("revert")
    }
    try server.start(deskPlayer: "play", "Game")
    #expect(try eventually { try server.pactl("list", "sink-inputs").contains("\"Game\"") })
    #expect(try steadily(within: 0.3) { try !server.pactl("list", "sink-inputs").contains("Mute: yes") })
  }

  /// The stream by which a filter of the user's plays ends with its sink, too: the next filter is heard.
  ///
  /// pipewire-pulse 0.3.65 ends itself now and then when a sink goes that its combined sink plays to, whoever switches the card
  /// (docs/servers.md). A server that has ended shows nothing, and there is another.
  @Test(arguments: ServerKind.allCases) func noFilterIsMutedForEver(kind: ServerKind) throws {
    for _ in 0..<5 {
      let (server, sink, _) = try desk(kind)
      do { return try filtersAreHeard(on: server, sink) } catch { if server.isRunning { throw error } }
    }
    Issue.record("five servers have ended themselves")
  }

  private func filtersAreHeard(on server: PrivateServer, _ sink: String) throws {
    let speakers = server.device("output", "analog-stereo", of: "laptop")
    try server.pactl("set-card-profile", CardTests.solo, "output:analog-stereo+input:analog-stereo")
    try server.pactl("load-module", "module-combine-sink", "sink_name=both", "slaves=\(sink),\(speakers)")
    guard try eventually({ try server.objects("sink-inputs").count >= 2 }) else {
      throw PrivateServer.Failed(description: "the combined sink plays to nothing")
    }
    try server.start(deskPlayer: "play", "Game", "device=both")
    for _ in 0..<2 {
      try server.succeed("apply", "off")
      try server.succeed("revert")
    }
    try server.pactl("load-module", "module-combine-sink", "sink_name=later", "slaves=\(sink),\(speakers)")
    let isThere = try eventually { try server.pactl("list", "short", "sinks").contains("later") }
    let isHeard = try steadily(within: 0.3) { try !server.pactl("list", "sink-inputs").contains("Mute: yes") }
    #expect(isThere && isHeard)
  }

  /// A loopback of the user's that may not be moved, and that names one end only, ends with the card profile and is loaded again.
  @Test(arguments: ServerKind.allCases) func aLoopbackThatEndsComesBack(kind: ServerKind) throws {
    let (server, _, source) = try desk(kind)
    try server.pactl("set-card-profile", CardTests.solo, "output:analog-stereo+input:analog-stereo")
    try server.pactl("load-module", "module-loopback", "source=\(source)", "source_dont_move=yes", "latency_msec=50")
    func joined() throws -> Bool {
      let number = try server.objects("sources").first { $0.lines.contains("Name: \(source)") }?.number
      return try server.objects("source-outputs").contains { $0.lines.contains("Source: \(number ?? "none")") }
    }
    #expect(try eventually { try joined() })
    try server.succeed("apply", "out")
    #expect(try !joined())
    try server.succeed("revert")
    #expect(try eventually { try joined() })
    #expect(try server.pactl("list", "short", "modules").split(separator: "module-loopback").count == 2)
  }

  /// A program whose device goes with the card profile has to be somewhere else: the plan says so before, and the report where.
  @Test(arguments: ServerKind.allCases) func whoLosesItsDeviceIsNamed(kind: ServerKind) throws {
    let (server, sink, _) = try desk(kind)
    try server.pactl("set-card-profile", CardTests.solo, "output:analog-stereo+input:analog-stereo")
    try server.start(deskPlayer: "play", "DAW", "device=\(sink)")
    #expect(try eventually { try server.pactl("list", "sink-inputs").contains("\"DAW\"") })
    try server.writeProfile(
      "off",
      "[profile]\nstreams = keep\n[card interface]\nmatch = usb:1235:8211\nprofile = input:analog-stereo\n[output]\nmatch = bus:pci\n"
    )
    let plan = try server.succeed("plan", "off")
    #expect(plan.contains(#/taken along\n  DAW.*: its device goes with the card profile/#), "\(plan)")
    let report = try server.succeed("apply", "off")
    #expect(report.contains(#/DAW.* plays to .* now: its device has gone/#), "\(report)")
    try server.succeed("revert")
    let number = try #require(try server.objects("sinks").first { $0.lines.contains("Name: \(sink)") }?.number)
    #expect(try eventually { try server.objects("sink-inputs").contains { $0.lines.contains("Sink: \(number)") } })
  }

  /// PulseAudio ends itself when a filter below a combined output is moved to a sink with other latencies: the combined output
  /// goes first.
  @Test(arguments: ServerKind.allCases) func aCombinedOutputGoesBeforeWhatItPlaysToMoves(kind: ServerKind) throws {
    let (server, _, _) = try desk(kind)
    let speakers = server.device("output", "analog-stereo", of: "laptop")
    // Where the filter goes meanwhile has other latencies than a card.
    try server.addSink("desk", "Desk")
    try server.pactl("set-default-sink", "desk")
    try server.pactl("load-module", "module-remap-sink", "sink_name=filter", "master=\(speakers)")
    #expect(try eventually { try server.pactl("list", "short", "sinks").contains("filter") })
    let before = try server.snapshot(masking: true)
    try server.writeProfile(
      "both",
      """
      [card inner]
      match   = bus:pci
      profile = input:analog-stereo
      [output a]
      match = name:filter
      [output b]
      match = name:desk
      [output both]
      combine = a, b
      """)
    try server.succeed("apply", "both")
    try server.succeed("revert")
    #expect(try eventually { try server.snapshot(masking: true) == before })
  }

  /// A loopback of the user's that hangs on the card is there again after the revert, as loud as it was, and never joined to
  /// a microphone in between.
  @Test(arguments: ServerKind.allCases, [true, false]) func loopbacksComeBack(kind: ServerKind, isMonitor: Bool) throws {
    let (server, sink, source) = try desk(kind)
    let speakers = server.device("output", "analog-stereo", of: "laptop")
    let from = isMonitor ? "\(sink).monitor" : source
    try server.pactl("load-module", "module-loopback", "source=\(from)", "sink=\(speakers)", "latency_msec=50")
    let index = try eventually { try !server.objects("sink-inputs").isEmpty }
    #expect(index)
    try server.pactl("set-sink-input-volume", try #require(try server.objects("sink-inputs").first?.number), "50%")
    let before = try server.snapshot(masking: true).map(Self.withoutNames)
    #expect(try server.succeed("plan", "out").contains("module-loopback source=\(from)"))
    try server.succeed("apply", "out")
    for recorder in try server.objects("source-outputs") {
      #expect(
        !recorder.lines.contains { $0.hasPrefix("Source: ") } || isMonitor, "it listens to something else: \(recorder.lines)")
    }
    try server.succeed("revert")
    var after: [String] = []
    _ = try eventually {
      after = try server.snapshot(masking: true).map(Self.withoutNames)
      return after == before
    }
    #expect(difference(before, after) == nil)
    #expect(try server.hproute("revert").output.hasPrefix("Nothing to revert"))
  }

  /// PipeWire numbers the streams of a loopback.
  private static func withoutNames(_ line: String) -> String { line.replacing(#/loopback-[0-9]+-[0-9]+/#, with: "loopback") }

  /// Volume and mute of the monitor source of a sink are its own.
  @Test(arguments: ServerKind.allCases) func monitorSourcesKeepTheirVolume(kind: ServerKind) throws {
    let (server, sink, _) = try desk(kind)
    try server.pactl("set-source-volume", "\(sink).monitor", "33%")
    let before = try server.snapshot()
    try server.succeed("apply", "off")
    try server.succeed("revert")
    try server.requireUnchanged(since: before)
  }

  /// A card profile without what the sections need is passed over, or the profile does not fit: nothing is changed.
  @Test(arguments: ServerKind.allCases) func whatCannotWorkIsNotTried(kind: ServerKind) throws {
    let (server, _, _) = try desk(kind)
    let before = try server.snapshot()
    try server.writeProfile(
      "in", "[card c]\nmatch = usb:1235:8211\nprofile = input:analog-stereo\n[output]\ncard = c\nvolume = 10%\n")
    let outcome = try server.hproute("apply", "in")
    #expect(outcome.exitCode == 3, "\(outcome.errors)")
    #expect(try server.snapshot() == before)
    try server.writeProfile(
      "either",
      "[card c]\nmatch = usb:1235:8211\nprofile = input:analog-stereo | output:analog-stereo\n[output]\ncard = c\nvolume = 10%\n")
    try server.succeed("apply", "either")
    #expect(try server.activeProfile(of: CardTests.solo) == "output:analog-stereo")
    try server.succeed("revert")
    try server.requireUnchanged(since: before)
  }

  /// A device that is there only because of the profile that is applied.
  @Test(arguments: ServerKind.allCases) func aDeviceThatGoesWithTheOtherProfileIsSeenBefore(kind: ServerKind) throws {
    let (server, sink, _) = try desk(kind)
    try server.pactl("set-card-profile", CardTests.solo, "input:analog-stereo")
    #expect(try eventually { try !server.pactl("list", "short", "sinks").contains(sink) })
    try server.succeed("apply", "out")
    let applied = try server.snapshot(masking: true)
    try server.writeProfile("plain", "[output]\nmatch = name:\(sink)\nvolume = 10%\n")
    let outcome = try server.hproute("apply", "plain")
    #expect(outcome.exitCode == 3 && outcome.errors.contains("card profile"), "\(outcome.errors)")
    #expect(try server.snapshot(masking: true) == applied)
  }

  /// PulseAudio's echo canceller has the volume of the sink below it.
  @Test(arguments: ServerKind.only(.pulseaudio)) func twoVolumesThatAreOne(kind: ServerKind) throws {
    let server = try PrivateServer(kind)
    try server.addDesk()
    try server.pactl(
      "load-module", "module-echo-cancel", "sink_name=ec", "sink_master=interface", "source_name=ecm", "source_master=mic",
      "use_volume_sharing=yes", "aec_method=null")
    let before = try server.snapshot()
    let both = "[output below]\nmatch = name:interface\nvolume = 30%\ndefault = no\n[output above]\nmatch = name:ec\nvolume = "
    try server.writeProfile("two", both + "50%\n")
    let start = ContinuousClock.now
    let outcome = try server.hproute("apply", "two")
    #expect(outcome.exitCode == 3 && outcome.errors.contains("volume"), "\(outcome.errors)")
    #expect(ContinuousClock.now - start < .seconds(3))
    #expect(try server.snapshot() == before)
    try server.writeProfile("one", both + "30%\n")
    try server.succeed("apply", "one")
    try server.succeed("revert")
  }

  /// Nothing is plugged into the only port: that is said at once.
  @Test(arguments: ServerKind.allCases) func nothingIsPluggedIn(kind: ServerKind) throws {
    let (server, _, _) = try desk(kind)
    try server.card("laptop", "avail", "analog-output-speaker", "no")
    try server.writeProfile("inner", "[output]\nmatch = bus:pci\nvolume = 10%\n")
    #expect(try eventually { try server.hproute("apply", "inner", "--dry-run").exitCode == 3 })
    let start = ContinuousClock.now
    let outcome = try server.hproute("apply", "inner")
    #expect(outcome.exitCode == 3 && outcome.errors.contains("nothing is plugged in"), "\(outcome.errors)")
    #expect(ContinuousClock.now - start < .seconds(3))
  }

  /// Rules hold on a target with another number of channels, and everybody comes home from there.
  @Test(arguments: ServerKind.allCases, ["mono", "front-left,front-right,rear-left,rear-right", "aux0,aux1,aux2,aux3,aux4,aux5"])
  func anotherNumberOfChannels(kind: ServerKind, map: String) throws {
    for streams in ["move", "all"] { try anotherNumberOfChannels(kind, map, streams) }
  }

  private func anotherNumberOfChannels(_ kind: ServerKind, _ map: String, _ streams: String) throws {
    let server = try PrivateServer(kind)
    try server.addDesk()
    try server.addSink("other", "Other", map: map)
    try server.addSink("third", "Third")
    try server.play("mpv")
    try server.play("Film", to: "third")
    try server.writeProfile(
      "wide", "[profile]\nstreams = \(streams)\n[output]\nmatch = name:other\n[stream mpv]\nvolume = 30%\nmute = yes\n")
    let before = try server.snapshot()
    try server.succeed("apply", "wide")
    let index = try #require(try server.index(of: "mpv"))
    let stream = try #require(try server.objects("sink-inputs").first { $0.number == index })
    #expect(
      stream.lines.contains { $0.hasPrefix("Volume: ") && $0.contains(" 30% ") } && stream.lines.contains("Mute: yes"),
      "\(stream.lines)")
    if streams == "move" { #expect(try steadily { try server.position(of: "Film") == "third" }) }
    #expect(try server.hproute("apply", "wide").output.hasPrefix("Nothing to do: "))
    try server.succeed("revert")
    try server.requireUnchanged(since: before)
  }
}
