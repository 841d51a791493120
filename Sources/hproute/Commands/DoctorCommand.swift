internal import ArgumentParser
internal import AudioGraph
internal import PulseAudio
internal import Routing
internal import SystemPackage

struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Say why there is no sound.",
    discussion: """
      Goes the way of the sound, step by step: from the sound server to the volume of every channel, and says for each what \
      is wrong and what to type. Changes nothing, and listens to the microphone for a moment. Without a profile it is about \
      the one that is applied, else about the default output. Ends with 0 only if all is well.
      """)

  @Argument(help: "The name of a profile, or the path of a file if it contains a '/'.")
  var profile: String?

  @Option(
    help: ArgumentHelp(
      "Also write all that a bug report needs to a new file, without names of people.", valueName: "file"),
    completion: .file())
  var report: String?

  @OptionGroup var options: GlobalOptions

  func run() throws {
    try options.settings.run { output, _ throws(CommandFailure) in
      let session = Session(settings: options.settings, output: output)
      let (name, found) = try examine(session)
      let diagnosis = Diagnosis(profile: name, found.findings)
      output.print(diagnosis)
      if let report {
        try write(found.text, to: report)
        if !output.isJSON { output.line("Written to \(report): look through it before you pass it on.") }
      }
      return diagnosis.healthy ? 0 : 1
    }
  }

  private func write(_ text: String, to path: String) throws(CommandFailure) {
    do throws(Errno) { try Files.replace(FilePath(path), with: Array(text.utf8), isNew: true) } catch .fileExists {
      throw CommandFailure(exitCode: 64, sentence: "\(path) is there already. Choose another name.", objects: [path])
    } catch {
      throw CommandFailure(exitCode: 74, sentence: "\(path) cannot be written (\(error)).", objects: [path])
    }
  }

  /// - Returns: the name of the profile that it is about, and what was found.
  private func examine(_ session: Session) throws(CommandFailure) -> (profile: String?, BugReport) {
    // What is wrong with the file comes first, and needs no server.
    let asked = try profile.map { argument throws(CommandFailure) in try session.profile(argument) }
    let state = try session.stateDirectory()
    let graph: Graph
    let address: String
    let inputs: [Finding]
    do throws(CommandFailure) {
      let server = try session.connect()
      // Which rules reach what is started later, and why a program plays elsewhere, depends on what the server remembers.
      graph = try session.graph(of: server) { graph, stream in
        stream.kind == .sink && stream.isMovable && stream.place != graph.server.defaultSink
      }
      address = server.canonicalAddress
      inputs = try listen(session, server, graph)
    } catch {
      let remedy = "systemctl --user status pipewire-pulse wireplumber pulseaudio"
      return (asked?.name, BugReport(findings: [.wrong(.server, error.sentence, remedy: remedy)] + findings(nil, state)))
    }
    let journal = try session.journal(in: state, of: graph, at: address)
    let target = asked ?? journal?.appliedProfile.flatMap { try? session.profile($0) }
    let argument = profile ?? target?.name ?? ""
    let isApplied = target != nil && session.store.isSame(target?.name, journal?.appliedProfile)
    let doctor = Doctor(
      graph,
      target.map { profile in
        let wanted = isApplied ? profile.under(journal?.controls) : profile
        return .init(
          wanted, session.planner.plan(wanted, in: graph, after: journal, at: address), isApplied: isApplied, argument: argument)
      },
      // A server at another place has other cards, and other programs.
      kernelCards: address.contains("/") ? KernelCard.all() : [],
      programs: address.contains("/") ? .read(Environment()) : .unknown)
    var lost: [Finding] = []
    if target == nil, let name = journal?.appliedProfile {
      lost = [
        .wrong(
          .profile, "\(name) is applied, and cannot be read any more: this is about the default output.", remedy: "hproute revert"
        )
      ]
    }
    var found = BugReport(findings: (doctor.findings + inputs).sorted() + lost + findings(journal, state))
    (found.graph, found.journal) = (graph, journal)
    if report != nil, let target, let source = try? session.source(argument).1 { found.profile = (target.name, source.text) }
    return (target?.name, found)
  }

  /// What the microphones deliver that are of interest.
  private func listen(_ session: Session, _ server: SoundServer, _ graph: Graph) throws(CommandFailure) -> [Finding] {
    let inputs = try session.devices(named: [], in: graph, at: server.canonicalAddress).filter { $0.device.kind == .source }
    guard !inputs.isEmpty else { return [] }
    var meters = LevelMeters(session, server, inputs.map(\.device.name))
    try meters.begin()
    let deadline = ContinuousClock.now + .seconds(1)
    repeat {
      do { _ = try server.waitForChange(until: .now + .milliseconds(50)) } catch { throw CommandFailure(Failure(error)) }
      try meters.listen()
    } while ContinuousClock.now < deadline && meters.levels.contains { $0.channels.contains { $0.count < Self.moments } }
    return meters.levels.compactMap { .input($0.device.device, $0.channels) }
  }

  /// So many peaks of a channel are enough: 0.4 s.
  private static let moments = 10

  /// Whether hproute itself is in the way.
  private func findings(_ journal: Journal?, _ state: StateDirectory) -> [Finding] {
    if state.isBusy() {
      return [.wrong(.hproute, "Another hproute is at work right now.", remedy: "wait for it, or end it with Ctrl-C")]
    }
    if journal?.isInterrupted == true {
      let name = journal?.profile ?? "a profile"
      return [.wrong(.hproute, "hproute was cut off while it changed something for \(name).", remedy: "hproute revert")]
    }
    return [.fine(.hproute, "No command was interrupted.")]
  }
}

extension Planner {
  fileprivate func plan(_ profile: Profile, in graph: Graph, after journal: Journal?, at address: String) -> Result<
    Plan, PlanError
  > {
    Result { () throws(PlanError) in try plan(profile, in: graph, after: journal, at: address) }
  }
}
