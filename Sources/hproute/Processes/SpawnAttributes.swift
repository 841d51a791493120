internal import Glibc

/// How a program begins that is started from here; see posix_spawn(3).
struct SpawnAttributes: ~Copyable {
  /// Which group of processes it belongs to.
  enum Place: Int32 {
    /// Ours: it has the terminal.
    case foreground = 0
    /// One of its own, so that it can be ended with all that it starts.
    case ownGroup = 0x02
    /// A session of its own: neither the keys of the terminal nor its end are for it.
    case ownSession = 0x80
  }

  var it = posix_spawnattr_t()

  /// No signal is blocked, and those that we block, catch or ignore are as they are by default.
  init(_ place: Place) {
    posix_spawnattr_init(&it)
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&it, &signals)
    for number in [SIGPIPE, SIGXFSZ, SIGINT, SIGQUIT, SIGTERM, SIGHUP] { sigaddset(&signals, number) }
    posix_spawnattr_setsigdefault(&it, &signals)
    posix_spawnattr_setpgroup(&it, 0)
    posix_spawnattr_setflags(&it, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | place.rawValue))
  }

  deinit {
    var it = it
    posix_spawnattr_destroy(&it)
  }
}
