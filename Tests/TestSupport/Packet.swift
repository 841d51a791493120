/// One frame of PulseAudio's native protocol, as both sound servers speak it: twenty bytes that say how long it is, and
/// what it carries. See `pstream.c` and `native-common.h` of PulseAudio.
public struct Packet: Sendable {
  static let headerLength = 20
  /// Those that the tests look for.
  public enum Command: UInt32, Sendable {
    case error = 0
    case reply = 2
    case serverInfo = 20
    case setDefaultSink = 44
    case createPlaybackStream = 3
    case deletePlaybackStream = 4
    case setSinkVolume = 36
    case setSinkInputVolume = 37
    case loadModule = 51
    case moveSinkInput = 67
  }

  let bytes: [UInt8]

  /// Takes one whole frame off the front of what has arrived; nil where there is none yet.
  init?(from buffer: inout [UInt8]) {
    guard buffer.count >= Self.headerLength else { return nil }
    let length = Self.headerLength + Int(Self.number(buffer, at: 0))
    guard buffer.count >= length else { return nil }
    bytes = Array(buffer[..<length])
    buffer.removeFirst(length)
  }

  /// That a request has failed.
  init(error code: UInt32, inAnswerTo tag: UInt32) {
    self.init([Command.error.rawValue, tag, code])
  }

  /// That a request has been done.
  init(acknowledging tag: UInt32) { self.init([Command.reply.rawValue, tag]) }

  private init(_ numbers: [UInt32]) {
    let body = numbers.flatMap(Self.tagged)
    let header: [UInt32] = [UInt32(body.count), .max, 0, 0, 0]
    bytes = header.flatMap(Self.bigEndian) + body
  }

  /// Whether it is a request, a reply or an event, and not sound.
  var isControl: Bool { bytes.count >= Self.headerLength + 10 && Self.number(bytes, at: 4) == .max }

  /// Its number in the protocol; 0 for an error, 2 for a reply.
  public var command: UInt32? { isControl ? Self.number(bytes, at: Self.headerLength + 1) : nil }

  /// What joins a request and its reply; all bits set for what nobody has asked for.
  public var tag: UInt32? { isControl ? Self.number(bytes, at: Self.headerLength + 6) : nil }

  /// The number that a request is about.
  public var subject: UInt32? {
    isControl && bytes.count >= Self.headerLength + 15 ? Self.number(bytes, at: Self.headerLength + 11) : nil
  }

  public func isA(_ command: Command) -> Bool { self.command == command.rawValue }

  private static func number(_ bytes: [UInt8], at place: Int) -> UInt32 {
    bytes[place..<place + 4].reduce(0) { $0 << 8 | UInt32($1) }
  }

  private static func bigEndian(_ number: UInt32) -> [UInt8] {
    stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: number >> UInt32($0)) }
  }

  private static func tagged(_ number: UInt32) -> [UInt8] { [UInt8(ascii: "L")] + bigEndian(number) }
}
