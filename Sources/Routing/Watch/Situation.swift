public import AudioGraph

/// What there is at one moment, as far as it matters for which profile should be in force.
public struct Situation: Hashable, Sendable {
  /// How far a profile fits the devices.
  public enum Fit: Hashable, Sendable {
    /// What it requires is there; these are the cards and devices it finds.
    case present(Set<Presence>)
    /// Something is missing, or cannot be told from something else.
    case absent(String)
    /// It is in force, and one of its devices cannot be told from another any more: what is, stays.
    case unclear
    /// There is no such file any more, or there never was: it was applied by its path.
    case unknown
  }

  /// What is written down about the server.
  public enum Record: Hashable, Sendable {
    /// No profile is applied. Parts of a revert may still wait for a device.
    case nothing
    /// The name of a profile, or its path.
    case applied(String)
    /// An apply or a revert was cut off.
    case interrupted

    /// The profile in force.
    public var profile: String? { if case .applied(let name) = self { name } else { nil } }
  }

  /// All cards and devices.
  public var presences: Set<Presence>
  /// The best of the profiles that may be chosen, of those that fit.
  public var choice: String?
  /// The profiles that matter, by name.
  public var fits: [String: Fit]
  /// A fingerprint of the text of each of them.
  public var revisions: [String: UInt64]
  /// What is written down about the server.
  public var record: Record
  /// The fingerprint of the text that was applied.
  public var appliedRevision: UInt64?
  /// Whether it was in this run of the server that the profile was applied.
  public var isSameRun = true
  /// Whether a device is back for which a part of a revert waits.
  public var hasReturned = false
  /// What the profile in force wants to be held, and somebody has changed.
  public var deviations: Set<Attribute> = []
  /// What is louder than the profile in force lets it ever be, and what it should be at most.
  public var excesses: [Attribute: ChannelVolumes] = [:]
  /// All that can be changed of the streams that have just begun and are not as a rule of the profile in force wants them.
  public var strays: Set<Attribute> = []

  /// Stores its parameters. The rest says that nothing has changed since the apply.
  public init(
    presences: Set<Presence> = [], choice: String? = nil, fits: [String: Fit] = [:], revisions: [String: UInt64] = [:],
    record: Record = .nothing
  ) {
    self.presences = presences
    self.choice = choice
    self.fits = fits
    self.revisions = revisions
    self.record = record
  }

  /// The profile in force.
  public var profile: String? { record.profile }

  func fits(_ name: String) -> Bool {
    switch fits[name] {
    case .present?, .unclear?: true
    case .absent?, .unknown?, nil: false
    }
  }

  /// Whether it calls for another look at what should be in force.
  func differs(from other: Situation) -> Bool {
    var (one, two) = (self, other)
    (one.deviations, two.deviations) = ([], [])
    (one.strays, two.strays) = ([], [])
    (one.excesses, two.excesses) = ([:], [:])
    return one != two
  }
}

/// A profile as the watch knows it.
public struct WatchedProfile: Sendable {
  /// As it was read last without errors.
  public var profile: Profile
  /// Changes with the text of the file.
  public var revision: UInt64
  /// Whether the watch may choose it.
  public var isCandidate: Bool

  /// Stores its parameters.
  public init(_ profile: Profile, revision: UInt64, isCandidate: Bool) {
    self.profile = profile
    self.revision = revision
    self.isCandidate = isCandidate
  }
}

extension WatchedProfile {
  /// Whether it may be chosen when a program is there.
  public var isWaiting: Bool { isCandidate && !profile.when.isEmpty }
}

extension Situation.Record {
  /// - Parameter journal: nil if nothing is written down.
  public init(_ journal: Journal?) {
    switch journal?.state {
    // Without a profile only something was turned by a key.
    case .applied?: self = journal?.profile.map { .applied($0) } ?? .nothing
    case .applying?, .reverting?: self = .interrupted
    case Journal.State.none?, nil: self = .nothing
    }
  }
}

extension Situation {
  /// - Parameters:
  ///   - journal: what is written down about the server.
  ///   - address: where the server answers.
  ///   - profiles: all that are known.
  ///   - wish: the name of another profile that matters, beside the candidates and the one in force.
  ///   - newcomers: the streams that have just begun.
  ///   - waiting: the names of the profiles that wait for a program, and are not to be chosen.
  public init(
    _ graph: Graph, _ journal: Journal?, at address: String, profiles: [String: WatchedProfile], wish: String?,
    newcomers: [Stream] = [], waiting: Set<String> = [], planner: Planner
  ) {
    self.init(presences: graph.presences)
    record = Record(journal)
    if let journal {
      let now = journal.continued(on: ServerIdentity(graph.server, address: address), graph)
      isSameRun = now == journal
      appliedRevision = journal.revision
      hasReturned = !now.returned(in: graph).isEmpty
    }
    let names = profiles.values.filter(\.isCandidate).map(\.profile.name) + [profile, wish].compactMap(\.self)
    for name in Set(names) {
      guard let it = profiles[name] else {
        fits[name] = .unknown
        continue
      }
      revisions[name] = it.revision
      let controls = name == profile ? journal?.controls : nil
      do {
        let plan = try planner.plan(it.profile.under(controls), in: graph, after: journal, at: address)
        fits[name] = .present(plan.presences)
        // What another text has applied is not what this one holds.
        if name == profile, it.revision == appliedRevision {
          // Of a port that has come into use since nobody has changed anything.
          let known = Set((journal?.baseline.entries.map(\.attribute) ?? []) + (journal?.held.map(\.attribute) ?? []))
          let changes = Set(plan.changes.map(\.attribute))
          deviations = plan.guarded.intersection(changes).intersection(known)
          if isSameRun { excesses = plan.excesses(in: graph) }
          let wanted = changes.intersection(plan.wanted.map(\.attribute))
          strays = newcomers.filter { it.profile.rule(for: $0) != nil && !wanted.isDisjoint(with: $0.attributes) }
            .reduce(into: []) { $0.formUnion($1.attributes) }
        }
      } catch {
        if case .ambiguous = error, name == profile { fits[name] = .unclear } else { fits[name] = .absent(error.shortReason) }
      }
    }
    choice =
      profiles.values.filter { $0.isCandidate && !waiting.contains($0.profile.name) && fits($0.profile.name) }
      .min { (-$0.profile.priority, $0.profile.name) < (-$1.profile.priority, $1.profile.name) }?.profile.name
  }
}
