import Foundation
import TestSupport
import Testing

/// Every trouble is made on a real server, and has to be named; where there is none, none is.
@Suite(.timeLimit(.minutes(45))) struct DoctorTests {
  private static let studio = """
    [card interface]
    match   = usb:1235:8211
    profile = output:analog-stereo+input:analog-stereo
    [output phones]
    card    = interface
    volume  = 40%
    [input mic]
    card    = interface
    [monitor]
    from    = mic
    to      = phones
    """

  private final class Desk {
    let server: PrivateServer
    let phones: String
    let mic: String
    let speakers: String

    /// A laptop and an interface, a profile that is applied, and a program that plays.
    init(_ kind: ServerKind, isApplied: Bool = true) throws {
      server = try CardTests.desk(kind, try SimulatedCard("solo"))
      phones = server.device("output", "analog-stereo", of: "solo")
      mic = server.device("input", "analog-stereo", of: "solo")
      speakers = server.device("output", "analog-stereo", of: "laptop")
      try server.writeProfile("studio", DoctorTests.studio)
      try server.play("Player")
      if isApplied { try server.succeed("apply", "studio") }
    }

    /// What is wrong, as `topic: message`, and what to do about it.
    func wrong(_ arguments: [String] = []) throws -> [(text: String, remedy: String)] {
      let outcome = try Program.run([HProuteBinary.path, "doctor", "--json"] + arguments, environment: server.environment)
      let object = try #require(try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any], "\(outcome)")
      let findings = try #require(object["findings"] as? [[String: Any]])
      let wrong = findings.filter { $0["fine"] as? Bool == false }
      #expect(outcome.exitCode == (wrong.isEmpty ? 0 : 1) && object["healthy"] as? Bool == wrong.isEmpty, "\(outcome)")
      return try wrong.map {
        (
          "\(try #require($0["topic"] as? String)): \(try #require($0["message"] as? String))",
          try #require($0["remedy"] as? String)
        )
      }
    }

    /// Waits until this is named, and nothing else.
    func expect(_ texts: String..., from arguments: String..., at location: SourceLocation = #_sourceLocation) throws {
      var found: [String] = []
      let isNamed = try eventually {
        found = try wrong(arguments).map(\.text)
        return found == texts
      }
      #expect(isNamed, "\(found)", sourceLocation: location)
    }

    func movePlayer(to sink: String) throws {
      let isThere = try eventually {
        try server.pactl("move-sink-input", try #require(try server.index(of: "Player")), sink)
        return try steadily(within: 0.6) { try server.position(of: "Player") == sink }
      }
      #expect(isThere)
    }

    /// Does what the only remedy says, which is a command, and finds nothing wrong any more.
    func cure(at location: SourceLocation = #_sourceLocation) throws {
      let remedy = try #require(try wrong().first?.remedy, sourceLocation: location)
      let words = remedy.split(separator: " ").map(String.init)
      let program = words[0] == "hproute" ? [HProuteBinary.path] + words.dropFirst() : words
      // WirePlumber may not hear of a stream that is moved while it is at work on the same.
      let isCured = try eventually {
        let outcome = try Program.run(program, environment: server.environment)
        #expect(outcome.exitCode == 0, "\(remedy): \(outcome.errors)", sourceLocation: location)
        return try eventually(within: 1) { try wrong().isEmpty }
      }
      #expect(isCured, "\(remedy): \(String(describing: try? wrong()))", sourceLocation: location)
    }
  }

  /// All that a stranger needs, and nothing of whose it is.
  @Test(arguments: ServerKind.allCases) func whatABugReportNeeds(kind: ServerKind) throws {
    let desk = try Desk(kind)
    let file = "\(desk.server.directory.path)/report.txt"
    let outcome = try desk.server.hproute("doctor", "--report", file)
    #expect(outcome.output.hasSuffix("Written to \(file): look through it before you pass it on.\n"))
    let text = try String(contentsOfFile: file, encoding: .utf8)
    for part in [
      "== Versions\nhproute ", "== What doctor says\n", "== Devices\n{\"cards\":[", "Scarlett Solo", "\nPlayer plays to ",
      "== Modules\n", "hproute journal 1\nserver HOST USER ", "profile studio of ", "== Profile studio\n[card interface]\n",
    ] {
      #expect(text.contains(part), "\(part)\n\(text)")
    }
    let home = try #require(desk.server.environment["HOME"])
    for part in ["Y7ABC12345678", home] { #expect(!text.contains(part), "\(text)") }
    #expect(text.contains("USB_Y7A…-00"), "\(text)")
    let second = try desk.server.hproute("doctor", "--report", file)
    #expect(second.exitCode == 64 && second.errors.contains("is there already"))
    #expect(try String(contentsOfFile: file, encoding: .utf8) == text)
  }

  @Test(arguments: ServerKind.allCases) func aHealthyDesktop(kind: ServerKind) throws {
    let desk = try Desk(kind, isApplied: false)
    let before = try desk.server.snapshot()
    try desk.expect()
    try desk.expect(
      "profile: studio is not applied.",
      "output: The default output is Built-in Audio Analog Stereo, and studio wants Scarlett Solo USB Analog Stereo.",
      "streams: Player plays in Built-in Audio Analog Stereo, and not in Scarlett Solo USB Analog Stereo.", from: "studio")
    try desk.server.requireUnchanged(since: before)
    try desk.server.succeed("apply", "studio")
    try desk.expect()
    try desk.expect(from: "studio")
    let text = try desk.server.succeed("doctor")
    #expect(text.contains("fine   volume: Scarlett Solo USB Analog Stereo: 40% (-23.9 dB).\n"), "\(text)")
    #expect(text.hasSuffix("Nothing is wrong on the way to your ears.\n"), "\(text)")
  }

  @Test func withoutAServer() throws {
    let server = try PrivateServer(.any)
    server.stop()
    let outcome = try server.hproute("doctor")
    #expect(outcome.exitCode == 1 && outcome.output.contains("wrong  sound server: no sound server answers"), "\(outcome)")
    #expect(outcome.output.contains("1 thing is wrong"))
    try server.writeProfile("typo", "[output\n")
    #expect(try server.hproute("doctor", "typo").exitCode == 65)
    #expect(try server.hproute("doctor", "nothing").exitCode == 66)
  }

  // MARK: - The interface

  @Test(arguments: ServerKind.allCases) func anInterfaceThatIsAway(kind: ServerKind) throws {
    let desk = try Desk(kind, isApplied: false)
    try desk.server.unplug("solo")
    let absent = "interface: Nothing that is connected fits [card interface] (match = usb:1235:8211)."
    try desk.expect("\(absent) Neither the sound server nor the kernel knows of such a device.", from: "studio")
    // The kernel knows it: a card among the devices of the system, in a view of the file system of its own.
    let sound = "/sys/class/sound"
    let script =
      "mount -t tmpfs none /sys/class && mkdir -p \(sound)/card1 \(sound)/pcmC1D0p && echo 'Scarlett Solo USB' >\(sound)/card1/id && exec \"$@\""
    let outcome = try Program.run(
      ["unshare", "-rm", "sh", "-c", script, "sh", HProuteBinary.path, "doctor", "studio"], environment: desk.server.environment)
    #expect(
      outcome.exitCode == 1
        && outcome.output.contains("The kernel knows Scarlett Solo USB, and the sound server does not show it"), "\(outcome)")
  }

  @Test(arguments: ServerKind.allCases) func aCardThatIsSwitchedOff(kind: ServerKind) throws {
    let desk = try Desk(kind)
    try desk.server.pactl("set-card-profile", CardTests.solo, "off")
    let off = "card-profile: Scarlett Solo USB is switched off: its card profile is 'off'."
    var found: [String] = []
    #expect(
      try eventually {
        found = try desk.wrong().map(\.text)
        return found.first == off
      }, "\(found)")
    // A profile that names no card has no device then.
    try desk.server.writeProfile("usb", "[output]\nmatch = bus:usb\n")
    try desk.expect(off, from: "usb")
    #expect(
      try desk.wrong(["usb"])[0].remedy == "pactl set-card-profile \(CardTests.solo) output:analog-stereo+input:analog-stereo")
    try desk.server.pactl("set-card-profile", CardTests.solo, "input:analog-stereo")
    #expect(
      try eventually {
        try desk.wrong(["usb"]).contains {
          $0.text.hasPrefix("card-profile: [output] is only in another card profile")
            && $0.remedy == "hproute apply usb --on port:analog"
        }
      })
  }

  @Test(arguments: ServerKind.allCases) func nothingIsPluggedIn(kind: ServerKind) throws {
    let desk = try Desk(kind)
    try desk.server.card("solo", "avail", "analog-output", "no")
    // The server may send what plays somewhere else.
    let port = "port: Nothing is plugged into 'Analog Output' of Scarlett Solo USB Analog Stereo."
    #expect(try eventually { try desk.wrong().first?.text == port }, "\(String(describing: try? desk.wrong()))")
    try desk.server.writeProfile("jack", "[output]\nmatch = bus:pci\nport = headphones\n")
    try desk.expect("port: Nothing is plugged into 'Headphones' of Built-in Audio Analog Stereo.", from: "jack")
  }

  // MARK: - The way of the sound

  @Test(arguments: ServerKind.allCases) func anotherDefault(kind: ServerKind) throws {
    let desk = try Desk(kind)
    try desk.movePlayer(to: desk.phones)
    try desk.server.pactl("set-default-sink", desk.speakers)
    // What plays may follow or not: that is the server's affair.
    let output = "output: The default output is Built-in Audio Analog Stereo, and studio wants Scarlett Solo USB Analog Stereo."
    #expect(try eventually { try desk.wrong().contains { $0.text == output } }, "\(String(describing: try? desk.wrong()))")
    try desk.cure()
  }

  @Test(arguments: ServerKind.allCases) func aProgramThatPlaysElsewhere(kind: ServerKind) throws {
    let desk = try Desk(kind)
    try desk.movePlayer(to: desk.speakers)
    try desk.expect("streams: Player plays in Built-in Audio Analog Stereo, and not in Scarlett Solo USB Analog Stereo.")
    try desk.cure()
    // Without a profile as well.
    try desk.server.succeed("revert")
    try desk.expect()
    try desk.movePlayer(to: desk.phones)
    // Somebody may want it so, unless nobody hears it.
    try desk.expect()
    try desk.server.pactl("set-sink-mute", desk.phones, "1")
    try desk.expect("streams: Player plays in Scarlett Solo USB Analog Stereo, which is silent, and not in the default output.")
    try desk.cure()
  }

  @Test(arguments: ServerKind.allCases) func mutedOrTurnedDown(kind: ServerKind) throws {
    let desk = try Desk(kind)
    let player = try #require(try desk.server.index(of: "Player"))
    try desk.server.pactl("set-sink-mute", desk.phones, "1")
    try desk.expect("volume: Scarlett Solo USB Analog Stereo is muted.")
    try desk.cure()
    try desk.server.pactl("set-sink-volume", desk.phones, "3%")
    try desk.expect("volume: Scarlett Solo USB Analog Stereo is turned down to 3% (-91.4 dB).")
    try desk.cure()
    try desk.server.pactl("set-sink-volume", desk.phones, "40%", "0%")
    try desk.expect("volume: Scarlett Solo USB Analog Stereo is turned down to 0% (-inf dB) on front-right.")
    try desk.cure()
    // One that is loud is turned down before it is opened.
    try desk.server.pactl("set-sink-mute", desk.speakers, "1")
    try desk.server.pactl("set-sink-volume", desk.speakers, "90%")
    try desk.server.writeProfile("loud", "[output]\nmatch = bus:pci\n")
    #expect(
      try eventually {
        try desk.wrong(["loud"]).contains {
          $0.remedy == "pactl set-sink-volume \(desk.speakers) 40% && pactl set-sink-mute \(desk.speakers) 0"
        }
      })
    // What the profile wants is no accident.
    try desk.server.writeProfile("silent", "[output]\nmatch = bus:pci\nvolume = 3%\nmute = yes\n")
    try desk.server.succeed("apply", "silent")
    try desk.expect()
    try desk.server.succeed("apply", "studio")
    try desk.expect()
    try desk.server.pactl("set-sink-input-mute", player, "1")
    try desk.expect("volume: Player is muted.")
    try desk.cure()
    try desk.server.pactl("set-sink-input-volume", player, "0%")
    try desk.expect("volume: Player is turned down to 0% (-inf dB).")
    try desk.cure()
  }

  /// The device below one of ours.
  @Test(arguments: ServerKind.allCases) func mutedBelow(kind: ServerKind) throws {
    let server = try CardTests.desk(kind, try SimulatedCard("eighteen"))
    try server.writeProfile(
      "pair", "[card c]\nmatch = bus:usb\nprofile = pro-audio | *\n[output phones]\ncard = c\nchannels = 3, 4\nvolume = 40%\n")
    try server.succeed("apply", "pair")
    try server.play("Player")
    let healthy = try server.hproute("doctor")
    #expect(healthy.exitCode == 0, "\(healthy.output)")
    let below = try #require(try server.listed("sinks").first { $0.name.contains("usb") }).name
    try server.pactl("set-sink-mute", below, "1")
    #expect(
      try eventually { try server.hproute("doctor").output.contains(#/wrong  volume: .* is muted/#) },
      "\(String(describing: try? server.hproute("doctor")))")
  }

  // MARK: - Monitors and modules

  @Test(arguments: ServerKind.allCases) func monitors(kind: ServerKind) throws {
    let desk = try Desk(kind)
    let (server, name) = (desk.server, "Scarlett Solo USB Analog Stereo")
    let load = { (sink: String, source: String) in
      String(
        try server.pactl("load-module", "module-loopback", "source=\(source)", "sink=\(sink)", "latency_msec=20").filter(
          \.isNumber))
    }
    let twice = try load(desk.phones, desk.mic)
    try desk.expect("monitor: \(name) in \(name) is heard twice.")
    try server.pactl("unload-module", twice)
    try desk.expect()
    let astray = try load(desk.speakers, desk.mic)
    try desk.expect("monitor: \(name) in Built-in Audio Analog Stereo: it is heard in another device than the default output.")
    try desk.cure()
    #expect(try !server.pactl("list", "short", "modules").contains("\(astray)\tmodule-loopback"))
    _ = try load(desk.phones, "\(desk.phones).monitor")
    try desk.expect("monitor: Monitor of \(name) in \(name): it hears itself, which howls.")
    try desk.cure()
    // Nothing comes from the microphone.
    try server.pactl("set-source-mute", desk.mic, "1")
    try desk.expect("monitor: \(name) is muted.")
    try desk.cure()
    // Ours, which is gone.
    try server.unload("module-loopback")
    try desk.expect("monitor: [monitor], \(name) in \(name), does not run.")
    try desk.cure()
  }

  /// Every Ubuntu loads it: where all is well nothing is wrong by it.
  @Test(arguments: ServerKind.allCases) func aModuleThatUndoesChoices(kind: ServerKind) throws {
    let desk = try Desk(kind)
    try desk.server.pactl("load-module", "module-switch-on-connect")
    try desk.expect()
    let text = try desk.server.succeed("doctor")
    #expect(
      text.contains("\nnote   modules: module-switch-on-connect is loaded: whatever is plugged in becomes the default output."),
      "\(text)")
    #expect(
      text.contains("\n       pactl unload-module module-switch-on-connect\n")
        && text.hasSuffix("Nothing is wrong on the way to your ears.\n"), "\(text)")
  }

  /// What is to be chosen from stands in lines of its own.
  @Test func severalThatFit() throws {
    let server = try PrivateServer(.any)
    try server.addDesk(microphone: false)
    try server.writeProfile("several", "[output]\nmatch = name:*in*\n")
    let text = try server.hproute("doctor", "several").output
    #expect(
      text.contains(
        """
        wrong  profile: Two devices fit [output]. Choose one on the command line, or keep it as 'match' in [output]:
                 Built-in Speakers: --on '"Built-in Speakers"'
                 Scarlett Solo USB: --on usb:1235:8211
               hproute devices

        """), "\(text)")
  }

  @Test(arguments: ServerKind.allCases) func anHprouteThatWasCutOff(kind: ServerKind) throws {
    let desk = try Desk(kind, isApplied: false)
    let terminal = try PseudoTerminal(
      [HProuteBinary.path, "apply", "studio", "--confirm", "60"], environment: desk.server.environment,
      log: "\(desk.server.directory.path)/terminal.log")
    #expect(eventually { terminal.text.contains("Press y") })
    #expect(try desk.wrong().contains { $0.text == "hproute: Another hproute is at work right now." })
    terminal.program.send(SIGKILL)
    #expect(
      try eventually {
        try desk.wrong().contains { $0.text == "hproute: hproute was cut off while it changed something for studio." }
      }, "\(String(describing: try? desk.wrong()))")
    try desk.server.succeed("revert")
    try desk.expect()
  }
}
