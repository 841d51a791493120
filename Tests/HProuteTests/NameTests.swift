import Foundation
import TestSupport
import Testing

/// Names come from devices and programs, and may hold anything.
@Suite(.timeLimit(.minutes(45))) struct NameTests {
  static let hostile = [
    #"quotes "double" and 'single'"#, #"back\slash \" \\ \n"#, "line\nfeed\r\tand tab", "{ braces = [ ] } # ; $HOME `id` %s",
    "escape \u{1B}[31mred\u{1B}[0m bell \u{7} delete \u{7F}", "right \u{202E}to\u{202C} left שלום \u{200F}",
    "🎧 café ｗｉｄｅ \u{301}",
    "hproute.id=0-1-1 sink=elsewhere", "  ", String(repeating: "long ", count: 820),
  ]

  private func escaped(_ text: String, _ characters: String) -> String {
    String(text.flatMap { characters.contains($0) ? ["\\", $0] : [$0] })
  }

  /// As an argument of a module that sets properties: in quotes for the property list, and in quotes for the module.
  /// PulseAudio takes the backslashes off once, PipeWire once for each.
  private func property(_ key: String, _ value: String, _ kind: ServerKind) -> String {
    switch kind {
    case .pulseaudio: "'\(key)=\"\(escaped(value, "\\\"'"))\" device.bus=usb'"
    case .pipewire: "'\(escaped("\(key)=\"\(escaped(value, "\\\""))\" device.bus=usb", "\\'"))'"
    }
  }

  /// Nothing that a terminal would obey: no control characters, and none that turn the direction of text.
  private func expectHarmless(_ text: String, _ place: String) {
    let harmful = text.unicodeScalars.filter { scalar in
      scalar != "\n" && [.control, .format, .lineSeparator, .paragraphSeparator].contains(scalar.properties.generalCategory)
    }
    #expect(harmful.isEmpty, "\(place): \(harmful.map { String($0.value, radix: 16) })")
  }

  @Test(arguments: ServerKind.allCases) func namesAreData(kind: ServerKind) throws {
    for name in Self.hostile {
      let server = try PrivateServer(kind, withDesk: true)
      try server.pactl(
        "load-module", "module-null-sink", "sink_name=odd", "sink_properties=\(property("device.description", name, kind))")
      try server.writeProfile(
        "odd",
        """
        [output phones]
        match    = name:odd
        channels = 2
        volume   = 45%
        [input mic]
        match    = name:mic
        channels = 1
        [monitor]
        from   = mic
        to     = phones
        volume = -6 dB
        [stream "*"]
        volume = 50%
        """)
      let player = try Program(
        ["pacat", "--raw", "--client-name=\(name)", "--stream-name=\(name)", "--device=builtin", "/dev/zero"],
        environment: server.environment,
        log: "\(server.directory.path)/odd.log")
      defer { player.kill() }
      #expect(try eventually { try server.pactl("list", "short", "sink-inputs").contains("\t") })
      // PipeWire lists a stream before it plays anywhere.
      #expect(try eventually { try !server.pactl("list", "sink-inputs").contains("Sink: \(UInt32.max)\n") })
      let before = try server.snapshot()
      let place = "\(kind), \(name.prefix(20).debugDescription)"

      for command in [["plan", "odd"], ["apply", "odd"], ["status"], ["streams"], ["devices"], ["list"], ["revert"]] {
        let outcome = try Program.run([HProuteBinary.path] + command, environment: server.environment)
        #expect(outcome.exitCode == 0, "\(place), \(command): \(outcome.errors)")
        expectHarmless(outcome.output + outcome.errors, "\(place), \(command)")
        if command[0] == "apply" {
          // Each module is what it was to be, and nothing in a name has become an argument.
          let modules = try server.modules().filter { $0.contains("_properties='hproute.id=") }
          #expect(modules.count == 3, "\(place): \(modules)")
          #expect(!modules.contains { $0.contains("elsewhere ") && $0.contains("sink=elsewhere") }, "\(place): \(modules)")
          #expect(try server.pactl("get-default-sink") == "hproute.phones", "\(place)")
        }
      }
      do { try server.requireUnchanged(since: before) } catch { Issue.record("\(place): \(error)") }

      for command in ["devices", "streams"] {
        let json = try server.hproute(command, "--json").output
        let object = try #require(
          try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any], "\(place), \(command)")
        if command == "devices" {
          let told = (object["sinks"] as? [[String: Any]])?.first { $0["name"] as? String == "odd" }?["description"] as? String
          // What there is of it: PipeWire does not take every quote.
          #expect(try told != nil && server.pactl("list", "sinks").contains("Description: \(told ?? "")\n"), "\(place)")
          if kind == .pulseaudio { #expect(told == name) }
        }
      }
    }
  }

  /// PipeWire lets a device be called anything. What cannot be passed to a module is said, and nothing is changed.
  @Test(arguments: ServerKind.only(.pipewire)) func deviceNamesOnPipeWire(kind: ServerKind) throws {
    for name in ["a b", #"quo"te"#, "apo'strophe", #"back\slash"#, "{brace}", "semi;colon#", "ünïcode"] {
      let server = try PrivateServer(kind, withDesk: true)
      let argument = name.replacingOccurrences(of: "\\", with: "\\\\").replacingOccurrences(of: "'", with: "\\'")
      try server.pactl(
        "load-module", "module-null-sink", "sink_name='\(argument)'",
        "sink_properties='device.description=Odd device.bus=bluetooth \(Desk.awake)'")
      try server.writeProfile(
        "odd",
        "[output phones]\nmatch = bus:bluetooth\nvolume = 45%\n[input mic]\nmatch = name:mic\n[monitor]\nfrom = mic\nto = phones\n"
      )
      // Not as JSON, in which pactl 16.1 writes (null) for what is not ASCII.
      let sink = try #require(
        try server.pactl("list", "short", "sinks").split(separator: "\n").map { $0.split(separator: "\t")[1] }.first {
          !["builtin", "interface"].contains($0)
        })
      let before = try server.snapshot()
      let outcome = try server.hproute("apply", "odd")
      if outcome.exitCode == 0 {
        #expect(try server.pactl("get-default-sink") == sink)
        try server.succeed("revert")
      } else {
        #expect(outcome.exitCode == 1)
        #expect(outcome.errors.contains("cannot be passed to a module"), "\(name): \(outcome.errors)")
      }
      do { try server.requireUnchanged(since: before) } catch { Issue.record("\(name): \(error)") }
    }
  }

  /// Somebody else's device is called as ours would be: it stays what it is, and ours is found by its mark.
  @Test(arguments: ServerKind.allCases) func aDeviceWithTheNameOfOurs(kind: ServerKind) throws {
    let server = try PrivateServer(kind, withDesk: true)
    try server.addSink("hproute.phones", "Not ours")
    try server.pactl("set-sink-volume", "hproute.phones", "64%")
    try server.writeProfile("odd", "[output phones]\nmatch = name:interface\nchannels = 2\nvolume = 45%\n")
    try server.play("Player")
    let before = try server.snapshot()
    try server.succeed("apply", "odd")
    let name = try server.pactl("get-default-sink")
    #expect(name.hasPrefix("hproute.phones") && name != "hproute.phones")
    #expect(try server.volume(of: name).contains(" 45% "))
    #expect(try server.volume(of: "hproute.phones").contains(" 64% "))
    #expect(try server.position(of: "Player") == name)
    try server.succeed("revert")
    try server.requireUnchanged(since: before)
  }
}
