public import AudioGraph

/// A suite that takes minutes on a server, and shows nothing new where another server does all it depends on in the same way.
public enum SlowSuite: String, CaseIterable, Sendable {
  /// What comes of a fault at some packets of every command, on one desk.
  case torture = "TortureTests"

  /// Whether what it depends on is the same on two servers.
  public func isSame(on one: ServerTraits, as other: ServerTraits) -> Bool {
    switch self {
    case .torture:
      one.actsAfterAnswering == other.actsAfterAnswering && one.keepsOrder == other.keepsOrder
        && one.ignoresRepeatedDefault == other.ignoresRepeatedDefault
        && one.forgetsHomeOnDefault == other.forgetsHomeOnDefault && one.programMemory == other.programMemory
        && one.tellsStreamsLate == other.tellsStreamsLate
    }
  }

  /// Those that need not run on a server.
  ///
  /// - Parameter covered: the servers on which they all run, or need not.
  public static func spare(on server: ServerTraits, after covered: [ServerTraits]) -> [SlowSuite] {
    allCases.filter { suite in covered.contains { suite.isSame(on: server, as: $0) } }
  }
}
