internal import Glibc

/// A program that has the terminal for as long as it runs: an editor.
struct ForegroundProgram {
  /// What the program is called with; the first is a command line for the shell, the rest are added to it as they are.
  private let words: [String]

  /// - Parameter command: as it stands in `EDITOR`: with options, and blanks in quotes.
  init(_ command: String, _ arguments: [String]) { words = ["sh", "-c", "\(command) \"$@\"", command] + arguments }

  /// Runs it to its end. The keys that end programs are meant for it, and not for us.
  ///
  /// - Returns: its exit status; as in a shell 128 + n if signal n has ended it, 127 if there is no such program.
  func run() -> Int32 {
    let keys = [SIGINT, SIGQUIT, SIGHUP]
    let former = keys.map { signal($0, SIG_IGN) }
    defer { for (key, handler) in zip(keys, former) { signal(key, handler) } }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    for number in keys + [SIGPIPE, SIGXFSZ, SIGTERM] { sigaddset(&signals, number) }
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    let arguments = words.map { strdup($0) } + [nil]
    defer { arguments.forEach { free($0) } }
    var pid: pid_t = 0
    guard posix_spawn(&pid, "/bin/sh", nil, &attributes, arguments, environ) == 0 else { return 127 }
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    let number = status & 0x7F
    return number == 0 ? (status >> 8) & 0xFF : 128 + number
  }
}
