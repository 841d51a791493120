internal import Glibc

/// A terminal that is drawn on again and again, and looks as before afterwards: also while the program is suspended.
final class Screen {
  /// The second screen of a terminal, without a cursor; see xterm's control sequences, DECSET 1049 and 25.
  private static let (enter, restore): (StaticString, StaticString) = ("\u{1B}[?1049h\u{1B}[?25l", "\u{1B}[?25h\u{1B}[?1049l")

  private let terminal: Terminal
  private var isEntered = true

  init(_ terminal: Terminal) {
    self.terminal = terminal
    Self.put(Self.enter)
    signal(SIGTSTP) { _ in
      Screen.put(Screen.restore)
      kill(getpid(), SIGSTOP)
      Screen.put(Screen.enter)
    }
  }

  deinit { leave() }

  /// What a signal handler may do.
  private static func put(_ text: StaticString) { _ = Glibc.write(STDOUT_FILENO, text.utf8Start, text.utf8CodeUnitCount) }

  /// In columns and lines, as it is now.
  var size: (columns: Int, lines: Int) { terminal.size ?? (80, 24) }

  /// - Parameter lines: none wider than the terminal. Those that find no room are left out.
  func draw(_ lines: [String]) {
    let lines = lines.prefix(size.lines)
    terminal.write("\u{1B}[H" + lines.map { "\($0)\u{1B}[K" }.joined(separator: "\r\n") + "\u{1B}[J")
  }

  /// - Parameter lines: what stays to be read.
  func leave(with lines: [String] = []) {
    guard isEntered else { return }
    isEntered = false
    signal(SIGTSTP, SIG_DFL)
    Self.put(Self.restore)
    terminal.write(lines.map { "\($0)\n" }.joined())
  }
}

extension Terminal {
  /// Whether somebody still reads a pipe; see poll(2).
  var isRead: Bool {
    var it = pollfd(fd: descriptor, events: 0, revents: 0)
    return poll(&it, 1, 0) <= 0 || it.revents & Int16(POLLERR) == 0
  }
}
