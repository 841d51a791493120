internal import AudioGraph

/// The arguments of `module-loopback`, in the words that every server understands.
///
/// PulseAudio refuses a module with an argument it does not know, pipewire-pulse ignores it, and each has its own
/// defaults. So only the common arguments are used, and all of them are said.
struct LoopbackArguments {
  let text: String

  /// - Throws: a sentence where a device has a name that cannot be said in a module argument.
  init(_ loopback: Loopback, on server: ServerTraits) throws(UnspeakableName) {
    let map = loopback.channelMap.positions
    var words = [
      "source=\(try ModuleArgument.quoted(loopback.source))",
      "sink=\(try ModuleArgument.quoted(loopback.sink))",
      "latency_msec=\(loopback.latency)",
      "channels=\(map.count)",
      "channel_map=\(map.joined(separator: ","))",
      "remix=true",
      // An end whose device leaves must not be joined to the default device instead: a laptop's microphone would be
      // heard in its speakers.
      "source_dont_move=true",
      "sink_dont_move=true",
      "sink_input_properties='\(Self.properties(loopback, end: .playback, on: server))'",
      "source_output_properties='\(Self.properties(loopback, end: .recording, on: server))'",
    ]
    // The last one counts. The first says what was asked for, to hproute and to whoever lists modules.
    if server.delaysPlayMemory { words.append("latency_msec=0") }
    text = words.joined(separator: " ")
  }

  enum End: String { case playback, recording }

  /// The name under which PulseAudio remembers the volume of one end. Without one of its own, all loopbacks share one.
  static func memoryKey(_ tag: Tag, _ end: End) -> String { "hproute-\(tag.rawValue)-\(end.rawValue)" }

  private static func properties(_ loopback: Loopback, end: End, on server: ServerTraits) -> String {
    let key = memoryKey(loopback.tag, end)
    var properties = [
      "\(Properties.Key.hprouteID.rawValue)=\(loopback.tag.rawValue)",
      "media.name=\"\(ModuleArgument.moduleSafe(loopback.title))\"",
      "module-stream-restore.id=\(key)",
    ]
    if server.takesStartingVolume {
      properties += [
        "node.name=\(key)", "state.restore-props=false", "state.restore-target=false", "node.dont-fallback=true",
        "node.linger=true",
        // Of a group, WirePlumber takes the two ends for a loop if the devices they go to are one as well: see docs/servers.md.
        "node.link-group=\(key)",
        // A third of what may pass between microphone and headphones, as PipeWire itself would ask for.
        "node.latency=\(max(1, loopback.latency * 16))/48000",
      ]
      if end == .playback {
        // In force before the stream is linked, so that not one buffer is heard at another volume.
        let gains = loopback.channelMap.positions.map { _ in "\(loopback.volume.gain)" }.joined(separator: ", ")
        properties.append("node.param.Props=\"{ mute: \(loopback.isMuted), channelVolumes: [ \(gains) ] }\"")
      }
    }
    return properties.joined(separator: " ")
  }
}
