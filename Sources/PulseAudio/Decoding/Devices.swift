internal import AudioGraph
internal import CPulse

extension Sink {
  init(_ info: pa_sink_info) {
    let device = Device(
      kind: .sink, index: info.index, name: text(info.name), description: text(info.description),
      volume: ChannelVolumes(info.volume), channelMap: ChannelMap(info.channel_map), rate: info.sample_spec.rate,
      isMuted: info.mute != 0, state: DeviceState(info.state.rawValue), volumeSteps: info.n_volume_steps,
      card: optionalIndex(info.card),
      ownerModule: optionalIndex(info.owner_module), ports: structures(info.ports, info.n_ports).map(Port.init),
      activePort: info.active_port.map { text($0.pointee.name) }, properties: Properties(info.proplist))
    self.init(device, monitorSource: info.monitor_source_name.map { text($0) }, latency: info.latency)
  }
}

extension Source {
  init(_ info: pa_source_info) {
    let device = Device(
      kind: .source, index: info.index, name: text(info.name), description: text(info.description),
      volume: ChannelVolumes(info.volume), channelMap: ChannelMap(info.channel_map), rate: info.sample_spec.rate,
      isMuted: info.mute != 0, state: DeviceState(info.state.rawValue), volumeSteps: info.n_volume_steps,
      card: optionalIndex(info.card),
      ownerModule: optionalIndex(info.owner_module), ports: structures(info.ports, info.n_ports).map(Port.init),
      activePort: info.active_port.map { text($0.pointee.name) }, properties: Properties(info.proplist))
    self.init(device, monitorOf: info.monitor_of_sink_name.map { text($0) })
  }
}

extension DeviceState {
  /// The values of `pa_sink_state_t` and `pa_source_state_t` are the same.
  init(_ value: Int32) {
    switch value {
    case PA_SINK_RUNNING.rawValue: self = .running
    case PA_SINK_IDLE.rawValue: self = .idle
    case PA_SINK_SUSPENDED.rawValue: self = .suspended
    default: self = .unknown
    }
  }
}

extension Card {
  init(_ info: pa_card_info) {
    self.init(
      index: info.index, name: text(info.name),
      profiles: structures(info.profiles2, info.n_profiles).map {
        CardProfile(
          name: text($0.name), description: text($0.description), isAvailable: $0.available != 0, priority: $0.priority,
          sinks: $0.n_sinks, sources: $0.n_sources)
      },
      activeProfile: info.active_profile2.map { text($0.pointee.name) },
      ports: structures(info.ports, info.n_ports).map(CardPort.init),
      properties: Properties(info.proplist))
  }
}

extension Port {
  fileprivate init(_ info: pa_sink_port_info) {
    self.init(
      name: info.name, description: info.description, type: info.type, availability: info.available, priority: info.priority)
  }

  fileprivate init(_ info: pa_source_port_info) {
    self.init(
      name: info.name, description: info.description, type: info.type, availability: info.available, priority: info.priority)
  }
}

extension CardPort {
  fileprivate init(_ info: pa_card_port_info) {
    self.init(
      Port(
        name: info.name, description: info.description, type: info.type, availability: info.available, priority: info.priority),
      info.direction == Int32(PA_DIRECTION_INPUT.rawValue) ? .source : .sink,
      profiles: structures(info.profiles2, info.n_profiles).map { text($0.name) })
  }
}
