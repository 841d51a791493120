internal import Foundation

/// The devices of a desk, as properties that hardware would have.
public enum Desk {
  /// A device of PipeWire 1.4 tells its volume from when it has first played: these are never suspended.
  public static let awake = "node.always-process=true"

  static let interface =
    "device.bus=usb device.vendor.id=1235 device.product.id=8211 device.serial=Focusrite_Y7ABC"

  /// Speakers and a webcam, which are the defaults, and an interface with a microphone.
  static let pulseAudioModules = [
    // A device of the class "sound" is the default rather than one on a USB bus.
    "module-null-sink sink_name=builtin norewinds=1 sink_properties='device.description=builtin device.bus=pci device.class=sound'",
    "module-null-sink sink_name=interface norewinds=1 sink_properties='device.description=interface \(interface)'",
    "module-remap-source source_name=webcam master=builtin.monitor source_properties='device.description=webcam device.class=sound'",
    "module-remap-source source_name=mic master=builtin.monitor source_properties='device.description=mic \(interface)'",
  ]

  /// The same as nodes of PipeWire's daemon.
  static let pipeWireObjects = [
    node("builtin", "Sink", "priority.session=2000 device.bus=pci"),
    node("interface", "Sink", "priority.session=1000 \(interface)"),
    node("webcam", "Source/Virtual", "priority.session=3000"),
    node("mic", "Source/Virtual", "priority.session=1000 \(interface)"),
  ].joined(separator: "\n")

  private static func node(_ name: String, _ kind: String, _ properties: String) -> String {
    """
    { factory = adapter
        args = {
            factory.name = support.null-audio-sink node.name = \(name) node.description = \(name) media.class = Audio/\(kind)
            audio.position = [ FL FR ] \(awake) \(properties)
        }
    }
    """
  }
}

extension PrivateServer {
  /// A sink without hardware, which is loud until told otherwise.
  public func addSink(_ name: String, _ description: String, _ properties: String = "", map: String = "front-left,front-right")
    throws
  {
    try pactl(
      "load-module", "module-null-sink", "sink_name=\(name)", "norewinds=1",
      "channels=\(map.split(separator: ",").count)", "channel_map=\(map)",
      "sink_properties='device.description=\"\(description)\" \(Desk.awake) \(properties)'")
  }

  /// A microphone that hears what is played into the sink `NAME-feed`.
  public func addMicrophone(_ name: String, _ description: String, _ properties: String = "") throws {
    try addSink("\(name)-feed", "Feed of \(description)")
    try pactl(
      "load-module", "module-remap-source", "source_name=\(name)", "master=\(name)-feed.monitor", "channels=2",
      "channel_map=front-left,front-right", "master_channel_map=front-left,front-right", "remix=no",
      "source_properties='device.description=\"\(description)\" \(Desk.awake) \(properties)'")
  }

  /// Built-in speakers that are the default, a USB interface at 100 %, and its microphone.
  ///
  /// - Parameter microphone: without it there is only what would feed it, for servers that cannot remap.
  public func addDesk(microphone: Bool = true) throws {
    try addSink("builtin", "Built-in Speakers", "device.bus=pci device.form_factor=internal")
    try addSink("interface", "Scarlett Solo USB", Desk.interface)
    if microphone { try addMicrophone("mic", "Scarlett Mic", Desk.interface) } else { try addSink("mic-feed", "Feed") }
    try pactl("set-default-sink", "builtin")
    try pactl("set-default-source", "mic-feed.monitor")
    try pactl("set-sink-volume", "builtin", "30%")
    try pactl("set-sink-volume", "interface", "100%")
    let isSettled = try eventually {
      try pactl("get-default-sink") == "builtin" && pactl("get-default-source") == "mic-feed.monitor"
    }
    guard isSettled else { throw Failed(description: "the desk does not settle on its defaults") }
  }

  /// Makes a sink the default, and waits until it is.
  public func chooseDefault(_ sink: String) throws {
    try pactl("set-default-sink", sink)
    guard try eventually({ try pactl("get-default-sink") == sink }) else {
      throw Failed(description: "\(sink) does not become the default output")
    }
  }

  /// A webcam that is the default input, beside what ``addDesk(microphone:)`` has made.
  public func addWebcam() throws {
    try addMicrophone("webcam", "Webcam")
    try pactl("set-default-source", "webcam")
    guard try eventually({ try pactl("get-default-source") == "webcam" }) else {
      throw Failed(description: "the webcam does not become the default input")
    }
  }

  /// A program that plays a tone until the test ends, and is there when this returns.
  @discardableResult
  public func play(_ name: String, tone: Tone = .silence, to sink: String? = nil, properties: [String] = []) throws -> Program {
    let file = try tone.file(in: directory, seconds: 60)
    let arguments =
      [
        "pacat", "--playback", "--raw", "--format=float32le", "--rate=48000", "--channels=2", "--latency-msec=20",
        "--client-name=\(name)", "--stream-name=\(name)",
      ] + (sink.map { ["--device=\($0)"] } ?? []) + properties.map { "--property=\($0)" } + [file]
    let start = { try Program(arguments, environment: self.environment, log: "\(self.directory.path)/\(name).log") }
    var program = try start()
    let isThere = try eventually {
      // PipeWire refuses streams until its session manager is there.
      if !program.isRunning { program = try start() }
      return try position(of: name) != nil
    }
    players.append(program)
    guard isThere else { throw Failed(description: "\(name) does not play: \(program.logText)") }
    // PipeWire shows it as silent until its volume is known; some are.
    _ = try eventually(within: 1) {
      try objects("sink-inputs").allSatisfy { stream in
        !stream.lines.contains("media.name = \"\(name)\"")
          || !stream.lines.contains { $0.hasPrefix("Volume: ") && $0.contains(" 0% ") }
      }
    }
    return program
  }

  /// The name of the sink a player plays to.
  public func position(of player: String) throws -> String? {
    let sinks = try pactl("list", "short", "sinks").split(separator: "\n").map { $0.split(separator: "\t") }
    for block in try pactl("list", "sink-inputs").components(separatedBy: "Sink Input #").dropFirst()
    where block.contains("media.name = \"\(player)\"") {
      let number = block.split(separator: "\n").first { $0.contains("Sink: ") }?.split(separator: " ").last
      return sinks.first { $0.first == number }.map { String($0[1]) }
    }
    return nil
  }

  /// The number of the stream of a player.
  public func index(of player: String) throws -> String? {
    let blocks = try pactl("list", "sink-inputs").components(separatedBy: "Sink Input #").dropFirst()
    return blocks.first { $0.contains("media.name = \"\(player)\"") }.map { String($0.prefix { $0.isNumber }) }
  }

  /// What pactl tells of the streams (`sink-inputs` or `source-outputs`) of a device.
  public func streams(_ kind: String, on device: String) throws -> [String] {
    let rows = try pactl("list", "short", kind == "sink-inputs" ? "sinks" : "sources").split(separator: "\n").map { line in
      line.split(separator: "\t").map(String.init)
    }
    let number: String = rows.first { $0.count > 1 && $0[1] == device }?[0] ?? "none"
    let line = (kind == "sink-inputs" ? "Sink: " : "Source: ") + number
    return try pactl("list", kind).components(separatedBy: " #").dropFirst().filter { block in
      block.components(separatedBy: "\n").contains { $0.trimmingCharacters(in: .whitespaces) == line }
    }
  }

  /// Ends a program that plays, and waits until its stream has gone.
  public func endPlayer(_ name: String) throws {
    let index = try index(of: name)
    for player in players where player.log.hasSuffix("/\(name).log") { player.kill() }
    players.removeAll { !$0.isRunning }
    guard try eventually({ try self.index(of: name) != index || index == nil }) else {
      throw Failed(description: "\(name) goes on")
    }
  }

  /// Has somebody turn a program, which ends then, until the server remembers that for it.
  public func turn(_ name: String, to percent: Int) throws {
    let isRemembered = try eventually {
      try play(name)
      guard let index = try index(of: name) else { return false }
      // What comes too soon is not remembered, and what is so already is no news.
      try pactl("set-sink-input-volume", index, "\(percent + 1)%")
      try pactl("set-sink-input-volume", index, "\(percent)%")
      try endPlayer(name)
      try play(name)
      defer { try? endPlayer(name) }
      return try eventually(within: 0.5) { try pactl("list", "sink-inputs").contains(" \(percent)% ") }
    }
    guard isRemembered else { throw Failed(description: "\(name) is not remembered at \(percent) %") }
  }

  /// Ends all programs that play.
  public func endPlayers() {
    players.forEach { $0.kill() }
    players = []
  }

  /// Unloads the modules that have `argument` in their arguments.
  public func unload(_ argument: String) throws {
    for block in try pactl("list", "modules").components(separatedBy: "Module #").dropFirst()
    where block.contains(argument) {
      try pactl("unload-module", String(block.prefix { $0.isNumber }))
    }
  }

  /// The volume line of a device, as pactl prints it.
  public func volume(of sink: String) throws -> String { try pactl("get-sink-volume", sink) }

  // MARK: - hproute

  /// Runs the program that was built with the tests.
  public func hproute(_ arguments: String..., within seconds: Double = 30) throws -> Program.Outcome {
    try Program.run([HProuteBinary.path] + arguments, environment: environment, within: seconds)
  }

  /// Runs the program, which has to succeed.
  @discardableResult
  public func succeed(_ arguments: String...) throws -> String {
    let outcome = try Program.run([HProuteBinary.path] + arguments, environment: environment)
    guard outcome.exitCode == 0 else {
      throw Failed(
        description: "hproute \(arguments.joined(separator: " ")): \(outcome.exitCode)\n\(outcome.output)\(outcome.errors)")
    }
    return outcome.output
  }

  public func writeProfile(_ name: String, _ text: String) throws {
    try directory.write(text, to: "profiles/\(name).profile")
  }
}

/// The program under test.
public enum HProuteBinary {
  /// As it is installed, for what depends on how it was built: `make build`.
  public static let released = URL(fileURLWithPath: #filePath).appendingPathComponent("../../../.build/release/hproute")
    .standardized.path

  /// Beside the test bundle, where the build puts both, unless `HPROUTE_TEST_PROGRAM` says where it is.
  public static let path: String = {
    if let path = ProcessInfo.processInfo.environment["HPROUTE_TEST_PROGRAM"] { return path }
    let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
    return URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent("hproute").path
  }()
}
