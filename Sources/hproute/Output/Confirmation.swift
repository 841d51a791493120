internal import AudioGraph
internal import Glibc
internal import PulseAudio
internal import Routing

/// Asks whether what has been done should stay, and takes silence for a no: who hears nothing may not be able to say so.
struct Confirmation {
  private let seconds: Int
  private let output: Output
  private let loop: EventLoop

  /// - Throws: a sentence where nobody can be asked.
  init(seconds: Int, _ output: Output, on loop: EventLoop) throws(CommandFailure) {
    guard isatty(STDIN_FILENO) == 1, isatty(STDERR_FILENO) == 1 else {
      throw CommandFailure(exitCode: 64, sentence: "--confirm asks, and there is no terminal to ask in. Nothing was changed.")
    }
    guard tcgetpgrp(STDIN_FILENO) == getpgrp() else {
      throw CommandFailure(
        exitCode: 64, sentence: "--confirm asks, and nobody can answer in the background. Nothing was changed.")
    }
    // Who is stopped by a key or by its terminal cannot go back.
    for signal in [SIGTSTP, SIGTTOU, SIGTTIN] { Glibc.signal(signal, SIG_IGN) }
    (self.seconds, self.output, self.loop) = (seconds, output, loop)
  }

  /// Counts down on standard error, and waits for a key.
  ///
  /// - Throws: ``Routing/Failure`` where the answer is not yes: another key, silence, a terminal that has gone, a signal.
  func ask() throws(Failure) {
    var former = termios()
    let isTerminal = tcgetattr(STDIN_FILENO, &former) == 0
    var keys = former
    // One key is an answer; nothing is shown of it.
    keys.c_lflag &= ~tcflag_t(ICANON | ECHO)
    if isTerminal { tcsetattr(STDIN_FILENO, TCSAFLUSH, &keys) }
    defer {
      output.prompt(nil)
      if isTerminal { tcsetattr(STDIN_FILENO, TCSAFLUSH, &former) }
    }
    let input = Readable(STDIN_FILENO, on: loop)
    let end = ContinuousClock.now + .seconds(seconds)
    for left in stride(from: seconds, to: 0, by: -1) {
      output.prompt("Do you hear it? Press y to keep it; back to before in \(left) s. ")
      do throws(ServerError) {
        guard try loop.wait(until: end - .seconds(left - 1), for: { input.isReady }) else { continue }
      } catch { throw Failure(error) }
      var key: UInt8 = 0
      guard read(STDIN_FILENO, &key, 1) == 1 else { throw .notConfirmed("the terminal has gone") }
      if key == UInt8(ascii: "y") || key == UInt8(ascii: "Y") { return }
      throw .notConfirmed("the answer was no")
    }
    throw .notConfirmed("nobody has said yes within \(seconds) s")
  }
}
