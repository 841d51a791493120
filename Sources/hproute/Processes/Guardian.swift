internal import Glibc

/// Another process of ours that goes back in our place, should we be killed.
final class Guardian {
  static let command = "__guard"

  /// What it reads from. It ends with us, whatever ends us.
  private var descriptor: Int32 = -1

  /// - Parameter words: the command of hproute that goes back.
  init(_ words: [String]) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    defer { close(ends[0]) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO)
    for output in [STDOUT_FILENO, STDERR_FILENO] {
      posix_spawn_file_actions_addopen(&actions, output, "/dev/null", O_WRONLY, 0)
    }
    var attributes = SpawnAttributes(.ownSession)
    let arguments = (["hproute", Self.command] + words).map { strdup($0) } + [nil]
    defer { arguments.forEach { free($0) } }
    var pid: pid_t = 0
    guard posix_spawn(&pid, "/proc/self/exe", &actions, &attributes.it, arguments, environ) == 0 else {
      close(ends[1])
      return
    }
    descriptor = ends[1]
  }

  /// All is well: it need not do anything.
  func dismiss() {
    guard descriptor >= 0 else { return }
    var word = UInt8(ascii: "e")
    _ = write(descriptor, &word, 1)
    close(descriptor)
    descriptor = -1
  }

  /// What that process does: waits for the end of the one that has started it, and becomes a command unless it is dismissed.
  static func wait(thenBecome words: [String]) -> Never {
    var word: UInt8 = 0
    var count: Int
    repeat { count = read(STDIN_FILENO, &word, 1) } while count < 0 && errno == EINTR
    guard count == 0 else { exit(0) }
    let arguments = (["hproute"] + words).map { strdup($0) } + [nil]
    execv("/proc/self/exe", arguments)
    exit(1)
  }
}
