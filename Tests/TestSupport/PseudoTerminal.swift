internal import Foundation

/// A terminal of a test's own, with a program in it that thinks a person is typing.
public final class PseudoTerminal: @unchecked Sendable {
  public let program: Program
  private var primary: Int32
  private let written = Shared("")

  /// - Parameter columns: how wide it is.
  public init(_ arguments: [String], environment: [String: String], columns: UInt16 = 80, log: String) throws {
    var (opened, other): (Int32, Int32) = (-1, -1)
    var size = winsize(ws_row: 50, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    var name = [CChar](repeating: 0, count: 128)
    guard openpty(&opened, &other, &name, nil, &size) == 0 else {
      throw PrivateServer.Failed(description: "there is no pseudo-terminal")
    }
    defer { close(other) }
    // Who is started meanwhile must not keep it open.
    for descriptor in [opened, other] { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    primary = opened
    // The first thing it reads from becomes the terminal that its signals come from.
    program = try Program(["setsid", "--ctty"] + arguments, environment: environment, terminal: String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self), log: log)
    let (descriptor, written) = (primary, written)
    Thread {
      var buffer = [UInt8](repeating: 0, count: 4096)
      while true {
        let count = read(descriptor, &buffer, buffer.count)
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { return }
        written.value += String(decoding: buffer[..<count], as: UTF8.self)
      }
    }.start()
  }

  deinit {
    program.kill()
    hangUp()
  }

  /// Closes the window.
  public func hangUp() {
    if primary >= 0 { close(primary) }
    primary = -1
  }

  public func type(_ text: String) {
    let bytes = Array(text.utf8)
    _ = write(primary, bytes, bytes.count)
  }

  /// All that has been shown so far, without what moves the cursor and sets colours.
  public var text: String {
    written.value.replacing(#/\u{1B}\[[0-9;?]*[A-Za-z]|\u{1B}[=>]|\u{1B}\][^\u{07}]*\u{07}|\r/#.matchingSemantics(.unicodeScalar), with: "")
  }

  /// Types, and waits until something is shown because of it.
  public func type(_ text: String, until condition: (String) -> Bool) -> Bool {
    let before = self.text.count
    type(text)
    return eventually { condition(String(self.text.dropFirst(before))) }
  }
}
