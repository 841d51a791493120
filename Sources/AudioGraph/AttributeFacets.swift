/// What an attribute is about.
extension Attribute {
  /// Whether it is about a stream, which may end at any time.
  public var isStream: Bool {
    switch self {
    case .volume(.loopback), .mute(.loopback): true
    default: stream != nil
    }
  }

  /// The stream of an application that it is about.
  public var stream: StreamIdentity? {
    switch self {
    case .streamSink(let identity), .streamSource(let identity): identity
    case .volume(.stream(let identity)), .mute(.stream(let identity)): identity
    case .volume(.recording(let identity)), .mute(.recording(let identity)): identity
    default: nil
    }
  }

  /// Whether it is where a stream plays to or records from.
  public var isPlacement: Bool {
    switch self {
    case .streamSink, .streamSource: true
    default: false
    }
  }

  /// Whether it brings other volumes than those that were read.
  public var isSwitch: Bool {
    switch self {
    case .cardProfile, .port: true
    default: false
    }
  }

  /// The device it is about; nil where it is about something else.
  public var device: (kind: DeviceKind, name: String)? {
    switch self {
    case .volume(.device(let kind, let name, _)), .mute(.device(let kind, let name, _)), .port(let kind, let name): (kind, name)
    default: nil
    }
  }

  /// The name of the device it is about.
  public var deviceName: String? { device?.name }

  /// The port whose volume or mute it is.
  public var portName: String? {
    switch self {
    case .volume(.device(_, _, let port)), .mute(.device(_, _, let port)): port
    default: nil
    }
  }

  /// Whether it is the default sink or the default source.
  public var isDefault: Bool { self == .defaultSink || self == .defaultSource }

  /// Of what kind the device is that it has as its value; nil where its value is something else.
  public var leadsTo: DeviceKind? {
    switch self {
    case .defaultSink, .streamSink: .sink
    case .defaultSource, .streamSource: .source
    default: nil
    }
  }
}

extension Setting {
  /// Whether it is what is remembered for a program.
  public var isMemory: Bool { if case .memory = attribute { true } else { false } }

  /// Whether it is about a module of somebody else.
  public var isUserModule: Bool { if case .userModule = attribute { true } else { false } }

  /// The device it leads to: a default, or where a stream is.
  public var destination: (kind: DeviceKind, name: String)? {
    guard let kind = attribute.leadsTo, case .device(let name?) = value else { return nil }
    return (kind, name)
  }

  /// The device that has to be there for it: the one that it leads to, or that a program is sent to.
  public var need: (kind: DeviceKind, name: String)? {
    if case .memory(let memory?) = value { return memory.sink.map { (memory.kind, $0) } }
    return destination
  }
}
