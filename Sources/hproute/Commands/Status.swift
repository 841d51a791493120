internal import ArgumentParser
internal import AudioGraph
internal import Glibc
internal import PulseAudio
internal import Routing

struct Status: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Show which profile is applied and what has changed since.",
    discussion: "Works without a sound server, from what is written down.")

  @Option(
    help: ArgumentHelp(
      "Print one line: 'line', 'waybar' for that status bar, or a text with \(StatusFormat.known).", valueName: "format"))
  var format: String?

  @OptionGroup var options: GlobalOptions

  func validate() throws {
    guard let format, StatusFormat(format) == nil else { return }
    if let field = StatusFormat.unknownField(in: format) {
      throw ValidationError("--format does not know {\(field)}. There are \(StatusFormat.known).")
    }
    throw ValidationError("--format takes 'line', 'waybar', or a text with \(StatusFormat.known).")
  }

  func run() throws { try Self.show(options.settings, as: format.flatMap(StatusFormat.init)) }

  /// - Parameter isBare: whether no command was typed, so that what can be typed is told.
  static func show(_ settings: Settings, as format: StatusFormat? = nil, isBare: Bool = false) throws {
    try settings.run { output, _ throws(CommandFailure) in
      let report = try Session(settings: settings, output: output).status()
      switch format {
      case .waybar: output.print(object: WaybarStatus(report))
      case .line: output.line(StatusFormat.line(report))
      case .template(let text): output.line(StatusFormat.fill(text, with: report))
      case nil:
        output.print(report)
        if isBare, let step = report.nextStep { output.line(step) }
      }
      return 0
    }
  }
}

extension Session {
  fileprivate func status() throws(CommandFailure) -> StatusReport {
    let state = try stateDirectory()
    var isRefused = false
    var server: SoundServer?
    do throws(CommandFailure) { server = try connect() } catch { isRefused = error.exitCode == 77 }
    let address = server?.canonicalAddress ?? expectedAddress
    // Another hproute may change all of it meanwhile: what is told was so at one moment.
    var graph: Graph?
    var journal: Journal?
    var (isBusy, isSteady) = (false, false)
    repeat {
      do throws(ServerError) { graph = try server?.graph() } catch { isRefused = error == .accessDenied }
      journal = try self.journal(in: state, of: graph, at: address)
      isBusy = state.isBusy()
      isSteady = try journal == self.journal(in: state, of: graph, at: address)
    } while !isBusy && !isSteady
    return StatusReport(
      journal: journal, graph: graph, isBusy: isBusy, isRefused: isRefused, user: getuid(), damaged: state.damagedJournals())
  }
}
