/// The steps of a change of scene, in the order that keeps it quiet.
///
/// - What goes down goes first, so that nothing arrives at a loud device.
/// - Modules go before what played through them changes.
/// - Defaults come before streams: servers take along the streams that have no will of their own.
/// - What goes up waits until the streams that were to leave have left, else they are heard loud on their way out.
/// - Monitors come last, into a scene that is as it should be.
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
}
