internal import Foundation
internal import Synchronization

/// The thread behind a ``PacketGate``.
final class PacketCarrier: @unchecked Sendable {
  struct State {
    var rule: PacketGate.Rule = { _ in .pass }
    var isOver = false
    /// Whether all connections are to be ended, and the gate to stand open again.
    var isReset = false
  }

  private final class Link {
    let client: Int32
    let server: Int32
    let pid: Int32
    var fromClient: [UInt8] = []
    var fromServer: [UInt8] = []

    init(client: Int32, server: Int32) {
      (self.client, self.server) = (client, server)
      // Three numbers: process, user, group. See unix(7).
      var peer: [Int32] = [0, 0, 0]
      var size = socklen_t(MemoryLayout<Int32>.size * 3)
      getsockopt(client, SOL_SOCKET, SO_PEERCRED, &peer, &size)
      pid = peer[0]
    }

    deinit {
      close(client)
      close(server)
    }
  }

  private let server: String
  private let listener: Int32
  private let wake: (read: Int32, write: Int32)
  private let state = Mutex(State())
  private let hasHeard = DispatchSemaphore(value: 0)

  // What only the thread uses.
  private var links: [Link] = []
  private var count = 0
  private var isStalled = false
  private var isGone = false

  init(_ path: String, to server: String) throws {
    self.server = server
    listener = try UnixSocket.listening(at: path)
    var ends: [Int32] = [0, 0]
    pipe(&ends)
    ends.forEach { _ = fcntl($0, F_SETFD, FD_CLOEXEC) }
    wake = (ends[0], ends[1])
  }

  deinit { [listener, wake.read, wake.write].forEach { close($0) } }

  /// Changes what the thread goes by, and waits until it does. Not to be called from a rule.
  func tell(_ change: (inout State) -> Void) {
    state.withLock { change(&$0) }
    var byte: UInt8 = 0
    write(wake.write, &byte, 1)
    hasHeard.wait()
  }

  func run() {
    while true {
      // While nothing may pass, nothing is taken in.
      let watched = isStalled ? [] : links.flatMap { [$0.client, $0.server] }
      var polls = ([wake.read, listener] + watched).map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
      poll(&polls, nfds_t(polls.count), -1)
      if polls[0].revents != 0 {
        var byte: UInt8 = 0
        read(wake.read, &byte, 1)
        let isOver = state.withLock { state in
          defer { state.isReset = false }
          if state.isReset || state.isOver {
            (links, count, isStalled, isGone) = ([], 0, false, false)
          }
          return state.isOver
        }
        hasHeard.signal()
        if isOver { return }
        continue
      }
      if polls[1].revents != 0 { welcome() }
      let ready = Set(polls.dropFirst(2).filter { $0.revents != 0 }.map(\.fd))
      for link in links where !isStalled && links.contains(where: { $0 === link }) {
        let isWhole = (!ready.contains(link.client) || take(from: link.client, into: &link.fromClient))
        if !pass(link, isFromClient: true) { continue }
        let isAnswered = (!ready.contains(link.server) || take(from: link.server, into: &link.fromServer))
        if pass(link, isFromClient: false), !isWhole || !isAnswered { end(link) }
      }
    }
  }

  private func welcome() {
    let client = acceptClosedOnExec(listener, nil, nil, Int32(SOCK_CLOEXEC.rawValue))
    guard client >= 0 else { return }
    let upstream = isGone ? nil : try? UnixSocket.connected(to: server)
    guard let upstream else {
      close(client)
      return
    }
    links.append(Link(client: client, server: upstream))
  }

  private func end(_ link: Link) { links.removeAll { $0 === link } }

  /// - Returns: false where the other end has gone.
  private func take(from socket: Int32, into buffer: inout [UInt8]) -> Bool {
    var chunk = [UInt8](repeating: 0, count: 65536)
    let count = recv(socket, &chunk, chunk.count, 0)
    guard count > 0 else { return false }
    buffer += chunk[..<count]
    return true
  }

  /// Lets pass what has arrived whole.
  ///
  /// - Returns: false where nothing more is to pass on this connection.
  private func pass(_ link: Link, isFromClient: Bool) -> Bool {
    while let packet = isFromClient ? Packet(from: &link.fromClient) : Packet(from: &link.fromServer) {
      let rule = state.withLock { $0.rule }
      let passage = PacketGate.Passage(number: count, packet: packet, isFromClient: isFromClient, client: link.pid)
      count += 1
      switch rule(passage) {
      case .pass: send(packet, to: isFromClient ? link.server : link.client)
      case .stall:
        isStalled = true
        return false
      case .cut:
        end(link)
        return false
      case .vanish:
        (links, isGone) = ([], true)
        return false
      case .drop: break
      case .lose:
        guard let tag = packet.tag else { break }
        send(Packet(acknowledging: tag), to: link.client)
      case .refuse(let code):
        guard let tag = packet.tag else { break }
        send(Packet(error: code, inAnswerTo: tag), to: link.client)
      }
    }
    return true
  }

  private func send(_ packet: Packet, to socket: Int32) {
    var rest = packet.bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Foundation.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      // Who has gone is seen when nothing comes from there any more.
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }
}

/// `accept4`, which the headers hide without `_GNU_SOURCE`. A server started by another test at the same moment must not
/// inherit the connection, or it would never end.
@_silgen_name("accept4")
private func acceptClosedOnExec(
  _ socket: Int32, _ address: UnsafeMutablePointer<sockaddr>?, _ size: UnsafeMutablePointer<socklen_t>?, _ flags: Int32
) -> Int32
