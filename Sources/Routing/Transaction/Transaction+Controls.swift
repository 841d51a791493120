public import AudioGraph

extension Transaction {
  /// Where the server answers, as journals have it.
  public var place: String { ServerIdentity.canonical(address) }

  /// Turns volumes and mute switches of devices as a key does: as a part of what is in force, which the next apply ends and a
  /// revert undoes.
  ///
  /// - Parameters:
  ///   - profile: the one that is applied; nil if none is.
  ///   - decide: says what is turned then, from what there is and what was turned before, and which attributes are meant: those
  ///     are set as well if somebody else has changed them since. What it throws ends this before anything is changed.
  /// - Throws: ``Failure`` as ``apply(_:_:before:confirm:)`` does, and if a former command was cut off.
  public func turn(
    _ profile: Profile?, _ decide: (Graph, Plan, Controls) throws(Failure) -> (Controls, Set<Attribute>)
  ) throws(Failure) -> Report {
    let found = try begin(touchesStreams: false)
    if let journal = found.journal, journal.isInterrupted { throw .unfinished(profile: journal.profile) }
    let profile = profile ?? .blank
    let before = found.journal?.controls ?? Controls()
    let (controls, turned) = try decide(found.graph, try plan(profile.under(before), found), before)
    return try carryOut(
      profile.under(controls), found, writer(found, profile, controls: controls, isPart: true, isKey: true), isGentle: false,
      scope: turned)
  }
}
