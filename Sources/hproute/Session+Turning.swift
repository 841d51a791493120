internal import AudioGraph
internal import PulseAudio
internal import Routing

/// A device whose volume or mute switch a key is about, as it is now.
struct TurnedDevice {
  var it: NamedDevice
  /// Nil if the server does not tell it before something plays.
  var volume: ChannelVolumes?
  var isMuted: Bool
  /// How loud it was before it was dimmed; nil if it is not.
  var dimmed: ChannelVolumes?
  /// Whether left and right are mixed.
  var isMono: Bool
  /// What no key makes it louder than.
  var limit: Volume
  /// Whether the profile says so, and not only good manners.
  var isLimitOfProfile: Bool

  var object: Attribute.Object { it.device.object }

  /// - Parameter profile: the one that is applied.
  init(_ it: NamedDevice, _ profile: Profile?, _ controls: Controls, in graph: Graph) {
    self.it = it
    let object = it.device.object
    let isHidden = graph.hidesVolume(of: .volume(object))
    if case .volume(let volume)? = controls.levels[.volume(object)],
      isHidden || graph.holds(Setting(.volume(object), .volume(volume)))
    {
      // As exact as it was asked for: a device may round it, and the next key begins there.
      self.volume = volume
    } else {
      volume = isHidden ? nil : it.device.volume
    }
    isMuted = it.device.isMuted
    isMono =
      if case .remap(let remap)? = graph.ownModule(of: it.device) { remap.isMix } else { false }
    dimmed = controls.dimmed[.volume(object)]
    let limit = it.device.kind == .sink ? profile?.outputs.first { $0.label == it.label }?.limit : nil
    isLimitOfProfile = limit != nil
    // Who has turned it further by other means is not turned down by a key that turns up.
    self.limit = limit ?? max(.full, volume?.loudest ?? .full)
  }
}

extension Session {
  /// Reads how a device is set, and changes nothing.
  func turned(_ label: String?) throws(CommandFailure) -> TurnedDevice {
    let server = try connect()
    let graph = try graph(of: server)
    let journal = try journal(in: try stateDirectory(), of: graph, at: server.canonicalAddress)
    let it = try devices(named: [label ?? "output"], in: graph, at: server.canonicalAddress)[0]
    return TurnedDevice(it, journal.flatMap(appliedProfile), journal?.controls ?? Controls(), in: graph)
  }

  /// Turns a device, alone, and tells how it is then.
  ///
  /// - Parameters:
  ///   - label: nil for the default output.
  ///   - turn: turns something, from how the device is, what was turned before, and what the profile says of it; returns what.
  func turn(
    _ label: String?,
    _ turn: (TurnedDevice, inout Controls, (Attribute) -> Value?) throws(Failure) -> Attribute
  ) throws(CommandFailure) -> (Report, TurnedDevice?) {
    var result: TurnedDevice?
    let report = try change { transaction, _ throws(CommandFailure) in
      try transaction.failing { () throws(Failure) in
        // What the file says now: it is about its labels and limits alone.
        try transaction.turn(appliedProfile) { found throws(Failure) in
          let (graph, plan, before) = (found.graph, found.plan, found.controls)
          let it: NamedDevice
          do throws(CommandFailure) {
            it = try NamedDevice.find([label ?? "output"], of: found.profile.map { ($0, plan) }, in: graph)[0]
          } catch {
            throw .cannotTurn(error.sentence)
          }
          var device = TurnedDevice(it, found.profile, before, in: graph)
          var controls = before
          let reference = { (attribute: Attribute) -> Value? in
            guard before.levels[attribute] != nil else { return plan.wanted(attribute) }
            var free = found.profile
            free?.controls.levels[attribute] = nil
            return free.flatMap { try? planner.plan($0, in: graph, after: found.journal, at: expectedAddress) }?.wanted(attribute)
          }
          let turned = try turn(device, &controls, reference)
          let attribute = Attribute.volume(device.object)
          if case .volume(let volume)? = controls.levels[attribute] ?? reference(attribute) { device.volume = volume }
          if case .mute(let isMuted)? = controls.levels[.mute(device.object)] { device.isMuted = isMuted }
          device.dimmed = controls.dimmed[attribute]
          result = device
          return (controls, [turned])
        }
      }
    }
    return (report, result)
  }
}
