internal import AudioGraph

/// Which module makes a device of ours, and with what arguments.
struct DeviceArguments {
  let module: String
  let text: String

  /// - Throws: ``UnspeakableName`` where a device has a name that cannot be said in a module argument.
  init(_ remap: Remap, on server: ServerTraits) throws(UnspeakableName) {
    // A remap of PipeWire's cannot be told to end with the device below it: a microphone that is pulled out would be replaced
    // by another one. A loopback can be a device as well, and can be told.
    switch server.remapping {
    case .loopback:
      (module, text) = (
        "module-loopback",
        try Self.loopback(remap, mixing: remap.isMix, gain: server.mixesLouder && remap.isMix ? 0.5.squareRoot() : 1)
      )
    case .remapOfSeveral where remap.kind == .source && remap.map.positions.count == 1:
      (module, text) = ("module-loopback", try Self.loopback(remap, mixing: true))
    case .remap, .remapOfSeveral: (module, text) = ("module-remap-\(remap.kind.rawValue)", try Self.remap(remap, on: server))
    }
  }

  private static func remap(_ remap: Remap, on server: ServerTraits) throws(UnspeakableName) -> String {
    let kind = remap.kind.rawValue
    let volume = server.takesStartingVolume ? " \(startingVolume(of: remap))" : ""
    return [
      "\(kind)_name=\(try ModuleArgument.quoted(remap.name))",
      "master=\(try ModuleArgument.quoted(remap.master))",
      "channels=\(remap.map.positions.count)",
      "channel_map=\(ModuleArgument.list(remap.map))",
      "master_channel_map=\(ModuleArgument.list(remap.masterMap))",
      "remix=\(remap.isMix && !server.mixesIntoEachChannel ? "yes" : "no")",
      "\(kind)_properties='\(properties(remap.tag, remap.title, remap.kind))\(volume)'",
    ].joined(separator: " ")
  }

  /// - Parameters:
  ///   - mixing: whether channels are mixed by their names.
  ///   - gain: what every sample is multiplied by on its way to the device below.
  private static func loopback(_ remap: Remap, mixing: Bool, gain: Double = 1) throws(UnspeakableName) -> String {
    let tag =
      "\(Properties.Key.hprouteID.rawValue)=\(remap.tag.rawValue)" + (remap.isMix ? "" : " stream.dont-remix=true")
      + (mixing ? "" : " channelmix.disable=true")
    let device = [
      tag, "media.class=Audio/\(remap.kind == .sink ? "Sink" : "Source")", "node.name=\(remap.name)", "device.class=filter",
      appearance(remap.kind),
      "device.description=\"\(ModuleArgument.moduleSafe(remap.title))\"",
      "node.description=\"\(ModuleArgument.moduleSafe(remap.title))\"", positions(remap.map),
      startingVolume(of: remap),
    ]
    let stream =
      [
        tag, "node.name=\(remap.kind == .sink ? "output" : "input").\(remap.name)",
        "media.name=\"\(ModuleArgument.moduleSafe(remap.title))\"", positions(remap.masterMap), "node.passive=true",
        "state.restore-props=false", "state.restore-target=false",
        // A session manager that is started again may meet it before the device below: then it ends, and takes no other.
        "node.dont-fallback=true",
      ] + (gain == 1 ? [] : ["node.param.Props=\"{ channelVolumes: [ \(gain) ] }\""])
    let (playback, recording) = remap.kind == .sink ? (stream, device) : (device, stream)
    let below = remap.kind.rawValue
    return [
      "\(below)=\(try ModuleArgument.quoted(remap.master))",
      "\(below)_dont_move=true",
      "channels=\(remap.map.positions.count)",
      "channel_map=\(ModuleArgument.list(remap.map))",
      // For hproute itself, which finds out by it what the module does.
      "master_channel_map=\(ModuleArgument.list(remap.masterMap))",
      "remix=\(remap.isMix)",
      "sink_input_properties='\(playback.joined(separator: " "))'",
      "source_output_properties='\(recording.joined(separator: " "))'",
    ].joined(separator: " ")
  }

  /// The volume, in force before anything can play to it, and without an entry in the memory of a session manager.
  private static func startingVolume(of remap: Remap) -> String {
    let gains = remap.map.positions.map { _ in "\(remap.volume.gain)" }.joined(separator: ", ")
    return "node.param.Props=\"{ channelVolumes: [ \(gains) ] }\" state.restore-props=false"
  }

  init(_ combination: Combination, on server: ServerTraits) throws(UnspeakableName) {
    module = "module-combine-sink"
    text = [
      "sink_name=\(try ModuleArgument.quoted(combination.name))",
      "\(server.membersArgument)=\(try ModuleArgument.list(combination.members))",
      "channels=2", "channel_map=front-left,front-right",
      "sink_properties='\(Self.properties(combination.tag, combination.title, .sink))'",
    ].joined(separator: " ")
  }

  private static func properties(_ tag: Tag, _ title: String, _ kind: DeviceKind) -> String {
    let name = "\(Properties.Key.hprouteID.rawValue)=\(tag.rawValue) device.description=\"\(ModuleArgument.moduleSafe(title))\""
    return "\(name) \(appearance(kind))"
  }

  /// By what mixers and desktops choose a picture.
  private static func appearance(_ kind: DeviceKind) -> String {
    let (form, icon) = kind == .sink ? ("headphone", "audio-headphones") : ("microphone", "audio-input-microphone")
    return "device.form_factor=\(form) device.icon_name=\(icon)"
  }

  /// The channels of a stream, in the words and in the form of PipeWire.
  private static func positions(_ map: ChannelMap) -> String {
    let names = map.positions.map { pipewireNames[$0] ?? $0.uppercased() }
    return "audio.channels=\(names.count) audio.position=\"[ \(names.joined(separator: ", ")) ]\""
  }

  /// libpulse's names of channels as PipeWire writes them, where it does not just write them large (`mono`, `aux3`).
  private static let pipewireNames = [
    "front-left": "FL", "front-right": "FR", "front-center": "FC", "lfe": "LFE", "rear-left": "RL", "rear-right": "RR",
    "rear-center": "RC", "side-left": "SL", "side-right": "SR", "front-left-of-center": "FLC", "front-right-of-center": "FRC",
    "top-center": "TC", "top-front-left": "TFL", "top-front-center": "TFC", "top-front-right": "TFR",
    "top-rear-left": "TRL", "top-rear-center": "TRC", "top-rear-right": "TRR",
  ]
}
