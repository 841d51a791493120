internal import Foundation

extension PrivateServer {
  /// A program that records until the test ends, and is there when this returns.
  @discardableResult
  public func record(_ name: String, from source: String? = nil, properties: [String] = []) throws -> Program {
    let arguments =
      [
        "pacat", "--record", "--raw", "--format=float32le", "--rate=48000", "--channels=2", "--latency-msec=20",
        "--client-name=\(name)", "--stream-name=\(name)",
      ] + (source.map { ["--device=\($0)"] } ?? []) + properties.map { "--property=\($0)" }
    let program = try Program(
      ["sh", "-c", "exec \"$@\" >/dev/null", "sh"] + arguments, environment: environment, log: "\(directory.path)/\(name).log")
    players.append(program)
    guard try eventually({ try recorderPosition(of: name) != nil }) else {
      throw Failed(description: "\(name) does not record: \(program.logText)")
    }
    return program
  }

  /// The name of the source a program records from.
  public func recorderPosition(of name: String) throws -> String? {
    let sources = try pactl("list", "short", "sources").split(separator: "\n").map { $0.split(separator: "\t") }
    for block in try objects("source-outputs") where block.lines.contains("media.name = \"\(name)\"") {
      let number = block.lines.first { $0.hasPrefix("Source: ") }?.dropFirst(8)
      return sources.first { $0[0] == number ?? "" }.map { String($0[1]) }
    }
    return nil
  }

  /// The number of the stream of a program that records.
  public func recorderIndex(of name: String) throws -> String? {
    try objects("source-outputs").first { $0.lines.contains("media.name = \"\(name)\"") }?.number
  }
}

/// Looks all the time where streams are, as another program would see it.
public final class StreamWitness: @unchecked Sendable {
  private let ended = Shared(false)
  private let places = Shared<[String: [String]]>([:])
  private let thread: DispatchSemaphore

  /// Begins to look, and has looked once when this returns.
  public init(_ server: PrivateServer) throws {
    let (ended, places, done) = (ended, places, DispatchSemaphore(value: 0))
    thread = done
    let begun = DispatchSemaphore(value: 0)
    Thread {
      var isFirst = true
      while !ended.value || isFirst {
        if let found = try? server.streamPlaces() {
          for (name, place) in found where places.value[name]?.last != place { places.value[name, default: []].append(place) }
          if isFirst { begun.signal() }
          isFirst = false
        }
      }
      done.signal()
    }.start()
    guard begun.wait(timeout: .now() + 10) == .success else {
      throw PrivateServer.Failed(description: "the witness sees nothing")
    }
  }

  /// Where each stream was, in the order in which it was seen there.
  public func stop() throws -> [String: [String]] {
    ended.value = true
    guard thread.wait(timeout: .now() + 10) == .success else {
      throw PrivateServer.Failed(description: "the witness does not end")
    }
    return places.value
  }
}

extension PrivateServer {
  /// Where all streams that play are, by their names.
  func streamPlaces() throws -> [String: String] {
    let blocks = try objects()
    let sinks = Dictionary(
      blocks.filter { $0.kind == "Sink" }.map { ($0.number, $0.name) }, uniquingKeysWith: { first, _ in first })
    var places: [String: String] = [:]
    for block in blocks where block.kind == "Sink Input" {
      let name = block.lines.first { $0.hasPrefix("media.name = ") }.map { $0.dropFirst(14).dropLast() }
      let number = block.lines.first { $0.hasPrefix("Sink: ") }.map { String($0.dropFirst(6)) }
      if let name, let sink = number.flatMap({ sinks[$0] }) { places[String(name)] = sink }
    }
    return places
  }
}
