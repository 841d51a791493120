internal import ArgumentParser
internal import Routing

/// Which of several devices that fit is meant.
struct AnswerOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Of several devices that fit, the one that this fits too: part of its name, usb:1235:8211, serial:…", valueName: "term"))
  var on: [String] = []

  func validate() throws {
    for text in on {
      do { _ = try MatchExpression(parsing: text) } catch {
        throw ValidationError("--on '\(text)': \(error.message)\(error.help.map { "; \($0)" } ?? "").")
      }
    }
  }

  /// What was checked already.
  var answers: [MatchExpression] { on.compactMap { try? MatchExpression(parsing: $0) } }
}
