/// A source heard in a sink: what `module-loopback` does, and what a `[monitor]` asks for.
public struct Loopback: Hashable, Sendable {
  /// Marks the module as ours; see ``Tag``.
  public var tag: Tag
  public var source: String
  public var sink: String
  /// How long the sound takes on its way, in milliseconds, as asked; servers accept 1 to 30,000.
  public var latency: UInt32
  /// The channels carried, those of the source.
  public var channelMap: ChannelMap
  /// Volume and mute it starts with. They are in force before the first sample is heard.
  public var volume: Volume
  public var isMuted: Bool
  /// What a mixer calls it.
  public var title: String

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

/// The mark that everything hproute loads carries in its arguments as `hproute.id`: whose it is, and which one.
///
/// Modules are found by it, never by their index: pipewire-pulse gives a freed index to the next module at once.
public struct Tag: RawRepresentable, Hashable, Sendable {
  public var rawValue: String

  public init(rawValue: String) { self.rawValue = rawValue }

  /// - Parameters:
  ///   - user: the number of the user who loads.
  ///   - transaction: a number drawn for the apply that loads.
  ///   - ordinal: counts what this apply loads.
  public init(user: UInt32, transaction: UInt32, ordinal: Int) {
    rawValue = "\(user)-\(String(transaction, radix: 16))-\(ordinal)"
  }

  /// Whether hproute of this user made what carries the tag.
  public func belongs(to user: UInt32) -> Bool { rawValue.hasPrefix("\(user)-") }
}

/// A plug-in of the server. The corresponding C type is `pa_module_info`.
public struct Module: Hashable, Sendable {
  public let index: UInt32
  public let name: String
  public let arguments: String

  /// The mark of hproute in the arguments, if there is one.
  public let tag: Tag?

  public init(index: UInt32, name: String, arguments: String) {
    self.index = index
    self.name = name
    self.arguments = arguments
    tag = Self.tag(in: arguments)
  }

  private static func tag(in arguments: String) -> Tag? {
    let mark = Array("\(Properties.Key.hprouteID.rawValue)=".utf8)
    let bytes = arguments.utf8
    var rest = bytes[...]
    // Compared byte by byte: this is done for every module of the server.
    while let start = rest.firstIndex(of: mark[0]) {
      rest = rest[start...]
      if rest.starts(with: mark) {
        let value = rest.dropFirst(mark.count).prefix { byte in
          byte == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
        }
        return value.isEmpty ? nil : Tag(rawValue: String(Substring(value)))
      }
      rest = rest.dropFirst()
    }
    return nil
  }

  /// The value of a plain `key=value` argument of a module.
  public func argument(_ key: String) -> String? {
    for word in arguments.split(separator: " ") where word.hasPrefix("\(key)=") {
      return String(word.dropFirst(key.utf8.count + 1))
    }
    return nil
  }
}
