import Foundation
import TestSupport
import Testing

/// Directories that are there, and may not be read.
@Suite(.timeLimit(.minutes(45))) struct UnreadableTests {
  /// As somebody who may not read everything, as root may.
  private static let somebody = geteuid() == 0 ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : []

  private let directory: TemporaryDirectory
  private let environment: [String: String]

  init() throws {
    directory = try TemporaryDirectory()
    environment = [
      "HOME": try directory.make("home"), "PULSE_SERVER": "unix:\(directory.path)/no-server",
      "XDG_DATA_DIRS": "\(directory.path)/nothing",
      "HPROUTE_PROFILE_PATH": "\(try directory.make("locked")):\(try directory.make("open"))",
      "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin",
    ]
    chmod(directory.path, 0o755)
    for name in ["home", "open", "locked"] { chown("\(directory.path)/\(name)", geteuid() == 0 ? 65534 : geteuid(), getegid()) }
    chmod("\(directory.path)/locked", 0)
  }

  /// The time that a process has computed, in hundredths of a second.
  private func computed(_ pid: Int32) throws -> Int {
    let fields =
      try String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8).split(separator: ")").last?.split(separator: " ") ?? []
    return fields[11...12].compactMap { Int($0) }.reduce(0, +)
  }

  @Test func watchWaitsAndHearsSignals() throws {
    let program = try Program(
      Self.somebody + [HProuteBinary.path, "watch"], environment: environment, log: "\(directory.path)/log")
    defer { chmod("\(directory.path)/locked", 0o700) }
    #expect(eventually { program.logText.contains("watching") }, "\(program.logText)")
    let before = try computed(program.pid)
    // The other directory is looked at.
    let profile = try directory.write("[profile]\nrubbish\n[output]\nmatch = bus:usb\n", to: "open/new.profile")
    chmod(profile, 0o644)
    #expect(eventually { program.logText.contains("new.profile") }, "\(program.logText)")
    _ = steadily(for: 1) { program.isRunning }
    #expect(try computed(program.pid) - before < 30)
    // And so is the one that may be read from now on.
    chmod("\(directory.path)/locked", 0o755)
    let late = try directory.write("rubbish\n", to: "locked/late.profile")
    chmod(late, 0o644)
    #expect(eventually { program.logText.contains("late.profile") }, "\(program.logText)")
    program.send(SIGTERM)
    #expect(program.wait(within: 3) == 0)
  }
}
