internal import SystemPackage

/// What a profile is based on: `base = studio` takes over all that the file does not say otherwise.
extension ProfileStore {
  /// How many profiles may stand behind one another.
  private static let longestChain = 8

  /// What a text would say as the profile in a file that is not written yet.
  public func parse(_ text: String, as path: String) -> ParsedProfile {
    let entry = Entry(name: Self.name(of: path), path: path, isShadowed: false)
    return Parser.parse(withBase(SourceText(name: path, text), of: entry, after: []), name: entry.name)
  }

  /// - Parameter users: the paths of the profiles that are based on this one, from the first.
  func withBase(_ source: SourceText, of entry: Entry, after users: [String]) -> SourceText {
    guard let name = Self.base(of: source).map(Self.name), Self.isName(name) else { return source }
    let chain = users + [Files.canonical(entry.path)]
    guard chain.count <= Self.longestChain else { return source.withoutBase(.tooLongChain(Self.longestChain)) }
    guard let base = baseEntry(name, of: entry) else {
      if name == entry.name { return source.withoutBase(.ring([name, name])) }
      return source.withoutBase(.noBase(name, nearest: Suggestion.nearest(to: name, among: all().map(\.name))))
    }
    guard !chain.contains(Files.canonical(base.path)) else {
      return source.withoutBase(.ring(chain.map(Self.name) + [name]))
    }
    do {
      let text = withBase(try text(of: base), of: base, after: chain)
      // What makes it impossible is said here as well: the base points to the next, and that perhaps back to this.
      if let problem = text.problem { return source.withoutBase(problem) }
      return Parser.parse(text, name: name).hasErrors ? source.withoutBase(.wrongBase(base.path)) : source.based(on: text)
    } catch {
      guard case .unreadable(_, let reason) = error else { return source.withoutBase(.noBase(name, nearest: nil)) }
      return source.withoutBase(.unreadableBase(base.path, reason))
    }
  }

  /// The profile of that name; for one of the same name the next behind it, so that one's own `studio` can be based on the
  /// `studio` that came along.
  private func baseEntry(_ name: String, of entry: Entry) -> Entry? {
    let paths = directories.map { path(of: name, in: $0) }
    let own = paths.firstIndex { Files.canonical($0) == Files.canonical(entry.path) }
    let found = paths[(own.map { $0 + 1 } ?? 0)...].first { Files.exists(FilePath($0)) }
    return found.map { Entry(name: name, path: $0, isShadowed: false) }
  }

  private static func base(of source: SourceText) -> String? {
    guard source.text.contains("base") else { return nil }
    let section = SectionCollector(source).sections.first { $0.kind == .profile }
    var reader = ValueReader(section?.entries ?? [:], source: source)
    return reader.word("base")?.text
  }
}

extension Diagnostic.Message {
  fileprivate static func noBase(_ name: String, nearest: String?) -> Self {
    Self("there is no profile '\(name)'", help: nearest.map { "did you mean '\($0)'?" } ?? "'hproute list' shows those there are")
  }
  fileprivate static func ring(_ names: [String]) -> Self {
    Self("a circle: \(names.joined(separator: " is based on "))", help: "name another profile")
  }
  fileprivate static func tooLongChain(_ count: Int) -> Self {
    Self("more than \(count) profiles in a row are based on one another", help: "at most \(count) bases")
  }
  fileprivate static func wrongBase(_ path: String) -> Self {
    Self("the profile it is based on has errors", help: "hproute check \(path)")
  }
  fileprivate static func unreadableBase(_ path: String, _ reason: String) -> Self {
    Self("\(path), on which it is based, cannot be read (\(reason))")
  }
}
