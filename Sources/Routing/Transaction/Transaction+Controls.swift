public import AudioGraph

extension Transaction {
  /// Where the server answers, as journals have it.
  public var place: String { ServerIdentity.canonical(address) }

  /// What a key finds before it turns anything.
  public struct TurningPoint {
    /// The profile that is applied; nil if none is.
    public let profile: Profile?
    /// What is written down; nil if nothing is.
    public let journal: Journal?
    /// What there is.
    public let graph: Graph
    /// What would have to be done for the profile, as it was turned before.
    public let plan: Plan
    /// What was turned before.
    public let controls: Controls
  }

  /// Turns volumes and mute switches of devices as a key does: as a part of what is in force, which the next apply ends and a
  /// revert undoes.
  ///
  /// - Parameters:
  ///   - find: the profile that is applied, of what is written down; nil if none is.
  ///   - decide: says what is turned then, and which attributes are meant: those are set as well if somebody else has
  ///     changed them since. What it throws ends this before anything is changed.
  /// - Throws: ``Failure`` as ``apply(_:_:before:confirm:)`` does, and if a former command was cut off.
  public func turn(
    _ find: (Journal) -> Profile?, _ decide: (TurningPoint) throws(Failure) -> (Controls, Set<Attribute>)
  ) throws(Failure) -> Report {
    let found = try begin(touchesStreams: false)
    if let journal = found.journal, journal.isInterrupted { throw .unfinished(profile: journal.profile) }
    let applied = found.journal.flatMap(find)
    let profile = applied ?? .blank
    let before = found.journal?.controls ?? Controls()
    let (controls, turned) = try decide(
      TurningPoint(
        profile: applied, journal: found.journal, graph: found.graph, plan: try plan(profile.under(before), found),
        controls: before))
    return try carryOut(
      profile.under(controls), found, writer(found, profile, controls: controls, isPart: true, isKey: true), isGentle: false,
      scope: turned)
  }
}
