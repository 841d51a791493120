internal import Glibc

/// Tells the service manager that started us how far we are. The protocol is that of sd_notify(3): a datagram of lines to
/// the socket in `NOTIFY_SOCKET`.
struct ServiceNotifier {
  private let path: String?

  /// Takes the variable out of the environment: what we start is not asked.
  init() {
    path = getenv("NOTIFY_SOCKET").map { String(cString: $0) }
    unsetenv("NOTIFY_SOCKET")
  }

  func ready(_ status: String) { send("READY=1\nSTATUS=\(Self.line(status))") }
  func tell(_ status: String) { send("STATUS=\(Self.line(status))") }
  func stopping() { send("STOPPING=1") }

  private static func line(_ text: String) -> String { text.split(separator: "\n").joined(separator: " ") }

  /// Nobody waits for an answer, and nothing depends on it.
  private func send(_ text: String) {
    guard let path, path.utf8.count < 108 else { return }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { bytes in
      bytes.copyBytes(from: path.utf8)
      // An abstract socket: written with '@', meant with a zero.
      if path.hasPrefix("@") { bytes[0] = 0 }
    }
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    let length = socklen_t(MemoryLayout<sa_family_t>.size + path.utf8.count)
    var text = text
    text.withUTF8 { bytes in
      withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          _ = sendto(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL), $0, length)
        }
      }
    }
  }
}
