internal import AudioGraph
internal import Routing

/// What of the tone arrived.
struct ToneResult: Encodable {
  var output: String
  /// Whether each channel was heard where it was played, and programs would be.
  var healthy: Bool
  var steps: [StepObject]
  /// Channels that no step was about.
  var untested: [String]

  struct StepObject: Encodable {
    /// Where it was played.
    var channels: [String]
    /// Where it was heard.
    var heard: [String]
    /// Whether something else is so loud that it could not be told.
    var drowned: Bool
    /// Whether there were gaps in it.
    var gaps: Bool
  }

  /// Whether the tone, which is played to each channel by its number, is heard, and programs are not.
  fileprivate var isDeaf = false
  /// Whether each channel was heard where it was played.
  let isWhole: Bool
  /// Those of ``untested``, counted from 1.
  fileprivate var numbers: [Int]

  private enum CodingKeys: String, CodingKey { case output, healthy, steps, untested }

  init(_ sink: Sink, _ tone: TestTone, _ heard: [TestTone.Heard], isHidden: Bool, isDeaf: Bool) {
    self.isDeaf = isDeaf
    output = sink.name
    let names = sink.channelMap.positions
    // Some monitor sources hear what the sink would play if it were not muted or turned down.
    let isAudible = { (channel: Int) in !sink.isMuted && (isHidden || sink.volume.channels[channel] > .inaudible) }
    steps = zip(tone.steps, heard).map { step, heard in
      StepObject(
        channels: step.channels.map { names[$0] }, heard: heard.channels.filter(isAudible).map { names[$0] },
        drowned: heard.isDrowned, gaps: heard.hasGaps)
    }
    untested = names.indices.filter { !tone.single.contains($0) }.map { names[$0] }
    numbers = names.indices.filter { !tone.single.contains($0) }.map { $0 + 1 }
    isWhole = steps.allSatisfy { $0.channels == $0.heard }
    healthy = isWhole && !isDeaf
  }
}

extension Output {
  func print(_ result: ToneResult) {
    if isJSON { return print(json: result) }
    var table = Table(flexible: [])
    for step in result.steps {
      let name = step.channels.count > 1 ? (step.channels.count == 2 ? "both" : "all") : step.channels[0]
      let isFine = step.channels == step.heard
      let word =
        isFine
        ? step.gaps ? "arrives, with gaps" : "arrives"
        : step.drowned
          ? "cannot be told beside what plays: pause it"
          : step.heard.isEmpty ? "does not arrive" : "arrives on \(step.heard.joined(separator: ", "))"
      table.add([.init(name), .init(word, isFine ? step.gaps ? .yellow : .green : .red)])
    }
    lines(self.table(table, indent: 2))
    if result.steps.contains(where: \.gaps) {
      line("Gaps are no fault of a cable: the computer is too busy, or the interface wants a larger buffer.")
    }
    if let first = result.numbers.first, let last = result.numbers.last {
      let range = last - first + 1 == result.numbers.count && first < last ? "\(first)-\(last)" : "N"
      line("Not tested one by one: \(result.untested.joined(separator: ", ")). For those: --channels \(range)")
    }
    if result.isDeaf {
      line("No program would be heard: its channels only have numbers, and PulseAudio plays nothing of any program to such.")
    }
    line(
      result.healthy
        ? "If you do not hear it, look at the knobs of the interface and at the plug."
        : "'hproute doctor' says what may be wrong.")
  }
}
