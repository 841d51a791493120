internal import Foundation

/// A private server with programs that play, behind a gate, and what it looks like before and after an apply.
public final class CampaignDesk {
  public let server: PrivateServer
  public let gate: PacketGate
  /// As pactl tells it before anything was done.
  public let baseline: [String]
  /// And after an apply of `studio` that nothing happened to.
  public private(set) var applied: [String] = []
  /// What hproute needs in its environment to go through the gate.
  private let environment: [String: String]

  public static let studio = """
    [output phones]
    match   = usb:1235:8211
    volume  = 45%
    limit   = -6 dB
    balance = -20%
    [input mic]
    match    = usb:1235:8211
    channels = 1
    volume   = 80%
    [monitor]
    from   = mic
    to     = phones
    volume = -6 dB
    [output speakers]
    match   = bus:pci
    default = no
    mute    = yes
    [stream Game]
    to     = speakers
    volume = 50%
    [stream Later]
    to     = speakers
    volume = 60%
    [stream Never]
    to     = phones
    volume = 60%
    """
  static let quiet = """
    [output speakers]
    match  = bus:pci
    volume = 20%
    [output phones]
    match   = usb:1235:8211
    volume  = -30 dB
    default = no
    [input mic]
    match  = usb:1235:8211
    volume = 60%
    [monitor]
    from    = mic
    to      = phones
    latency = 30 ms
    """

  public init(_ kind: ServerKind) throws {
    server = try PrivateServer(kind, withDesk: true)
    let socket = server.directory.path + "/run/pulse/native"
    gate = try PacketGate(server.directory.path + "/gate", to: socket)
    environment = server.environment.merging(["PULSE_SERVER": "unix:\(gate.path)"]) { $1 }
    try server.writeProfile("studio", Self.studio)
    try server.writeProfile("quiet", Self.quiet)
    try server.startPlayers()
    try server.teach()
    baseline = try server.snapshot(masking: true)
    guard baseline.contains("Default Sink: builtin"), baseline.contains("Default Source: webcam") else {
      throw PrivateServer.Failed(description: "another desk than was meant: \(baseline)")
    }
    try require(["apply", "studio"])
    applied = try server.snapshot(masking: true)
    try require(["revert"])
    try requireState(baseline, "a revert that nothing happened to")
    try requireMemory("a revert that nothing happened to")
  }

  /// Starts the server again, and the programs that play.
  ///
  /// - Parameter forgetting: whether it shall not know what devices and streams it had. It writes that down a second or
  ///   more after it has changed, so that one that is killed knows a mixture of what was and what had been.
  public func restart(forgetting: Bool = false) throws {
    server.endPlayers()
    server.stop()
    if forgetting {
      for memory in ["state/wireplumber", "config/pulse"] {
        try? FileManager.default.removeItem(atPath: "\(server.directory.path)/\(memory)")
      }
    }
    try server.start()
    try server.startPlayers()
    if forgetting { try server.teach() }
  }

  /// Starts a part of the server again that has been stopped, and the programs that have ended with it.
  public func restart(_ part: PrivateServer.Part) throws {
    server.endPlayers()
    try server.start()
    try server.startPlayers()
  }

  /// Runs hproute through the gate.
  ///
  /// - Parameter more: what else shall be in its environment.
  public func run(_ arguments: [String], _ more: [String: String] = [:]) throws -> Program.Outcome {
    try Program.run([HProuteBinary.path] + arguments, environment: environment.merging(more) { $1 })
  }

  /// Starts hproute, and does not wait for its end.
  ///
  /// - Parameter log: name of the file in which it writes.
  public func start(_ arguments: [String], log: String) throws -> Program {
    try Program([HProuteBinary.path] + arguments, environment: environment, log: "\(server.directory.path)/\(log)")
  }

  /// Runs a command that nothing happens to.
  public func require(_ arguments: [String]) throws {
    let outcome = try run(arguments)
    guard outcome.exitCode == 0 else {
      throw PrivateServer.Failed(
        description: "'\(arguments.joined(separator: " "))' ended with \(outcome.exitCode): \(outcome.errors)")
    }
  }

  /// - Throws: where the server is not, and does not become within a moment, as it should be.
  public func requireState(_ wanted: [String], _ after: String) throws {
    var found: [String] = []
    let holds = try eventually(within: 2) {
      found = try server.snapshot(masking: true)
      return found == wanted
    }
    if !holds { throw PrivateServer.Failed(description: "after \(after):\n\(difference(wanted, found) ?? "")") }
  }

  /// - Throws: where programs that were not there begin elsewhere than before, or not as loud.
  public func requireMemory(_ after: String) throws {
    for (name, place, volume) in [("Later", "interface", "33%"), ("Never", "builtin", "100%")] {
      let begins = {
        try self.server.play(name)
        return try eventually(within: 2) {
          try self.server.streams("sink-inputs", on: place).contains {
            $0.contains("media.name = \"\(name)\"") && $0.contains(" \(volume) ")
          }
        }
      }
      guard try begins() else {
        let position = try server.position(of: name) ?? "nowhere"
        let found = try server.streams("sink-inputs", on: position).filter { $0.contains("media.name = \"\(name)\"") }
        let level = found.first?.split(separator: "\n").first { $0.contains("Volume: ") } ?? ""
        // Whether that is what is remembered, or only how this one was led.
        try server.endPlayer(name)
        let next = try begins() ? "as it should" : "no better"
        throw PrivateServer.Failed(
          description: "after \(after) \(name) plays to \(position) and not to \(place) at \(volume): \(level); "
            + "the next one is \(next)")
      }
      try server.endPlayer(name)
    }
  }

  /// - Throws: where hproute has left something behind in its directory.
  public func requireNothingWrittenDown() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: "\(server.directory.path)/state/hproute")
    guard files == ["lock"] else { throw PrivateServer.Failed(description: "left behind: \(files)") }
  }
}

extension PrivateServer {
  /// Has the server remember for a program where it was put, and how loud.
  fileprivate func teach() throws {
    try play("Later")
    let isPut = try eventually {
      guard let index = try index(of: "Later") else { return false }
      try pactl("set-sink-input-volume", index, "33%")
      // pipewire-pulse loses what a client asks for that is gone before it is done.
      try pactl("move-sink-input", index, "interface")
      return try eventually(within: 0.3) {
        try streams("sink-inputs", on: "interface").contains { $0.contains("media.name = \"Later\"") && $0.contains(" 33% ") }
      }
    }
    guard isPut else { throw Failed(description: "Later does not go to the interface") }
    try endPlayer("Later")
  }

  /// One program that follows the default, one that has asked for its device, and one that a profile names.
  fileprivate func startPlayers() throws {
    try play("Follower")
    try play("Settled", to: "builtin")
    try play("Game")
  }
}
