internal import Glibc
internal import Routing
internal import SystemPackage

/// What makes `hproute watch` begin at login: a unit of the user's service manager, or an entry that the desktop starts.
struct LoginItem {
  enum Method: String, CaseIterable { case systemd, desktop }

  let method: Method
  let path: String

  init?(_ method: Method, _ environment: Environment) {
    guard let home = environment.configHome else { return nil }
    self.method = method
    path = method == .systemd ? "\(home)/systemd/user/\(ServiceUnit.name)" : "\(home)/autostart/hproute.desktop"
  }

  /// Those that are installed; one, unless somebody has copied a home directory.
  static func installed(_ environment: Environment) -> [LoginItem] {
    Method.allCases.compactMap { LoginItem($0, environment) }.filter { item in item.files.contains { Files.exists(FilePath($0)) }
    }
  }

  /// The file itself, and the link by which systemd knows that it is enabled.
  private var files: [String] {
    let link = "\(FilePath(path).removingLastComponent())/\(ServiceUnit.target).wants/\(ServiceUnit.name)"
    return method == .systemd ? [path, link] : [path]
  }

  /// The one for this session: the user has a service manager where its socket is. See `systemctl`, which looks for the same.
  static func suitable(_ environment: Environment) -> LoginItem? {
    let socket = environment["XDG_RUNTIME_DIR"].map { "\($0)/systemd/private" }
    let hasManager = socket.map { Files.exists(FilePath($0)) } ?? false
    return LoginItem(hasManager ? .systemd : .desktop, environment)
  }

  func write(_ text: String) throws(CommandFailure) {
    do {
      try Files.makeDirectories(FilePath(path).removingLastComponent())
      try Files.replace(FilePath(path), with: Array(text.utf8))
    } catch { throw CommandFailure(exitCode: 74, sentence: "\(path) cannot be written (\(error)).", objects: [path]) }
  }

  /// What is in the file now; nil where there is none.
  var text: String? {
    (try? Files.read(FilePath(path), upTo: 65_536)).map { String(decoding: $0, as: UTF8.self) }
  }

  func remove() throws(CommandFailure) {
    for file in files {
      do { try Files.remove(FilePath(file)) } catch .noSuchFileOrDirectory {} catch {
        throw CommandFailure(exitCode: 74, sentence: "\(file) cannot be removed (\(error)).", objects: [file])
      }
    }
    // As systemctl does it, if there is nothing else in it.
    if files.count > 1 { rmdir(FilePath(files[1]).removingLastComponent().string) }
  }

  /// The profiles that are named in it, beside those that say `auto` themselves.
  var profiles: [String] {
    let line = text?.split(separator: "\n").first { $0.hasPrefix("X-hproute-Profiles=") }
    return line.map { $0.dropFirst("X-hproute-Profiles=".count).split(separator: ";").map(String.init) } ?? []
  }
}

/// What is started at login.
struct LoginCommand {
  /// The program and its arguments.
  var words: [String]
  /// The variables that decide where hproute looks for things, as far as they are set: a login does not have them from here.
  var variables: [(name: String, value: String)]
  var profiles: [String]

  private static let names = [
    "PULSE_SERVER", "HPROUTE_PROFILE_PATH", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_DATA_DIRS",
    "XDG_CONFIG_DIRS",
  ]

  init(profiles: [String], settings: Settings, _ environment: Environment) {
    self.profiles = profiles
    words = [Files.canonical("/proc/self/exe"), "watch"] + profiles + (settings.server.map { ["--server", $0] } ?? [])
    variables = Self.names.compactMap { name in environment[name].map { (name, $0) } }
  }
}
