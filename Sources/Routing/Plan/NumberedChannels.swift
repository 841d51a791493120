public import AudioGraph

/// Devices whose channels have numbers and no places: interfaces in pro-audio, and mixers that no description of the server fits.
///
/// A server that mixes by place does not know where left and right of a program belong there. PulseAudio plays nothing at all to
/// such a sink; PipeWire does, but programs that look at the channels themselves may not.
extension Graph {
  /// Whether programs are not heard from a sink, however loud it is.
  public func isDeaf(_ sink: Sink) -> Bool { !server.traits.playsNumberedChannels && sink.device.channelMap.isOnlyNumbered }
}

extension ChannelMap {
  var isOnlyNumbered: Bool { positions.allSatisfy { $0.hasPrefix("aux") } && !positions.isEmpty }
}

extension Device {
  /// The channels an output means where its section names none; nil for all of them.
  var channelsByDefault: [Int]? {
    kind == .sink && channelMap.isOnlyNumbered ? Array(channelMap.positions.indices.prefix(2)) : nil
  }
}
