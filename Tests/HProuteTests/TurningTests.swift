import Foundation
import TestSupport
import Testing

/// `hproute volume`, `mute` and `dim`: keys that add up, respect the limit, and are undone.
@Suite(.timeLimit(.minutes(45))) struct TurningTests {
  private static let studio = """
    [output phones]
    match  = bus:usb
    volume = 45%
    limit  = -12 dB
    [input mic]
    match  = bus:usb
    volume = 80%
    """

  /// - Parameter isApplied: whether the profile is applied.
  private func desk(_ kind: ServerKind, isApplied: Bool = true) throws -> (PrivateServer, [String]) {
    let server = try PrivateServer(kind)
    try server.addDesk()
    try server.pactl("set-default-source", "mic")
    try server.play("Music")
    try server.writeProfile("studio", Self.studio)
    let before = try server.snapshot()
    if isApplied { try server.succeed("apply", "studio") }
    return (server, before)
  }

  private func isUndriven(_ server: PrivateServer) throws -> Bool {
    try server.succeed("status", "--json").contains(#""drift":[]"#)
  }

  @Test(arguments: ServerKind.allCases) func aKeyTurnsAndTheNextApplyEndsIt(kind: ServerKind) throws {
    let (server, before) = try desk(kind)
    #expect(try server.succeed("volume") == "phones: 45% (-20.8 dB)\n")
    #expect(try server.succeed("volume", "+3dB") == "phones: 50.5% (-17.8 dB)\n")
    #expect(try server.succeed("volume", "phones", "-5%") == "phones: 45.5% (-20.5 dB)\n")
    #expect(try server.succeed("volume", "-24", "dB").hasPrefix("phones: 39.8% (-24.0 dB)"))
    #expect(try server.succeed("volume", "phones", "-30 dB").contains("(-30.0 dB)"))
    // Without the blank it is a step: nobody's ears are to learn the difference.
    #expect(try server.succeed("volume", "-6dB").contains("(-36.0 dB)"))
    #expect(try server.volume(of: "interface").contains("-36.0"))
    #expect(try isUndriven(server))
    // Never above the limit, and the other sections are left alone.
    #expect(try server.succeed("volume", "100%") == "phones: 63.1% (-12.0 dB), which is its limit\n")
    let json = try server.succeed("volume", "+3dB", "--json")
    #expect(
      json.hasPrefix(
        #"{"schema":1,"dim":false,"label":"phones","limit":{"db":-12,"percent":63.1},"mono":false,"mute":false,"name":"interface","volume":{"db":-12,"#
      ),
      "\(json)")
    #expect(try server.succeed("volume", "mic", "50%") == "mic: 50% (-18.1 dB)\n")
    #expect(try server.pactl("get-source-volume", "mic").contains(" 50% "))
    #expect(try server.succeed("mute", "mic", "on") == "mic: 50% (-18.1 dB), muted\n")
    #expect(try server.pactl("get-source-mute", "mic") == "Mute: yes")
    #expect(try server.succeed("mute", "mic", "off") == "mic: 50% (-18.1 dB)\n")
    #expect(try server.succeed("mute").hasSuffix(", muted\n"))
    #expect(try server.succeed("mute", "toggle") == "phones: 63.1% (-12.0 dB), which is its limit\n")
    #expect(try server.succeed("volume", "reference") == "phones: 45% (-20.8 dB)\n")
    #expect(try server.volume(of: "interface").contains(" 45% "))
    try server.succeed("volume", "20%")
    #expect(try isUndriven(server))
    try server.succeed("apply", "studio")
    #expect(try server.volume(of: "interface").contains(" 45% "))
    #expect(try server.pactl("get-source-volume", "mic").contains(" 80% "))
    try server.succeed("revert")
    try server.requireUnchanged(since: before)
  }

  /// Without a profile it is the default output, and revert takes it back.
  @Test(arguments: ServerKind.allCases) func withoutAProfile(kind: ServerKind) throws {
    let (server, before) = try desk(kind, isApplied: false)
    try server.pactl("set-sink-volume", "builtin", "30%", "20%")
    let turned = try server.snapshot()
    #expect(turned != before)
    #expect(try server.succeed("volume", "60%") == "Built-in Speakers: 60% / 40%\n")
    #expect(try server.succeed("volume", "+60dB") == "Built-in Speakers: 100% / 66.7%\n")
    #expect(try server.succeed("mute", "input", "on").hasSuffix("muted\n"))
    let status = try server.succeed("status")
    #expect(status.hasPrefix("No profile is applied. 'hproute revert' takes back what was turned"), "\(status)")
    #expect(try server.succeed("status", "--json").contains(#""profile":null"#))
    #expect(try server.succeed("revert") == "Reverted: everything is as it was.\n")
    #expect(try server.snapshot() == turned)
    // An apply in between ends the keys, and revert goes back to before them.
    try server.succeed("volume", "60%")
    try server.succeed("apply", "studio")
    try server.succeed("volume", "10%")
    try server.succeed("revert")
    #expect(try server.snapshot() == turned)
    let wrong = try server.hproute("volume", "phones", "loud")
    #expect(wrong.exitCode == 64 && wrong.errors.contains("'loud' is no volume."), "\(wrong)")
    let nobody = try server.hproute("volume", "phnes", "20%")
    #expect(nobody.exitCode == 3 && nobody.errors.contains("there is no output or input 'phnes'."), "\(nobody)")
    #expect(try server.hproute("volume", "reference").exitCode == 3)
    #expect(try server.snapshot() == turned)
  }

  /// Back to the same number, whatever happened in between.
  @Test(arguments: ServerKind.allCases) func dimIsUndoneExactly(kind: ServerKind) throws {
    let (server, before) = try desk(kind)
    try server.pactl("set-sink-volume", "interface", "31234", "20001")
    let volume = { try server.volume(of: "interface") }
    let loud = try volume()
    #expect(try server.succeed("dim").hasSuffix(", dimmed\n"))
    #expect(try volume() != loud)
    #expect(try server.succeed("dim", "on").hasSuffix(", dimmed\n"))
    try server.succeed("volume", "+2dB")
    #expect(try !server.succeed("dim", "toggle").contains("dimmed"))
    #expect(try volume() == loud)
    // Killed at work, wherever it was.
    for packet in 1...6 {
      let key = try Program(
        ["bash", "-c", "\"$0\" dim on & sleep 0.00\(packet); kill -9 $!; wait", HProuteBinary.path],
        environment: server.environment,
        log: "\(server.directory.path)/key.log")
      #expect(key.wait(within: 10) != nil)
      try server.succeed("dim", "off")
      #expect(try volume() == loud)
      #expect(try server.succeed("status").hasPrefix("studio is applied."))
    }
    try server.succeed("revert")
    try server.requireUnchanged(since: before)
  }

  /// What somebody else has changed since is set again: nobody is told that a microphone is off which is on.
  @Test(arguments: ServerKind.allCases) func whatOthersHaveChangedIsSet(kind: ServerKind) throws {
    for isApplied in [false, true] {
      let (server, before) = try desk(kind, isApplied: isApplied)
      let (output, mic) = (isApplied ? "interface" : "builtin", isApplied ? "mic" : "input")
      try server.succeed("mute", mic, "on")
      try server.pactl("set-source-mute", "mic", "0")
      #expect(try server.succeed("mute", mic, "ON").hasSuffix(", muted\n"))
      #expect(try server.pactl("get-source-mute", "mic") == "Mute: yes")
      try server.pactl("set-source-mute", "mic", "0")
      #expect(try server.succeed("mute", mic).hasSuffix(", muted\n"))
      #expect(try server.pactl("get-source-mute", "mic") == "Mute: yes")
      try server.succeed("volume", "50%")
      try server.pactl("set-sink-volume", output, "90%")
      try server.succeed("volume", "50%")
      #expect(try server.volume(of: output).contains(" 50% "))
      try server.succeed("dim", "on")
      let dimmed = try server.volume(of: output)
      try server.pactl("set-sink-volume", output, "90%")
      let status = try server.succeed("status")
      #expect(status.contains("'hproute revert' goes back to before.") && !status.contains("apply ''"), "\(status)")
      try server.succeed("dim", "on")
      #expect(try server.volume(of: output) == dimmed)
      for words in ["0dB", "45,5%", "1e9%", "45% 50%"] { #expect(try server.hproute("volume", words).exitCode == 64, "\(words)") }
      try server.succeed("revert")
      try server.requireUnchanged(since: before)
    }
  }

  /// A device of ours is unmuted for the next apply, whatever the server remembers of its name.
  @Test(arguments: ServerKind.allCases) func aDeviceOfOursIsNotMutedForEver(kind: ServerKind) throws {
    let (server, before) = try desk(kind, isApplied: false)
    try server.writeProfile("pair", "[output phones]\nmatch = bus:usb\nchannels = 2, 1\nvolume = 45%\n")
    try server.succeed("apply", "pair")
    #expect(try server.succeed("mute", "on").hasSuffix(", muted\n"))
    try server.succeed("revert")
    try server.requireUnchanged(since: before)
    try server.succeed("apply", "pair")
    #expect(try server.pactl("get-sink-mute", "hproute.phones") == "Mute: no")
    try server.succeed("revert")
    try server.requireUnchanged(since: before)
  }

  /// A server that was started again has forgotten nothing of ours.
  @Test(arguments: ServerKind.allCases) func dimOutlivesTheServer(kind: ServerKind) throws {
    let server = try PrivateServer(kind, withDesk: true)
    try server.pactl("set-sink-volume", "builtin", "41234", "30001")
    let loud = try server.volume(of: "builtin")
    try server.succeed("dim")
    #expect(try server.volume(of: "builtin") != loud)
    for part in kind == .pulseaudio ? [PrivateServer.Part.pulseaudio] : [.protocolServer, .sessionManager, .daemon] {
      server.stop(part)
    }
    try server.start()
    #expect(try eventually { try server.pactl("get-default-sink") == "builtin" })
    #expect(try eventually { try !server.succeed("dim", "off").contains("dimmed") && server.volume(of: "builtin") == loud })
    try server.succeed("revert")
    #expect(try server.volume(of: "builtin") == loud)
  }

  /// Twenty keys at once are twenty keys.
  @Test(arguments: ServerKind.allCases) func keysAtOnceAddUp(kind: ServerKind) throws {
    let (server, before) = try desk(kind)
    try server.succeed("volume", "-60 dB")
    var recording: Recording? = try Recording(of: "interface.monitor", on: server)
    try server.play("Tone", tone: Tone(frequency: 440, peak: 1), to: "interface")
    let press = { (count: Int, change: String) in
      try Program.run(
        [
          "bash", "-c",
          "for _ in $(seq \(count)); do \"$0\" volume phones \(change) --timeout 30 >/dev/null || echo failed & done; wait",
          HProuteBinary.path,
        ], environment: server.environment, within: 60)
    }
    #expect(try press(20, "+1dB").output.isEmpty)
    let level = try #require(try server.succeed("volume").firstMatch(of: #/\((-[0-9.]+) dB\)/#)?.output.1)
    #expect(abs((Double(level) ?? 0) + 40) < 0.25, "\(level)")
    #expect(try press(20, "+3dB").output.isEmpty)
    #expect(try server.succeed("volume") == "phones: 63.1% (-12.0 dB), which is its limit\n")
    #expect(recording?.listen(seconds: 0.3) == true)
    // -12 dB of a tone at full scale, and 1 dB more at most.
    let peak = try #require(recording?.peak())
    #expect(peak <= Float(pow(10, -11.0 / 20)), "\(peak)")
    recording = nil
    try server.endPlayer("Tone")
    try server.succeed("revert")
    try server.requireUnchanged(since: before)
  }

  /// `watch` holds what a key has set, and not what the profile says.
  @Test(arguments: ServerKind.allCases) func watchRespectsKeys(kind: ServerKind) throws {
    let (server, before) = try desk(kind, isApplied: false)
    try server.writeProfile("held", Self.studio.replacingOccurrences(of: "limit ", with: "hold = yes\nlimit "))
    try server.succeed("apply", "held")
    let watcher = try Watcher(server)
    try server.succeed("volume", "30%")
    #expect(try steadily(for: 0.8) { try server.volume(of: "interface").contains(" 30% ") }, "\(watcher.log)")
    try server.pactl("set-sink-volume", "interface", "60%")
    #expect(try eventually { try server.volume(of: "interface").contains(" 30% ") }, "\(watcher.log)")
    try server.succeed("revert")
    try server.requireUnchanged(since: before)
  }
}
