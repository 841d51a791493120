internal import SystemPackage

/// Finds profiles by name, in the directories where a user, an administrator and a package put them.
public struct ProfileStore: Sendable {
  /// Where profiles are looked for, first found wins.
  public let directories: [String]
  /// Those of them that are the user's own.
  public let ownDirectories: [String]

  static let fileExtension = "profile"

  public init(_ environment: Environment) {
    let own = (environment["HPROUTE_PROFILE_PATH"] ?? "").split(separator: ":").map(String.init)
    let below = ([environment.configHome, environment.dataHome].compactMap(\.self)).map { "\($0)/hproute/profiles" }
    let system = environment.dataDirectories.map { "\($0)/hproute/profiles" }
    ownDirectories = own + below
    directories = ownDirectories + ["/etc/hproute/profiles"] + system
  }

  /// A profile file, not read yet.
  public struct Entry: Hashable, Sendable {
    public var name: String
    public var path: String
    /// Whether a file of the same name in a directory further up hides it.
    public var isShadowed: Bool
  }

  public enum Failure: Error, Hashable, Sendable {
    case badName(String)
    case notFound(String, nearest: String?)
    case unreadable(path: String, reason: String)
  }

  /// The profiles in the user's own directories, sorted by name, without those that are hidden by another.
  public func own() -> [Entry] { all(in: ownDirectories).filter { !$0.isShadowed } }

  /// All profiles, sorted by name; of the same name the one that wins first.
  public func all() -> [Entry] { all(in: directories) }

  private func all(in directories: [String]) -> [Entry] {
    var seen: Set<String> = []
    return directories.flatMap { directory in
      names(in: directory).map { name in
        Entry(name: name, path: path(of: name, in: directory), isShadowed: !seen.insert(name).inserted)
      }
    }.enumerated().sorted { ($0.element.name, $0.offset) < ($1.element.name, $1.offset) }.map(\.element)
  }

  /// The profile that an argument on the command line means: a name, or a path if it holds a `/`.
  public func find(_ argument: String) throws(Failure) -> Entry {
    let name = Self.name(of: argument)
    if argument.contains("/") { return Entry(name: name, path: argument, isShadowed: false) }
    guard Self.isName(name) else { throw .badName(argument) }
    for directory in directories where Files.exists(FilePath(path(of: name, in: directory))) {
      return Entry(name: name, path: path(of: name, in: directory), isShadowed: false)
    }
    throw .notFound(name, nearest: Suggestion.nearest(to: name, among: all().map(\.name)))
  }

  /// What the profile is called that an argument on the command line means, whether it is there or not.
  public static func name(of argument: String) -> String { stem(argument.split(separator: "/").last.map(String.init) ?? argument) }

  /// What a file says, where nobody asks what is wrong with it; nil where it cannot be read or has errors.
  public func profile(_ entry: Entry) -> Profile? { (try? source(entry)).flatMap { Parser.parse($0, name: entry.name).profile } }

  /// The text of a profile. A file that is too large is read far enough for the parser to say so.
  public func source(_ entry: Entry) throws(Failure) -> SourceText {
    do {
      return SourceText(name: entry.path, bytes: try Files.read(FilePath(entry.path), upTo: SourceText.maximumSize))
    } catch .noSuchFileOrDirectory {
      throw .notFound(entry.path, nearest: nil)
    } catch { throw .unreadable(path: entry.path, reason: error.description) }
  }

  private func path(of name: String, in directory: String) -> String {
    "\(directory)/\(name).\(Self.fileExtension)"
  }

  private func names(in directory: String) -> [String] {
    ((try? Files.names(in: FilePath(directory))) ?? []).filter { $0.hasSuffix(".\(Self.fileExtension)") }.map(Self.stem)
      .filter(Self.isName)
  }

  private static func stem(_ name: String) -> String {
    name.hasSuffix(".\(fileExtension)") ? String(name.dropLast(fileExtension.count + 1)) : name
  }

  /// Letters, digits, `.`, `_`, `-`, and a letter or digit first.
  public static func isName(_ text: String) -> Bool {
    let isPlain: (Character) -> Bool = { $0.isASCII && ($0.isLetter || $0.isNumber) }
    return text.first.map(isPlain) ?? false && text.allSatisfy { isPlain($0) || "._-".contains($0) }
  }
}
