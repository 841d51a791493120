internal import AudioGraph

extension Doctor {
  /// The output, and the sinks below it where it is one that plays to others.
  var soundPath: [Sink] {
    guard let output else { return [] }
    let below = Set(streams(below: output).compactMap(\.sink))
    return [output] + graph.sinks.filter { below.contains($0.device.index) }
  }

  /// What carries the sound of a sink made of software to the hardware.
  private func streams(below sink: Sink) -> [SinkInput] {
    guard let module = sink.device.ownerModule else { return [] }
    return graph.sinkInputs.filter { $0.client == nil && $0.ownerModule == module && $0.sink != sink.device.index }
  }

  // MARK: - Streams

  /// The programs that should be heard in the output, and are running.
  private var players: [SinkInput] { graph.sinkInputs.filter { $0.isMovable && !$0.isCorked } }

  mutating func examineStreams() {
    guard let output else { return }
    var astray: [StreamIdentity: String] = [:]
    for change in plan?.changes ?? [] {
      if case .streamSink(let identity) = change.attribute, case .device(let name?) = change.to { astray[identity] = name }
    }
    for stream in players {
      let title = stream.identity.application.title
      guard let sink = graph.sink(index: stream.sink) else {
        add(.wrong(.streams, "\(title) plays to no output at all.", object: title, remedy: "stop it and let it play again"))
        continue
      }
      if let wanted = astray[stream.identity] {
        add(
          .wrong(
            .streams, "\(title) plays in \(sink.description), and not in \(graph.sink(named: wanted)?.description ?? wanted).",
            object: title,
            remedy: applying))
      } else if sink.device.index == output.device.index {
        add(.fine(.streams, "\(title) plays in \(sink.description).", object: title))
      } else if target == nil, isSilent(sink) {
        add(
          .wrong(
            .streams, "\(title) plays in \(sink.description), which is silent, and not in the default output.", object: title,
            remedy: "pactl move-sink-input \(stream.index) \(output.name.shellQuoted)"))
      } else if let (reason, remedy) = reason(for: stream, in: sink) {
        add(.note(.streams, "\(title) plays in \(sink.description): \(reason).", object: title, remedy: remedy))
      } else {
        let more = target == nil ? ", which is not the default output" : ""
        add(.fine(.streams, "\(title) plays in \(sink.description)\(more).", object: title))
      }
    }
    if players.isEmpty {
      let paused = graph.sinkInputs.filter { $0.isMovable && $0.isCorked }.map { $0.identity.application.title }
      add(
        .fine(
          .streams, paused.isEmpty ? "Nothing is playing." : "Nothing is playing; \(paused.joined(separator: ", ")) is paused."))
    }
  }

  /// Why a program that nobody has sent there plays elsewhere than in the output, and what changes that; nil if nobody knows.
  private func reason(for stream: SinkInput, in sink: Sink) -> (String, String)? {
    if case .device(sink.name)? = plan?.wanted(.streamSink(stream.identity)) { return nil }
    let set = programs.variables(stream.identity.process)
    for name in ProgramSettings.names where set[name] == sink.name {
      return ("\(name)=\(sink.name) was set when it was started", "start it without \(name)")
    }
    let key = graph.foreignStreams.first { $0.identity == stream.identity && $0.kind == .sink }?.memoryKey
    if let memory = graph.streamMemory?.first(where: { $0.key == key }), memory.sink == sink.name {
      let title = StreamMemory.title(of: memory.key)
      return ("the sound server remembers that for it", "hproute streams --forget \(title.shellQuoted)")
    }
    return nil
  }

  /// A setting of libpulse that no sound server knows of.
  mutating func examineSettings() {
    guard let configured = programs.configured, configured.sink != output?.name else { return }
    let name = graph.sink(named: configured.sink)?.description ?? configured.sink
    add(
      .note(
        .streams, "\(configured.path) sends programs to \(name), whatever the default output is.",
        remedy: "remove 'default-sink' from that file"))
  }

  /// Whether nobody hears what plays there.
  private func isSilent(_ sink: Sink) -> Bool {
    let isHidden = graph.hidesVolume(of: .volume(sink.device.object))
    return sink.isMuted || sink.device.port?.availability == .no || (!isHidden && sink.volume.loudest <= .inaudible)
  }

  // MARK: - Volumes

  mutating func examineVolumes() {
    let before = findings.count
    for sink in soundPath { examine(VolumeControl(sink.device, in: graph, used: channels(of: sink)), .volume) }
    let heard = Set(soundPath.map(\.device.index))
    let carriers = soundPath.first.map(streams(below:)) ?? []
    for stream in players.filter({ $0.sink.map(heard.contains) ?? false }) + carriers {
      let title = stream.client == nil ? "The way from \(output?.description ?? "")" : stream.identity.application.title
      examine(VolumeControl(stream, title, .stream(stream.identity)), .volume)
    }
    if findings.count == before, let output {
      let isHidden = graph.hidesVolume(of: .volume(output.device.object))
      let volume = isHidden ? "not told before it plays" : VolumeText.both(output.volume.loudest)
      let mute = output.isMuted ? ", and muted, as \(target?.profile.name ?? "") says" : ""
      add(.fine(.volume, "\(output.description): \(volume)\(mute).", object: output.name))
    }
  }

  /// Something that can be muted and turned down.
  struct VolumeControl {
    var title: String
    var name: String
    var object: Attribute.Object
    var volume: ChannelVolumes
    /// Nil where the channels have no names.
    var map: ChannelMap?
    var isMuted: Bool
    /// The channels that matter; nil for all.
    var used: Set<String>?
    /// Whether the server does not tell the volume now.
    var isHidden = false
    /// As pactl calls it.
    var command: String
    var target: String

    init(_ device: Device, in graph: Graph, used: Set<String>? = nil) {
      (title, name, object) = (device.description, device.name, device.object)
      (volume, map, isMuted) = (device.volume, device.channelMap, device.isMuted)
      self.used = used
      isHidden = graph.hidesVolume(of: .volume(object))
      (command, target) = (device.kind.rawValue, device.name.shellQuoted)
    }

    init(_ stream: SinkInput, _ title: String, _ object: Attribute.Object) {
      (self.title, name, self.object) = (title, title, object)
      (volume, isMuted) = (stream.volume, stream.isMuted)
      (command, target) = ("sink-input", String(stream.index))
    }

    func louder(_ percent: Int) -> String { "pactl set-\(command)-volume \(target) \(percent)%" }
  }

  /// Whether the profile says just that, and it is so: then it is no accident.
  private func isWanted(_ attribute: Attribute) -> Bool {
    plan?.wanted(attribute).map { graph.holds(Setting(attribute, $0)) } ?? false
  }

  /// What sets it right: the profile, where it says something about it.
  private func remedy(_ attribute: Attribute, else command: String) -> String {
    plan?.changes.contains { $0.attribute == attribute } ?? false ? applying : command
  }

  /// Whether the rules of the profile reach what is started later.
  mutating func examineRules() {
    guard let sentence = plan?.unattended else { return }
    add(.note(.streams, sentence, remedy: "hproute autostart enable, or hproute watch"))
  }

  mutating func examine(_ control: VolumeControl, _ topic: Finding.Topic) {
    let (volume, mute) = (Attribute.volume(control.object), Attribute.mute(control.object))
    if control.isMuted, !isWanted(mute) {
      let open = "pactl set-\(control.command)-mute \(control.target) 0"
      // Not to be opened at full volume into somebody's ears.
      let isLoud = control.command == "sink" && control.volume.loudest > Volume(percent: 50)
      let command = isLoud ? "\(control.louder(40)) && \(open)" : open
      add(.wrong(topic, "\(control.title) is muted.", object: control.name, remedy: remedy(mute, else: command)))
    }
    guard !control.isHidden else { return }
    let loudest = control.volume.loudest
    guard loudest > .inaudible else {
      guard !isWanted(volume) else { return }
      add(
        .wrong(
          topic, "\(control.title) is turned down to \(VolumeText.both(loudest)).", object: control.name,
          remedy: remedy(volume, else: control.louder(40))))
      return
    }
    // A volume alone keeps whatever balance there is.
    guard !isWanted(volume) || target?.profile.outputs.allSatisfy({ $0.balance == nil }) ?? true else { return }
    for (index, channel) in control.volume.channels.enumerated() where channel <= .inaudible {
      let name =
        control.map.flatMap { $0.positions.indices.contains(index) ? $0.positions[index] : nil } ?? "channel \(index + 1)"
      if let used = control.used, !used.contains(name) { continue }
      add(
        .wrong(
          topic, "\(control.title) is turned down to \(VolumeText.both(channel)) on \(name).", object: control.name,
          remedy: remedy(volume, else: control.louder(Int(loudest.percent.rounded())))))
    }
  }

  /// The channels of a sink below ours that ours plays to, perhaps through another of ours; nil for all.
  private func channels(of sink: Sink) -> Set<String>? {
    var above = output
    while let it = above, it.name != sink.name, case .remap(let remap)? = graph.ownModule(of: it.device) {
      if remap.master == sink.name { return remap.isMix ? nil : Set(remap.masterMap.positions) }
      above = graph.sink(named: remap.master)
    }
    return nil
  }
}
