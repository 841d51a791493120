internal import AudioGraph
internal import CPulse

extension Connection {
  /// The corresponding C functions are `pa_context_set_sink_volume_by_name` and its kin. The number of channels must be
  /// the object's own: pipewire-pulse does not check it.
  func setVolume(_ volumes: ChannelVolumes, of target: ChangeTarget) -> Request<Void> {
    var volume = volumes.cVolume
    return Request(self) { callback, box in
      switch target {
      case .sink(let name): pa_context_set_sink_volume_by_name(context, name, &volume, callback, box)
      case .source(let name): pa_context_set_source_volume_by_name(context, name, &volume, callback, box)
      case .sinkInput(let index): pa_context_set_sink_input_volume(context, index, &volume, callback, box)
      case .sourceOutput(let index): pa_context_set_source_output_volume(context, index, &volume, callback, box)
      }
    }
  }

  /// The corresponding C functions are `pa_context_set_sink_mute_by_name` and its kin.
  func setMute(_ isMuted: Bool, of target: ChangeTarget) -> Request<Void> {
    let mute: Int32 = isMuted ? 1 : 0
    return Request(self) { callback, box in
      switch target {
      case .sink(let name): pa_context_set_sink_mute_by_name(context, name, mute, callback, box)
      case .source(let name): pa_context_set_source_mute_by_name(context, name, mute, callback, box)
      case .sinkInput(let index): pa_context_set_sink_input_mute(context, index, mute, callback, box)
      case .sourceOutput(let index): pa_context_set_source_output_mute(context, index, mute, callback, box)
      }
    }
  }

  /// The corresponding C functions are `pa_context_set_default_sink` and `pa_context_set_default_source`. No name
  /// clears the choice, on servers that can: PulseAudio 17 and PipeWire 1.6.
  func setDefault(_ kind: DeviceKind, _ name: String?) -> Request<Void> {
    let name = name ?? "@NONE@"
    return Request(self) { callback, box in
      switch kind {
      case .sink: pa_context_set_default_sink(context, name, callback, box)
      case .source: pa_context_set_default_source(context, name, callback, box)
      }
    }
  }

  /// The corresponding C function is `pa_context_move_sink_input_by_name`.
  func move(sinkInput index: UInt32, to sink: String) -> Request<Void> {
    Request(self) { pa_context_move_sink_input_by_name(context, index, sink, $0, $1) }
  }

  /// The corresponding C function is `pa_context_move_source_output_by_name`.
  func move(sourceOutput index: UInt32, to source: String) -> Request<Void> {
    Request(self) { pa_context_move_source_output_by_name(context, index, source, $0, $1) }
  }

  /// The corresponding C function is `pa_context_set_card_profile_by_name`. pipewire-pulse answers before the sinks and
  /// sources of the card profile are there.
  func setProfile(_ profile: String, ofCard card: String) -> Request<Void> {
    Request(self) { pa_context_set_card_profile_by_name(context, card, profile, $0, $1) }
  }

  /// The corresponding C functions are `pa_context_set_sink_port_by_name` and `pa_context_set_source_port_by_name`.
  func setPort(_ port: String, of kind: DeviceKind, _ device: String) -> Request<Void> {
    Request(self) { callback, box in
      switch kind {
      case .sink: pa_context_set_sink_port_by_name(context, device, port, callback, box)
      case .source: pa_context_set_source_port_by_name(context, device, port, callback, box)
      }
    }
  }

  /// The corresponding C function is `pa_context_load_module`. The index it answers is not kept: modules are found
  /// by their tag.
  func load(module name: String, arguments: String) -> Request<Void> {
    Request(self, empty: ()) {
      pa_context_load_module(
        context, name, arguments,
        { Request<Void>.at($2).receive($1 != hproute_invalid_index() ? () : nil, $0) }, $0)
    }
  }

  /// The corresponding C function is `pa_context_unload_module`.
  func unload(module index: UInt32) -> Request<Void> {
    Request(self) { pa_context_unload_module(context, index, $0, $1) }
  }

  /// Makes PulseAudio remember something for streams that are not there yet, so that they start with it. The corresponding
  /// C function is `pa_ext_stream_restore_write` with `PA_UPDATE_REPLACE`.
  func remember(_ memory: StreamMemory) -> Request<Void> {
    Request(self) { callback, box in
      memory.key.withCString { key in
        var info = pa_ext_stream_restore_info()
        info.name = key
        if !memory.volume.channels.isEmpty {
          pa_channel_map_parse(&info.channel_map, memory.channelMap.positions.joined(separator: ","))
          info.volume = memory.volume.cVolume
        }
        info.mute = memory.isMuted ? 1 : 0
        guard let sink = memory.sink else {
          return pa_ext_stream_restore_write(context, PA_UPDATE_REPLACE, &info, 1, 0, callback, box)
        }
        return sink.withCString { sink in
          info.device = sink
          return pa_ext_stream_restore_write(context, PA_UPDATE_REPLACE, &info, 1, 0, callback, box)
        }
      }
    }
  }

  /// The corresponding C function is `pa_ext_stream_restore_delete`.
  func forget(_ keys: [String]) -> Request<Void> {
    Request(self) { callback, box in
      let copies = keys.map { pa_xstrdup($0) }
      defer { copies.forEach { pa_xfree($0) } }
      let list: [UnsafePointer<CChar>?] = copies.map { UnsafePointer($0) } + [nil]
      return pa_ext_stream_restore_delete(context, list, callback, box)
    }
  }
}

/// What has a volume and a mute switch, in the terms of libpulse.
enum ChangeTarget {
  case sink(String)
  case source(String)
  case sinkInput(UInt32)
  case sourceOutput(UInt32)
}
