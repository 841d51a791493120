internal import AudioGraph

/// The arguments of `module-loopback`, in the words that every server understands.
///
/// PulseAudio refuses a module with an argument it does not know, pipewire-pulse ignores it, and each has its own
/// defaults. So only the common arguments are used, and all of them are said.
struct LoopbackArguments {
  let text: String

  /// - Throws: a sentence where a device has a name that cannot be said in a module argument.
  init(_ loopback: Loopback, on kind: ServerInfo.Kind) throws(UnspeakableName) {
    let map = loopback.channelMap.positions
    text = [
      "source=\(try Self.quoted(loopback.source))",
      "sink=\(try Self.quoted(loopback.sink))",
      "latency_msec=\(loopback.latency)",
      "channels=\(map.count)",
      "channel_map=\(map.joined(separator: ","))",
      "remix=true",
      // An end whose device leaves must not be joined to the default device instead: a laptop's microphone would be
      // heard in its speakers.
      "source_dont_move=true",
      "sink_dont_move=true",
      "sink_input_properties='\(Self.properties(loopback, end: .playback, on: kind))'",
      "source_output_properties='\(Self.properties(loopback, end: .recording, on: kind))'",
    ].joined(separator: " ")
  }

  enum End: String { case playback, recording }

  /// The name under which PulseAudio remembers the volume of one end. Without one of its own, all loopbacks share one.
  static func memoryKey(_ tag: Tag, _ end: End) -> String { "hproute-\(tag.rawValue)-\(end.rawValue)" }

  private static func properties(_ loopback: Loopback, end: End, on kind: ServerInfo.Kind) -> String {
    let key = memoryKey(loopback.tag, end)
    var properties = [
      "\(Properties.Key.hprouteID.rawValue)=\(loopback.tag.rawValue)",
      "media.name=\"\(speakable(loopback.title))\"",
      "module-stream-restore.id=\(key)",
    ]
    if kind == .pipewire {
      properties += [
        "node.name=\(key)", "state.restore-props=false", "state.restore-target=false", "node.dont-fallback=true",
        "node.linger=true",
      ]
      if end == .playback {
        // In force before the stream is linked, so that not one buffer is heard at another volume.
        let gains = loopback.channelMap.positions.map { _ in "\(loopback.volume.gain)" }.joined(separator: ", ")
        properties.append("node.param.Props=\"{ mute: \(loopback.isMuted), channelVolumes: [ \(gains) ] }\"")
      }
    }
    return properties.joined(separator: " ")
  }

  /// A title without what one of the servers cannot take in a quoted value.
  private static func speakable(_ title: String) -> String {
    String(title.filter { !"'\"\\{}".contains($0) && !$0.isNewline && $0 != "\t" })
  }

  /// A device name as an argument's value. Names come from the server and may hold anything.
  private static func quoted(_ name: String) throws(UnspeakableName) -> String {
    let plain = name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"),
        UInt8(ascii: ":"), UInt8(ascii: "+"), UInt8(ascii: "@"):
        true
      default: false
      }
    }
    if plain && !name.isEmpty { return name }
    let quotable = name.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F && !"'\"\\{}".utf8.contains($0) }
    guard quotable && !name.isEmpty else { throw UnspeakableName(name: name) }
    return "'\(name)'"
  }
}

/// A name that would end the argument it stands in, or start another.
struct UnspeakableName: Error {
  var name: String
  var sentence: String { "the device name '\(name)' cannot be passed to module-loopback" }
}
