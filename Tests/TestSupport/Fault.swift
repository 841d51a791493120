internal import Foundation

/// What can happen to a command of hproute at any packet that it sends or is sent.
public enum Fault: String, CaseIterable, Sendable, CustomStringConvertible {
  /// SIGKILL, as by the machine when memory is short.
  case kill
  case terminate
  case interrupt
  /// The connection ends; another one can be made.
  case cut
  /// The connection ends, and no other can be made until the command has ended.
  case vanish
  /// Nothing goes on any more.
  case stall
  /// The server answers "access denied", or has done what was asked and answers so all the same.
  case deny
  /// The server answers with an error that says nothing.
  case fail
  /// The server itself is killed, and started again when the command has ended.
  case endServer = "end-server"

  public var description: String { rawValue }

  /// How long the command may wait for an answer, as its `--timeout`.
  var timeout: Double { self == .stall ? 0.5 : 5 }

  /// What happens to a packet.
  func verdict(_ passage: PacketGate.Passage, endServer: () -> Void) -> PacketGate.Verdict {
    switch self {
    case .kill:
      Foundation.kill(passage.client, SIGKILL)
      return .cut
    case .terminate, .interrupt:
      Foundation.kill(passage.client, self == .terminate ? SIGTERM : SIGINT)
      return .pass
    case .cut: return .cut
    case .vanish: return .vanish
    case .stall: return .stall
    case .deny: return .refuse(code: 1)
    case .fail: return .refuse(code: 10)
    case .endServer:
      endServer()
      return .cut
    }
  }

  /// Whether there is such a fault at a packet: nobody waits for an event, so it cannot be answered with an error.
  func fits(_ passage: PacketGate.Passage) -> Bool {
    self == .deny || self == .fail ? passage.isRequestOrReply : true
  }

  /// The exit codes that are right for a command that this has happened to. Every one may have been done already.
  func allows(_ exitCode: Int32) -> Bool {
    switch self {
    case .kill: exitCode == 128 + SIGKILL
    case .terminate: [0, 128 + SIGTERM].contains(exitCode)
    case .interrupt: [0, 128 + SIGINT].contains(exitCode)
    case .cut: [0, 1, 69].contains(exitCode)
    case .vanish, .endServer, .stall: [0, 69].contains(exitCode)
    case .deny: [0, 1, 2, 69, 77].contains(exitCode)
    case .fail: [0, 1, 2, 69].contains(exitCode)
    }
  }
}
