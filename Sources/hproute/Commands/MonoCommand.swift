internal import ArgumentParser
internal import AudioGraph
internal import Routing

struct MonoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mono",
    abstract: "Hear left and right together in both ears, and then apart again, for keys.",
    discussion: """
      Of the default output, as loud as it is. To hear whether a mix holds, or with one ear. It is ended by the next apply, and \
      undone by revert.
      """)

  @Argument(help: "'on', 'off' or 'toggle'.")
  var position = SwitchPosition.toggle

  @OptionGroup var options: GlobalOptions

  func run() throws {
    try options.settings.run { output, trace throws(CommandFailure) in
      let session = Session(settings: options.settings, output: output, trace: trace)
      let (report, device) = try session.mix(position)
      return try session.finish(report, device)
    }
  }
}

extension Session {
  /// Makes the default output mono or stereo, and tells how it is then.
  fileprivate func mix(_ position: SwitchPosition) throws(CommandFailure) -> (Report, TurnedDevice?) {
    var device: TurnedDevice?
    let report = try change { transaction, _ throws(CommandFailure) in
      try transaction.failing { () throws(Failure) in
        let journal = try transaction.journal()
        if let journal, journal.isInterrupted { throw .unfinished(profile: journal.profile) }
        let profile: Profile
        do throws(CommandFailure) { profile = try journal.flatMap(profileInForce) ?? .blank } catch {
          throw .cannotTurn(error.sentence)
        }
        let before = journal?.controls ?? Controls()
        let found = try output(of: profile.under(before), before, transaction)
        let isOn = position.turned(found.isMono)
        // Somebody may have chosen another default while one was mono: 'off' ends that as well.
        guard isOn != found.isMono || !isOn && profile == .blank && !before.monos.isEmpty else {
          device = found
          return try transaction.turn({ _ in profile == .blank ? nil : profile }) { ($0.controls, []) }
        }
        guard let label = profile == .blank ? found.blankLabel(before) : found.it.label else {
          throw .cannotTurn("\(found.it.title) is none of the outputs of \(profile.name). Set 'mono = yes' for it in a profile.")
        }
        var controls = before
        controls.monos[label] = isOn
        // Without a profile there is one at most: the default output.
        if profile == .blank { controls.monos = isOn ? [label: true] : [:] }
        let (plan, graph) = try transaction.plan(profile.under(controls))
        if isOn != found.isMono {
          let name = plan.device(.sink, labelled: profile == .blank ? "output" : label)?.name ?? label
          guard name != found.it.device.name else {
            throw .cannotTurn("\(found.it.title) has no left and right, so it is mono in any case.")
          }
          controls.hand(
            over: found, to: name, in: graph, plan, journal, saying: profile.outputs.first { $0.label == label }?.volume)
        }
        var policy = ApplyPolicy(steady: graph.presences)
        policy.controls = controls
        var report = try transaction.apply(profile, policy)
        // Of an apply that was not asked for nobody need know.
        report.due = []
        device = try output(of: profile.under(controls), controls, transaction)
        return report
      }
    }
    return (report, device)
  }

  private func output(of profile: Profile, _ controls: Controls, _ transaction: Transaction) throws(Failure) -> TurnedDevice {
    let (plan, graph) = try transaction.plan(profile)
    do throws(CommandFailure) {
      let it = try NamedDevice.find(["output"], of: profile.name.isEmpty ? nil : (profile, plan), in: graph)[0]
      return TurnedDevice(it, profile.name.isEmpty ? nil : profile, controls, in: graph)
    } catch { throw .cannotTurn(error.sentence) }
  }
}

extension TurnedDevice {
  /// What the default output is called where no profile is applied: the name of the device below it, if it is mono.
  fileprivate func blankLabel(_ controls: Controls) -> String {
    isMono ? controls.monos.keys.first ?? it.device.name : it.device.name
  }
}

extension Controls {
  /// What was turned of one device is so of another that takes its place.
  ///
  /// - Parameters:
  ///   - name: the name of the other one.
  ///   - said: how loud the profile says that it is.
  fileprivate mutating func hand(
    over old: TurnedDevice, to name: String, in graph: Graph, _ plan: Plan, _ journal: Journal?, saying said: Volume?
  ) {
    let object = graph.sink(named: name)?.device.object ?? .device(.sink, name: name, port: nil)
    let count = graph.sink(named: name)?.device.channelMap.positions.count ?? (graph.server.traits.mixesIntoEachChannel ? 2 : 1)
    let volumes = { (volume: ChannelVolumes) in
      // With the balance that the profile says, or that was there before.
      guard case .volume(let before)? = plan.wanted(.volume(object)) ?? journal?.baseline[.volume(object)]?.was,
        before.channels.count == count
      else { return ChannelVolumes(volume.loudest, count: count) }
      return before.scaled(to: volume.loudest)
    }
    (levels[.volume(old.object)], levels[.mute(old.object)]) = (nil, nil)
    if let before = dimmed.removeValue(forKey: .volume(old.object)) { dimmed[.volume(object)] = volumes(before) }
    if let volume = old.volume, said.map({ !$0.isClose(to: volume.loudest) }) ?? true {
      levels[.volume(object)] = .volume(volumes(volume))
    }
    if old.isMuted { levels[.mute(object)] = .mute(true) }
  }
}
