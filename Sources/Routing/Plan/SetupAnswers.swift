public import AudioGraph

/// What somebody has answered to `hproute setup`, and the profile that comes of it.
public struct SetupAnswers: Sendable {
  /// Where the headphones are.
  public var output: Interface.Pair
  /// How loud.
  public var volume: Volume
  /// The microphone; nil for none.
  public var input: Source?
  /// Which channels of it, counted from 0; nil for all of them.
  public var inputChannels: [Int]?
  /// Whether the microphone is heard in the headphones.
  public var hearsOneself = false
  /// Whether the interface can do that by itself, and the user knows of it.
  public var knowsOfDirectMonitoring = false

  /// Stores its parameters.
  public init(output: Interface.Pair, volume: Volume) { (self.output, self.volume) = (output, volume) }

  /// The text of the profile, every line ended by a line feed.
  ///
  /// - Parameter graph: what was there when it was answered.
  public func text(_ name: String, in graph: Graph) -> String {
    // As it is to be, which is what a profile is written of.
    var (sink, source) = (output.sink.device, input?.device)
    sink.volume = ChannelVolumes(sink.volume.channels.map { _ in volume })
    sink.isMuted = false
    source?.isMuted = false
    var graph = graph
    for place in graph.sinks.indices where graph.sinks[place].name == sink.name { graph.sinks[place].device = sink }
    var writer = ProfileWriter(graph)
    let numbers = { (channels: [Int]) in channels.map { "\($0 + 1)" } }
    let phones = writer.write(
      sink, on: sink, channels: output.channels.map(numbers), true, "sink \(sink.name)", called: "phones")
    let mic = source.flatMap {
      writer.write($0, on: $0, channels: inputChannels.map(numbers), true, "source \($0.name)", called: "mic")
    }
    if hearsOneself, let phones, let mic {
      writer.sections.append(
        """
        [monitor]
        from    = \(mic)
        to      = \(phones)
        latency = 20 ms
        volume  = -6 dB
        \(knowsOfDirectMonitoring ? "direct  = off\n" : "")
        """)
    }
    return """
      # \(name).profile, as 'hproute setup' was answered. Change it as you like: 'hproute edit \(name)'.

      [profile]
      description = Headphones: \(ProfileWriter.oneLine(output.title))

      """ + writer.sections.map { "\n\($0)" }.joined()
  }
}
