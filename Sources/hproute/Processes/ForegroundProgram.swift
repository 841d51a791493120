internal import Glibc

/// A program that has the terminal for as long as it runs: an editor, or a command that is run under a profile.
struct ForegroundProgram {
  /// The program, looked for in `PATH`, and its arguments.
  private let words: [String]

  init(_ words: [String]) { self.words = words }

  /// - Parameter command: as it stands in `EDITOR`: with options, and blanks in quotes.
  init(shell command: String, _ arguments: [String]) { words = ["sh", "-c", "\(command) \"$@\"", command] + arguments }

  /// The one that runs; 0 for none. A global, for a signal handler has no context.
  nonisolated(unsafe) private static var pid: pid_t = 0

  /// Runs it to its end. The keys of the terminal reach it by themselves; a signal that somebody sends to us is passed on.
  ///
  /// - Returns: its exit status; as in a shell 128 + n if signal n has ended it, 126 if it cannot be run, 127 if there is no such
  ///   program; and then why.
  func run() -> (status: Int32, reason: String?) {
    let signals = [SIGINT, SIGQUIT, SIGHUP, SIGTERM]
    Self.pid = 0
    // What comes before it is known to whom it is passed on waits until it is.
    var (set, before) = (sigset_t(), sigset_t())
    sigemptyset(&set)
    for number in signals { sigaddset(&set, number) }
    sigprocmask(SIG_BLOCK, &set, &before)
    let former = signals.map { number in
      var (action, former) = (sigaction(), sigaction())
      action.__sigaction_handler.sa_sigaction = { number, information, _ in
        // What the terminal sends has reached the program as well.
        if ForegroundProgram.pid > 0, information?.pointee.si_code ?? 0 <= 0 { kill(ForegroundProgram.pid, number) }
      }
      action.sa_flags = Int32(SA_SIGINFO | SA_RESTART)
      sigaction(number, &action, &former)
      return former
    }
    defer {
      for (number, former) in zip(signals, former) {
        var former = former
        sigaction(number, &former, nil)
      }
    }
    let started = start()
    let error = errno
    Self.pid = started ?? 0
    sigprocmask(SIG_SETMASK, &before, nil)
    guard let pid = started else { return (error == ENOENT ? 127 : 126, String(cString: strerror(error))) }
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    Self.pid = 0
    let number = status & 0x7F
    return (number == 0 ? (status >> 8) & 0xFF : 128 + number, nil)
  }

  /// - Returns: nil if it could not be started; `errno` says why.
  private func start() -> pid_t? {
    var attributes = SpawnAttributes(.foreground)
    let arguments = words.map { strdup($0) } + [nil]
    defer { arguments.forEach { free($0) } }
    var pid: pid_t = 0
    let error = posix_spawnp(&pid, words[0], nil, &attributes.it, arguments, environ)
    errno = error
    return error == 0 ? pid : nil
  }
}
