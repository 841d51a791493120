internal import Glibc
internal import PulseAudio
internal import Routing
internal import SystemPackage

/// Asks one question after the other, each in a line of its own; or takes the answers from a file.
final class Questioner {
  private let output: Output
  private let loop: EventLoop
  /// Nil if the answers are from a file.
  private let terminal: Readable?
  /// What is left of the file.
  private var answers: ArraySlice<String> = []
  /// What has been typed, and not asked for yet.
  private var typed: [UInt8] = []

  /// How often it is looked after what goes on while somebody thinks.
  /// A tone must not stumble: some servers take no more than 20 ms of it at a time.
  private static let glance = Duration.milliseconds(10)

  /// - Parameter file: one answer a line, `#` begins a remark; nil to ask the person at the terminal.
  /// - Throws: if nobody can be asked, or the file cannot be read.
  init(answers file: String?, _ output: Output, on loop: EventLoop) throws(CommandFailure) {
    (self.output, self.loop) = (output, loop)
    if let file {
      terminal = nil
      let text: String
      do { text = String(decoding: try Files.read(FilePath(file), upTo: 65_536), as: UTF8.self) } catch {
        throw CommandFailure(exitCode: 74, sentence: "\(file) cannot be read (\(error)). Nothing was changed.", objects: [file])
      }
      var lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(Self.trimmed)
      // The end of the last line begins none.
      if lines.last == "" { lines.removeLast() }
      answers = lines.filter { !$0.hasPrefix("#") }[...]
    } else {
      guard isatty(STDIN_FILENO) == 1, isatty(STDERR_FILENO) == 1, tcgetpgrp(STDIN_FILENO) == getpgrp() else {
        throw CommandFailure(
          exitCode: 64,
          sentence: "setup asks questions, and there is no terminal to ask in. Use 'hproute setup --answers FILE', or "
            + "'hproute apply studio'. Nothing was changed.")
      }
      terminal = Readable(STDIN_FILENO, on: loop)
    }
  }

  func say(_ text: String) { tell("\(text)\n") }

  /// Questions that a file answers are nobody's concern, if it is to be quiet.
  private func tell(_ text: String) { if terminal != nil || !output.isQuiet { output.ask(text) } }

  /// - Parameters:
  ///   - usual: what Enter means.
  ///   - deadline: how long an answer is waited for.
  ///   - least: how long it takes until an answer can be given; a file waits so long.
  ///   - meanwhile: what goes on until then. Returns whether it goes on.
  /// - Returns: nil if it was not answered in time, or nothing goes on any more.
  func ask(
    _ question: String, usual: String, until deadline: ContinuousClock.Instant? = nil, least: Duration = .zero,
    meanwhile: (() throws(CommandFailure) -> Bool)? = nil
  ) throws(CommandFailure) -> String? {
    tell("\(question) [\(usual)]: ")
    let start = ContinuousClock.now
    while true {
      if let answer = terminal == nil ? try given(after: start + least) : try typedLine() {
        return answer.isEmpty ? usual : answer
      }
      if let deadline, ContinuousClock.now >= deadline { break }
      guard try meanwhile?() ?? true else { break }
      let isIdle = meanwhile == nil && terminal != nil
      do {
        try loop.wait(until: isIdle ? deadline : .now + Self.glance) { [terminal] in terminal?.isReady ?? false }
      } catch {
        tell("\n")
        throw CommandFailure(Failure(error))
      }
    }
    tell("\n")
    return nil
  }

  /// The next line of the file, when its time has come.
  private func given(after moment: ContinuousClock.Instant) throws(CommandFailure) -> String? {
    guard ContinuousClock.now >= moment else { return nil }
    guard let answer = answers.popFirst() else {
      tell("\n")
      throw CommandFailure(exitCode: 64, sentence: "the file of answers ends before this question. Nothing was changed.")
    }
    say(answer)
    return answer
  }

  /// The next line that has been typed; nil if there is none yet.
  private func typedLine() throws(CommandFailure) -> String? {
    if terminal?.isReady == true {
      var bytes = [UInt8](repeating: 0, count: 256)
      let count = read(STDIN_FILENO, &bytes, bytes.count)
      guard count > 0 else {
        tell("\n")
        throw CommandFailure(exitCode: 1, sentence: "there is no answer any more. Nothing was changed.")
      }
      typed += bytes[..<count]
      terminal?.lookAgain()
    }
    guard let end = typed.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
    defer { typed.removeFirst(end + 1) }
    return Self.trimmed(String(decoding: typed[..<end], as: UTF8.self)[...])
  }

  private static func trimmed(_ line: Substring) -> String {
    String(String.UnicodeScalarView(line.unicodeScalars.filter { $0.value >= 0x20 })).split(separator: " ").joined(separator: " ")
  }
}
