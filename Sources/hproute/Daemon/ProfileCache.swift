internal import Routing

/// The profiles as a process knows them that goes on for long: read again when their files change.
///
/// A file that has errors now counts as what it said before: somebody is in the middle of writing it.
struct ProfileCache {
  private let store: ProfileStore
  /// Those that may be chosen although they do not say so themselves.
  private let named: Set<String>
  private(set) var profiles: [String: WatchedProfile] = [:]
  /// The text that was read last, by name, whether it was right or not.
  private var revisions: [String: UInt64] = [:]
  /// Which of several devices is meant, as was said when a profile was applied, by its name.
  private var answers: [String: [MatchExpression]] = [:]
  /// The paths of profiles that were applied by their path, and count as if they had that for a name.
  private var paths: Set<String> = []

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
    read(store.all().filter { !$0.isShadowed } + paths.compactMap { try? store.find($0) }, diagnose)
  }

  private mutating func read(_ entries: [ProfileStore.Entry], _ diagnose: ([Diagnostic], SourceText) -> Void) {
    var present: Set<String> = []
    for entry in entries {
      let name = entry.reference
      // One that cannot be read may be in the middle of being replaced.
      present.insert(name)
      guard let source = try? store.source(entry), revisions[name] != source.fingerprint else { continue }
      revisions[name] = source.fingerprint
      let parsed = Parser.parse(source, name: name)
      diagnose(parsed.diagnostics, source)
      guard var profile = parsed.profile else { continue }
      profile.on = answers[name] ?? []
      // What is somewhere else is in force because somebody has applied it, and for no other reason.
      let isCandidate = !paths.contains(name) && (profile.auto || named.contains(name))
      profiles[name] = WatchedProfile(profile, revision: source.fingerprint, isCandidate: isCandidate)
    }
    for name in revisions.keys where !present.contains(name) { (profiles[name], revisions[name]) = (nil, nil) }
  }

  /// Takes in the profiles that matter now and are called by their path, and what was said when one was applied.
  mutating func follow(_ journal: Journal?, _ wished: String?, _ diagnose: ([Diagnostic], SourceText) -> Void) {
    if let journal, let name = journal.profile, answers[name] ?? [] != journal.on {
      answers[name] = journal.on
      profiles[name]?.profile.on = journal.on
    }
    let wanted = Set([journal?.profile, wished].compactMap(\.self).filter { $0.contains("/") })
    guard wanted != paths else { return }
    paths = wanted
    read(diagnose)
  }
}
