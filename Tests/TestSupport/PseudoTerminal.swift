internal import Foundation

/// A terminal of a test's own, with a program in it that thinks a person is typing.
public final class PseudoTerminal: @unchecked Sendable {
  public let program: Program
  private let primary: Int32
  private let isOpen = Shared(true)
  private let written = Shared("")

  /// - Parameter columns: how wide it is.
  public init(_ arguments: [String], environment: [String: String], columns: UInt16 = 80, log: String) throws {
    // Not openpty: who is started meanwhile must not keep it open. Unlocking it and asking its number: see ioctl_tty(2).
    primary = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    var (isLocked, number): (Int32, UInt32) = (0, 0)
    var size = winsize(ws_row: 50, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    let (TIOCSPTLCK, TIOCGPTN): (UInt, UInt) = (0x4004_5431, 0x8004_5430)
    guard ioctl(primary, TIOCSPTLCK, &isLocked) == 0, ioctl(primary, TIOCGPTN, &number) == 0,
      ioctl(primary, UInt(TIOCSWINSZ), &size) == 0
    else { throw PrivateServer.Failed(description: "there is no pseudo-terminal") }
    // The first thing it reads from becomes the terminal that its signals come from.
    program = try Program(["setsid", "--ctty"] + arguments, environment: environment, terminal: "/dev/pts/\(number)", log: log)
    Thread { [primary, isOpen, written] in Self.read(primary, while: isOpen, into: written) }.start()
  }

  deinit {
    program.kill()
    hangUp()
  }

  /// Closes the window, or rather has it closed by who reads: a descriptor that is closed under a thread that reads from it
  /// may be another terminal's when the thread reads from it next, and takes that one's text.
  public func hangUp() { isOpen.value = false }

  private static func read(_ primary: Int32, while isOpen: Shared<Bool>, into written: Shared<String>) {
    var window = pollfd(fd: primary, events: Int16(POLLIN), revents: 0)
    var buffer = [UInt8](repeating: 0, count: 4096)
    while isOpen.value {
      guard poll(&window, 1, 20) > 0 else { continue }
      let count = Foundation.read(primary, &buffer, buffer.count)
      if count > 0 { written.value += String(decoding: buffer[..<count], as: UTF8.self) }
      // Nobody is in it any more; poll passes over what is below 0.
      if count == 0 || count < 0 && errno != EINTR { window.fd = -1 }
    }
    close(primary)
  }

  public func type(_ text: String) {
    let bytes = Array(text.utf8)
    if isOpen.value { _ = write(primary, bytes, bytes.count) }
  }

  /// All that has been shown so far, byte for byte.
  public var shown: String { written.value }

  /// All that has been shown so far, without what moves the cursor and sets colours.
  public var text: String {
    shown.replacing(
      #/\u{1B}\[[0-9;?]*[A-Za-z]|\u{1B}[=>]|\u{1B}\][^\u{07}]*\u{07}|\r/#.matchingSemantics(.unicodeScalar), with: "")
  }

  /// Types, and waits until something is shown because of it.
  public func type(_ text: String, until condition: (String) -> Bool) -> Bool {
    let before = self.text.count
    type(text)
    return eventually { condition(String(self.text.dropFirst(before))) }
  }
}
