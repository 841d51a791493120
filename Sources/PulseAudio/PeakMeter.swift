public import AudioGraph

/// Listens to how loud a source is, channel by channel.
///
/// The server finds the peaks, so that not every sample has to be sent, and the device keeps its rate.
public final class PeakMeter {
  /// How many peaks of each channel come in a second.
  public static let rate: UInt32 = 25

  private let stream: ToneStream
  private let channels: Int

  /// Begins to listen; until the server has let it, there are no peaks.
  ///
  /// - Parameters:
  ///   - source: a microphone, or the monitor source of a sink.
  ///   - map: its channels.
  ///   - isWaking: whether a device that sleeps is woken. If not, it is silent until somebody else uses it.
  /// - Throws: ``ServerError`` where the connection has ended.
  public init(_ source: String, _ map: ChannelMap, isWaking: Bool, on server: SoundServer) throws(ServerError) {
    channels = map.positions.count
    stream = try ToneStream(
      "Levels", map, rate: Self.rate, names: ToneStream.test + ToneStream.probe, on: server.control)
    try stream.beginMetering(source, isWaking: isWaking)
  }

  /// The peaks that have come since the last look, 1 at full scale: for each moment those of all channels.
  ///
  /// - Throws: ``ServerError/failed(reason:)`` if the server has ended it, mostly because the device has left.
  public func take() throws(ServerError) -> [ArraySlice<Float>] {
    try stream.check()
    var samples: [Float] = []
    stream.read(into: &samples)
    return stride(from: 0, to: samples.count / channels * channels, by: channels).map { samples[$0..<($0 + channels)] }
  }
}
