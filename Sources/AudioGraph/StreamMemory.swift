/// What PulseAudio's stream-restore remembers for streams of a kind, and gives the next one of them. The corresponding C
/// type is `pa_ext_stream_restore_info`.
public struct StreamMemory: Hashable, Sendable {
  /// The kind of stream: `sink-input-by-application-name:Firefox`.
  public var key: String
  /// Name of the sink; nil where it may be any.
  public var sink: String?
  /// Empty where none is remembered.
  public var volume: ChannelVolumes
  public var channelMap: ChannelMap
  public var isMuted: Bool

  public init(key: String, sink: String?, volume: ChannelVolumes, channelMap: ChannelMap, isMuted: Bool) {
    self.key = key
    self.sink = sink
    self.volume = volume
    self.channelMap = channelMap
    self.isMuted = isMuted
  }

  /// Under what a stream is remembered: what it says itself, else its role, else what its application is called. See
  /// `pa_proplist_get_stream_group`.
  ///
  /// - Parameter kind: `sink-input` or `source-output`.
  public static func key(_ kind: String, _ properties: Properties) -> String {
    if let key = properties[.memoryKey] { return key }
    if let role = properties[.mediaRole] { return "\(kind)-by-media-role:\(role)" }
    let id = properties[.applicationID] ?? ""
    return id.isEmpty ? "\(kind)-by-application-name:\(properties[.applicationName] ?? "")" : "\(kind)-by-application-id:\(id)"
  }

  /// Whether a stream would get the same; a volume that is not asked for may be any.
  func does(what wanted: StreamMemory) -> Bool {
    sink == wanted.sink && isMuted == wanted.isMuted
      && (wanted.volume.channels.isEmpty || volume.loudest.isClose(to: wanted.volume.loudest) && !volume.channels.isEmpty)
  }
}
