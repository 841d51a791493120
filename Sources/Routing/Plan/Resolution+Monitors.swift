internal import AudioGraph

/// What is heard of an input in an output.
extension Resolution {
  mutating func setMonitors(_ monitors: [MonitorSection]) throws(PlanError) {
    var ends: [(title: String, source: String, sink: String)] = []
    for monitor in monitors {
      let title = Self.title("monitor", monitor.label)
      do throws(PlanError) {
        guard let sink = outputs[monitor.to], let source = inputs[monitor.from] else {
          left.append(
            Left(object: title, reason: outputs[monitor.to] == nil ? "its output is not connected" : "its input is not connected")
          )
          continue
        }
        if let twin = ends.first(where: { $0.source == source.name && $0.sink == sink.name }) {
          throw .monitorTwice(sections: [twin.title, title])
        }
        ends.append((title, source.name, sink.name))
        try set(monitor, title, from: source, to: sink)
      } catch {
        guard !monitor.isRequired else { throw error }
        left.append(Left(object: title, reason: error.sentence))
      }
    }
  }

  private mutating func set(_ monitor: MonitorSection, _ title: String, from source: Endpoint, to sink: Endpoint)
    throws(PlanError)
  {
    if let heard = source.hardware.first.flatMap({ graph.source(named: $0.name)?.monitorOf }),
      heard == sink.name || sink.hardware.contains(where: { $0.name == heard })
    {
      throw .feedback(section: title, device: sink.description)
    }
    guard source.module != nil || isRoutable(source.channelMap) else {
      throw .unroutableChannels(section: title, device: source.description, channels: source.channelMap.positions, end: "input")
    }
    guard graph.server.traits.playsNumberedChannels || !sink.channelMap.isNumbered else {
      throw .unroutableChannels(section: title, device: sink.description, channels: sink.channelMap.positions, end: "output")
    }
    var loopback = Loopback(
      tag: tag(.monitor, monitor.label, .sink), source: source.name, sink: sink.name, latency: monitor.latency,
      channelMap: source.channelMap, volume: monitor.volume, isMuted: monitor.mute,
      title: "\(source.description) in \(sink.description)")
    if let foreign = graph.modules.first(where: { isForeign($0, joining: loopback) }) {
      warnings.append(
        "\(title): \(source.description) is heard in \(sink.description) already, through \(foreign.name) number "
          + "\(foreign.index), which hproute did not load and leaves as it is.")
      return
    }
    if let it = running({ $0.doesTheSame(as: .loopback(loopback)) }) { loopback.tag = it.tag }
    warn(title, from: source, to: sink, monitor)
    monitors[monitor.label] = loopback.tag
    settings.append(Setting(.module(loopback.tag), .module(.loopback(loopback))))
    if !monitor.isRequired { optional.insert(.module(loopback.tag)) }
    // Those of one that runs already; a new one starts with them.
    if let stream = graph.stream(of: .loopback(loopback.tag)) {
      let volumes = ChannelVolumes(monitor.volume, count: stream.volume.channels.count)
      settings.append(Setting(.volume(.loopback(loopback.tag)), .volume(volumes)))
      settings.append(Setting(.mute(.loopback(loopback.tag)), .mute(monitor.mute)))
    }
  }

  /// Whether the server knows in which ear each channel is to be heard. On PipeWire two channels with numbers are two ears.
  func isRoutable(_ map: ChannelMap) -> Bool {
    map.positions.count <= 2 && (!map.isNumbered || graph.server.traits.playsNumberedChannels)
  }

  private func isForeign(_ module: Module, joining wanted: Loopback) -> Bool {
    // One that a default takes along for a moment is put back where it was.
    let settled = start.modules.contains { $0.index == module.index } ? start : graph
    guard module.name == "module-loopback", module.tag?.belongs(to: planner.user) != true,
      let ends = settled.ends(ofLoopback: module)
    else { return false }
    return ends.source.name == wanted.source && ends.sink.name == wanted.sink
  }

  // MARK: - Warnings

  private mutating func warn(_ title: String, from source: Endpoint, to sink: Endpoint, _ monitor: MonitorSection) {
    guard let microphone = source.hardware.first, graph.source(named: microphone.name)?.monitorOf == nil else { return }
    for device in sink.hardware {
      if let here = microphone.card, let there = device.card, here != there {
        warnings.append(
          "\(title): \(microphone.description) and \(device.description) are two devices with a clock each. The server evens "
            + "that out, at the price of some latency; if it crackles, try latency = \(max(50, monitor.latency * 2)) ms.")
      }
      if graph.isLoudspeaker(device) {
        warnings.append(
          "\(title): \(device.description) looks like loudspeakers. A microphone that hears them howls: use headphones, or "
            + "keep the monitor low.")
      }
    }
    if !monitor.isDirectOff, let card = graph.card(index: microphone.card),
      sink.hardware.contains(where: { $0.card == microphone.card }),
      let means = DirectMonitoring.means(of: card.properties)
    {
      warnings.append(
        "\(title): \(card.description) can monitor by itself and without latency (\(means)). Use that instead, or have it "
          + "switched off: with both you hear yourself twice. 'direct = off' in \(title) says that it is.")
    }
  }
}

extension Graph {
  /// Whether what is played there is heard in the room, as far as the device tells.
  fileprivate func isLoudspeaker(_ device: Device) -> Bool {
    if let type = device.port?.type { return ["speaker", "hdmi", "tv", "car"].contains(type) }
    return ["internal", "speaker", "hifi", "tv", "car"].contains(properties(of: device)[.formFactor] ?? "")
  }
}

/// Interfaces that let their microphone be heard in their headphones without the computer.
enum DirectMonitoring {
  /// How it is switched on; nil where nothing is known of it.
  ///
  /// Taken from the controls that Linux drivers show for these products, and from what is printed on their panels.
  static func means(of properties: Properties) -> String? {
    guard properties[.bus] == "usb", let vendor = properties.number(.vendorID), let product = properties.number(.productID)
    else { return nil }
    switch (vendor, product) {
    case (0x1235, 0x8211), (0x1235, 0x8218), (0x1235, 0x8210), (0x1235, 0x8219): return "its 'Direct' button"
    case (0x1235, 0x801C), (0x1235, 0x8205), (0x1235, 0x8006), (0x1235, 0x8202): return "the 'Direct Monitor' switch in front"
    case (0x1235, 0x800A), (0x1235, 0x8200): return "the 'Monitor Mix' knob"
    case (0x1235, _): return "its own mixer"
    case (0x194F, _): return "its 'Mix' knob or its own mixer"
    case (0x08BB, 0x2902), (0x1397, _), (0x0499, _), (0x22F0, _), (0x0644, 0x805F), (0x19F7, _), (0x1220, _), (0x0582, _):
      return "the mixer or the 'Direct Monitor' switch on its panel"
    case (0x2B5A, _), (0x07FD, _), (0x2708, _), (0x31E9, _), (0x1C75, _), (0x17CC, _): return "a button or knob on its panel"
    default: return nil
    }
  }
}
