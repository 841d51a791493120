public import AudioGraph

/// Plays what is made of it at the moment, until it is no longer needed.
public final class TonePlayer {
  /// In samples a second.
  public static let rate: UInt32 = 48_000

  private let stream: ToneStream
  private let channels: Int
  private var frames = 0

  /// - Parameter map: the channels of the sink.
  /// - Throws: ``ServerError`` where the sink lets nothing be played to it.
  public init(_ sink: String, _ map: ChannelMap, on server: SoundServer) throws(ServerError) {
    channels = map.positions.count
    stream = try ToneStream("Test", map, rate: Self.rate, names: ToneStream.test + ToneStream.probe, on: server.control)
    try stream.play(to: sink)
  }

  /// Gives as much as the server takes now: a tenth of a second at most is on its way.
  ///
  /// - Parameter sample: makes one, by its frame, counted from the beginning, and its channel.
  /// - Throws: ``ServerError`` where the device has left.
  public func play(_ sample: (_ frame: Int, _ channel: Int) -> Float) throws(ServerError) {
    try stream.check()
    let count = stream.writableCount / channels
    guard count > 0 else { return }
    var samples = (frames..<(frames + count)).flatMap { frame in (0..<channels).map { sample(frame, $0) } }[...]
    frames += count
    try stream.write(&samples)
  }
}
