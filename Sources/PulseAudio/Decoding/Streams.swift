internal import AudioGraph
internal import CPulse

extension SinkInput {
  init(_ info: pa_sink_input_info) {
    var properties = Properties(info.proplist)
    properties[.mediaName] = properties[.mediaName] ?? text(info.name)
    self.init(
      index: info.index, sink: optionalIndex(info.sink), volume: ChannelVolumes(info.volume), isMuted: info.mute != 0,
      isCorked: info.corked != 0, client: optionalIndex(info.client), ownerModule: optionalIndex(info.owner_module),
      latency: info.buffer_usec + info.sink_usec, properties: properties)
  }
}

extension SourceOutput {
  init(_ info: pa_source_output_info) {
    var properties = Properties(info.proplist)
    properties[.mediaName] = properties[.mediaName] ?? text(info.name)
    self.init(
      index: info.index, source: optionalIndex(info.source), volume: ChannelVolumes(info.volume), isMuted: info.mute != 0,
      client: optionalIndex(info.client), ownerModule: optionalIndex(info.owner_module),
      latency: info.buffer_usec + info.source_usec,
      // PulseAudio names the method by which a meter is fed, PipeWire marks its stream.
      isMeter: info.resample_method.map { text($0) } == "peaks" || properties[.streamMonitor] == "true", properties: properties)
  }
}

extension StreamMemory {
  init(_ info: pa_ext_stream_restore_info) {
    self.init(
      key: text(info.name), sink: info.device.map { text($0) }.flatMap { $0.isEmpty ? nil : $0 },
      volume: ChannelVolumes(info.volume),
      channelMap: ChannelMap(info.channel_map), isMuted: info.mute != 0)
  }
}

extension Module {
  init(_ info: pa_module_info) {
    self.init(index: info.index, name: text(info.name), arguments: text(info.argument))
  }
}

extension ServerInfo {
  init(_ info: pa_server_info) {
    self.init(
      name: text(info.server_name), version: text(info.server_version), cookie: info.cookie,
      host: text(info.host_name), user: text(info.user_name), defaultSink: info.default_sink_name.map { text($0) },
      defaultSource: info.default_source_name.map { text($0) })
  }
}
