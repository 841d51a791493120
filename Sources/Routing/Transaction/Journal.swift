public import AudioGraph

/// What hproute has done to one server, and how to undo it.
public struct Journal: Hashable, Sendable {
  /// How far the last command has come.
  public enum State: String, Hashable, Sendable, CaseIterable {
    /// An apply has begun. Found by another process while nobody is at work, it means that it was cut off.
    case applying
    /// The profile is in force.
    case applied
    /// A revert has begun; the same holds.
    case reverting
    /// Nothing is applied; what is left of a revert waits for devices that were away.
    case none
  }

  /// Where it was done, and in which run of the server.
  public var server: ServerIdentity
  /// How far it has come. A line added to the end of the file changes it.
  public var state: State
  /// The profile that is applied, or was being applied.
  public var profile: String?
  /// The profile that is in force; nil as well where something was cut off.
  public var appliedProfile: String? { state == .applied ? profile : nil }
  /// Of what text it was; nil where an older hproute has applied it.
  public var revision: UInt64?
  /// What was there before, and is put back by a revert.
  public var baseline: Baseline
  /// What the profile wanted and found as it should be: not touched, and not to be reverted.
  public var held: [Setting]
  /// What the profile wants to be run when it is reverted. The file may say something else by then, or be gone.
  public var afterRevert: String?
  /// What the user has turned and switched since the apply.
  public var controls = Controls()
  /// Which of several devices was meant when the profile was applied; see ``Profile/on``.
  public var on: [MatchExpression] = []
  /// The streams that did not let themselves be moved.
  public var fixed: Set<StreamIdentity> = []

  /// Stores its parameters.
  public init(
    server: ServerIdentity, state: State, profile: String?, baseline: Baseline = Baseline(), held: [Setting] = [],
    revision: UInt64? = nil, afterRevert: String? = nil
  ) {
    self.revision = revision
    self.afterRevert = afterRevert
    self.server = server
    self.state = state
    self.profile = profile
    self.baseline = baseline
    self.held = held
  }

  /// Whether an apply or a revert was cut off, provided that nobody is at work.
  public var isInterrupted: Bool { state == .applying || state == .reverting }
}

/// Which server a journal is about.
public struct ServerIdentity: Hashable, Sendable {
  /// Name of the machine the server runs on.
  public var host: String
  /// Name of the user the server runs as.
  public var user: String
  /// Where the server answers, in the form of ``canonical(_:)``.
  public var address: String
  /// Another run of the same server has another cookie.
  public var cookie: UInt32

  /// Stores its parameters, the address in the form of ``canonical(_:)``.
  public init(host: String, user: String, address: String, cookie: UInt32) {
    self.host = host
    self.user = user
    self.address = Self.canonical(address)
    self.cookie = cookie
  }

  /// - Parameters:
  ///   - info: what the server says about itself.
  ///   - address: where it answers.
  public init(_ info: ServerInfo, address: String) {
    self.init(host: info.host, user: info.user, address: address, cookie: info.cookie)
  }

  /// The path of a local socket without symbolic links; other addresses as they are.
  public static func canonical(_ address: String) -> String {
    var path = Substring(address)
    if path.hasPrefix("{"), let end = path.firstIndex(of: "}") { path = path[path.index(after: end)...] }
    if path.hasPrefix("unix:") { path = path.dropFirst("unix:".count) }
    return path.hasPrefix("/") ? Files.canonical(String(path)) : address
  }
}

extension Journal {
  /// What is not as the apply left it. Streams are left out: they come and go.
  public func drift(in graph: Graph) -> [Setting] {
    guard state == .applied else { return [] }
    let left = baseline.entries.filter { !$0.isPending }.compactMap(\.outcome) + held
    return left.filter { setting in
      // What is remembered of streams is not read for a status.
      if setting.isMemory && graph.streamMemory == nil || setting.isUserModule { return false }
      // Nor is a device that has gone with its card profile.
      if let card = baseline[setting.attribute]?.card, baseline[.cardProfile(card: card)] != nil, graph.card(named: card) != nil,
        graph.value(of: setting.attribute) == nil
      {
        return false
      }
      // Nor is the volume of a port that is not in use.
      if setting.attribute.portName != nil, let device = setting.attribute.device,
        graph.device(device.kind, named: device.name) != nil,
        graph.value(of: setting.attribute) == nil
      {
        return false
      }
      return !setting.attribute.isStream && !graph.holds(setting, assuming: baseline.lastSet) && !graph.soundsLike(setting)
    }
  }

  /// The journal as it is to be read on a server that may be another run of the one it was written for.
  func continued(on server: ServerIdentity, _ graph: Graph) -> Journal {
    guard self.server.cookie != server.cookie || baseline.hasLostItsRun(in: graph) else { return self }
    var journal = self
    journal.baseline.turn(to: graph)
    journal.held.removeAll { $0.attribute.isStream }
    journal.fixed = []
    journal.server.cookie = server.cookie
    return journal
  }

  /// What waits for a device that was away when the rest was reverted.
  public var pending: [Setting] {
    baseline.entries.filter(\.isPending).map { Setting($0.attribute, $0.was) }
  }
}

extension Graph {
  /// Whether a device is as loud as it was left, and only has another number of channels: nobody has turned it.
  fileprivate func soundsLike(_ setting: Setting) -> Bool {
    guard case .volume(let left) = setting.value, case .volume(let found)? = value(of: setting.attribute),
      left.channels.count != found.channels.count
    else { return false }
    return (left.channels + found.channels).allSatisfy { $0.isClose(to: left.loudest) }
  }
}

extension Graph {
  /// Whether it is what a session manager remembers for a program, and nobody has asked yet.
  func isUnasked(_ attribute: Attribute) -> Bool {
    server.traits.programMemory == .session && value(of: attribute) == .memory(nil)
  }

  /// Whether a module of ours does not tell what it joins, as long as its devices are away.
  func hidesEnds(of attribute: Attribute) -> Bool {
    switch value(of: attribute) {
    case .module(.loopback(let it)?): it.source.isEmpty || it.sink.isEmpty
    case .module(.remap(let it)?): it.master.isEmpty
    default: false
    }
  }
}

extension Attribute {
  /// Whether it is about something that ends with the server: a stream, or a module.
  var isOfOneRun: Bool {
    if case .module = self { return true }
    return isStream || deviceName.map(OwnDevice.isOne) ?? false
  }
}
