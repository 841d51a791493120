public import AudioGraph
internal import Glibc

/// Knows when files in some directories have been written, come or gone. The corresponding system calls are those of
/// inotify(7).
///
/// A directory that is not there is looked for in the nearest one above it that is.
public final class FileWatch {
  private let descriptor: Int32
  private let readable: Readable
  private let directories: [String]
  /// The paths that are looked at, by the numbers of the kernel.
  private var watched: [Int32: String] = [:]

  private static let events = UInt32(
    IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CREATE | IN_DELETE_SELF | IN_MOVE_SELF)
  /// Of a directory above, all that matters is whether something comes, or may be read from now on.
  private static let arrivals = UInt32(IN_MOVED_TO | IN_CREATE | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF)
  /// One that is looked at already is looked at for this as well.
  private static let adding = UInt32(IN_MASK_ADD)

  /// - Throws: ``ServerError/failed(reason:)`` where the system has no more of this to give.
  public init(_ directories: [String], on loop: EventLoop) throws(ServerError) {
    self.directories = directories
    descriptor = inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK))
    guard descriptor >= 0 else { throw .failed(reason: "files cannot be watched (\(String(cString: strerror(errno))))") }
    readable = Readable(descriptor, on: loop)
    place()
  }

  deinit { close(descriptor) }

  /// Whether something may have changed that ``takeChanges()`` has not been asked about.
  public var hasChanged: Bool { readable.isReady }

  /// The directories in which something has changed.
  public func takeChanges() -> Set<String> {
    guard readable.isReady else { return [] }
    defer { readable.lookAgain() }
    var changed: Set<String> = []
    var isElsewhere = false
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      guard count > 0 else { break }
      buffer.withUnsafeBytes { bytes in
        var offset = 0
        while offset + MemoryLayout<inotify_event>.size <= count {
          let event = bytes.loadUnaligned(fromByteOffset: offset, as: inotify_event.self)
          offset += MemoryLayout<inotify_event>.size + Int(event.len)
          let path = watched[event.wd]
          if let path, directories.contains(path) { changed.insert(path) } else { isElsewhere = true }
          if event.mask & UInt32(IN_IGNORED | IN_DELETE_SELF | IN_MOVE_SELF) != 0 { isElsewhere = true }
          // More has happened than the kernel could remember.
          if event.mask & UInt32(IN_Q_OVERFLOW) != 0 { changed.formUnion(directories) }
        }
      }
    }
    if isElsewhere { changed.formUnion(place()) }
    return changed
  }

  /// Looks at every directory, or at the nearest above it.
  ///
  /// - Returns: those that were not looked at before and are now, or the other way round.
  @discardableResult
  private func place() -> Set<String> {
    let former = Set(watched.values)
    var now: [Int32: String] = [:]
    for directory in directories {
      guard var (number, path) = look(from: directory) else { continue }
      // It may have come between the two looks. One that is there and may not be read stays unread: that is looked for from
      // above like one that is not there.
      if path != directory, access(directory, F_OK) == 0, let again = look(from: directory) { (number, path) = again }
      // One that is looked at for its own sake stays so.
      if path == directory || now[number] == nil { now[number] = path }
    }
    for (number, _) in watched where now[number] == nil { inotify_rm_watch(descriptor, number) }
    watched = now
    return former.symmetricDifference(now.values).intersection(directories)
  }

  /// Looks at a directory, else at the nearest above it that lets itself be looked at.
  ///
  /// - Returns: which that is, and its number; nil where there is none.
  private func look(from directory: String) -> (number: Int32, path: String)? {
    var path = directory
    while true {
      let number = inotify_add_watch(descriptor, path, (path == directory ? Self.events : Self.arrivals) | Self.adding)
      if number >= 0 { return (number, path) }
      guard let slash = path.lastIndex(of: "/"), path != "/" else { return nil }
      path = slash == path.startIndex ? "/" : String(path[..<slash])
    }
  }
}
