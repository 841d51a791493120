/// Which server answers, and what it uses by default. The corresponding C type is `pa_server_info`.
public struct ServerInfo: Hashable, Sendable {
  /// Which server it is, whichever protocol it speaks.
  public enum Kind: String, Hashable, Sendable { case pulseaudio, pipewire }

  /// ``Kind/pipewire`` if `name` says "on PipeWire", as that of pipewire-pulse does.
  public let kind: Kind
  /// What the server calls itself.
  public var name: String
  /// The real version: pipewire-pulse reports a fixed 15.0.0 and hides its own in the name.
  public let version: String
  /// What is to be known about this server.
  public let traits: ServerTraits
  /// A number drawn at every start of the server (on PipeWire, of its core).
  public var cookie: UInt32
  /// Name of the machine it runs on.
  public var host: String
  /// Name of the user it runs as.
  public var user: String
  /// Nil while the server has none, as pipewire-pulse before its session manager has chosen.
  public var defaultSink: String?
  /// Nil as ``defaultSink``, and if PipeWire has no microphone. May be a monitor source.
  public var defaultSource: String?

  /// Stores what the server says, and takes from it what it is.
  ///
  /// - Parameters:
  ///   - name: tells the kind, and the real version of pipewire-pulse.
  ///   - version: counts on PulseAudio only.
  ///   - defaultSink, defaultSource: nil, an empty name and one that begins with `@` mean that there is none.
  public init(
    name: String, version: String, cookie: UInt32, host: String, user: String, defaultSink: String?,
    defaultSource: String?
  ) {
    let mark = "on PipeWire "
    if let range = name.firstRange(of: mark) {
      kind = .pipewire
      self.version = String(name[range.upperBound...].prefix { $0 == "." || $0.isNumber })
    } else {
      kind = .pulseaudio
      self.version = version
    }
    let numbers = self.version.split(separator: ".").map { Int($0) ?? 0 }
    traits = ServerTraits(kind, major: numbers.first ?? 0, minor: numbers.dropFirst().first ?? 0)
    self.name = name
    self.cookie = cookie
    self.host = host
    self.user = user
    self.defaultSink = defaultSink.flatMap(ServerInfo.realName)
    self.defaultSource = defaultSource.flatMap(ServerInfo.realName)
  }

  /// Name of the default device of a kind; nil as ``defaultSink`` and ``defaultSource``.
  public func defaultDevice(_ kind: DeviceKind) -> String? { kind == .sink ? defaultSink : defaultSource }

  /// pipewire-pulse answers `@DEFAULT_SINK@` where it has no default to name.
  private static func realName(_ name: String) -> String? { name.isEmpty || name.hasPrefix("@") ? nil : name }
}
