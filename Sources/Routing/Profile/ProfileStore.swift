internal import SystemPackage

/// Finds profiles by name, in the directories where a user, an administrator and a package put them.
public struct ProfileStore: Sendable {
  /// Where profiles are looked for, first found wins.
  public let directories: [String]
  /// Where the user's own are written; nil if there is no such place.
  public let ownDirectory: String?

  /// Those of `HPROUTE_PROFILE_PATH`.
  private let namedDirectories: [String]

  static let fileExtension = "profile"

  /// Takes the directories from `HPROUTE_PROFILE_PATH`, which come first, and from the XDG variables.
  public init(_ environment: Environment) {
    namedDirectories = (environment["HPROUTE_PROFILE_PATH"] ?? "").split(separator: ":").map(String.init)
    let below = { (directories: [String?]) in directories.compactMap { $0.map { "\($0)/hproute/profiles" } } }
    ownDirectory = below([environment.configHome]).first
    let all =
      namedDirectories + below([environment.configHome, environment.dataHome] + environment.configDirectories) + [
        "/etc/hproute/profiles"
      ]
      + below(environment.dataDirectories + [environment.shareBesideProgram])
    // The profiles that come along lie beside the program as well as in a directory of data.
    var seen: Set<String> = []
    directories = all.filter { seen.insert($0).inserted }
  }

  /// A profile file, not read yet.
  public struct Entry: Hashable, Sendable {
    /// The name of the file without `.profile`.
    public var name: String
    /// Where the file is; as it was typed if somebody has named it by its path.
    public var path: String
    /// Whether a file of the same name in a directory further up hides it.
    public var isShadowed: Bool
    /// Its path, as it stands for it where somebody has named it by one; nil where it is named by its name.
    var canonicalPath: String?

    func isIn(_ directory: String) -> Bool { path == "\(directory)/\(name).\(ProfileStore.fileExtension)" }

    /// What finds it again from anywhere: what is written down of a profile that is applied.
    public var reference: String { canonicalPath ?? name }
  }

  /// Why there is no text of a profile.
  public enum Failure: Error, Hashable, Sendable {
    /// What was asked for cannot be a name; see ``ProfileStore/isName(_:)``.
    case badName(String)
    /// No directory has it, or there is no such path. `nearest` is the most similar name; nil if none is similar.
    case notFound(String, nearest: String?)
    /// A link to something that is not there.
    case dangling(path: String)
    /// It is there, and cannot be read; the reason is the system's.
    case unreadable(path: String, reason: String)
  }

  /// The profiles that are the user's own, sorted by name, without those that are hidden by another.
  public func own() -> [Entry] { all().filter { !$0.isShadowed && isOwn($0) } }

  /// All profiles, sorted by name; of the same name the one that wins first.
  public func all() -> [Entry] {
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
    if argument.contains("/") {
      guard Files.exists(FilePath(argument)) else { throw .notFound(argument, nearest: nil) }
      return Entry(name: name, path: argument, isShadowed: false, canonicalPath: Self.reference(of: argument))
    }
    guard Self.isName(name) else { throw .badName(argument) }
    for directory in directories where Files.exists(FilePath(path(of: name, in: directory))) {
      return Entry(name: name, path: path(of: name, in: directory), isShadowed: false)
    }
    throw .notFound(name, nearest: Suggestion.nearest(to: name, among: all().map(\.name)))
  }

  /// What the profile is called that an argument on the command line means, whether it is there or not.
  public static func name(of argument: String) -> String {
    stem(argument.split(separator: "/").last.map(String.init) ?? argument)
  }

  /// The ``Entry/reference`` of what an argument on the command line means, whether it is there or not.
  public static func reference(of argument: String) -> String {
    guard argument.contains("/") else { return name(of: argument) }
    let path = FilePath(argument)
    guard !Files.exists(path), let name = path.lastComponent else { return Files.canonical(argument) }
    // One that has gone is known by where it was.
    let directory = path.removingLastComponent()
    return FilePath(Files.canonical(directory.isEmpty ? "." : directory.string)).appending(name).string
  }

  /// Whether two references are of the same file, be it by its name or by its path.
  public func isSame(_ one: String?, _ other: String?) -> Bool {
    guard let one, let other, one != other else { return one == other }
    guard let first = try? find(one), let second = try? find(other) else { return false }
    return Files.canonical(first.path) == Files.canonical(second.path)
  }

  /// Whether the profile that is in force, by its reference, is this one.
  public func isEntry(_ entry: Entry, _ applied: String?) -> Bool {
    guard let applied else { return false }
    return applied == Files.canonical(entry.path) || (applied == entry.name && !entry.isShadowed)
  }

  /// What a file says, where nobody asks what is wrong with it; nil where it cannot be read or has errors.
  public func profile(_ entry: Entry) -> Profile? {
    (try? source(entry)).flatMap { Parser.parse($0, name: entry.reference).profile }
  }

  /// The text of a profile, with that of what it is based on.
  public func source(_ entry: Entry) throws(Failure) -> SourceText { withBase(try text(of: entry), of: entry, after: []) }

  /// A file that is too large is read far enough for the parser to say so.
  func text(of entry: Entry) throws(Failure) -> SourceText {
    do {
      return SourceText(name: entry.path, bytes: try Files.read(FilePath(entry.path), upTo: SourceText.maximumSize))
    } catch .noSuchFileOrDirectory {
      throw Files.exists(FilePath(entry.path)) ? .dangling(path: entry.path) : .notFound(entry.path, nearest: nil)
    } catch { throw .unreadable(path: entry.path, reason: error.description) }
  }

  /// Whether somebody has put it where it is for themselves: it did not come along with a package.
  public func isOwn(_ entry: Entry) -> Bool {
    entry.canonicalPath != nil || (namedDirectories + [ownDirectory].compactMap(\.self)).contains { entry.isIn($0) }
  }

  /// Where a profile of that name is in a directory, or would be.
  public func path(of name: String, in directory: String) -> String {
    "\(directory)/\(name).\(Self.fileExtension)"
  }

  /// The paths of what lies among the user's own profiles and is none, sorted: the name of the file is not that of a profile.
  public func passedOver() -> [String] {
    (namedDirectories + [ownDirectory].compactMap(\.self)).flatMap { directory in
      ((try? Files.names(in: FilePath(directory))) ?? []).sorted().filter { name in
        // Editors leave such behind, and nobody takes them for profiles.
        return !Self.isFileName(name) && name.first != "." && name.last != "~" && !name.hasSuffix(Files.draftSuffix)
      }.map { "\(directory)/\($0)" }
    }
  }

  private func names(in directory: String) -> [String] {
    ((try? Files.names(in: FilePath(directory))) ?? []).filter(Self.isFileName).map(Self.stem)
  }

  private static func isFileName(_ name: String) -> Bool { name.hasSuffix(".\(fileExtension)") && isName(stem(name)) }

  private static func stem(_ name: String) -> String {
    name.hasSuffix(".\(fileExtension)") ? String(name.dropLast(fileExtension.count + 1)) : name
  }

  /// Letters, digits, `.`, `_`, `-`, and a letter or digit first.
  public static func isName(_ text: String) -> Bool {
    let isPlain: (Character) -> Bool = { $0.isASCII && ($0.isLetter || $0.isNumber) }
    return text.first.map(isPlain) ?? false && text.allSatisfy { isPlain($0) || "._-".contains($0) }
  }
}
