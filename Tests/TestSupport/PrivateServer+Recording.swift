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
    let sources = try listed("sources")
    for block in try objects("source-outputs") where block.lines.contains("media.name = \"\(name)\"") {
      let number = block.lines.first { $0.hasPrefix("Source: ") }?.dropFirst(8)
      return sources.first { String($0.index) == number ?? "" }?.name
    }
    return nil
  }

  /// The number of the stream of a program that records.
  public func recorderIndex(of name: String) throws -> String? {
    try objects("source-outputs").first { $0.lines.contains("media.name = \"\(name)\"") }?.number
  }
}
