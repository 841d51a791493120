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
      cable, your ears have to tell. Ends with 0 only if every channel was heard.
      """)

  /// The largest sample of the tone, 1 at full scale: -20 dB.
  private static let peak = 0.1

  /// So often it is played at most.
  private static let most = 3

  @Argument(
    help: "A profile, or an output by its name or a part of its description; else what is applied, or the default output.")
  var target: String?

  @OptionGroup var options: GlobalOptions

  func run() throws {
    try options.settings.run { output, _ throws(CommandFailure) in
      let session = Session(settings: options.settings, output: output)
      let server = try session.connect(on: try session.loopWithSignals())
      let graph = try session.graph(of: server)
      let (sink, limit) = try aim(session, server, graph)
      guard let monitor = sink.monitorSource else {
        throw CommandFailure(
          exitCode: 3, sentence: "\(sink.description) has no monitor source to listen to.", objects: [sink.name])
      }
      let isHidden = graph.hidesVolume(of: .volume(sink.device.object))
      let loudest = sink.volume.loudest.gain
      let tone = TestTone(sink.channelMap, peak: Self.peak * min(1, loudest > 0 ? (limit?.gain ?? 1) / loudest : 1))
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
        let again = tone.heard(in: try server.heard(of: tone, in: sink, monitor), gain: gain)
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

  /// The output, and what it must not be louder than.
  private func aim(_ session: Session, _ server: SoundServer, _ graph: Graph) throws(CommandFailure) -> (
    sink: Sink, limit: Volume?
  ) {
    let journal = try session.journal(in: try session.stateDirectory(), of: graph, at: server.canonicalAddress)
    let name: String
    if let target {
      if !target.contains("/"), (try? session.store.find(target)) == nil,
        let name = try NamedDevice.find(target, among: graph.sinks.map { NamedDevice($0) })?.device.name,
        let sink = graph.sink(named: name)
      {
        return (sink, nil)
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

extension SoundServer {
  /// Plays a tone in a sink, and returns what its monitor source had of it.
  func heard(of tone: TestTone, in sink: Sink, _ monitor: String) throws(CommandFailure) -> [Float] {
    do {
      return try record(
        from: monitor, while: tone.samples, playTo: sink.name, sink.channelMap, rate: UInt32(TestTone.rate))
    } catch { throw CommandFailure(Failure(error)) }
  }
}
