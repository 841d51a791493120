internal import AudioGraph
internal import PulseAudio
internal import Routing
internal import SystemPackage

/// The user's systemd, through `systemctl`.
struct ServiceManager {
  private static let patience = Duration.seconds(30)

  private let loop: EventLoop

  init() throws(CommandFailure) {
    do { loop = try EventLoop() } catch { throw CommandFailure(exitCode: 1, sentence: error.fact) }
  }

  /// - Throws: a sentence with what `systemctl` says.
  func run(_ words: String...) throws(CommandFailure) {
    let (end, output) = try call(words)
    guard end == .exit(0) else {
      let said = output.split(separator: "\n").first.map { ": \($0)" } ?? ""
      throw CommandFailure(exitCode: 1, sentence: "'systemctl --user \(words.joined(separator: " "))' does not succeed\(said)")
    }
  }

  /// The unit that came along with a program and that the service manager knows, if that is the one it would take; nil else.
  ///
  /// - Parameter own: the directory where the user's own are, which is written to, and does not count.
  func shippedUnit(for program: String, besides own: String) -> String? {
    guard let (end, output) = try? call(["show", "--value", "--property=UnitPath"]), end == .exit(0) else { return nil }
    let paths = output.split { " \n".contains($0) }.map(String.init).filter { Files.canonical($0) != Files.canonical(own) }
      .map { "\($0)/\(ServiceUnit.name)" }
    guard let path = paths.first(where: { Files.exists(FilePath($0)) }), let text = LoginItem.text(of: path) else { return nil }
    return ServiceUnit.isFor(program, text) ? path : nil
  }

  /// Whether the unit runs; nil where nobody can tell.
  func isActive() -> Bool? {
    guard let (end, _) = try? call(["is-active", "--quiet", ServiceUnit.name]), case .exit(let code) = end else { return nil }
    return code == 0
  }

  private func call(_ words: [String]) throws(CommandFailure) -> (ChildProcess.End, String) {
    do {
      return try ChildProcess.run(["systemctl", "--user", "--no-ask-password"] + words, limit: Self.patience, on: loop)
    } catch { throw CommandFailure(exitCode: 1, sentence: error.fact) }
  }
}
