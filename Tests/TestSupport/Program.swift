internal import Foundation

/// A program that is started, and ended by its own pid.
public final class Program: @unchecked Sendable {
  public let name: String
  public let pid: Int32
  let log: String
  private var status: Int32?

  /// What came of a program that has run to its end.
  public struct Outcome: Sendable {
    public var exitCode: Int32
    public var output: String
    public var errors: String
  }

  /// Starts a program that dies with the tests, with its output in `log`.
  public convenience init(_ arguments: [String], environment: [String: String], log: String) throws {
    // Nothing a test starts outlives it, however it ends.
    try self.init(
      ["setpriv", "--pdeathsig", "KILL"] + arguments, environment: environment, output: log, errors: log)
  }

  /// Starts a program in a terminal.
  convenience init(_ arguments: [String], environment: [String: String], terminal: String, log: String) throws {
    try self.init(
      ["setpriv", "--pdeathsig", "KILL"] + arguments, environment: environment, input: terminal, output: terminal,
      errors: terminal, log: log)
  }

  fileprivate init(
    _ arguments: [String], environment: [String: String], input: String = "/dev/null", output: String, errors: String,
    log: String? = nil
  ) throws {
    name = arguments.first { !$0.hasPrefix("-") && !["setpriv", "KILL"].contains($0) } ?? ""
    self.log = log ?? errors
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY | O_NOCTTY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    let words = arguments.map { strdup($0) } + [nil]
    let variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { (words + variables).forEach { free($0) } }
    // Who runs the tests behind nohup, or in the background of a script, has some signals ignored.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    for signal in [SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGPIPE] { sigaddset(&signals, signal) }
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))
    var pid: pid_t = 0
    let error = posix_spawnp(&pid, arguments[0], &actions, &attributes, words, variables)
    guard error == 0 else { throw POSIXError(POSIXErrorCode(rawValue: error) ?? .EIO) }
    self.pid = pid
  }

  deinit { kill() }

  /// Runs a program to its end.
  public static func run(
    _ arguments: [String], environment: [String: String], within seconds: Double = 30
  ) throws -> Outcome {
    let directory = try TemporaryDirectory()
    let program = try Program(
      arguments, environment: environment, output: "\(directory.path)/output", errors: "\(directory.path)/errors")
    let exitCode = program.wait(within: seconds)
    return Outcome(
      exitCode: exitCode ?? -1, output: try directory.read("output"), errors: try directory.read("errors"))
  }

  public var isRunning: Bool {
    if status != nil { return false }
    var raw: Int32 = 0
    guard waitpid(pid, &raw, WNOHANG) == pid else { return true }
    let signal = raw & 0x7F
    status = signal == 0 ? (raw >> 8) & 0xFF : 128 + signal
    return false
  }

  /// Whether a signal has suspended it; see proc_pid_stat(5).
  public var isSuspended: Bool {
    let text = (try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)) ?? ""
    return text[(text.lastIndex(of: ")") ?? text.startIndex)...].hasPrefix(") T")
  }

  /// The exit code, or 128 and the signal; nil where it has not ended in time, and has been killed.
  public func wait(within seconds: Double) -> Int32? {
    guard eventually(within: seconds, { !isRunning }) else {
      kill()
      return nil
    }
    return status
  }

  /// The signal of a fault of its own that has ended it.
  var fault: Int32? {
    guard !isRunning, let status, [SIGSEGV, SIGABRT, SIGBUS, SIGILL, SIGFPE].contains(status - 128) else { return nil }
    return status - 128
  }

  public func send(_ signal: Int32) { if isRunning { Foundation.kill(pid, signal) } }

  /// Ends the program at once. What it would have written down is in the test's own directory, and goes with it.
  public func kill() {
    send(SIGKILL)
    _ = eventually(within: 5, { !isRunning })
  }

  public var logText: String { (try? String(contentsOfFile: log, encoding: .utf8)) ?? "" }
}
