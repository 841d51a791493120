internal import Glibc
public import SystemPackage

/// What swift-system does not offer of the file system, each call in one place.
public enum Files {
  /// The whole of a regular file.
  ///
  /// - Parameter limit: how much is read at most; a byte more than the limit means that there is more.
  /// - Throws: `Errno`; `.invalidArgument` for what is no regular file, such as a pipe that would never end.
  public static func read(_ path: FilePath, upTo limit: Int = .max - 1) throws(Errno) -> [UInt8] {
    // Not to hang on a pipe that nobody writes into.
    let file = try errno {
      try FileDescriptor.open(path, .readOnly, options: [FileDescriptor.OpenOptions(rawValue: O_NONBLOCK), .closeOnExec])
    }
    defer { try? file.close() }
    var status = stat()
    guard fstat(file.rawValue, &status) == 0 else { throw .last }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw status.st_mode & S_IFMT == S_IFDIR ? .isDirectory : .invalidArgument
    }
    var bytes: [UInt8] = []
    while bytes.count <= limit {
      let wanted = min(limit + 1 - bytes.count, max(4096, Int(status.st_size) + 1 - bytes.count))
      let chunk = try errno {
        try [UInt8](unsafeUninitializedCapacity: wanted) { buffer, count in
          count = try file.read(into: UnsafeMutableRawBufferPointer(buffer))
        }
      }
      if chunk.isEmpty { break }
      bytes += chunk
    }
    return bytes
  }

  /// Whether there is something of that name, if only a link that leads nowhere.
  public static func exists(_ path: FilePath) -> Bool {
    var status = stat()
    return lstat(path.string, &status) == 0
  }

  /// What the name of a file ends in as long as it is being written.
  static let draftSuffix = ".new"

  /// Puts a file in the place of another so that after a crash there is the old one or the new one, whole.
  ///
  /// The content is on disk before the name points to it, and the name before this returns. Corresponds to `fsync`,
  /// `rename`, and `fsync` of the directory.
  ///
  /// - Parameters:
  ///   - isRevocable: whether the machine may come up with the old one after a power failure. Then nothing can go wrong once
  ///     the name points to the new one.
  ///   - isNew: whether there must be none yet; corresponds to `link`.
  /// - Throws: `Errno`; `.fileExists` where there is one all the same.
  public static func replace(_ path: FilePath, with bytes: [UInt8], isRevocable: Bool = false, isNew: Bool = false) throws(Errno)
  {
    let draft = FilePath(path.string + draftSuffix)
    do throws(Errno) {
      try errno {
        let file = try FileDescriptor.open(
          draft, .writeOnly, options: [.create, .truncate, .closeOnExec, .noFollow], permissions: [.ownerReadWrite])
        try file.closeAfter {
          try file.writeAll(bytes)
          guard fsync(file.rawValue) == 0 else { throw Errno.last }
        }
      }
      if isNew {
        guard link(draft.string, path.string) == 0 else { throw Errno.last }
        unlink(draft.string)
      } else {
        guard rename(draft.string, path.string) == 0 else { throw Errno.last }
      }
    } catch {
      unlink(draft.string)
      throw error
    }
    if !isRevocable { try synchronize(path.removingLastComponent()) }
  }

  /// Adds lines to the end of a file, behind the line that was cut off there, if one was. Not synchronized: for what may be lost
  /// with the machine.
  ///
  /// - Parameter size: nothing is added to a file that would be longer then, in bytes.
  /// - Returns: whether it was added. If it could not be, the file is as it was.
  @discardableResult
  public static func append(_ bytes: [UInt8], to path: FilePath, upTo size: Int = .max) throws(Errno) -> Bool {
    try errno {
      let file = try FileDescriptor.open(path, .readWrite, options: [.append, .closeOnExec, .noFollow])
      return try file.closeAfter {
        let end = try file.seek(offset: 0, from: .end)
        guard end + Int64(bytes.count) <= size else { return false }
        var last: UInt8 = 0
        _ = try withUnsafeMutableBytes(of: &last) { try file.read(fromAbsoluteOffset: max(0, end - 1), into: $0) }
        do { try file.writeAll((last == UInt8(ascii: "\n") ? [] : [UInt8(ascii: "\n")]) + bytes) } catch {
          try? file.resize(to: end)
          throw error
        }
        return true
      }
    }
  }

  /// The corresponding system call is `unlink`, and `fsync` of the directory.
  ///
  /// - Throws: `Errno`; `.noSuchFileOrDirectory` if it has gone already.
  public static func remove(_ path: FilePath) throws(Errno) {
    guard unlink(path.string) == 0 else { throw .last }
    // It is gone for everybody who looks.
    try? synchronize(path.removingLastComponent())
  }

  /// Takes the place of what is there. Not synchronized. The corresponding system call is `rename`.
  public static func move(_ path: FilePath, to other: FilePath) throws(Errno) {
    guard rename(path.string, other.string) == 0 else { throw .last }
  }

  /// The names in a directory, sorted.
  public static func names(in directory: FilePath) throws(Errno) -> [String] {
    guard let stream = opendir(directory.string) else { throw .last }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// Makes a directory and what is missing above it, all for the owner only.
  public static func makeDirectories(_ path: FilePath) throws(Errno) {
    if mkdir(path.string, 0o700) == 0 || Errno.last == .fileExists { return }
    guard Errno.last == .noSuchFileOrDirectory, !path.removingLastComponent().isEmpty else { throw .last }
    try makeDirectories(path.removingLastComponent())
    guard mkdir(path.string, 0o700) == 0 || Errno.last == .fileExists else { throw .last }
  }

  /// Where a path leads when all symbolic links are followed; the path itself where it leads nowhere.
  public static func canonical(_ path: String) -> String {
    guard let resolved = realpath(path, nil) else { return path }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  private static func synchronize(_ directory: FilePath) throws(Errno) {
    try errno {
      let handle = try FileDescriptor.open(directory, .readOnly, options: [.directory, .closeOnExec])
      try handle.closeAfter {
        guard fsync(handle.rawValue) == 0 else { throw Errno.last }
      }
    }
  }

  /// The calls of swift-system throw `Errno` and say `any Error`.
  private static func errno<T>(_ body: () throws -> T) throws(Errno) -> T {
    do { return try body() } catch { throw error as? Errno ?? .ioError }
  }
}

extension Errno {
  static var last: Errno { Errno(rawValue: Glibc.errno) }
}
