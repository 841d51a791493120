internal import Foundation

/// A disk on which one call fails, or at which the process is killed; see `Tests/FaultyDisk`.
public enum FaultyDisk {
  public enum Fault: CaseIterable, Sendable {
    /// SIGKILL before the call.
    case kill
    /// The disk is full, and stays full.
    case full
    /// It cannot be written to any more.
    case readOnly
    /// This one call fails.
    case broken

    fileprivate var error: Int32 {
      switch self {
      case .kill: 0
      case .full: ENOSPC
      case .readOnly: EROFS
      case .broken: EIO
      }
    }
  }

  /// What a program needs in its environment to have such a disk below `directory`.
  ///
  /// - Parameters:
  ///   - call: number of the call, counted from 0.
  ///   - log: the file that is there when the call has been met.
  public static func environment(_ fault: Fault, at call: Int, below directory: String, log: String) throws -> [String: String] {
    var variables = [
      "LD_PRELOAD": try library.get(), "FAULTY_DISK": directory, "FAULTY_DISK_AT": "\(call)",
      "FAULTY_DISK_ERROR": "\(fault.error)", "FAULTY_DISK_LOG": log,
    ]
    if fault == .full || fault == .readOnly { variables["FAULTY_DISK_FOREVER"] = "1" }
    return variables
  }

  /// With which a program takes itself for one of another user.
  public static func otherUser() throws -> [String: String] { ["LD_PRELOAD": try library.get(), "FAULTY_DISK_USER": "4711"] }

  /// Built by the first who needs it.
  private static let library = Result {
    let source = URL(fileURLWithPath: #filePath).appendingPathComponent("../../FaultyDisk/faulty-disk.c").standardized.path
    let object = HProuteBinary.path + ".faulty-disk.so"
    let compiler = try Program.run(
      ["gcc", "-O1", "-shared", "-fPIC", "-o", object, source, "-ldl"], environment: ProcessInfo.processInfo.environment)
    guard compiler.exitCode == 0 else { throw PrivateServer.Failed(description: "no faulty disk: \(compiler.errors)") }
    return object
  }
}
