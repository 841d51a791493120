/// A stream that plays. The corresponding C type is `pa_sink_input_info`.
public struct SinkInput: Hashable, Sendable {
  /// The number of the sink input in this run of the server. Functions that change it take this number.
  public var index: UInt32
  /// Index of the sink it plays to; nil while it is on its way to another, and where the server has lost the sink but kept the
  /// stream.
  public var sink: UInt32?
  /// Of the stream itself, one for each of its channels. The sink has a volume of its own.
  public var volume: ChannelVolumes
  /// Whether the stream itself is muted. The sink has a mute switch of its own.
  public var isMuted: Bool
  /// Whether the application has paused it.
  public var isCorked: Bool
  /// Index of the client that opened it; nil for a stream the server made itself, such as a loopback.
  public var client: UInt32?
  /// How long a sample takes from the stream to the air, in microseconds; 0 where the server does not tell.
  public var latency: UInt64
  /// Index of the module that made it. PulseAudio names its protocol module here for streams of applications.
  public var ownerModule: UInt32?
  /// With the name of the stream as ``Properties/Key/mediaName`` if it has no `media.name`.
  public var properties: Properties

  /// Stores its parameters. The defaults are those of a stream of the server that is not muted.
  public init(
    index: UInt32, sink: UInt32?, volume: ChannelVolumes, isMuted: Bool = false, isCorked: Bool = false,
    client: UInt32? = nil, ownerModule: UInt32? = nil, latency: UInt64 = 0, properties: Properties = Properties()
  ) {
    self.latency = latency
    self.index = index
    self.sink = sink
    self.volume = volume
    self.isMuted = isMuted
    self.isCorked = isCorked
    self.client = client
    self.ownerModule = ownerModule
    self.properties = properties
  }

  /// What finds it again in a later graph. A stream without a client is known by its module, not by its names.
  public var identity: StreamIdentity {
    StreamIdentity(index: index, properties: properties, module: client == nil ? ownerModule : nil)
  }

  /// Whether the stream is an application's own sound, which may be sent elsewhere: not a loopback or filter of the
  /// server, and not a short desktop sound.
  public var isMovable: Bool { client != nil && properties.areOfMovable }
}

extension Properties {
  fileprivate var areOfMovable: Bool { self[.linkGroup] == nil && self[.mediaRole] != "event" }
}

/// A stream that records. The corresponding C type is `pa_source_output_info`.
public struct SourceOutput: Hashable, Sendable {
  /// The number of the source output in this run of the server. Functions that change it take this number.
  public var index: UInt32
  /// Index of the source it records from; nil while it is on its way to another, and if the server has lost the source but kept
  /// the stream.
  public var source: UInt32?
  /// What the application hears is as loud as this makes it; the source has a volume of its own.
  public var volume: ChannelVolumes
  /// Whether the application hears silence. The source has a mute switch of its own.
  public var isMuted: Bool
  /// Index of the client that opened it; nil for a stream the server made itself, such as a loopback.
  public var client: UInt32?
  /// Index of the module that made it. PulseAudio names its protocol module here for streams of applications.
  public var ownerModule: UInt32?
  /// How long a sample takes from the air to the stream, in microseconds; 0 where the server does not tell.
  public var latency: UInt64
  /// Whether it only measures how loud something is, as a mixer does.
  public var isMeter: Bool
  /// With the name of the stream as ``Properties/Key/mediaName`` if it has no `media.name`.
  public var properties: Properties

  /// Stores its parameters. The defaults are those of a stream of the server that is not muted.
  public init(
    index: UInt32, source: UInt32?, volume: ChannelVolumes, isMuted: Bool = false, client: UInt32? = nil,
    ownerModule: UInt32? = nil,
    latency: UInt64 = 0, isMeter: Bool = false, properties: Properties = Properties()
  ) {
    self.latency = latency
    self.isMeter = isMeter
    self.index = index
    self.source = source
    self.volume = volume
    self.isMuted = isMuted
    self.client = client
    self.ownerModule = ownerModule
    self.properties = properties
  }

  /// What finds it again in a later graph. A stream without a client is known by its module, not by its names.
  public var identity: StreamIdentity {
    StreamIdentity(index: index, properties: properties, module: client == nil ? ownerModule : nil)
  }

  /// Whether it is an application's own, which may record something else: not a loopback or filter of the server.
  public var isMovable: Bool { client != nil && properties.areOfMovable }
}

/// What makes a stream the same stream when it is looked for later.
///
/// A server reuses the numbers of streams after a restart, so the number alone says little: application, process and
/// media name must agree as well.
public struct StreamIdentity: Hashable, Sendable {
  /// The number of the sink input or source output. Nil stands for any stream of the application: numbers of a former run of the
  /// server are worth nothing.
  public var index: UInt32?
  /// Who plays or records. For a stream of the server it is called after its module: `module 23`.
  public var application: Application
  /// `application.process.id` as text. Empty if the client does not say, and for a stream that a module has made.
  public var process: String
  /// `media.name`: what plays, often the title of a piece. Empty for a stream that a module has made.
  public var media: String

  /// Stores its parameters.
  public init(index: UInt32?, application: Application, process: String, media: String) {
    self.index = index
    self.application = application
    self.process = process
    self.media = media
  }

  /// - Parameter module: the module that has made a stream that is no application's. The server calls such a stream after
  ///   what it joins at the moment.
  init(index: UInt32, properties: Properties, module: UInt32?) {
    if let module {
      self.init(index: index, application: Application(name: "module \(module)"), process: "", media: "")
      return
    }
    self.init(
      index: index, application: Application(properties), process: properties[.processID] ?? "",
      media: properties[.mediaName] ?? "")
  }
}

/// The names by which a person or a server knows a program that plays.
public struct Application: Hashable, Sendable {
  /// `application.name`; empty if the client does not say.
  public var name: String
  /// `application.process.binary`; empty if the client does not say.
  public var binary: String
  /// `application.id`; empty if the client does not say.
  public var id: String

  /// Stores its parameters.
  public init(name: String, binary: String = "", id: String = "") {
    self.name = name
    self.binary = binary
    self.id = id
  }

  /// Takes the names from the properties of a stream. What is missing there is empty.
  public init(_ properties: Properties) {
    self.init(
      name: properties[.applicationName] ?? "", binary: properties[.applicationBinary] ?? "",
      id: properties[.applicationID] ?? "")
  }

  /// What to call the program in a sentence.
  public var title: String { [name, binary, id].first { !$0.isEmpty } ?? "a program without a name" }
}
