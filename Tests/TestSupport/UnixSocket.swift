internal import Foundation

/// Sockets of the file system, see unix(7). Servers that other tests start do not inherit them.
enum UnixSocket {
  static func listening(at path: String) throws -> Int32 {
    try open(path) { bind($0, $1, $2) == 0 && listen($0, 64) == 0 }
  }

  static func connected(to path: String) throws -> Int32 {
    try open(path) { connect($0, $1, $2) == 0 }
  }

  /// Whether somebody listens. The file is there a moment before, and who connects in between is refused.
  static func hasListener(at path: String) -> Bool {
    guard let socket = try? connected(to: path) else { return false }
    close(socket)
    return true
  }

  private static func open(_ path: String, _ use: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Bool) throws -> Int32 {
    let socket = Foundation.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
    let isDone = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { use(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
    }
    guard isDone else {
      let code = errno
      close(socket)
      throw POSIXError(POSIXErrorCode(rawValue: code) ?? .EIO)
    }
    return socket
  }
}
