internal import AudioGraph
internal import Glibc
internal import PulseAudio

/// Another program, started from here with nothing of ours but its environment, and ended if it takes too long.
struct ChildProcess: ~Copyable {
  /// How it ended.
  enum End: Equatable {
    case exit(Int32)
    case signal(Int32)
    /// It was still running when its time was over, and has been killed, with all that it had started.
    case timeout
    /// It could not be started.
    case missing(String)
  }

  /// A program can write no more than this, in bytes.
  private static let outputLimit = 1 << 20

  private let pid: pid_t
  /// What it writes, on both of its streams. In memory, and no pipe: nobody has to read it, and what is left in the background
  /// may go on writing.
  private let output: MemoryFile

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
    guard let output = MemoryFile(size: Self.outputLimit) else { return nil }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output.descriptor, STDOUT_FILENO)
    posix_spawn_file_actions_adddup2(&actions, output.descriptor, STDERR_FILENO)
    var attributes = SpawnAttributes(.ownGroup)
    var environment = variables.map { "\($0.key)=\($0.value)" }
    var entry = environ
    while let text = entry.pointee {
      let line = String(cString: text)
      if variables[String(line.prefix { $0 != "=" })] == nil { environment.append(line) }
      entry += 1
    }
    let arguments = words.map { strdup($0) } + [nil]
    let strings = environment.map { strdup($0) } + [nil]
    defer { (arguments + strings).forEach { free($0) } }
    var pid: pid_t = 0
    let error = posix_spawnp(&pid, words[0], &actions, &attributes.it, arguments, strings)
    guard error == 0 else {
      errno = error
      return nil
    }
    self.pid = pid
    self.output = output
  }

  /// How often it is looked whether the program has ended.
  private static let glance = Duration.milliseconds(10)

  private func wait(until deadline: ContinuousClock.Instant, on loop: EventLoop) throws(ServerError) -> (End, String) {
    while true {
      if let end = end() { return (end, output.text) }
      guard ContinuousClock.now < deadline else {
        kill()
        return (.timeout, output.text)
      }
      do { try loop.wait(until: .now + Self.glance) { false } } catch {
        kill()
        throw error
      }
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
    Glibc.kill(pid, SIGKILL)
    waitpid(pid, nil, 0)
  }
}
