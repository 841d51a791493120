internal import AudioGraph

/// The steps of a change of scene, in the order that keeps it quiet.
///
/// - What would follow into something of unknown loudness is silenced before anything else.
/// - What a device was before hproute touched it is put back before it goes with its card profile: servers remember it.
/// - Card profiles and ports come next: they make the devices that the rest is about, each with a volume of its own.
/// - What goes down goes before anything arrives at a loud device.
/// - Modules go before what played through them changes; devices of our own only once nothing plays to them.
/// - Defaults come before streams: servers take along the streams that have no will of their own.
/// - What goes up, and what was silenced, waits until the streams that were to leave have left, else they are heard loud
///   on their way out.
/// - Monitors start with their volume, into devices that are no louder than they will be.
/// - What is remembered of streams comes last: moving one writes to the same memory.
public enum Phase: Int, Comparable, Sendable, CaseIterable {
  /// In the order in which they are done. What each is for stands above.
  case silence, beforeCardProfile, cardProfiles, ports, lower, unload, devices, mixes, combinations, mixesOfCombined, defaults,
    streams, clear,
    raise,
    monitors,
    memory

  /// Whether `a` is done earlier.
  public static func < (a: Phase, b: Phase) -> Bool { a.rawValue < b.rawValue }

  /// What the phase is called where a plan is shown.
  public var title: String {
    switch self {
    case .silence: "silence"
    case .beforeCardProfile: "restored before the card profile changes"
    case .cardProfiles: "card profiles"
    case .ports: "ports"
    case .lower: "volumes down"
    case .unload: "modules"
    case .devices: "channels"
    case .combinations: "combined outputs"
    case .mixes, .mixesOfCombined: "mono"
    case .defaults: "defaults"
    case .streams: "streams"
    case .clear: "virtual devices removed"
    case .raise: "volumes up"
    case .monitors: "monitors"
    case .memory: "for streams that start later"
    }
  }

  /// Whether the phase may be sent right behind `other`, without a look in between: nothing gets louder than it
  /// should, even if only one of the two takes effect.
  ///
  /// - A monitor needs nothing but that what goes down is down. pipewire-pulse takes its time to link it, and the
  ///   streams move meanwhile.
  /// - On PulseAudio a default may follow the volume it needs: it acts in order, before it answers, and setting the
  ///   volume of a sink that is there does not fail. pipewire-pulse has lost volumes.
  func canFollow(_ other: Phase, on server: ServerTraits) -> Bool {
    switch (other, self) {
    case (.lower, .unload), (.defaults, .monitors), (.streams, .monitors), (.raise, .monitors): true
    case (.lower, .defaults), (.unload, .defaults): server.keepsOrder
    default: self == other
    }
  }
}
