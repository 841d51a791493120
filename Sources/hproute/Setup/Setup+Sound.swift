internal import AudioGraph
internal import Glibc
internal import PulseAudio
internal import Routing

extension Setup {
  // MARK: - Where the headphones are

  /// In dB of full scale, as the output plays it: where the tone begins, where it stays, and where it stays if it is asked
  /// louder; and how much it rises in a second.
  private static let (softest, loudest, louder, slope) = (-60.0, -30.0, -12.0, 4.0)
  /// In hertz.
  private static let pitch = 440.0
  /// How long it stays as loud as it gets.
  private static let patience = Duration.seconds(3)

  /// The pair in which the tone is heard, on each in turn.
  func findOutput(_ interface: Interface) throws(CommandFailure) -> Interface.Pair {
    let pairs = interface.pairs
    questioner.say(
      "Put on your headphones. A tone begins very quietly and gets louder: press Enter as soon as you hear it"
        + (pairs.count > 1 ? ", or type n to go on to the next output." : "."))
    var cap = Self.loudest
    while true {
      for (place, pair) in pairs.enumerated() {
        let number = pairs.count > 1 ? "Output \(place + 1) of \(pairs.count), " : ""
        let answer = try play(in: pair, "\(number)\(pair.title): Enter if you hear it\(pairs.count > 1 ? ", n if not" : "")", cap)
        if answer == Self.heard { return pair }
      }
      let list = pairs.enumerated().map { "  \($0 + 1)  \($1.title)\n" }.joined()
      questioner.say("No tone was heard. It is one of these all the same:\n\(list)  louder  plays the tones again, louder")
      while let answer = try questioner.ask("A number, or louder", usual: "1"), answer.lowercased() != "louder" {
        if let number = Int(answer), pairs.indices.contains(number - 1) { return pairs[number - 1] }
      }
      cap = Self.louder
    }
  }

  private static let heard = "heard"

  private func play(in pair: Interface.Pair, _ question: String, _ cap: Double) throws(CommandFailure) -> String? {
    let sink = pair.sink
    if sink.isMuted {
      questioner.say("\(pair.title) is muted: no tone can be heard there until you unmute it.")
      return try questioner.ask("Enter to take it all the same, n to go on", usual: Self.heard)
    }
    let channels = pair.channels ?? Array(sink.channelMap.positions.indices)
    // A volume that is not told may be anything up to full.
    let gains = sink.volume.channels.map { graph.hidesVolume(of: .volume(sink.device.object)) ? 1 : $0.gain }
    let rise = (cap - Self.softest) / Self.slope
    let end = ContinuousClock.now + .milliseconds(Int64(rise * 1000)) + Self.patience
    let player: TonePlayer
    do { player = try TonePlayer(sink.name, sink.channelMap, on: server) } catch {
      questioner.say("\(pair.title) lets nothing be played to it.")
      return nil
    }
    return try questioner.ask(question, usual: Self.heard, until: end, least: .milliseconds(500)) { () throws(CommandFailure) in
      do throws(ServerError) {
        try player.play { frame, channel in
          guard channels.contains(channel), gains[channel] > 0 else { return 0 }
          let seconds = Double(frame) / Double(TonePlayer.rate)
          let peak = pow(10, min(cap, Self.softest + Self.slope * seconds) / 20) / gains[channel]
          return Float(min(peak, 0.5) * sin(2 * .pi * Self.pitch * seconds))
        }
      } catch { return false }
      return true
    }
  }

  // MARK: - The microphone

  /// What can be taken for a microphone: an input, or one channel of it.
  struct Microphone {
    var source: Source
    var channels: [Int]?

    var title: String {
      channels.map { "\(source.description), input \($0.map { "\($0 + 1)" }.joined())" } ?? source.description
    }
  }

  /// - Returns: nil if none is wanted.
  func findMicrophone(_ interface: Interface) throws(CommandFailure) -> Microphone? {
    let others = graph.sources.filter { $0.monitorOf == nil && $0.properties[.hprouteID] == nil }
    let sources = interface.inputs.isEmpty ? others : interface.inputs
    guard !sources.isEmpty else {
      questioner.say("There is no microphone.")
      return nil
    }
    var meters = LevelMeters(session, server, sources.map(\.name))
    try meters.begin()
    if interface.inputs.isEmpty { questioner.say("\(interface.title) has no microphone; these are others.") }
    var next = ContinuousClock.now + .seconds(1)
    let answer = try questioner.ask(
      "Speak into your microphone, and press Enter when its level moves; n for no microphone",
      usual: interface.inputs.isEmpty ? "n" : "Enter", least: .seconds(1)
    ) { () throws(CommandFailure) in
      try meters.listen()
      if ContinuousClock.now >= next {
        next += .seconds(1)
        questioner.say("\n  \(levels(meters.levels))")
      }
      return true
    }
    if answer?.lowercased().hasPrefix("n") == true { return nil }
    return try choose(among: sources, heard: meters.levels)
  }

  /// The loudest, as a line to be read.
  private func levels(_ levels: [LevelMeters.Level]) -> String {
    let channels = levels.flatMap { level in
      level.channels.enumerated().map { channel, it in
        (Microphone(source: level.source(in: graph), channels: level.channels.count == 1 ? nil : [channel]).title, it.peak)
      }
    }
    return channels.sorted { $0.1 > $1.1 }.prefix(4)
      .map { "\($0.0) \(ChannelLevel.decibels($0.1).map(VolumeText.decibels) ?? "silent")" }.joined(separator: "; ")
  }

  private func choose(among sources: [Source], heard: [LevelMeters.Level]) throws(CommandFailure) -> Microphone? {
    let choices = sources.flatMap { source -> [Microphone] in
      let count = source.channelMap.positions.count
      let whole = count > 2 ? [] : [Microphone(source: source, channels: nil)]
      return whole + (count == 1 ? [] : (0..<count).map { Microphone(source: source, channels: [$0]) })
    }
    guard choices.count > 1 else { return choices.first }
    if !heard.contains(where: { $0.loudest > Self.voice }) { questioner.say("No voice was heard.") }
    let usual = usual(choices, heard)
    questioner.say(
      "Which input is it?\n" + choices.enumerated().map { "  \($0 + 1)  \($1.title)\n" }.joined() + "  0  no microphone")
    while true {
      guard let answer = try questioner.ask("A number", usual: "\(usual + 1)"), let number = Int(answer) else { continue }
      if number == 0 { return nil }
      if choices.indices.contains(number - 1) { return choices[number - 1] }
    }
  }

  /// Noise is quieter.
  private static let voice: Float = 0.003

  /// Where somebody speaks: on one of two channels alone if the other is much quieter.
  private func usual(_ choices: [Microphone], _ heard: [LevelMeters.Level]) -> Int {
    let loudest = heard.max { $0.loudest < $1.loudest }
    guard let loudest, loudest.loudest > Self.voice,
      let channel = loudest.channels.firstIndex(where: { $0.hold == loudest.loudest })
    else { return 0 }
    let isAlone = loudest.channels.enumerated().allSatisfy { $0.offset == channel || $0.element.hold < loudest.loudest / 4 }
    let wanted: [Int]? = loudest.channels.count == 1 || loudest.channels.count == 2 && !isAlone ? nil : [channel]
    return choices.firstIndex { $0.source.name == loudest.device.device.name && $0.channels == wanted } ?? 0
  }
}

extension LevelMeters.Level {
  fileprivate var loudest: Float { channels.map(\.hold).max() ?? 0 }

  fileprivate func source(in graph: Graph) -> Source {
    graph.source(named: device.device.name) ?? Source(device.device)
  }
}
