import Foundation
import TestSupport
import Testing

/// `mono = yes`, and the key: left and right together in both ears, on every server equally loud.
@Suite(.timeLimit(.minutes(45))) struct MonoTests {
  private static let frequencies = [440.0, 880.0]

  /// A desk with an interface that records what it plays, and a program that plays 440 Hz on the left and 880 Hz on the right,
  /// each at half of full scale.
  private func desk(_ kind: ServerKind, _ card: String) throws -> PrivateServer {
    let server = try CardTests.desk(kind, try SimulatedCard(card))
    try server.play("Music", tone: Tone(frequency: 440, right: 880, peak: 0.5))
    return server
  }

  /// Half of full scale on one side is a quarter on both: 6 dB below, and 6 dB of the tone itself.
  private func mixed(at decibels: Double, on channels: [Int] = [0, 1]) -> [Int: [Double: Double]] {
    let level = 20 * log10(0.25) + decibels
    return Dictionary(uniqueKeysWithValues: channels.map { ($0, [440: level, 880: level]) })
  }

  private func isBack(_ server: PrivateServer, _ before: [String]) throws -> String? {
    var found: [String] = []
    let isBack = try eventually {
      found = try server.snapshot()
      return found == before
    }
    return isBack ? nil : difference(before, found) ?? "different"
  }

  @Test(arguments: ServerKind.allCases) func aProfileThatSaysSo(kind: ServerKind) throws {
    let server = try desk(kind, "solo")
    let phones = server.device("output", "analog-stereo", of: "solo")
    let before = try server.snapshot()
    try server.writeProfile("one", "[output phones]\nmatch = bus:usb\nvolume = -20 dB\nmono = yes\n")
    try server.succeed("apply", "one")
    #expect(try server.pactl("get-default-sink") == "hproute.phones.mono")
    let tap = Tap(phones, on: server)
    let heard = tap.differs(from: mixed(at: -20))
    #expect(heard == nil, "\(heard ?? "")")
    let start = tap.position
    #expect(tap.listen(seconds: 0.3))
    let levels = tap.levels(of: Self.frequencies, after: start)
    try #require(levels.count == 2)
    for (left, right) in zip(levels[0], levels[1]) { #expect(abs(left - right) < 0.2, "\(levels)") }
    #expect(try server.succeed("apply", "one").hasPrefix("Nothing to do"))
    #expect(try server.succeed("doctor").contains("Nothing is wrong"))
    try server.succeed("revert")
    let wrong = try isBack(server, before)
    #expect(wrong == nil, "\(wrong ?? "")")
  }

  /// What is the same on both sides is as loud as it was, and what is opposite is gone.
  @Test(arguments: ServerKind.allCases) func fullScaleDoesNotClip(kind: ServerKind) throws {
    let server = try CardTests.desk(kind, try SimulatedCard("solo"))
    let phones = server.device("output", "analog-stereo", of: "solo")
    try server.writeProfile("one", "[output phones]\nmatch = bus:usb\nvolume = 100%\nmono = yes\n")
    try server.succeed("apply", "one")
    try server.play("Both", tone: Tone(frequency: 440, peak: 1))
    let tap = Tap(phones, on: server)
    #expect(eventually { tap.peak(after: tap.position - 4_800) > 0.9 })
    let start = tap.position
    #expect(tap.listen(seconds: 0.5))
    let peak = tap.peak(after: start)
    #expect(peak > 0.97 && peak <= 1.001, "\(peak)")
    try server.endPlayer("Both")
    try server.play("Side", tone: Tone(frequency: 440, right: -440, peak: 0.5))
    #expect(eventually { tap.listen(seconds: 0.3) && tap.peak(after: tap.position - 9_600) < 0.0005 })
  }

  /// Channels of a device with more of them, and several outputs at once.
  @Test(arguments: ServerKind.allCases) func pickedChannelsAndCombinedOutputs(kind: ServerKind) throws {
    let server = try desk(kind, "six")
    let six = server.device("output", "analog-surround-51", of: "six")
    let before = try server.snapshot()
    try server.writeProfile("pair", "[output phones]\nmatch = bus:usb\nchannels = 3, 4\nvolume = -20 dB\nmono = yes\n")
    try server.succeed("apply", "pair")
    let tap = Tap(six, channels: 6, on: server)
    let heard = tap.differs(from: mixed(at: -20, on: [2, 3]), others: Self.frequencies)
    #expect(heard == nil, "\(heard ?? "")")
    try server.succeed("revert")
    #expect(try isBack(server, before) == nil)

    try server.writeProfile(
      "all",
      "[output a]\nmatch = bus:usb\nchannels = 1, 2\nvolume = 100%\n[output b]\nmatch = bus:pci\nvolume = 100%\n"
        + "[output both]\ncombine = a, b\ndefault = yes\nvolume = -20 dB\nmono = yes\n")
    try server.succeed("apply", "all")
    for tap in [tap, Tap(server.device("output", "analog-stereo", of: "laptop"), on: server)] {
      let heard = tap.differs(from: mixed(at: -20), others: Self.frequencies)
      #expect(heard == nil, "\(heard ?? "")")
    }
    try server.succeed("revert")
    let wrong = try isBack(server, before)
    #expect(wrong == nil, "\(wrong ?? "")")
  }

  /// The key keeps what was turned, is told as it is, kept by what follows, ended by the next apply, and undone.
  @Test(arguments: ServerKind.allCases) func theKey(kind: ServerKind) throws {
    let server = try desk(kind, "solo")
    let phones = server.device("output", "analog-stereo", of: "solo")
    let before = try server.snapshot()
    try server.writeProfile("studio", "[output phones]\nmatch = bus:usb\nvolume = -20 dB\nlimit = -6 dB\n")
    try server.succeed("apply", "studio")
    let tap = Tap(phones, on: server)
    #expect(try server.succeed("mono").hasSuffix("(-20.0 dB), mono\n"))
    #expect(tap.differs(from: mixed(at: -20)) == nil)
    try server.succeed("volume", "+6dB")
    #expect(try server.succeed("mono", "off").hasSuffix("(-14.0 dB)\n"))
    #expect(try server.pactl("get-default-sink") == phones && server.volume(of: phones).contains("-14.0"))
    #expect(tap.differs(from: [0: [440: 20 * log10(0.5) - 14], 1: [880: 20 * log10(0.5) - 14]], others: Self.frequencies) == nil)
    // What a mixer has done is kept as well, and the dim.
    try server.pactl("set-sink-volume", phones, "30%")
    try server.succeed("dim")
    #expect(try server.succeed("mono", "--json").contains(#""dim":true,"label":"phones""#))
    #expect(try server.succeed("dim").contains("30% (-31.4 dB)"))
    #expect(try server.succeed("status", "--json").contains(#""drift":[]"#))
    #expect(try server.succeed("save", "mine").contains("mine saved"))
    #expect(try server.succeed("show", "mine").contains("mono = yes"))
    #expect(try server.succeed("plan", "mine").hasPrefix("Nothing to do"))
    try server.succeed("apply", "studio")
    #expect(try server.pactl("get-default-sink") == phones && server.volume(of: phones).contains("-20.0"))
    try server.succeed("mono")
    try server.succeed("revert")
    let wrong = try isBack(server, before)
    #expect(wrong == nil, "\(wrong ?? "")")
  }

  /// Streams move between two devices of which one is opened up, and nothing of that is heard.
  @Test(arguments: ServerKind.allCases) func noSampleIsLouder(kind: ServerKind) throws {
    let server = try CardTests.desk(kind, try SimulatedCard("solo"))
    let phones = server.device("output", "analog-stereo", of: "solo")
    try server.writeProfile("studio", "[output phones]\nmatch = bus:usb\nvolume = -20 dB\n")
    try server.play("Both", tone: Tone(frequency: 440, peak: 0.5))
    try server.succeed("apply", "studio")
    let tap = Tap(phones, on: server)
    #expect(eventually { tap.listen(seconds: 0.1) && tap.peak(after: tap.position - 4_800) > 0.045 })
    let start = tap.position
    for _ in 1...6 { try server.succeed("mono") }
    try server.succeed("mono", "on")
    #expect(tap.listen(seconds: 0.5))
    let peak = tap.peak(after: start)
    #expect(peak < 0.05 * 1.06, "\(20 * log10(peak / 0.5)) dB")
  }

  /// What combines a mono output with another plays to the mono one: past it would be past its volume and its limit.
  @Test(arguments: ServerKind.allCases) func whatCombinesItGoesThroughIt(kind: ServerKind) throws {
    let server = try PrivateServer(kind)
    try server.addDesk()
    let before = try server.snapshot()
    try server.writeProfile(
      "both",
      "[output phones]\nmatch = bus:usb\nvolume = 30%\nlimit = -24 dB\nmono = yes\n[output sp]\nmatch = bus:pci\nvolume = 20%\n"
        + "default = no\n[output both]\ncombine = phones, sp\ndefault = no\n")
    let members = { try server.pactl("list", "short", "modules").split(separator: "\n").filter { $0.contains("combine-sink") } }
    try server.succeed("apply", "both")
    #expect(try members().count == 1 && members()[0].contains("=builtin,hproute.phones.mono "), "\(try? members())")
    #expect(try server.succeed("apply", "both").hasPrefix("Nothing to do"))
    try server.succeed("mono", "off")
    #expect(try members().count == 1 && members()[0].contains("=builtin,interface "), "\(try? members())")
    #expect(try server.volume(of: "interface").contains(" 30% "))
    try server.succeed("mono", "on")
    #expect(try members().count == 1 && members()[0].contains("=builtin,hproute.phones.mono "), "\(try? members())")
    try server.succeed("revert")
    let wrong = try isBack(server, before)
    #expect(wrong == nil, "\(wrong ?? "")")
  }

  /// The key is about the default output, whichever that is by now, and each keeps its own volume and balance.
  @Test(arguments: ServerKind.allCases) func anotherDefaultMeanwhile(kind: ServerKind) throws {
    let server = try PrivateServer(kind)
    try server.addDesk()
    try server.pactl("set-sink-volume", "builtin", "10%", "30%")
    let before = try server.snapshot()
    try server.succeed("mono")
    try server.chooseDefault("interface")
    #expect(try server.succeed("mono").contains("100% (0.0 dB), mono"))
    #expect(try server.volume(of: "builtin").contains(" 10% ") && server.volume(of: "builtin").contains(" 30% "))
    try server.succeed("mono", "off")
    #expect(try !server.pactl("list", "short", "sinks").contains("hproute"))
    #expect(try server.volume(of: "builtin").contains(" 10% ") && server.volume(of: "interface").contains("100% "))
    try server.succeed("revert")
    let wrong = try isBack(server, before)
    #expect(wrong == nil, "\(wrong ?? "")")
  }

  /// One channel has no sides.
  @Test(arguments: ServerKind.allCases) func whatIsMonoAnyway(kind: ServerKind) throws {
    let server = try PrivateServer(kind)
    try server.addDesk()
    try server.addSink("one", "One Channel", map: "mono")
    try server.chooseDefault("one")
    let outcome = try server.hproute("mono", "on")
    #expect(outcome.exitCode == 3 && outcome.errors.contains("has no left and right"), "\(outcome)")
    #expect(try server.hproute("status").output.hasPrefix("No profile is applied.\n"))
  }

  @Test(arguments: ServerKind.allCases) func theKeyWithoutAProfile(kind: ServerKind) throws {
    let server = try desk(kind, "solo")
    let speakers = server.device("output", "analog-stereo", of: "laptop")
    let before = try server.snapshot()
    #expect(try server.succeed("mono", "off").contains("30% (-31.4 dB)"))
    #expect(try server.hproute("status").output.hasPrefix("No profile is applied.\n"))
    #expect(try server.succeed("mono", "on").hasSuffix("30% (-31.4 dB), mono\n"))
    #expect(Tap(speakers, on: server).differs(from: mixed(at: -31.37)) == nil)
    try server.succeed("volume", "+6dB")
    #expect(try server.succeed("mono").hasSuffix("(-25.4 dB)\n"))
    #expect(try server.pactl("get-default-sink") == speakers && server.volume(of: speakers).contains("-25.37"))
    try server.succeed("mono")
    try server.succeed("revert")
    let wrong = try isBack(server, before)
    #expect(wrong == nil, "\(wrong ?? "")")
  }

  /// Whose journal is damaged is not heard louder than it was, and not told that all is as before.
  @Test(arguments: ServerKind.allCases) func nothingIsLouderWithoutAJournal(kind: ServerKind) throws {
    let server = try PrivateServer(kind)
    try server.addDesk()
    try server.play("Spot")
    try server.succeed("volume", "-7dB")
    #expect(try server.succeed("mono").contains("-38.4 dB"))
    let folder = "\(server.directory.path)/state/hproute"
    let name = try #require(try FileManager.default.contentsOfDirectory(atPath: folder).first { $0.hasSuffix(".journal") })
    try server.directory.write("hproute journal 1\nrubbish\n", to: "state/hproute/\(name)")
    #expect(try server.hproute("revert").exitCode == 74)
    let reverted = try server.succeed("revert")
    #expect(reverted.hasPrefix("Removed what hproute had left behind; ") && reverted.contains("nobody knows how loud it was"))
    #expect(try eventually { try server.position(of: "Spot") == "builtin" && server.pactl("get-default-sink") == "builtin" })
    let volume = try server.volume(of: "builtin")
    #expect(volume.contains("-38.37"), "\(volume)")
    #expect(try !server.pactl("list", "short", "sinks").contains("hproute."))
  }
}
