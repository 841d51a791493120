/// What a server remembers for streams of a kind, and gives the next one of them: PulseAudio's stream-restore, whose C type is
/// `pa_ext_stream_restore_info`, or PipeWire's session manager.
public struct StreamMemory: Hashable, Sendable {
  /// The kind of stream: `sink-input-by-application-name:Firefox`.
  public var key: String
  /// Name of the sink, or of the source if it records; nil if it may be any.
  public var sink: String?
  /// Empty where none is remembered.
  public var volume: ChannelVolumes
  /// The channels of ``volume``. Empty if it is a session manager that remembers.
  public var channelMap: ChannelMap
  /// Whether the next stream starts muted.
  public var isMuted: Bool

  /// Stores its parameters.
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

  /// What tells a program from others where a session manager remembers it: its name, its id, the role of its streams. Which of
  /// them counts is the session manager's own business, and another in every version.
  public struct Program: Hashable, Sendable {
    /// `sink` for a program that plays, `source` for one that records.
    public var kind: DeviceKind
    /// `application.name`; empty if the program does not say.
    public var name: String
    /// `application.id`; empty if the program does not say.
    public var id: String
    /// `media.role`; empty if the program does not say.
    public var role: String
    /// `media.name`, if the program has neither a name nor an id. Empty if it has.
    public var media: String

    private static let separator: Character = "\u{1F}"

    /// A program that has not been seen yet.
    public init(_ kind: DeviceKind, _ name: String, id: String = "") {
      (self.kind, self.name, self.id, role, media) = (kind, name, id, "", "")
    }

    /// As a key of ``StreamMemory``.
    public var key: String { [kind.rawValue, name, id, role, media].joined(separator: String(Self.separator)) }

    /// Nil where it is the key of another server.
    public init?(key: String) {
      let words = key.split(separator: Self.separator, omittingEmptySubsequences: false).map(String.init)
      guard words.count == 5, let kind = DeviceKind(rawValue: words[0]) else { return nil }
      (self.kind, name, id, role, media) = (kind, words[1], words[2], words[3], words[4])
    }

    init(_ kind: DeviceKind, _ properties: Properties) {
      let text = { (key: Properties.Key) in String((properties[key] ?? "").filter { $0 != Self.separator }) }
      (self.kind, name, id, role) = (kind, text(.applicationName), text(.applicationID), text(.mediaRole))
      media = name.isEmpty && id.isEmpty ? text(.mediaName) : ""
    }
  }

  /// Of what kind the device is that ``sink`` names.
  public var kind: DeviceKind { Program(key: key)?.kind ?? (key.hasPrefix("source-output") ? .source : .sink) }

  /// What the key stands for, in a sentence.
  public static func title(of key: String) -> String {
    if let program = Program(key: key) {
      return [program.name, program.id, program.role, program.media].first { !$0.isEmpty } ?? ""
    }
    return String(key.split(separator: ":", maxSplits: 1).last ?? "")
  }

  /// Whether a stream would get the same; a volume that is not asked for may be any.
  func does(what wanted: StreamMemory) -> Bool {
    sink == wanted.sink && isMuted == wanted.isMuted
      && (wanted.volume.channels.isEmpty || volume.loudest.isClose(to: wanted.volume.loudest) && !volume.channels.isEmpty)
  }
}
