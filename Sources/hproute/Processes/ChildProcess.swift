internal import AudioGraph
internal import PulseAudio

internal import Glibc

/// Another program, started from here with nothing of ours but its environment, and ended if it takes too long.
struct ChildProcess {
  /// How it ended.
  enum End: Equatable {
    case exit(Int32)
    case signal(Int32)
    /// It was still running when its time was over, and has been killed, with all that it had started.
    case timeout
    /// It could not be started.
    case missing(String)
  }

  /// Whatever a program writes beyond this is not kept, in bytes.
  private static let outputLimit = 16_384

  private let pid: pid_t
  private let output: Int32

  /// Runs a program to its end.
  ///
  /// - Parameters:
  ///   - words: the program, looked for in `PATH`, and its arguments. Nothing in them is looked at by a shell.
  ///   - variables: what is added to the environment.
  ///   - limit: how long it may take.
  ///   - loop: where it is waited for.
  /// - Returns: how it ended, and what it wrote on both of its streams.
  /// - Throws: ``ServerError/interrupted(signal:)`` where we are told to stop; the program is killed then.
  static func run(
    _ words: [String], _ variables: [String: String] = [:], limit: Duration, on loop: EventLoop
  ) throws(ServerError) -> (end: End, output: String) {
    guard let child = ChildProcess(words, variables) else { return (.missing(String(cString: strerror(errno))), "") }
    return try child.wait(until: .now + limit, on: loop)
  }

  private init?(_ words: [String], _ variables: [String: String]) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return nil }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO)
    var attributes = Self.attributes()
    defer { posix_spawnattr_destroy(&attributes) }

    var environment = variables.map { "\($0.key)=\($0.value)" }
    var entry = environ
    while let text = entry.pointee {
      let line = String(cString: text)
      if variables[String(line.prefix { $0 != "=" })] == nil { environment.append(line) }
      entry += 1
    }
    let arguments = words.map { strdup($0) } + [nil], strings = environment.map { strdup($0) } + [nil]
    defer { (arguments + strings).forEach { free($0) } }
    var pid: pid_t = 0
    let error = posix_spawnp(&pid, words[0], &actions, &attributes, arguments, strings)
    close(ends[1])
    guard error == 0 else {
      close(ends[0])
      errno = error
      return nil
    }
    (self.pid, output) = (pid, ends[0])
  }

  /// A group of its own, so that it can be ended with all that it starts, and the signals that we block or ignore as they
  /// are by default.
  private static func attributes() -> posix_spawnattr_t {
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    for number in [SIGPIPE, SIGXFSZ, SIGINT, SIGTERM, SIGHUP] { sigaddset(&signals, number) }
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))
    return attributes
  }

  /// How often a program is looked after that does not say anything.
  private static let glance = Duration.milliseconds(10)

  private func wait(until deadline: ContinuousClock.Instant, on loop: EventLoop) throws(ServerError) -> (End, String) {
    defer { close(output) }
    var bytes: [UInt8] = []
    while true {
      drain(into: &bytes)
      if let end = end() {
        drain(into: &bytes)
        return (end, String(decoding: bytes, as: UTF8.self))
      }
      guard ContinuousClock.now < deadline else {
        kill()
        return (.timeout, String(decoding: bytes, as: UTF8.self))
      }
      do { try loop.wait(until: .now + Self.glance) { false } } catch {
        kill()
        throw error
      }
    }
  }

  /// Takes in what has been written, without waiting for more: what a program leaves behind in the background may hold the
  /// other end open for ever.
  private func drain(into bytes: inout [UInt8]) {
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = read(output, &buffer, buffer.count)
      guard count > 0 else { return }
      bytes += buffer[..<count].prefix(Self.outputLimit - bytes.count)
    }
  }

  private func end() -> End? {
    var status: Int32 = 0
    guard waitpid(pid, &status, WNOHANG) == pid else { return nil }
    let signal = status & 0x7F
    return signal == 0 ? .exit((status >> 8) & 0xFF) : .signal(signal)
  }

  private func kill() {
    Glibc.kill(-pid, SIGKILL)
    waitpid(pid, nil, 0)
  }
}
