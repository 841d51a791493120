import Foundation
import SeededRandom
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

  private func desk(_ kind: ServerKind) throws -> (PrivateServer, Watcher) {
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
    let (server, watcher) = try desk(kind)
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
    let (server, watcher) = try desk(kind)
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
    let (server, watcher) = try desk(kind)
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
    let (server, watcher) = try desk(kind)
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

  /// Fifty programs that begin at random moments of ten applies and reverts: each is where it belongs within a moment of when it
  /// has begun or of the end of the command, whichever is later, and moved once each time.
  @Test(arguments: ServerKind.allCases) func fiftyAtRandomMoments(kind: ServerKind) throws {
    let (server, watcher) = try desk(kind)
    var random = SeededRandom(seed: 16)
    try server.play("Bystander", to: "mic-feed")
    let witness = try StreamWitness(server)
    /// When each command began and had ended, and where every program belongs from then on.
    var goals: [(begin: Double, end: Double, home: String)] = []
    var begun: [Program] = []
    for round in 0..<10 {
      let isApply = round % 2 == 1
      let home = isApply ? "interface" : "builtin"
      let start = Self.now
      let command = try Program(
        [HProuteBinary.path] + (isApply ? ["apply", "rules"] : ["revert"]), environment: server.environment,
        log: "\(server.directory.path)/command.log")
      for number in 1...5 {
        let delay = Double.random(in: 0...0.15, using: &random)
        begun.append(
          try Program(
            [
              "sh", "-c",
              "sleep \(delay); exec pacat --client-name='Music \(round) \(number)' --stream-name='Music \(round) \(number)' --latency-msec=20 /dev/zero",
            ], environment: server.environment, log: "\(server.directory.path)/begun.log"))
      }
      #expect(command.wait(within: 10) == 0)
      goals.append((start, Self.now, home))
      let names = (0...round).flatMap { round in (1...5).map { "Music \(round) \($0)" } }
      #expect(try eventually { try names.allSatisfy { try server.position(of: $0) == home } }, "round \(round): \(watcher.log)")
    }
    let sightings = try witness.stop()
    for program in begun { program.kill() }
    var delays: [Double] = []
    for round in 0..<10 {
      for number in 1...5 {
        let sightings = try #require(sightings["Music \(round) \(number)"])
        let begin = try #require(sightings.first).moment
        for index in round..<10 {
          let due = max(begin, goals[index].end)
          let next = index < 9 ? goals[index + 1].begin : .infinity
          let before = sightings.filter { $0.moment < next && $0.device != nil }
          // When it came to stay.
          let isElsewhere = before.lastIndex { $0.device != goals[index].home } ?? -1
          let arrival = try #require(before.dropFirst(isElsewhere + 1).first, "\(round) \(number), \(index): \(sightings)").moment
          delays.append(max(0, arrival - due))
        }
        // To and fro once for each command at most.
        #expect(sightings.path.count <= 11 - round, "\(round) \(number): \(sightings)")
      }
    }
    delays.sort()
    print("commands: \(goals.map { Int($0.end - $0.begin) })")
    print(
      "\(kind): late \(delays[delays.count / 2]) ms, at most \(delays.last ?? 0) ms, \(delays.count { $0 > 100 }) of \(delays.count) over 100 ms"
    )
    // One in twenty may meet a machine that is busy.
    #expect(delays.count { $0 > 100 } * 20 <= delays.count, "\(delays.suffix(20))")
    #expect(try server.position(of: "Bystander") == "mic-feed")
    #expect(sightings["Bystander"]?.path.count ?? 1 <= 1)
  }

  private static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) * 1000 + Double(time.tv_nsec) / 1_000_000
  }
}
