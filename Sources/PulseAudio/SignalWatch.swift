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
  private let watched: [Int32]

  /// Blocks the signals. What has come before is forgotten. One watch at a time: the pending signal is a global.
  public init() {
    Self.pending.store(0, ordering: .relaxed)
    watched = [SIGINT, SIGTERM, SIGHUP].filter { number in
      var former = sigaction()
      sigaction(number, nil, &former)
      return unsafeBitCast(former.__sigaction_handler.sa_handler, to: Int.self) != unsafeBitCast(SIG_IGN, to: Int.self)
    }
    for number in watched { signal(number) { SignalWatch.pending.store($0, ordering: .relaxed) } }
    change(SIG_BLOCK)
  }

  /// A signal after the work is finished is ignored, so that the report is still printed.
  deinit {
    for number in watched { signal(number, SIG_IGN) }
    end()
  }

  /// The first signal that came since the last look. Afterwards another one ends the process.
  func takePending() -> Int32? {
    let signal = Self.pending.exchange(0, ordering: .relaxed)
    guard signal != 0 else { return nil }
    reported = signal
    end()
    return signal
  }

  private func end() {
    for number in watched { signal(number, SIG_DFL) }
    change(SIG_UNBLOCK)
  }

  private func change(_ how: Int32) {
    var set = sigset_t()
    sigemptyset(&set)
    for number in watched { sigaddset(&set, number) }
    sigprocmask(how, &set, nil)
  }
}
