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
}

extension CommandFailure {
  /// What is not replaced unless somebody says so.
  init(existing path: String, _ name: String) {
    self.init(
      exitCode: 64, sentence: "there is a profile '\(name)' already: \(path). Choose another name, or replace it with --force.",
      objects: [name])
  }
}
