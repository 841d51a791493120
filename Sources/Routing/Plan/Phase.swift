internal import AudioGraph

/// The steps of a change of scene, in the order that keeps it quiet.
///
/// - What goes down goes first, so that nothing arrives at a loud device.
/// - Modules go before what played through them changes.
/// - Defaults come before streams: servers take along the streams that have no will of their own.
/// - What goes up waits until the streams that were to leave have left, else they are heard loud on their way out.
/// - Monitors start with their volume, into devices that are no louder than they will be.
public enum Phase: Int, Comparable, Sendable, CaseIterable {
  case lower, unload, defaults, streams, raise, monitors

  public static func < (a: Phase, b: Phase) -> Bool { a.rawValue < b.rawValue }

  /// What the phase is called where a plan is shown.
  public var title: String {
    switch self {
    case .lower: "volumes down"
    case .unload: "modules"
    case .defaults: "defaults"
    case .streams: "streams"
    case .raise: "volumes up"
    case .monitors: "monitors"
    }
  }

  /// Whether the phase may be sent right behind `other`, without a look in between: nothing gets louder than it
  /// should, even if only one of the two takes effect.
  ///
  /// - A monitor needs nothing but that what goes down is down. pipewire-pulse takes its time to link it, and the
  ///   streams move meanwhile.
  /// - On PulseAudio a default may follow the volume it needs: it acts in order, before it answers, and setting the
  ///   volume of a sink that is there does not fail. pipewire-pulse has lost volumes.
  func canFollow(_ other: Phase, on server: ServerInfo.Kind) -> Bool {
    switch (other, self) {
    case (.lower, .unload), (.defaults, .monitors), (.streams, .monitors), (.raise, .monitors): true
    case (.lower, .defaults), (.unload, .defaults): server == .pulseaudio
    default: self == other
    }
  }
}
