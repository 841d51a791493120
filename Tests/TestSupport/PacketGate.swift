internal import Foundation

/// Stands between clients and the socket of a real sound server, and lets a rule decide about every packet, in both
/// directions, before it goes on.
///
/// A thread of its own carries the packets, one at a time and in the order of their coming. What was sent along beside
/// the bytes (credentials, memory) stays behind: the servers of the tests let everybody in and share no memory.
public final class PacketGate: @unchecked Sendable {
  /// A packet at the gate.
  public struct Passage {
    /// Counted from 0 over all connections since the rule was given.
    public var number: Int
    public var packet: Packet
    /// Whether it goes to the server.
    public var isFromClient: Bool
    /// The process that is connected.
    public var client: Int32

    /// Does something while the client is suspended: what takes its time is not to be taken for a server that does not answer.
    public func whileSuspended<Result>(_ body: () throws -> Result) rethrows -> Result {
      kill(client, SIGSTOP)
      defer { kill(client, SIGCONT) }
      return try body()
    }

    /// Whether somebody waits for what it says or will lead to.
    public var isRequestOrReply: Bool { packet.tag.map { $0 != .max } ?? false }
  }

  public enum Verdict: Equatable, Sendable {
    case pass
    /// Neither this nor anything after it goes on, on any connection.
    case stall
    /// The connection ends.
    case cut
    /// The connection ends, and the server cannot be reached any more.
    case vanish
    /// The client is told that it is done, and the server hears nothing of it.
    case lose
    /// Nobody hears of it.
    case drop
    /// The client gets this error in place of what it asked for, or of the answer.
    case refuse(code: UInt32)
  }

  public typealias Rule = (Passage) -> Verdict

  public let path: String
  private let carrier: PacketCarrier

  /// - Parameters:
  ///   - path: of the socket that clients connect to.
  ///   - server: path of the server's own.
  public init(_ path: String, to server: String) throws {
    self.path = path
    let carrier = try PacketCarrier(path, to: server)
    self.carrier = carrier
    Thread { carrier.run() }.start()
  }

  deinit {
    carrier.tell { $0.isOver = true }
    unlink(path)
  }

  /// Ends all connections, and counts from 0 again.
  public func guardBy(_ rule: @escaping Rule) {
    carrier.tell {
      $0.isReset = true
      $0.rule = rule
    }
  }

  /// Lets everything pass.
  public func open() { guardBy { _ in .pass } }
}
