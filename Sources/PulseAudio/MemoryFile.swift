internal import CPulse
internal import Glibc

/// A file that is nowhere but in memory, and cannot become larger than it is made. The corresponding system call is
/// `memfd_create`.
public struct MemoryFile: ~Copyable {
  /// For reading and writing. Closed when the value ends, and by `execve` unless it is duplicated.
  public let descriptor: Int32

  /// - Parameter size: in bytes.
  /// - Returns: nil where the system has none to give.
  public init?(size: Int) {
    let descriptor = hproute_memory_file(size)
    guard descriptor >= 0 else { return nil }
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// What has been written, by whoever has the descriptor: up to where the next byte would go.
  public var text: String {
    let count = max(0, lseek(descriptor, 0, SEEK_CUR))
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      filled = max(0, pread(descriptor, buffer.baseAddress, count, 0))
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
