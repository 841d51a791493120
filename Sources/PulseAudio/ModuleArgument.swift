internal import AudioGraph

/// How values are written in the arguments of a module, so that both servers read them alike and none of them can become
/// another argument.
enum ModuleArgument {
  /// A title without what one of the servers cannot take in a quoted value, and what would look like another property.
  /// Devices may be called by pages of text: no more than a line of it.
  static func moduleSafe(_ title: String) -> String {
    let scalars = title.unicodeScalars.filter { scalar in
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator: false
      default: !"'\"\\{}=".unicodeScalars.contains(scalar)
      }
    }
    return String(String(String.UnicodeScalarView(scalars)).prefix(200))
  }

  /// A device name as an argument's value. Names come from the server and may hold anything.
  ///
  /// - Throws: a sentence where a device has a name that cannot be said in a module argument.
  static func quoted(_ name: String) throws(UnspeakableName) -> String {
    if name.utf8.allSatisfy(isPlain) && !name.isEmpty { return name }
    let quotable = name.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F && !"'\"\\{}".utf8.contains($0) }
    guard quotable && !name.isEmpty else { throw UnspeakableName(name: name) }
    return "'\(name)'"
  }

  /// Several names, separated by commas, as one value: a name that holds anything but letters cannot be among them.
  static func list(_ names: [String]) throws(UnspeakableName) -> String {
    for name in names { guard name.utf8.allSatisfy(isPlain) && !name.isEmpty else { throw UnspeakableName(name: name) } }
    return names.joined(separator: ",")
  }

  static func list(_ map: ChannelMap) -> String { map.positions.joined(separator: ",") }

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"),
      UInt8(ascii: ":"), UInt8(ascii: "+"), UInt8(ascii: "@"):
      true
    default: false
    }
  }
}

/// A name that would end the argument it stands in, or start another.
struct UnspeakableName: Error {
  var name: String
  var sentence: String { "the device name '\(name)' cannot be passed to a module of the sound server" }
}
