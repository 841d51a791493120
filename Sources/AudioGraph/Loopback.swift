/// A source heard in a sink: what `module-loopback` does, and what a `[monitor]` asks for.
public struct Loopback: Hashable, Sendable {
  /// Marks the module as ours; see ``Tag``.
  public var tag: Tag
  /// Name of the source that is heard. Empty if that end of a loaded loopback is away.
  public var source: String
  /// Name of the sink it is heard in. Empty if that end of a loaded loopback is away.
  public var sink: String
  /// How long the sound takes on its way, in milliseconds, as asked; servers accept 1 to 30,000.
  public var latency: UInt32
  /// The channels carried, those of the source.
  public var channelMap: ChannelMap
  /// Volume and mute it starts with. They are in force before the first sample is heard.
  public var volume: Volume
  /// See ``volume``.
  public var isMuted: Bool
  /// What a mixer calls it.
  public var title: String

  /// Stores its parameters.
  public init(
    tag: Tag, source: String, sink: String, latency: UInt32, channelMap: ChannelMap, volume: Volume, isMuted: Bool,
    title: String
  ) {
    self.tag = tag
    self.source = source
    self.sink = sink
    self.latency = latency
    self.channelMap = channelMap
    self.volume = volume
    self.isMuted = isMuted
    self.title = title
  }
}
