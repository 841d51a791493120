internal import Glibc
public import SystemPackage

/// Where hproute keeps what it must not forget: one journal for each server, and the lock.
public struct StateDirectory {
  /// `$XDG_STATE_HOME/hproute`. It is made when it is needed first.
  public let path: FilePath

  /// What was read last: `watch` asks several times for what is seldom another.
  private let lastRead = LastRead()

  private final class LastRead {
    var bytes: [UInt8] = []
    var journal: Journal?
  }

  /// The path as text.
  public var directory: String { path.string }

  /// Why something could not be written down, or read.
  public enum Failure: Error, Hashable, Sendable {
    /// Neither `XDG_STATE_HOME` nor `HOME` says where it is.
    case nowhere
    /// It cannot be made, is no directory, or lets nothing be locked.
    case unusable(FilePath, Errno)
    /// A symbolic link, which could lead us to write somewhere else.
    case link(FilePath)
    /// Somebody else's directory, which could make us change things for them.
    case notOwn(FilePath)
    /// A journal, or the list of them.
    case unreadable(FilePath, Errno)
    /// A journal, or the lock.
    case unwritable(FilePath, Errno)
    /// Not what hproute wrote. Where something was about to be changed it has been put aside under another name.
    case damaged(FilePath, keptAs: FilePath?, line: Int)
    /// Another hproute has the lock: its process number and its command. Empty if it has not said so yet.
    case busy(holder: String)
  }

  /// Looks at no file.
  ///
  /// - Throws: ``Failure/nowhere``.
  public init(_ environment: Environment) throws(Failure) {
    guard let home = environment.stateHome else { throw .nowhere }
    path = FilePath("\(home)/hproute")
  }

  /// Makes the directory, for its owner only, where it is not there yet.
  func prepare() throws(Failure) {
    do { try Files.makeDirectories(path) } catch { throw .unusable(path, error) }
    var status = stat()
    guard lstat(path.string, &status) == 0 else { throw .unusable(path, .last) }
    guard status.st_mode & S_IFMT != S_IFLNK else { throw .link(path) }
    guard status.st_mode & S_IFMT == S_IFDIR else { throw .unusable(path, .notDirectory) }
    guard status.st_uid == geteuid() else { throw .notOwn(path) }
    if status.st_mode & 0o077 != 0, chmod(path.string, 0o700) != 0 { throw .unusable(path, .last) }
  }

  // MARK: - Journals

  /// The journal of a server: the one made in the same run of the server, whatever address it had then, else the one
  /// made at the same place.
  ///
  /// - Parameter isLocked: whether the caller holds the lock; only then is a damaged journal put aside.
  public func journal(of server: ServerIdentity, isLocked: Bool = false) throws(Failure) -> Journal? {
    if isLocked { removeDrafts() }
    // A damaged journal of another server is no business of this one.
    let others = try journalFiles().compactMap { try? read($0, puttingAside: false) }
    if let journal = others.first(where: { $0.server.cookie == server.cookie }) { return journal }
    let file = file(of: server)
    guard try journalFiles().contains(file) else { return nil }
    return try read(file, puttingAside: isLocked)
  }

  /// What a process that was killed while it wrote has left behind.
  private func removeDrafts() {
    for name in (try? Files.names(in: path)) ?? [] where name.hasSuffix(Self.suffix + Files.draftSuffix) {
      try? Files.remove(path.appending(name))
    }
  }

  /// The journals of servers at an address; all journals without one.
  public func journals(at address: String? = nil) throws(Failure) -> [Journal] {
    var journals: [Journal] = []
    for file in try journalFiles() { if let journal = try read(file, puttingAside: false) { journals.append(journal) } }
    guard let address else { return journals }
    let canonical = ServerIdentity.canonical(address)
    return journals.filter { $0.server.address == canonical }
  }

  private func journalFiles() throws(Failure) -> [FilePath] {
    do {
      return try Files.names(in: path).filter { $0.hasSuffix(Self.suffix) }.map { path.appending($0) }
    } catch .noSuchFileOrDirectory { return [] } catch { throw .unreadable(path, error) }
  }

  /// - Returns: nil where it has gone, for another hproute may have reverted meanwhile.
  private func read(_ file: FilePath, puttingAside: Bool) throws(Failure) -> Journal? {
    let bytes: [UInt8]
    do { bytes = try Files.read(file) } catch .noSuchFileOrDirectory { return nil } catch { throw .unreadable(file, error) }
    if let journal = lastRead.journal, bytes == lastRead.bytes { return journal }
    switch Result(catching: { () throws(JournalText.Flaw) in try JournalText.decode(bytes) }) {
    case .success(let journal):
      (lastRead.bytes, lastRead.journal) = (bytes, journal)
      return journal
    case .failure(.unreadable(let line)):
      guard puttingAside else { throw .damaged(file, keptAs: nil, line: line) }
      let aside = freeName(for: file)
      do { try Files.move(file, to: aside) } catch { throw .unwritable(file, error) }
      throw .damaged(file, keptAs: aside, line: line)
    }
  }

  /// The paths of journals that have been put aside.
  public func damagedJournals() -> [String] {
    ((try? Files.names(in: path)) ?? []).filter { $0.contains(Self.suffix + Self.damagedSuffix) }.map {
      path.appending($0).string
    }
  }

  /// A name under which a damaged journal does not replace another.
  private func freeName(for file: FilePath) -> FilePath {
    let taken = Set((try? Files.names(in: path)) ?? [])
    let name = file.lastComponent?.string ?? ""
    let free = (1...).lazy.map { "\(name)\(Self.damagedSuffix)-\($0)" }.first { !taken.contains($0) }
    return path.appending(free ?? name + Self.damagedSuffix)
  }

  /// Writes a journal. When this returns it is on disk.
  ///
  /// - Parameter isRevocable: whether the one that is there would do as well, should this one be lost with the machine.
  func write(_ journal: Journal, isRevocable: Bool = false) throws(Failure) {
    let file = file(of: journal.server)
    let text = JournalText.encode(journal)
    do { try Files.replace(file, with: Array(text.utf8), isRevocable: isRevocable) } catch { throw .unwritable(file, error) }
  }

  /// So long a file may become, in bytes, before it is written anew.
  private static let longest = 1 << 15

  /// Writes a journal behind the one that is there, which would do as well. Nobody waits for the disk, which would take longer
  /// than all else that a key does.
  func append(_ journal: Journal) throws(Failure) {
    let text = Array(JournalText.encode(journal).utf8)
    if (try? Files.append(text, to: file(of: journal.server), upTo: Self.longest)) != true {
      try write(journal, isRevocable: true)
    }
  }

  /// Says in the journal that the state is another now. It may be lost with the machine, and with it the server: then
  /// the journal tells of an interruption, which is a state as good as any to go on from.
  func mark(_ journal: inout Journal, _ state: Journal.State) throws(Failure) {
    let file = file(of: journal.server)
    do { try Files.append(Array(JournalText.mark(state).utf8), to: file) } catch { throw .unwritable(file, error) }
    journal.state = state
  }

  /// Forgets what was there before. It is no failure if the journal has gone already.
  ///
  /// - Throws: ``Failure/unwritable(_:_:)``.
  public func remove(_ journal: Journal) throws(Failure) {
    let file = file(of: journal.server)
    do { try Files.remove(file) } catch .noSuchFileOrDirectory {} catch { throw .unwritable(file, error) }
  }

  private static let suffix = ".journal"
  private static let damagedSuffix = ".damaged"

  /// Named after the place of the server, so that another run of it finds it again.
  private func file(of server: ServerIdentity) -> FilePath {
    let place = JournalLine.line(server.host, server.user, server.address)
    return path.appending(String(Fingerprint.of(place), radix: 16) + Self.suffix)
  }

  // MARK: - Lock

  /// Waits until no other hproute is at work, and keeps others out until the lock is released or this process ends,
  /// however it ends.
  ///
  /// - Parameter name: of the lock; the one for changing something unless told otherwise.
  public func lock(_ name: String = "lock", until deadline: ContinuousClock.Instant) throws(Failure) -> StateLock {
    try prepare()
    return try StateLock(path.appending(name), until: deadline)
  }

  /// Whether some hproute is changing something right now.
  public func isBusy() -> Bool { isLocked("lock") }

  /// Whether a `watch` runs.
  public func isWatched() -> Bool { isLocked(Self.watchLock) }

  /// The lock that a `watch` holds for as long as it runs.
  public static let watchLock = "watch.lock"

  private func isLocked(_ name: String) -> Bool {
    guard let file = try? FileDescriptor.open(path.appending(name), .readOnly, options: [.closeOnExec]) else { return false }
    defer { try? file.close() }
    if flock(file.rawValue, LOCK_SH | LOCK_NB) == 0 { return false }
    return Errno.last == .wouldBlock
  }
}

/// The right to change something. The corresponding system call is `flock`: the kernel takes the lock back when the
/// process ends, so one that was killed blocks nobody.
public final class StateLock {
  private let file: FileDescriptor

  fileprivate init(_ path: FilePath, until deadline: ContinuousClock.Instant) throws(StateDirectory.Failure) {
    do {
      file = try FileDescriptor.open(
        path, .readWrite, options: [.create, .closeOnExec, .noFollow], permissions: [.ownerReadWrite])
    } catch { throw .unwritable(path, error as? Errno ?? .ioError) }
    while flock(file.rawValue, LOCK_EX | LOCK_NB) != 0 {
      guard Errno.last == .wouldBlock || Errno.last == .interrupted else {
        let error = Errno.last
        try? file.close()
        throw .unusable(path, error)
      }
      guard ContinuousClock.now < deadline else {
        let text = (try? Files.read(path, upTo: 4096)).map { String(decoding: $0, as: UTF8.self) } ?? ""
        let holder = text.split(separator: "\n").first.map(String.init) ?? ""
        try? file.close()
        throw .busy(holder: holder)
      }
      // A lock cannot be waited for with a deadline; it is held for milliseconds, so it is asked for again soon.
      var pause = timespec(tv_sec: 0, tv_nsec: 5_000_000)
      nanosleep(&pause, nil)
    }
    // Never empty in between, for those who read who it is; what is left of a longer one is behind the line.
    let words = CommandLine.arguments.dropFirst().joined(separator: " ").split(separator: "\n").joined(separator: " ")
    let holder = "process \(getpid()): \(words)\n"
    _ = try? file.writeAll(toAbsoluteOffset: 0, holder.utf8)
    _ = ftruncate(file.rawValue, Int(holder.utf8.count))
  }

  deinit { try? file.close() }
}
