internal import Routing
internal import SystemPackage

/// Profiles that are written for the user, into the user's own directory.
extension Session {
  /// Where one's own profile of that name is, or would be.
  func ownPath(_ name: String) throws(CommandFailure) -> FilePath {
    guard let directory = store.ownDirectory else {
      throw CommandFailure(exitCode: 74, sentence: "neither HOME nor XDG_CONFIG_HOME is set, so there is no place to write to.")
    }
    return FilePath(store.path(of: name, in: directory))
  }

  /// - Parameter isNew: whether it is an error if there is such a file already.
  func write(_ text: String, to path: FilePath, isNew: Bool) throws(CommandFailure) {
    do throws(Errno) {
      try Files.makeDirectories(path.removingLastComponent())
      // Who keeps profiles elsewhere and links to them wants to keep the link.
      try Files.replace(isNew ? path : FilePath(Files.canonical(path.string)), with: Array(text.utf8), isNew: isNew)
    } catch .fileExists { throw CommandFailure(existing: path.string, ProfileStore.name(of: path.string)) } catch {
      throw CommandFailure(exitCode: 74, sentence: "\(path) cannot be written (\(error)).", objects: [path.string])
    }
  }

  /// A profile of one's own that can be based on another: of the same name, if it will be found first, else of one that says
  /// what it is for.
  ///
  /// - Parameter description: the device that it is for.
  func ownProfile(for base: ProfileStore.Entry, on description: String) throws(CommandFailure) -> (name: String, path: FilePath) {
    let path = try ownPath(base.name)
    if let own = store.ownDirectory, store.isFound(in: own, before: base) { return (base.name, path) }
    let words = description.lowercased().split { !$0.isASCII || !($0.isLetter || $0.isNumber) }.prefix(4)
    let name = ([Substring(base.name)] + words).joined(separator: "-")
    for number in 1... {
      let candidate = number == 1 && !words.isEmpty ? name : "\(name)-\(number)"
      if (try? store.find(candidate)) == nil { return (candidate, try ownPath(candidate)) }
    }
    return (base.name, path)
  }
}

extension CommandFailure {
  /// What is not replaced unless somebody says so.
  init(existing path: String, _ name: String) {
    self.init(
      exitCode: 64, sentence: "there is a profile '\(name)' already: \(path). Choose another name, or replace it with --force.",
      objects: [name])
  }
}
