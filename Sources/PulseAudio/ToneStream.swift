public import AudioGraph
internal import CPulse

/// Something that plays, or listens, for a moment. The corresponding C type is `pa_stream`.
final class ToneStream {
  private let stream: OpaquePointer
  private let connection: Connection
  private let channels: Int
  private let rate: UInt32

  /// - Parameters:
  ///   - map: which channels, as the device has them.
  ///   - rate: in samples a second; each is a 32-bit floating point number.
  ///   - names: the properties that tell programs apart.
  init(
    _ title: String, _ map: ChannelMap, rate: UInt32, names: [(String, String)], on connection: Connection
  ) throws(ServerError) {
    (self.connection, self.channels, self.rate) = (connection, map.positions.count, rate)
    var format = pa_sample_spec(format: PA_SAMPLE_FLOAT32LE, rate: rate, channels: UInt8(clamping: map.positions.count))
    var channels = pa_channel_map()
    let properties = pa_proplist_new()
    defer { pa_proplist_free(properties) }
    for (key, value) in names { pa_proplist_sets(properties, key, value) }
    guard pa_channel_map_parse(&channels, map.positions.joined(separator: ",")) != nil,
      let stream = pa_stream_new_with_proplist(connection.context, title, &format, &channels, properties)
    else { throw PulseError(lastOf: connection.context).ending }
    self.stream = stream
  }

  deinit {
    // What is on its way cannot be taken back before it is there.
    if pa_stream_get_state(stream) == PA_STREAM_CREATING {
      pa_stream_set_state_callback(
        stream, { stream, _ in if pa_stream_get_state(stream) == PA_STREAM_READY { pa_stream_disconnect(stream) } }, nil)
    }
    pa_stream_disconnect(stream)
    pa_stream_unref(stream)
  }

  /// A role of its own: what is remembered for it is not what is remembered for a program.
  static let test = [("media.role", "test")]

  /// What nobody else is told of: it is there for an instant, or only listens; see ``AudioGraph/Properties/Key/probe``.
  static let probe = [(Properties.Key.probe.rawValue, "yes")]

  /// A session manager has to take it. Measured: 13 to 54 ms, and eight at once beside fifty programs up to 200.
  static let readyTakesAtMost = Duration.milliseconds(500)

  /// The number by which the server knows it. The corresponding C function is `pa_stream_get_index`.
  var index: UInt32 { pa_stream_get_index(stream) }

  /// Will be there, wherever the server puts it, and plays nothing; ``waitUntilReady()`` tells when. The corresponding C
  /// functions are `pa_stream_connect_playback` and `pa_stream_connect_record`.
  func beginCorked(as kind: DeviceKind) throws(ServerError) {
    var buffer = Self.buffer()
    try begin(
      kind == .sink
        ? pa_stream_connect_playback(stream, nil, &buffer, PA_STREAM_START_CORKED, nil, nil)
        : pa_stream_connect_record(stream, nil, &buffer, PA_STREAM_START_CORKED))
  }

  /// The corresponding C function is `pa_stream_connect_playback`.
  func play(to sink: String) throws(ServerError) {
    // A tenth of a second.
    var buffer = Self.buffer(target: UInt32(channels * MemoryLayout<Float>.size) * rate / 10)
    let flags = pa_stream_flags_t(PA_STREAM_DONT_MOVE.rawValue | PA_STREAM_START_UNMUTED.rawValue)
    try begin(pa_stream_connect_playback(stream, sink, &buffer, flags, nil, nil))
    try waitUntilReady()
  }

  /// The corresponding C function is `pa_stream_connect_record`.
  func listen(to source: String) throws(ServerError) {
    var buffer = Self.buffer(fragment: 19_200)
    try begin(pa_stream_connect_record(stream, source, &buffer, PA_STREAM_DONT_MOVE))
    try waitUntilReady()
  }

  /// Will be told the largest sample of each channel, so often a second as the stream's rate says, and no other. The
  /// corresponding C function is `pa_stream_connect_record`, with `PA_STREAM_PEAK_DETECT`.
  ///
  /// - Parameter isWaking: whether a device that sleeps is woken.
  func beginMetering(_ source: String, isWaking: Bool) throws(ServerError) {
    var buffer = Self.buffer(fragment: UInt32(channels * MemoryLayout<Float>.size))
    let flags =
      [PA_STREAM_PEAK_DETECT, PA_STREAM_DONT_MOVE, PA_STREAM_ADJUST_LATENCY]
      + (isWaking ? [] : [PA_STREAM_DONT_INHIBIT_AUTO_SUSPEND])
    try begin(
      pa_stream_connect_record(stream, source, &buffer, pa_stream_flags_t(flags.reduce(0) { $0 | $1.rawValue })))
  }

  private static func buffer(target: UInt32 = .max, fragment: UInt32 = .max) -> pa_buffer_attr {
    pa_buffer_attr(maxlength: .max, tlength: target, prebuf: 0, minreq: .max, fragsize: fragment)
  }

  private func begin(_ result: Int32) throws(ServerError) {
    guard result >= 0 else { throw failure }
  }

  /// The corresponding C function is `pa_stream_get_state`.
  ///
  /// - Parameter limit: where that is earlier than the connection has patience for; what is late then is the stream, and not the
  ///   server.
  /// - Returns: false where `limit` has come first.
  @discardableResult
  func waitUntilReady(until limit: ContinuousClock.Instant? = nil) throws(ServerError) -> Bool {
    let (patience, left) = (connection.patience, limit.map { $0 - .now })
    let isReady = try connection.wait(atMost: min(left ?? patience, patience)) { () throws(ServerError) in
      try check()
      return pa_stream_get_state(stream) == PA_STREAM_READY
    }
    if !isReady, (left ?? patience) >= patience { throw connection.timedOut() }
    return isReady
  }

  /// - Throws: ``ServerError`` where the server has ended it.
  func check() throws(ServerError) {
    guard connection.isOpen else { throw connection.lost }
    let state = pa_stream_get_state(stream)
    guard state == PA_STREAM_CREATING || state == PA_STREAM_READY else { throw failure }
  }

  private var failure: ServerError { PulseError(lastOf: connection.context).ending }

  /// How many samples the server takes now. The corresponding C function is `pa_stream_writable_size`.
  var writableCount: Int {
    let room = pa_stream_writable_size(stream)
    return room == .max ? 0 : room / MemoryLayout<Float>.size
  }

  /// Gives as many samples as the server takes now.
  func write(_ samples: inout ArraySlice<Float>) throws(ServerError) {
    // Whole frames.
    let count = min(writableCount, samples.count) / channels * channels
    guard count > 0 else { return }
    let result = samples.prefix(count).withUnsafeBytes { bytes in
      pa_stream_write(stream, bytes.baseAddress, bytes.count, nil, 0, PA_SEEK_RELATIVE)
    }
    guard result >= 0 else { throw failure }
    samples = samples.dropFirst(count)
  }

  /// Takes what has been heard.
  func read(into samples: inout [Float]) {
    while true {
      let available = pa_stream_readable_size(stream)
      guard available > 0, available != .max else { return }
      var (data, count): (UnsafeRawPointer?, Int) = (nil, 0)
      guard pa_stream_peek(stream, &data, &count) >= 0, count > 0 else { return }
      // Where nothing was recorded there is no data: silence.
      if let data {
        samples += UnsafeRawBufferPointer(start: data, count: count).bindMemory(to: Float.self)
      } else {
        samples += repeatElement(0, count: count / MemoryLayout<Float>.size)
      }
      pa_stream_drop(stream)
    }
  }
}

extension SoundServer {
  /// Plays into a sink, and listens to a source as long.
  ///
  /// - Parameters:
  ///   - samples: frames of all channels of `map`.
  ///   - rate: in samples a second.
  ///   - progress: is told again and again what is heard by now, in seconds from the beginning.
  /// - Returns: what was heard, in frames of the same channels.
  /// - Throws: ``ServerError``; also `interrupted`, and then it is silent at once.
  public func record(
    from source: String, while samples: [Float], playTo sink: String, _ map: ChannelMap, rate: UInt32,
    progress: (Double) -> Void = { _ in }
  ) throws(ServerError) -> [Float] {
    let recorder = try ToneStream("Test (listens)", map, rate: rate, names: ToneStream.test, on: control)
    try recorder.listen(to: source)
    let player = try ToneStream("Test", map, rate: rate, names: ToneStream.test, on: control)
    try player.play(to: sink)
    var (left, heard): (ArraySlice<Float>, [Float]) = (samples[...], [])
    // What was heard before the player was there is of no use.
    recorder.read(into: &heard)
    heard.removeAll()
    // What was played last is on its way for some time.
    let wanted = samples.count + Int(rate) * map.positions.count * 3 / 4
    let deadline = ContinuousClock.now + .milliseconds(wanted * 1000 / (Int(rate) * map.positions.count)) + timeout
    _ = try control.wait(until: deadline) { () throws(ServerError) in
      try player.check()
      try recorder.check()
      try player.write(&left)
      recorder.read(into: &heard)
      progress(Double(heard.count / map.positions.count) / Double(rate))
      return heard.count >= wanted
    }
    return heard
  }
}
