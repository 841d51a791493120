import Foundation
import TestSupport
import Testing

/// Cards with card profiles and ports, on real servers.
@Suite(.timeLimit(.minutes(45))) struct CardTests {
  static let solo = "alsa_card.usb-Focusrite_Scarlett_Solo_USB_Y7ABC12345678-00"

  /// A laptop that plays through its speakers at 30 %, and cards that are plugged in.
  static func desk(_ kind: ServerKind, _ cards: SimulatedCard...) throws -> PrivateServer {
    let laptop = try SimulatedCard("laptop")
    let server = try PrivateServer(kind, cards: [laptop] + cards)
    try server.plug("laptop")
    let speakers = server.device("output", "analog-stereo", of: "laptop")
    try server.pactl("set-default-sink", speakers)
    // PipeWire puts back what it remembers of a port, some time after the card has come.
    guard
      try eventually({
        try server.pactl("set-sink-volume", speakers, "30%")
        return try steadily(within: 0.5) { try server.volume(of: speakers).contains(" 30% ") }
      })
    else { throw PrivateServer.Failed(description: "the speakers do not take a volume") }
    // Session managers do not choose pro-audio by themselves.
    for card in cards { try server.plug(card.id, isChosen: card.isOfferedMore) }
    try server.pactl("set-default-sink", speakers)
    try server.pactl("set-default-source", server.device("input", "analog-stereo", of: "laptop"))
    guard try eventually({ try server.pactl("get-default-sink") == speakers }) else {
      throw PrivateServer.Failed(description: "no default")
    }
    return server
  }

  // MARK: - Card profiles

  @Test(arguments: ServerKind.allCases) func aCardProfileIsSetAndPutBack(kind: ServerKind) throws {
    let server = try Self.desk(kind, try SimulatedCard("solo"))
    let duplex = server.device("output", "analog-stereo", of: "solo")
    try server.pactl("set-sink-volume", duplex, "70%", "60%")
    try server.pactl("set-sink-mute", duplex, "1")
    try server.play("Player")
    try server.writeProfile(
      "out",
      """
      [card interface]
      match   = usb:1235:8211
      profile = output:nothing | output:analog-* | off
      [output]
      card   = interface
      volume = 40%
      mute   = no
      """)
    try server.pactl("set-card-profile", Self.solo, "input:analog-stereo")
    #expect(try eventually { try !server.pactl("list", "short", "sinks").contains(duplex) })
    let before = try server.snapshot()
    let plan = try server.hproute("plan", "out")
    #expect(
      plan.exitCode == 0
        && plan.output.contains("set-card-profile  Scarlett Solo USB: Analog Stereo Input -> Analog Stereo Duplex"))
    #expect(plan.errors.contains("cannot be shown beforehand"))
    #expect(try server.snapshot() == before)

    try server.succeed("apply", "out")
    #expect(try server.activeProfile(of: Self.solo) == "output:analog-stereo+input:analog-stereo")
    #expect(try server.pactl("get-default-sink") == duplex)
    #expect(try server.volume(of: duplex).contains("40% "))
    #expect(try server.position(of: "Player") == duplex)
    #expect(try server.pactl("get-sink-mute", duplex) == "Mute: no")
    #expect(!(try server.pactl("list", "sink-inputs").contains("Mute: yes")))
    let again = try server.hproute("apply", "out", "--json")
    #expect(again.output.contains("\"result\":\"unchanged\""), "\(again.output)")
    try server.succeed("revert")
    try server.requireUnchanged(since: before)
  }

  /// The sinks of the former card profile get back what they had, and the default goes back to one of them.
  @Test(arguments: ServerKind.allCases) func theFormerCardProfileComesBackWhole(kind: ServerKind) throws {
    let server = try Self.desk(kind, try SimulatedCard("headset"))
    let card = "bluez_card.00_11_22_33_44_55"
    let (music, talk) = (
      server.device("output", "a2dp-sink", of: "headset"), server.device("output", "headset-head-unit", of: "headset")
    )
    try server.pactl("set-default-sink", music)
    try server.pactl("set-sink-volume", music, "55%", "44%")
    try server.play("Player")
    try server.play("Pinned", to: music)
    #expect(try eventually { try server.pactl("get-default-sink") == music })
    try server.writeProfile(
      "call",
      """
      [card headset]
      match   = bus:bluetooth
      profile = headset-head-unit
      [output]
      card   = headset
      volume = 60%
      [input]
      card   = headset
      volume = 70%
      """)
    let before = try server.snapshot()
    try server.succeed("apply", "call")
    #expect(try server.activeProfile(of: card) == "headset-head-unit")
    #expect(try server.pactl("get-default-sink") == talk)
    #expect(try server.pactl("get-default-source") == server.device("input", "headset-head-unit", of: "headset"))
    #expect(try server.volume(of: talk).contains("60% "))
    for player in ["Player", "Pinned"] { #expect(try server.position(of: player) == talk) }
    let reverted = try server.hproute("revert")
    #expect(reverted.exitCode == 0 && !reverted.errors.contains("is away"), "\(reverted.errors)")
    try server.requireUnchanged(since: before)
    #expect(try server.hproute("status").output.hasPrefix("No profile is applied."))
  }

  /// The volume that a card profile had before hproute used it is there again when the user chooses it.
  @Test(arguments: ServerKind.allCases) func whatServersRememberOfACardProfileIsPutBackToo(kind: ServerKind) throws {
    let server = try Self.desk(kind, try SimulatedCard("solo"))
    let phones = server.device("output", "analog-stereo", of: "solo")
    #expect(
      try eventually {
        try server.pactl("set-sink-volume", phones, "80%")
        return try steadily(within: 0.5) { try server.volume(of: phones).contains(" 80% ") }
      })
    try server.pactl("set-card-profile", Self.solo, "input:analog-stereo")
    #expect(try eventually { try !server.pactl("list", "short", "sinks").contains(phones) })
    try server.play("Player")
    try server.writeProfile("out", "[card c]\nmatch = bus:usb\nprofile = output:*+input:*\n[output]\ncard = c\nvolume = 20%\n")
    try server.succeed("apply", "out")
    #expect(try server.volume(of: phones).contains(" 20% "))
    try server.succeed("revert")
    try server.pactl("set-card-profile", Self.solo, "output:analog-stereo+input:analog-stereo")
    #expect(
      try eventually {
        try server.pactl("list", "short", "sinks").contains(phones) && server.volume(of: phones).contains(" 80% ")
      })
  }

  @Test(arguments: ServerKind.allCases) func aCardThatRefusesChangesNothing(kind: ServerKind) throws {
    let server = try Self.desk(kind, try SimulatedCard("solo"))
    try server.play("Player")
    try server.writeProfile(
      "out", "[card c]\nmatch = bus:usb\nprofile = output:analog-stereo\n[output]\ncard = c\nvolume = 40%\n")
    let before = try server.snapshot()
    try server.allCards("reject profile on")
    let outcome = try server.hproute("apply", "out", "--timeout", "1")
    #expect(outcome.exitCode == 1)
    #expect(outcome.errors.contains("set the card profile of Scarlett Solo USB"), "\(outcome.errors)")
    try server.requireUnchanged(since: before)
  }

  @Test(arguments: ServerKind.allCases) func aSlowCardIsWaitedFor(kind: ServerKind) throws {
    let server = try Self.desk(kind, try SimulatedCard("solo"))
    try server.pactl("set-card-profile", Self.solo, "input:analog-stereo")
    try server.allCards("delay 700")
    try server.writeProfile(
      "out", "[card c]\nmatch = bus:usb\nprofile = output:analog-stereo\n[output]\ncard = c\nvolume = 40%\n")
    try server.succeed("apply", "out")
    #expect(try server.volume(of: server.device("output", "analog-stereo", of: "solo")).contains("40% "))
  }

  @Test(arguments: ServerKind.allCases) func aCardWithoutTheCardProfileIsNamed(kind: ServerKind) throws {
    let server = try Self.desk(kind, try SimulatedCard("solo"))
    let before = try server.snapshot()
    try server.writeProfile("hifi", "[card c]\nmatch = bus:usb\nprofile = HiFi\n[output]\ncard = c\n")
    let missing = try server.hproute("apply", "hifi")
    #expect(missing.exitCode == 3)
    #expect(
      missing.errors.contains("Scarlett Solo USB, which is [card c], has none like HiFi that can be used now. It has: output:"),
      "\(missing.errors)")
    try server.requireUnchanged(since: before)
    for profile in ["output:analog-stereo+input:analog-stereo", "output:analog-stereo", "input:analog-stereo", "pro-audio"] {
      if kind == .pipewire || profile != "pro-audio" { try server.card("solo", "profile-avail", profile, "no") }
    }
    let off = try server.hproute("apply", "hifi")
    #expect(off.exitCode == 3 && off.errors.contains("offers no card profile but 'off' now"), "\(off.errors)")
  }

  // MARK: - Ports

  @Test(arguments: ServerKind.allCases) func theHeadphonesMustBePluggedIn(kind: ServerKind) throws {
    let server = try Self.desk(kind)
    let sink = server.device("output", "analog-stereo", of: "laptop")
    try server.writeProfile("phones", "[output]\nmatch = bus:pci\nport = headphones\nvolume = 20%\n")
    let before = try server.snapshot()
    let unplugged = try server.hproute("apply", "phones")
    #expect(unplugged.exitCode == 3)
    #expect(
      unplugged.errors.contains("'Headphones' of Built-in Audio Analog Stereo, and nothing is plugged in there"),
      "\(unplugged.errors)")
    try server.requireUnchanged(since: before)

    try server.card("laptop", "avail", "analog-output-headphones", "yes")
    // Both servers turn to the headphones by themselves; the user has gone back to the speakers.
    #expect(try steadily { try server.activePort(of: sink) == "analog-output-headphones" })
    // PipeWire loses one now and then, the port while it is still turning, the volume while it puts back what it remembers.
    #expect(
      try eventually {
        try server.pactl("set-sink-port", sink, "analog-output-speaker")
        return try steadily(within: 1) { try server.activePort(of: sink) == "analog-output-speaker" }
      })
    #expect(
      try eventually {
        try server.pactl("set-sink-volume", sink, "33%")
        return try server.volume(of: sink).contains("33% ")
      })
    try server.play("Player")
    let plugged = try server.snapshot()
    try server.succeed("apply", "phones")
    #expect(try server.activePort(of: sink) == "analog-output-headphones")
    #expect(try server.volume(of: sink).contains("20% "))
    let again = try server.hproute("apply", "phones", "--json")
    #expect(again.output.contains("\"result\":\"unchanged\""), "\(again.output)")
    try server.succeed("revert")
    try server.requireUnchanged(since: plugged)
  }

  // MARK: - Which one

  @Test(arguments: ServerKind.allCases) func twoOfAKindAreToldApartByTheirSerialNumbers(kind: ServerKind) throws {
    let twin = try SimulatedCard("solo", id: "twin", replacing: ["Y7ABC12345678": "Y7XYZ87654321"])
    let server = try Self.desk(kind, try SimulatedCard("solo"), twin)
    for (section, match) in [
      ("card", "[card c]\nmatch = usb:1235:8211\n[output]\ncard = c\n"), ("output", "[output]\nmatch = usb:1235:8211\n"),
    ] {
      try server.writeProfile("either", match)
      let outcome = try server.hproute("apply", "either")
      #expect(outcome.exitCode == 3 && outcome.errors.contains("[\(section)"))
      for serial in ["Y7ABC12345678", "Y7XYZ87654321"] {
        #expect(
          outcome.errors.contains("--on 'usb:1235:8211 serial:Focusrite_Scarlett_Solo_USB_\(serial)'"), "\(outcome.errors)")
      }
    }
    try server.writeProfile("one", "[card c]\nmatch = usb:1235:8211 serial:Y7XYZ87654321\n[output]\ncard = c\nvolume = 20%\n")
    try server.succeed("apply", "one")
    #expect(try server.pactl("get-default-sink") == server.device("output", "analog-stereo", of: "twin"))
  }

  /// The same profile finds the same card, whatever the kernel, the session manager and UCM make of it.
  @Test(arguments: ServerKind.allCases, ["solo", "solo-ucm", "pro"]) func namesDrift(kind: ServerKind, shape: String) throws {
    let pro: KeyValuePairs = [
      "output:analog-stereo+input:analog-stereo devs=0,1 prio=6565 avail=unknown": "p-a devs=2,3 prio=9000 avail=yes",
      "profiles=output:analog-stereo+input:analog-stereo,": "profiles=",
    ]
    let card = shape == "pro" ? try SimulatedCard("solo", replacing: pro) : try SimulatedCard(shape)
    let server = try Self.desk(kind, card)
    let sink = server.device(
      "output", ["solo": "analog-stereo", "solo-ucm": "HiFi__Line1__sink", "pro": "pro-output-0"][shape] ?? "", of: card.id)
    try server.writeProfile(
      "drift",
      """
      [card interface]
      match = usb:1235:8211
      [output phones]
      card   = interface
      volume = 30%
      channels = 1, 2
      [input mic]
      card     = interface
      match    = name:*__Mic1__* | name:*.analog-stereo | name:*.pro-input-0
      channels = 1
      """)
    try server.play("Player", tone: Tone(frequency: 440, peak: 0.5))
    let before = try server.snapshot()
    try server.succeed("apply", "drift")
    let tap = Tap(sink, on: server)
    let level = -6.02 - 31.37
    #expect(tap.differs(from: [0: [440: level], 1: [440: level]]) == nil)
    try server.succeed("revert")
    try server.requireUnchanged(since: before)
  }
}
