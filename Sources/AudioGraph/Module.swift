/// The mark that everything hproute loads carries in its arguments as `hproute.id`: whose it is, and which one.
///
/// Modules are found by it, never by their index: pipewire-pulse gives a freed index to the next module at once.
public struct Tag: RawRepresentable, Hashable, Sendable {
  /// User, transaction in hexadecimal, and ordinal: `1000-5f3a09c1-42`.
  public var rawValue: String

  /// Takes any text, also what no hproute would write.
  public init(rawValue: String) { self.rawValue = rawValue }

  /// - Parameters:
  ///   - user: the number of the user who loads.
  ///   - transaction: a number drawn for the apply that loads.
  ///   - ordinal: tells apart what this apply loads; the same in every plan of it.
  public init(user: UInt32, transaction: UInt32, ordinal: Int) {
    rawValue = "\(user)-\(String(transaction, radix: 16))-\(ordinal)"
  }

  /// Whether hproute of this user made what carries the tag.
  public func belongs(to user: UInt32) -> Bool { rawValue.hasPrefix("\(user)-") }
}

/// A plug-in of the server. The corresponding C type is `pa_module_info`.
public struct Module: Hashable, Sendable {
  /// The number of the module in this run of the server. PipeWire gives a freed one to the next module.
  public let index: UInt32
  /// What was loaded: `module-loopback`, `module-null-sink`, …
  public let name: String
  /// The words it was loaded with: `key=value`, separated by blanks. Empty if there were none.
  public let arguments: String

  /// The mark of hproute in the arguments, if there is one.
  public let tag: Tag?

  /// Stores its parameters, and looks for the tag in `arguments`.
  public init(index: UInt32, name: String, arguments: String) {
    self.index = index
    self.name = name
    self.arguments = arguments
    tag = Self.tag(in: arguments)
  }

  /// Whether it makes a sink or a source, and does not just join two.
  public var makesDevice: Bool { purpose != .loopback }

  /// Whether it makes a source heard in a sink, whoever has loaded it.
  public var isLoopback: Bool { name == "module-loopback" && !makesDevice }

  enum Purpose { case loopback, remap, combination }

  /// What a module of ours is for. On PipeWire a loopback can be a device as well.
  var purpose: Purpose {
    if name == "module-combine-sink" { return .combination }
    return name.hasPrefix("module-remap") || arguments.contains("media.class=Audio/") ? .remap : .loopback
  }

  func channelMap(_ key: String) -> ChannelMap {
    ChannelMap((argument(key) ?? "").split(separator: ",").map(String.init))
  }

  private static func tag(in arguments: String) -> Tag? {
    // Nobody else's words can be in that place: a quote within a description is escaped.
    let mark = Array("_properties='\(Properties.Key.hprouteID.rawValue)=".utf8)
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
