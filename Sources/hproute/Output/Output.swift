internal import FoundationEssentials
internal import Glibc
internal import Routing

/// Where a command says what it has to say: reports on standard output, errors on standard error.
struct Output {
  /// What is kept until the command ends: copies of an output share it.
  private final class Kept {
    /// The fields of the object that a script gets, as they are written.
    var fields: String?
    /// Why something could not be written.
    var problem: String?
  }

  let isJSON: Bool
  private let kept = Kept()
  let isQuiet: Bool
  private let out = Terminal(STDOUT_FILENO)
  private let err = Terminal(STDERR_FILENO)
  private let mayColor: Bool

  init(json: Bool, quiet: Bool = false, color: Bool = true) {
    isJSON = json
    isQuiet = quiet
    let environment = Environment()
    mayColor = color && environment["NO_COLOR"] == nil && environment["TERM"] != "dumb"
  }

  var isColored: Bool { mayColor && out.isTerminal }
  /// In columns; nil where standard output is no terminal.
  var terminalWidth: Int? { out.width }
  /// Whether anybody still reads standard output.
  var isRead: Bool { out.isRead }
  /// Standard output to be drawn on; nil where it is no terminal, or one that cannot do it.
  func screen() -> Screen? { out.size != nil && Environment()["TERM"] != "dumb" ? Screen(out) : nil }
  private var isErrorColored: Bool { mayColor && err.isTerminal }

  // MARK: - Text

  func raw(_ text: String) {
    if !isQuiet { write(text.hasSuffix("\n") || text.isEmpty ? text : text + "\n") }
  }

  /// Everything for standard output goes through here.
  private func write(_ text: String) {
    let problem = out.write(text)
    kept.problem = kept.problem ?? problem
  }

  func line(_ text: String) { raw(text + "\n") }

  func lines(_ lines: [String]) { if !lines.isEmpty { raw(lines.map { "\($0)\n" }.joined()) } }

  func table(_ table: Table, indent: Int = 0) -> [String] {
    table.lines(width: out.width.map { $0 - indent }, color: isColored).map { String(repeating: " ", count: indent) + $0 }
  }

  /// Names from the server are data: control characters in them are shown, not obeyed.
  static func printable(_ text: String) -> String {
    text.unicodeScalars.reduce(into: "") { result, scalar in
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate:
        result += "\\u{\(String(scalar.value, radix: 16))}"
      default: result.unicodeScalars.append(scalar)
      }
    }
  }

  // MARK: - JSON

  /// Prints an object, `"schema"` first, when the command ends: a run prints one object, and what fails after this is told
  /// in the same one.
  func print(json value: some Encodable) { kept.fields = Self.fields(of: value) }

  /// Prints one object of many, at once.
  func print(jsonLine value: some Encodable) { write(fields: Self.fields(of: value)) }

  private func write(fields: String) { write("{\"schema\":1\(fields.isEmpty ? "" : ",")\(fields)}\n") }

  /// Prints an object in a form that somebody else has laid down.
  func print(object value: some Encodable) { write("\(Self.text(of: value))\n") }

  /// An object without its braces.
  private static func fields(of value: some Encodable) -> String { String(text(of: value).dropFirst().dropLast()) }

  static func text(of value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
  }

  // MARK: - Errors

  /// A line of a log.
  func log(_ text: String, isError: Bool) {
    if !isQuiet || isError { err.write("\(Self.printableLines(text))\n") }
  }

  /// A question in a line that is written over again and again; nil clears it.
  func prompt(_ text: String?) {
    let blank = String(repeating: " ", count: max(0, (err.width ?? 80) - 1))
    err.write("\r\(blank)\r\(text ?? "")")
  }

  /// What is happening just now, for somebody who looks on; nil clears it.
  func note(_ text: String?) { if out.isTerminal, err.isTerminal, !isQuiet, !isJSON { prompt(text) } }

  /// A question, behind which somebody types.
  func ask(_ text: String) { err.write(Self.printableLines(text)) }

  func warn(_ text: String) {
    if isQuiet { return }
    err.write("hproute: \(Style.yellow("warning", if: isErrorColored)): \(Self.printableLines(text))\n")
  }

  func error(_ text: String) {
    err.write("hproute: \(Style.red("error", if: isErrorColored)): \(Self.printableLines(text))\n")
  }

  /// - Parameter quietly: without the sentence on standard error.
  func fail(_ failure: CommandFailure, quietly: Bool = false) {
    if !quietly { error(failure.sentence) }
    guard isJSON else { return }
    kept.fields = [kept.fields, Self.fields(of: FailureObject(error: .init(failure)))].compactMap(\.self)
      .filter { !$0.isEmpty }.joined(separator: ",")
  }

  /// Prints what was kept for the end.
  ///
  /// - Returns: the exit code that is due: `code`, unless all went well but for what was to be printed.
  func finish(_ code: Int32) -> Int32 {
    if let fields = kept.fields { write(fields: fields) }
    kept.fields = nil
    guard let problem = kept.problem else { return code }
    error("standard output cannot be written (\(problem)).")
    return code == 0 ? 74 : code
  }

  func diagnose(_ diagnostics: [Diagnostic], in source: SourceText) {
    var style = DiagnosticRenderer.Style()
    if isErrorColored {
      style.error = { Style.red($0, if: true) }
      style.warning = { Style.yellow($0, if: true) }
      style.caret = { Style.green($0, if: true) }
    }
    let renderer = DiagnosticRenderer(style: style)
    err.write(diagnostics.map { renderer.render($0, in: source) }.joined())
  }

  func print(_ trace: Trace) {
    for stage in trace.stages {
      let micros = String(Int((stage.took / .microseconds(1)).rounded()))
      err.write("\(String(repeating: " ", count: max(0, 8 - micros.count)))\(micros) us  \(stage.name)\n")
    }
  }

  private static func printableLines(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { printable(String($0)) }.joined(separator: "\n")
  }

  private struct FailureObject: Encodable { var error: ErrorObject }
}

/// What a failure tells a script.
struct ErrorObject: Encodable {
  var exit: Int32
  var message: String
  var objects: [String]

  init(_ failure: CommandFailure) {
    exit = failure.exitCode
    message = failure.sentence
    objects = failure.objects
  }
}
