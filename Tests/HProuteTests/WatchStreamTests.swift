import Foundation
import TestSupport
import Testing

/// Programs that begin under `hproute watch`: each is put where its rule wants it, once.
@Suite(.timeLimit(.minutes(45))) struct WatchStreamTests {
  private static let rules = """
    [output speakers]
    match = bus:pci
    [output phones]
    match   = bus:usb
    volume  = 45%
    default = no
    [stream "Mus?c*"]
    to     = phones
    volume = 70%
    [input usb]
    match   = bus:usb
    default = no
    [recording "Mus?c*"]
    from = usb
    """

  /// One on which `watch` looks after programs called `Music`.
  static func desk(_ kind: ServerKind) throws -> (PrivateServer, Watcher) {
    let server = try PrivateServer(kind)
    try server.addDesk()
    try server.addWebcam()
    try server.writeProfile("rules", Self.rules)
    try server.succeed("apply", "rules")
    let watcher = try Watcher(server)
    #expect(try watcher.wait { $0.contains { $0.message == "rules is in force" } }, "\(watcher.log)")
    return (server, watcher)
  }

  /// Where it belongs, and what somebody does to it then stays. How long that takes is measured by `make bench`.
  @Test(arguments: ServerKind.allCases) func eachIsPlacedOnce(kind: ServerKind) throws {
    let (server, watcher) = try Self.desk(kind)
    #expect(try !server.hproute("plan", "rules").output.contains("hproute watch"))
    let witness = try StreamWitness(server)
    for number in 1...3 {
      try server.play("Music \(number)")
      try server.record("Music \(number)")
      #expect(try eventually { try server.position(of: "Music \(number)") == "interface" }, "\(watcher.log)")
      #expect(try eventually { try server.recorderPosition(of: "Music \(number)") == "mic" }, "\(watcher.log)")
    }
    try server.play("Other")
    for (name, sightings) in try witness.stop() where name.contains("Music") {
      let home = name.hasPrefix("record") ? "mic" : "interface"
      // Once, and straight there.
      #expect(sightings.path == [name.hasPrefix("record") ? "webcam" : "builtin", home], "\(name): \(sightings)")
    }
    #expect(try server.position(of: "Other") == "builtin")
    let index = try #require(try server.index(of: "Music 1"))
    #expect(try server.objects("sink-inputs").first { $0.number == index }?.lines.contains { $0.contains(" 70% ") } == true)
    #expect(try watcher.count("placed") > 0)

    // Somebody wants it elsewhere when it is not new any more, and another program begins.
    #expect(try steadily(for: 0.6) { try server.position(of: "Music 3") == "interface" })
    #expect(
      try eventually {
        try server.pactl("move-sink-input", index, "builtin")
        return try eventually(within: 0.3) { try server.position(of: "Music 1") == "builtin" }
      })
    try server.play("Music 4")
    #expect(try eventually { try server.position(of: "Music 4") == "interface" }, "\(watcher.log)")
    #expect(try steadily(for: 0.5) { try server.position(of: "Music 1") == "builtin" }, "\(watcher.log)")

    // They go where they would be without it.
    try server.succeed("revert")
    for number in 1...4 { #expect(try eventually { try server.position(of: "Music \(number)") == "builtin" }, "\(number)") }
    for number in 1...3 { #expect(try eventually { try server.recorderPosition(of: "Music \(number)") == "webcam" }) }
    try server.play("Music 5")
    #expect(try steadily(for: 0.5) { try server.position(of: "Music 5") == "builtin" }, "\(watcher.log)")
  }

  /// Where it has begun is the default of the profile, and not where it would have been without.
  @Test(arguments: ServerKind.allCases) func itGoesHomeToTheDefaultOfBefore(kind: ServerKind) throws {
    let (server, watcher) = try Self.desk(kind)
    try server.writeProfile(
      "feed",
      "[output phones]\nmatch = bus:usb\n[output feed]\nmatch = name:mic-feed\ndefault = no\n[stream Mus?c*]\nto = feed\n")
    try server.succeed("apply", "feed")
    #expect(try watcher.wait(for: "by_hand", count: 1))
    try server.play("Music")
    #expect(try eventually { try server.position(of: "Music") == "mic-feed" }, "\(watcher.log)")
    try server.succeed("revert")
    #expect(try eventually { try server.position(of: "Music") == "builtin" }, "\(watcher.log)")
  }

  /// What was remembered for it goes back as well, if the input of its rule was away when it began.
  @Test(arguments: ServerKind.allCases) func itIsRememberedForWhatItWas(kind: ServerKind) throws {
    let (server, watcher) = try Self.desk(kind)
    try server.writeProfile(
      "away",
      "[input near]\nmatch = bus:usb\ndefault = no\n[input far]\nmatch = usb:1:2\nrequired = no\n"
        + "[recording Mus?c*]\nfrom = far\nvolume = 40%\n")
    try server.succeed("apply", "away")
    #expect(try watcher.wait(for: "by_hand", count: 1))
    try server.record("Music")
    let isAsLoud = { (percent: String) in
      try server.objects("source-outputs").first { $0.lines.contains("media.name = \"Music\"") }?.lines.contains {
        $0.hasPrefix("Volume: ") && $0.contains(" \(percent) ")
      } ?? false
    }
    #expect(try eventually { try isAsLoud("40%") }, "\(watcher.log)")
    try server.succeed("revert")
    #expect(try eventually { try isAsLoud("100%") }, "\(watcher.log)")
    server.endPlayers()
    #expect(try eventually { try server.recorderPosition(of: "Music") == nil })
    try server.record("Music")
    #expect(try steadily(for: 0.5) { try isAsLoud("100%") }, "\(watcher.log)")
  }

  /// Programs that begin while a profile is applied and reverted are not missed.
  @Test(arguments: ServerKind.allCases) func whateverIsGoingOn(kind: ServerKind) throws {
    let (server, watcher) = try Self.desk(kind)
    for round in 1...5 {
      try server.succeed("revert")
      let apply = try Program(
        [HProuteBinary.path, "apply", "rules"], environment: server.environment, log: "\(server.directory.path)/apply.log")
      for number in 1...3 { try server.play("Music \(round) \(number)") }
      #expect(eventually { !apply.isRunning })
      for number in 1...3 {
        #expect(try eventually { try server.position(of: "Music \(round) \(number)") == "interface" }, "\(watcher.log)")
      }
    }
  }
}
