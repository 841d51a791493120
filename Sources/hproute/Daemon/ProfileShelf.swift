internal import Routing

/// The profiles as a process knows them that goes on for long: read again when their files change.
///
/// A file that has errors now counts as what it said before: somebody is in the middle of writing it.
struct ProfileShelf {
  private let store: ProfileStore
  /// Those that may be chosen although they do not say so themselves.
  private let named: Set<String>
  private(set) var profiles: [String: WatchedProfile] = [:]
  /// The text that was read last, by name, whether it was right or not.
  private var revisions: [String: UInt64] = [:]

  init(_ store: ProfileStore, named: Set<String>) {
    self.store = store
    self.named = named
  }

  /// The names of those that may be chosen.
  var candidates: [String] { profiles.values.filter(\.isCandidate).map(\.profile.name).sorted() }

  /// Reads what has changed.
  ///
  /// - Parameter diagnose: is told once what is to be said about a text.
  mutating func read(_ diagnose: ([Diagnostic], SourceText) -> Void) {
    var present: Set<String> = []
    for entry in store.all() where !entry.isShadowed {
      // One that cannot be read may be in the middle of being replaced.
      present.insert(entry.name)
      guard let source = try? store.source(entry), revisions[entry.name] != source.fingerprint else { continue }
      revisions[entry.name] = source.fingerprint
      let parsed = Parser.parse(source, name: entry.name)
      diagnose(parsed.diagnostics, source)
      guard let profile = parsed.profile else { continue }
      profiles[entry.name] = WatchedProfile(
        profile, revision: source.fingerprint, isCandidate: profile.auto || named.contains(entry.name))
    }
    for name in revisions.keys where !present.contains(name) { (profiles[name], revisions[name]) = (nil, nil) }
  }
}
