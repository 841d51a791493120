internal import ArgumentParser
internal import AudioGraph
internal import PulseAudio
internal import Routing

struct TestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test",
    abstract: "Play a quiet tone, left, right and both, and listen whether it arrives.",
    discussion: """
      On the default output of the profile, never louder than the profile says, while the monitor source of that output is \
      listened to; once more if something seems to be missing. What happens behind the sound server, in the interface and in its \
      cable, your ears have to tell. To an input it listens for some seconds. Ends with 0 only if every channel was heard.
      """)

  /// The largest sample of the tone, 1 at full scale: -20 dB.
  private static let peak = 0.1

  /// So often it is played at most.
  private static let most = 3

  @Argument(
    help: "A profile, an output or an input, by label, name or part of the description; else what is applied, or the default.")
  var target: String?

  @Option(help: ArgumentHelp("Which channels of an output, by number: 9-20, or 3,4.", valueName: "numbers"))
  var channels: String?

  @OptionGroup var options: GlobalOptions

  func run() throws {
    let picked = try channels.map(Self.numbers)
    try options.settings.run { output, _ throws(CommandFailure) in
      let session = Session(settings: options.settings, output: output)
      let server = try session.connect(on: try session.loopWithSignals())
      let graph = try session.graph(of: server)
      if let input = try input(session, server, graph) { return try listen(to: input, session, server) }
      let (sink, limit) = try aim(session, server, graph)
      if let wrong = picked?.first(where: { !sink.channelMap.positions.indices.contains($0) }) {
        throw CommandFailure(
          exitCode: 64, sentence: "\(sink.description) has no channel \(wrong + 1); it has \(sink.channelMap.positions.count).",
          objects: [sink.name])
      }
      guard let monitor = sink.monitorSource else {
        throw CommandFailure(
          exitCode: 3, sentence: "\(sink.description) has no monitor source to listen to.", objects: [sink.name])
      }
      let isHidden = graph.hidesVolume(of: .volume(sink.device.object))
      let loudest = sink.volume.loudest.gain
      let tone = TestTone(sink.channelMap, picked, peak: Self.peak * min(1, loudest > 0 ? (limit?.gain ?? 1) / loudest : 1))
      if !output.isJSON {
        output.line(
          "A quiet tone in \(Output.printable(sink.description)), "
            + "\(isHidden ? "whose volume is not told before it plays" : VolumeText.both(sink.volume.loudest)):"
        )
      }
      let gain = sink.volume.channels.map { isHidden ? 0 : $0.gain }
      var result: ToneResult
      var heard: [TestTone.Heard]?
      var (isConfirmed, attempts) = (false, 0)
      repeat {
        attempts += 1
        let again = tone.heard(in: try server.heard(of: tone, in: sink, monitor, output), gain: gain)
        // What plays beside it may have stopped meanwhile.
        isConfirmed = again == heard && !again.contains(where: \.isDrowned)
        heard = heard.map { tone.better($0, again) } ?? again
        result = ToneResult(sink, tone, heard ?? again, isHidden: isHidden, isDeaf: graph.isDeaf(sink))
        // Or the server has stumbled: nothing is said to be wrong that was not heard so twice.
      } while !result.isWhole && !isConfirmed && attempts < Self.most
      output.print(result)
      return result.healthy ? 0 : 1
    }
  }

  /// `9-20` or `3,4`, counted from 0.
  private static func numbers(_ text: String) throws -> [Int] {
    var numbers: [Int] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
      guard ends.count <= 2, let first = ends.first, let last = ends.last, 1 <= first, first <= last, last <= 64 else {
        throw ValidationError("'\(text)' names no channels. Write 9-20, or 3,4.")
      }
      numbers += (first...last).map { $0 - 1 }.filter { !numbers.contains($0) }
    }
    guard numbers.count <= TestTone.most else { throw ValidationError("At most \(TestTone.most) channels at a time.") }
    return numbers.sorted()
  }

  /// The input that is meant, if it is none of the profiles or outputs.
  private func input(_ session: Session, _ server: SoundServer, _ graph: Graph) throws(CommandFailure) -> NamedDevice? {
    guard let target, !target.contains("/"), (try? session.store.find(target)) == nil else { return nil }
    let found = (try? session.devices(named: [target], in: graph, at: server.canonicalAddress))?.first
    return found?.device.kind == .source ? found : nil
  }

  /// Listens for some seconds, and says what came.
  private func listen(to input: NamedDevice, _ session: Session, _ server: SoundServer) throws(CommandFailure) -> Int32 {
    let output = session.output
    if !output.isJSON { output.line("Listening to \(Output.printable(input.title)) for \(Self.listening) s: speak, or play.") }
    var meters = LevelMeters(session, server, [input.device.name])
    try meters.begin()
    let deadline = ContinuousClock.now + .seconds(Self.listening)
    while ContinuousClock.now < deadline {
      do { _ = try server.waitForChange(until: min(deadline, .now + .milliseconds(50))) } catch {
        throw CommandFailure(Failure(error))
      }
      try meters.listen()
    }
    let result = InputResult(input.device, meters.levels.first?.channels ?? [])
    output.print(result)
    return result.healthy ? 0 : 1
  }

  /// In seconds.
  private static let listening = 3

  /// The output, and what it must not be louder than.
  private func aim(_ session: Session, _ server: SoundServer, _ graph: Graph) throws(CommandFailure) -> (
    sink: Sink, limit: Volume?
  ) {
    let journal = try session.journal(in: try session.stateDirectory(), of: graph, at: server.canonicalAddress)
    let name: String
    if let target {
      if !target.contains("/"), (try? session.store.find(target)) == nil,
        // A label of the profile that is applied wins over a description.
        let device = (try? session.devices(named: [target], in: graph, at: server.canonicalAddress))?.first,
        device.label == target, let sink = graph.sink(named: device.device.name)
      {
        return (sink, sink.volume.loudest)
      }
      if !target.contains("/"), (try? session.store.find(target)) == nil,
        let name = try NamedDevice.find(target, among: graph.sinks.map { NamedDevice($0) })?.device.name,
        let sink = graph.sink(named: name)
      {
        // Below a device of ours it is at full volume.
        let above = graph.sinks.filter { graph.isAbove($0, sink) }
        return (sink, above.map(\.volume.loudest).min())
      }
      name = target
    } else if let applied = journal?.appliedProfile, (try? session.store.find(applied)) != nil {
      name = applied
    } else {
      guard let sink = graph.server.defaultSink.flatMap(graph.sink(named:)) else { throw CommandFailure(.plan(.noDefaultSink)) }
      return (sink, nil)
    }
    let profile = try session.profile(name)
    let plan: Plan
    do throws(PlanError) {
      plan = try session.planner.plan(profile, in: graph, after: journal, at: server.canonicalAddress)
    } catch {
      throw CommandFailure(.plan(error))
    }
    let wanted = plan.wanted(.defaultSink) ?? .device(graph.server.defaultSink)
    guard !plan.isPartial, case .device(let name?) = wanted, let sink = graph.sink(named: name) else {
      throw CommandFailure(
        exitCode: 3,
        sentence: "the output of \(profile.name) is there only when it is applied: 'hproute apply \(profile.name.shellQuoted)'.",
        objects: [profile.name])
    }
    guard case .volume(let limit)? = plan.wanted(.volume(sink.device.object)) else { return (sink, nil) }
    return (sink, limit.loudest)
  }
}

extension Graph {
  /// Whether one of our own devices plays to a sink, perhaps through another of ours.
  fileprivate func isAbove(_ own: Sink, _ sink: Sink) -> Bool {
    guard case .remap(let it)? = ownModule(of: own.device) else { return false }
    return it.master == sink.name || self.sink(named: it.master).map { $0.name != own.name && isAbove($0, sink) } ?? false
  }
}

extension SoundServer {
  /// Plays a tone in a sink, and returns what its monitor source had of it.
  ///
  /// - Parameter output: shows which channel it is on, to somebody who looks on.
  func heard(of tone: TestTone, in sink: Sink, _ monitor: String, _ output: Output) throws(CommandFailure) -> [Float] {
    var shown: Int?
    defer { if shown != nil { output.note(nil) } }
    do {
      return try record(
        from: monitor, while: tone.samples, playTo: sink.name, sink.channelMap, rate: UInt32(TestTone.rate)
      ) { time in
        guard let step = tone.step(at: time), step != shown else { return }
        shown = step
        output.note("  now: \(tone.steps[step].channels.map { sink.channelMap.positions[$0] }.joined(separator: ", "))")
      }
    } catch { throw CommandFailure(Failure(error)) }
  }
}
