internal import Foundation

extension Program {
  /// What of its memory is in the machine's, in KiB, as the kernel tells it.
  public var residentMemory: Int? {
    let lines = (try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8))?.split(separator: "\n")
    return lines?.first { $0.hasPrefix("VmRSS:") }.flatMap { Int($0.filter(\.isNumber)) }
  }

  /// How many files, sockets and pipes it has open.
  public var openFiles: Int? { try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd").count }
}

/// Runs something that takes long, and mostly waits, beside the other tests: those share as many threads as there are
/// processors, and a wait in one of them would keep a processor idle.
public func beside<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
  try await withCheckedThrowingContinuation { continuation in
    Thread { continuation.resume(with: Result { try body() }) }.start()
  }
}
