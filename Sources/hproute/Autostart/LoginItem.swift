internal import Glibc
internal import Routing
internal import SystemPackage

/// What makes `hproute watch` begin at login: a unit of the user's service manager, or an entry that the desktop starts.
///
/// The unit is the one that came along with the program, with a drop-in for what is different here; where the service manager
/// knows none of this program, it is one of the user's own.
struct LoginItem {
  enum Method: String, CaseIterable { case systemd, desktop }

  let method: Method
  /// An entry, or a unit of the user's own.
  private let own: String

  init?(_ method: Method, _ environment: Environment) {
    guard let home = environment.configHome else { return nil }
    self.method = method
    own = method == .systemd ? "\(home)/systemd/user/\(ServiceUnit.name)" : "\(home)/autostart/hproute.desktop"
  }

  /// Those that are installed; one, unless somebody has copied a home directory.
  static func installed(_ environment: Environment) -> [LoginItem] {
    Method.allCases.compactMap { LoginItem($0, environment) }.filter { !$0.written.isEmpty || $0.isLinked }
  }

  /// The one for this session: the user has a service manager where its socket is. See `systemctl`, which looks for the same.
  static func suitable(_ environment: Environment) -> LoginItem? {
    let socket = environment["XDG_RUNTIME_DIR"].map { "\($0)/systemd/private" }
    let hasManager = socket.map { Files.exists(FilePath($0)) } ?? false
    return LoginItem(hasManager ? .systemd : .desktop, environment)
  }

  // MARK: - Its files

  private var directory: String { FilePath(own).removingLastComponent().string }
  /// Of its directory nothing else is ours: 'systemctl edit' writes there too.
  private var dropIn: String { "\(own).d/autostart.conf" }
  /// By this link systemd knows that it is enabled.
  private var link: String { "\(directory)/\(ServiceUnit.target).wants/\(ServiceUnit.name)" }
  private var isLinked: Bool { method == .systemd && Files.exists(FilePath(link)) }
  /// What may be written.
  private var files: [String] { method == .systemd ? [own, dropIn] : [own] }
  private var written: [String] { files.filter { Files.exists(FilePath($0)) } }

  /// The file that says what is started here; the unit that came along if that says it all.
  var path: String { written.first ?? (isLinked ? Files.canonical(link) : own) }

  /// The profiles that are named in it, beside those that say `auto` themselves.
  var profiles: [String] {
    let text = written.first.flatMap(Self.text)
    let line = text?.split(separator: "\n").first { $0.hasPrefix("X-hproute-Profiles=") }
    return line.map { $0.dropFirst("X-hproute-Profiles=".count).split(separator: ";").map(String.init) } ?? []
  }

  /// What is in a file; nil if there is none.
  static func text(of path: String) -> String? {
    (try? Files.read(FilePath(path), upTo: 65_536)).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Leaves each of these files with its text, or removes it where it has none.
  private func set(_ texts: [(path: String, text: String?)]) throws(CommandFailure) {
    for (path, text) in texts {
      let file = FilePath(path)
      if let text {
        do {
          try Files.makeDirectories(file.removingLastComponent())
          try Files.replace(file, with: Array(text.utf8))
        } catch { throw CommandFailure(exitCode: 74, sentence: "\(path) cannot be written (\(error)).", objects: [path]) }
      } else {
        try remove(path)
      }
    }
  }

  private func remove(_ path: String) throws(CommandFailure) {
    do { try Files.remove(FilePath(path)) } catch .noSuchFileOrDirectory {} catch {
      throw CommandFailure(exitCode: 74, sentence: "\(path) cannot be removed (\(error)).", objects: [path])
    }
    // As systemctl does it, if there is nothing else in it.
    if path != own { rmdir(FilePath(path).removingLastComponent().string) }
  }

  // MARK: - Enable and disable

  /// - Returns: what was written; nil if the unit that came along says it all.
  func enable(_ command: LoginCommand) throws(CommandFailure) -> String? {
    guard method == .systemd else {
      let text = DesktopEntry(command).text
      try set([(own, text)])
      return text
    }
    let manager = try ServiceManager()
    let hasUnit = manager.shippedUnit(for: command.program, besides: directory) != nil
    let text = hasUnit ? ServiceUnit.dropIn(command) : ServiceUnit.own(command)
    let former: [(path: String, text: String?)] = files.map { ($0, Self.text(of: $0)) }
    let (wasLinked, wasEnabled) = (isLinked, isLinked || !written.isEmpty)
    do {
      try set([(own, hasUnit ? nil : text), (dropIn, hasUnit ? text : nil)])
      try manager.run("daemon-reload")
      // Whichever unit it was before.
      try manager.run("reenable", ServiceUnit.name)
      try manager.run("restart", ServiceUnit.name)
    } catch {
      // All or nothing, here as well.
      if wasEnabled {
        try? set(former)
        try? manager.run("daemon-reload")
        if wasLinked { try? manager.run("reenable", ServiceUnit.name) }
        try? manager.run("restart", ServiceUnit.name)
      } else {
        _ = try? disable()
      }
      throw error
    }
    return text
  }

  /// - Returns: the files that have gone.
  @discardableResult
  func disable() throws(CommandFailure) -> [String] {
    let removed = written
    let manager = method == .systemd ? try ServiceManager() : nil
    // Where the manager does not answer, the files go all the same.
    try? manager?.run("disable", "--now", ServiceUnit.name)
    try set(files.map { ($0, nil) })
    if method == .systemd { try remove(link) }
    // Nor is a directory left in which nothing else is.
    rmdir(directory)
    if method == .systemd { rmdir(FilePath(directory).removingLastComponent().string) }
    try? manager?.run("daemon-reload")
    return removed
  }

  /// Whether the watch that it starts runs; nil where that cannot be told.
  func isActive() -> Bool? {
    method == .systemd ? (try? ServiceManager())?.isActive() : nil
  }
}
