internal import Foundation

extension PrivateServer {
  /// Starts a program that does what pacat cannot do, until the test ends: `play Song device=phones fixed`.
  @discardableResult
  public func start(deskPlayer words: String...) throws -> Program {
    var player = DeskPlayer(name: words[1], isRecording: words[0] == "record")
    for word in words.dropFirst(2) {
      switch word {
      case "fixed": player.isFixed = true
      case "meter": player.isMeter = true
      case "corked": player.isCorked = true
      default:
        let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { throw BrokenDesk("no word for a player: \(word)") }
        if parts[0] == "device" { player.device = parts[1] }
        if parts[0] == "role" { player.role = parts[1] }
      }
    }
    let program = try player.start(on: self)
    players.append(program)
    return program
  }
}

/// A program on a random desk that plays or records, and does what pacat cannot do; see `Tests/DeskPlayer`.
struct DeskPlayer: Hashable, Sendable {
  /// No other program of the sequence has it: servers remember programs by their names.
  var name: String
  var isRecording = false
  /// What it has asked for; without one it is where the server puts it.
  var device: String?
  var role: String?
  var channels = 2
  var isCorked = false
  /// Asks the server never to be moved.
  var isFixed = false
  var isMeter = false

  var object: DeskObject { DeskObject(isRecording ? .recording : .stream, name) }

  var words: [String] {
    [isRecording ? "record" : "play", name] + (device.map { ["device=\($0)"] } ?? []) + (role.map { ["role=\($0)"] } ?? [])
      + ["channels=\(channels)"] + (isCorked ? ["corked"] : []) + (isFixed ? ["fixed"] : []) + (isMeter ? ["meter"] : [])
  }

  /// Built by the first who needs it.
  static let program = Result {
    let source = URL(fileURLWithPath: #filePath).appendingPathComponent("../../../DeskPlayer/desk-player.c").standardized.path
    let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
    let object = URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent("desk-player").path
    let compiler = try Program.run(
      ["gcc", "-O1", "-o", object, source, "-lpulse"], environment: ProcessInfo.processInfo.environment)
    guard compiler.exitCode == 0 else { throw PrivateServer.Failed(description: "no desk-player: \(compiler.errors)") }
    return object
  }

  /// Starts it, and waits until its stream is there.
  func start(on server: PrivateServer) throws -> Program {
    let log = "\(server.directory.path)/\(name).player"
    let program = try Self.program.get()
    let start = {
      unlink(log)
      return try Program([program] + words, environment: server.environment, log: log)
    }
    var player = try start()
    let isReady = try eventually {
      // PipeWire refuses streams until its session manager is there.
      if !player.isRunning { player = try start() }
      if player.logText.contains("ready") { return true }
      // PipeWire 1.6 lets one that records wait until there is a source: it is listed without a device.
      return try isRecording && device == nil
        && server.objects("source-outputs").contains { $0.lines.contains("media.name = \"\(name)\"") }
    }
    guard isReady else { throw BrokenDesk("\(name) does not start: \(player.logText)") }
    return player
  }
}
