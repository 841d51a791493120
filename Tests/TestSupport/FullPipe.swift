internal import Foundation

/// A named pipe that takes nothing more until somebody reads: who writes to it waits.
public final class FullPipe {
  private let descriptor: Int32

  public init(_ path: String) throws {
    unlink(path)
    guard mkfifo(path, 0o600) == 0 else { throw PrivateServer.Failed(description: "no pipe at \(path)") }
    // Open for both, so that neither end waits for the other.
    descriptor = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC)
    let filling = [UInt8](repeating: UInt8(ascii: "."), count: 4096)
    while write(descriptor, filling, filling.count) > 0 {}
    while write(descriptor, filling, 1) > 0 {}
  }

  deinit { close(descriptor) }

  /// Reads all that is written until `isOver`.
  ///
  /// - Throws: where that takes longer than a moment.
  public func text(until isOver: () throws -> Bool) throws -> String {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    let hasEnded = try eventually {
      let wasOver = try isOver()
      var count = read(descriptor, &buffer, buffer.count)
      while count > 0 {
        bytes += buffer[..<count]
        count = read(descriptor, &buffer, buffer.count)
      }
      return wasOver
    }
    guard hasEnded else { throw PrivateServer.Failed(description: "it goes on: \(String(decoding: bytes, as: UTF8.self))") }
    return String(decoding: bytes.drop { $0 == UInt8(ascii: ".") }, as: UTF8.self)
  }
}
