internal import Foundation

/// Another client of the server, which is told of every stream that changes, and tells where it was and when.
public final class StreamWitness {
  /// Where a stream was seen.
  public struct Sighting: Hashable, Sendable {
    /// Milliseconds of a clock that goes on.
    public var moment: Double
    /// Nil while the stream was on its way from one device to another.
    public var device: String?
  }

  private let program: Program

  /// Begins to look, and knows where everybody is when this returns.
  public init(_ server: PrivateServer) throws {
    let log = "\(server.directory.path)/witness.log"
    unlink(log)
    program = try Program(
      [try DeskPlayer.program.get(), "witness"], environment: server.environment, log: log)
    guard eventually({ program.logText.contains("ready\n") }) else {
      throw PrivateServer.Failed(description: "the witness sees nothing: \(program.logText)")
    }
  }

  /// Looks on until nothing has been seen for a while.
  ///
  /// - Returns: where each stream was, in the order in which it was seen there, by its name; one that records is called
  ///   `record NAME`.
  public func stop() throws -> [String: [Sighting]] {
    var text = program.logText
    guard
      try steadily(
        for: 0.3,
        {
          defer { text = program.logText }; return program.logText == text
        })
    else {
      throw PrivateServer.Failed(description: "there is no end to what the witness sees")
    }
    program.kill()
    var sightings: [String: [Sighting]] = [:]
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 4, let moment = Double(parts[0]) else { continue }
      let name = parts[1] == "play" ? parts[2] : "record \(parts[2])"
      sightings[name, default: []].append(Sighting(moment: moment, device: parts[3] == "-" ? nil : parts[3]))
    }
    return sightings
  }
}

extension [StreamWitness.Sighting] {
  /// The devices, each where it was come to.
  public var path: [String] {
    compactMap(\.device).reduce(into: []) { path, device in if path.last != device { path.append(device) } }
  }

  /// For how long at most the stream was elsewhere, in milliseconds; nil where it never came back.
  public func absence(from home: String) -> Double? {
    var (longest, left): (Double, Double?) = (0, nil)
    for sighting in self {
      if sighting.device == home {
        if let since = left { longest = Swift.max(longest, sighting.moment - since) }
        left = nil
      } else if left == nil, sighting.device != nil {
        left = sighting.moment
      }
    }
    return left == nil ? longest : nil
  }
}
