internal import Glibc

/// A stream that may be a terminal.
struct Terminal {
  let descriptor: Int32
  let isTerminal: Bool

  init(_ descriptor: Int32) {
    self.descriptor = descriptor
    isTerminal = isatty(descriptor) == 1
  }

  /// How many columns there are; nil where nobody is looking.
  var width: Int? { size?.columns }

  /// How many columns and lines there are; nil where nobody is looking.
  var size: (columns: Int, lines: Int)? {
    guard isTerminal else { return nil }
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return (Int(size.ws_col), Int(size.ws_row))
  }

  /// Writes all of a text. A reader that has gone is no error.
  ///
  /// - Returns: why it could not be written, in the words of the system; nil where it could.
  @discardableResult
  func write(_ text: String) -> String? {
    var text = text
    return text.withUTF8 { bytes in
      var offset = 0
      while offset < bytes.count {
        let count = Glibc.write(descriptor, bytes.baseAddress! + offset, bytes.count - offset)
        if count < 0 {
          if errno == EINTR { continue }
          return errno == EPIPE ? nil : String(cString: strerror(errno))
        }
        offset += count
      }
      return nil
    }
  }
}

/// The few ways to set off text that every terminal knows.
enum Style: String {
  case bold = "1"
  case dim = "2"
  case red = "31"
  case green = "32"
  case yellow = "33"
  case cyan = "36"

  func callAsFunction(_ text: String, if isColored: Bool) -> String {
    isColored ? "\u{1B}[\(rawValue)m\(text)\u{1B}[0m" : text
  }
}
