internal import CPulse
internal import Glibc
internal import Synchronization

/// SIGINT, SIGTERM and SIGHUP turned into an end of the wait they come in, for as long as something must not be left
/// half done.
///
/// The signals are blocked everywhere but inside the loop's poll, so none can come between a look and a wait and go
/// unseen. The first one is reported; from then on they have their ordinary effect again, so a second one ends the
/// process at once.
public final class SignalWatch {
  /// The signal that has come and has not been reported; 0 for none. A global, for a signal handler has no context.
  private static let pending = Atomic<Int32>(0)
  /// The one that has been reported; nil for none.
  private(set) var reported: Int32?
  /// Those of the three that were not ignored when we were started; under nohup, SIGHUP stays ignored.
  private static let watched = [SIGINT, SIGTERM, SIGHUP].filter { number in
    var former = sigaction()
    sigaction(number, nil, &former)
    return unsafeBitCast(former.__sigaction_handler.sa_handler, to: Int.self) != unsafeBitCast(SIG_IGN, to: Int.self)
  }

  /// Blocks the signals. What has come before is forgotten. One watch at a time: the pending signal is a global.
  public init() {
    Self.pending.store(0, ordering: .relaxed)
    for number in Self.watched { signal(number) { SignalWatch.pending.store($0, ordering: .relaxed) } }
    Self.change(SIG_BLOCK)
  }

  /// A signal after the work is finished is ignored, so that the report is still printed, and the exit code is that of the
  /// work. Who does more than that calls ``endIgnoring()``.
  deinit { Self.end(SIG_IGN) }

  /// Signals that come after the work of a watch end the process again.
  public static func endIgnoring() { end(SIG_DFL) }

  /// The first signal that came since the last look. Afterwards another one ends the process.
  func takePending() -> Int32? {
    let signal = Self.pending.exchange(0, ordering: .relaxed)
    guard signal != 0 else { return nil }
    reported = signal
    Self.end(SIG_DFL)
    return signal
  }

  private static func end(_ disposition: sighandler_t?) {
    for number in watched { signal(number, disposition) }
    change(SIG_UNBLOCK)
  }

  private static func change(_ how: Int32) {
    var set = sigset_t()
    sigemptyset(&set)
    for number in watched { sigaddset(&set, number) }
    sigprocmask(how, &set, nil)
  }
}
