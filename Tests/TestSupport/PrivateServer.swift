internal import Foundation

/// The sound servers that everything has to work on.
public enum ServerKind: String, CaseIterable, Sendable, CustomStringConvertible {
  case pulseaudio, pipewire

  /// Those that are tested: both, or what `HPROUTE_TEST_SERVERS` names.
  public static let allCases: [ServerKind] = {
    let kinds: [ServerKind] = [.pulseaudio, .pipewire]
    guard let names = ProcessInfo.processInfo.environment["HPROUTE_TEST_SERVERS"] else { return kinds }
    return kinds.filter { names.split(separator: " ").contains(Substring($0.rawValue)) }
  }()

  /// The one for a test that needs some server and no certain one.
  public static let any = allCases.first ?? .pulseaudio

  /// For a test of what only one of them does: nothing, where that is not tested.
  public static func only(_ kind: ServerKind) -> [ServerKind] { allCases.filter { $0 == kind } }

  public var description: String { rawValue }
}

/// A sound server of a test's own, in its own directories, with nothing of the user's.
///
/// `HPROUTE_TEST_ROOT` names a directory tree with another distribution, whose servers are then used: the clients stay
/// those of this machine.
public final class PrivateServer: @unchecked Sendable {
  public let kind: ServerKind
  public let directory: TemporaryDirectory
  /// What a client needs in its environment to find the server and nothing else.
  public let environment: [String: String]
  private let missing: String?
  private let forbidsModules: Bool
  private let hasDesk: Bool
  private var programs: [(part: Part, program: Program)] = []
  var players: [Program] = []
  /// The sound cards that can be plugged in, by their ids.
  let cards: [String: SimulatedCard]
  /// What simcard listens to, on PipeWire.
  var cardCommands: Int32 = -1
  /// The module of each card that is plugged in, on PulseAudio.
  var cardModules: [String: String] = [:]

  /// What a sound server is made of.
  public enum Part: String, Sendable, CaseIterable {
    case pulseaudio
    case daemon = "pipewire"
    case sessionManager = "wireplumber"
    /// What speaks PulseAudio's protocol for PipeWire.
    case protocolServer = "pipewire-pulse"
    case cards = "simcard"
  }

  public struct Failed: Error, CustomStringConvertible {
    public var description: String
    public init(description: String) { self.description = description }
  }

  /// Starts a server, and waits until it has a default sink.
  ///
  /// - Parameters:
  ///   - missing: a module that the server shall not find, and so refuse to load.
  ///   - forbiddingModules: whether clients may load none, which PulseAudio can forbid.
  ///   - withDesk: whether the devices of the desk come with the server, and so again when it is started again; else see
  ///     ``addDesk(microphone:)``.
  ///   - cards: what can be plugged in; see ``plug(_:)``.
  ///   - fillingMemory: whether memory that nobody has cleared is no silence: as sound, its bytes are 0.75. It makes a server slow.
  public init(
    _ kind: ServerKind, without missing: String? = nil, forbiddingModules: Bool = false, withDesk: Bool = false,
    cards: [SimulatedCard] = [], fillingMemory: Bool = false
  ) throws {
    guard ServerKind.allCases.contains(kind) else {
      throw Failed(description: "\(kind) is not tested in this run: take ServerKind.any, or .only(.\(kind)) as the argument")
    }
    self.kind = kind
    hasDesk = withDesk
    self.cards = Dictionary(cards.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
    self.missing = missing
    self.forbidsModules = forbiddingModules
    directory = try TemporaryDirectory()
    var environment = ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "LC_ALL": "C.UTF-8"]
    environment["HOME"] = try directory.make("home")
    environment["XDG_RUNTIME_DIR"] = try directory.make("run")
    environment["XDG_STATE_HOME"] = try directory.make("state")
    environment["XDG_CONFIG_HOME"] = try directory.make("config")
    environment["XDG_DATA_HOME"] = try directory.make("data")
    environment["XDG_DATA_DIRS"] = "/usr/local/share:/usr/share"
    environment["HPROUTE_PROFILE_PATH"] = try directory.make("profiles")
    // A bus that is not there, or libdbus would start one.
    environment["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=/nonexistent"
    environment["DBUS_SYSTEM_BUS_ADDRESS"] = "unix:path=/nonexistent"
    _ = try directory.make("run/pulse")
    environment["PULSE_SERVER"] = "unix:\(directory.path)/run/pulse/native"
    if fillingMemory { environment["MALLOC_PERTURB_"] = "192" }
    environment["SIMCARD_TAP"] = try directory.make("tap")
    self.environment = environment
    for card in cards { try directory.write(card.text, to: "\(card.id).card") }
    try start()
  }

  /// That a part of it has ended by a fault of its own.
  public var fault: String? {
    for (part, program) in programs {
      if let signal = program.fault {
        let last = program.logText.split(separator: "\n").suffix(2).joined(separator: " / ")
        return "\(part.rawValue) has ended by itself, by signal \(signal): \(last)"
      }
    }
    return nil
  }

  /// What its parts have to say, for who has waited in vain.
  var words: String { ([fault].compactMap(\.self) + programs.map(\.program.logText)).joined(separator: "\n") }

  /// Whether that is one that the server is known for, whoever its clients are (docs/servers.md).
  ///
  /// - pipewire-pulse frees a stream that its other thread is about to process. Measured with 0.3.65, about once in ten thousand
  ///   programs that end while they play.
  /// - PulseAudio 16.1 takes the time that sound takes through a combined sink for years, and makes silence for as long when a
  ///   stream leaves it.
  public var hasKnownFault: Bool {
    programs.contains { part, program in
      part == .protocolServer && program.fault == SIGSEGV
        || part == .pulseaudio && program.fault == SIGABRT && program.logText.contains("Assertion 'size < (1024*1024*96)' failed")
    }
  }

  deinit {
    // For Tests/run.
    if hasKnownFault, let fault { print("A sound server: \(fault)") }
    if cardCommands >= 0 { close(cardCommands) }
    endPlayers()
    stop()
  }

  /// Ends the server, or one part of it, by SIGKILL.
  public func stop(_ part: Part? = nil) {
    for (its, program) in programs.reversed() where part == nil || its == part { program.kill() }
    // Of PipeWire, what has lost the daemon ends by itself.
    if part == .daemon { programs.forEach { _ = $0.program.wait(within: 5) } }
    programs.removeAll { !$0.program.isRunning }
  }

  /// Starts what has been stopped.
  ///
  /// - Parameter isWaiting: whether to wait until there is a default sink again; without devices there is none soon.
  public func start(isWaiting: Bool = true) throws {
    switch kind {
    case .pulseaudio: if programs.isEmpty { try startPulseAudio() }
    case .pipewire: try startPipeWire()
    }
    if isWaiting { try waitUntilReady() }
  }

  private func waitUntilReady() throws {
    // pipewire-pulse answers well before its session manager has chosen a device.
    let isReady = eventually {
      guard let name = try? pactl("get-default-sink") else { return false }
      return !name.isEmpty && !name.hasPrefix("@")
    }
    guard isReady else { throw Failed(description: "\(kind):\n\(words)") }
  }

  private func startPulseAudio() throws {
    // What Debian's default.pa loads that decides about routing; the protocol last, so that who can connect finds it all.
    let modules =
      (hasDesk ? Desk.pulseAudioModules : []) + (cards.isEmpty ? [] : ["module-switch-on-port-available"]) + [
        "module-device-restore", "module-stream-restore", "module-card-restore", "module-default-device-restore",
        "module-always-sink", "module-intended-roles", "module-suspend-on-idle",
        "module-native-protocol-unix auth-anonymous=1 socket=\(directory.path)/run/pulse/native",
      ]
    try spawn(
      .pulseaudio,
      [
        "pulseaudio", "-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1", "--high-priority=no",
        "--realtime=no", "--disable-shm=yes", "--log-target=stderr", "--log-level=notice",
        "--disallow-module-loading=\(forbidsModules ? 1 : 0)",
      ] + (try moduleDirectory().map { ["--dl-search-path", $0] } ?? []) + modules.flatMap { ["-L", $0] })
  }

  /// Where PulseAudio finds its modules, if not where it always does.
  private func moduleDirectory() throws -> String? {
    if let missing { return try modulesWithout(missing, in: "pulse-*/modules") }
    return cards.isEmpty ? nil : try modulesWithout("module-simcard", in: "pulse-*/modules", adding: SimulatedCard.module)
  }

  private func startPipeWire() throws {
    let isMissing = { (part: Part) in !self.programs.contains { $0.part == part } }
    for (name, text) in PipeWireConfiguration.files(withDesk: hasDesk) { try directory.write(text, to: "config/\(name)") }
    if isMissing(.daemon) {
      let socket = "\(directory.path)/run/pipewire-0"
      unlink(socket)
      try spawn(.daemon, ["pipewire"])
      // A session manager that is refused gives up, and there is none.
      guard eventually({ UnixSocket.hasListener(at: socket) }) else { throw Failed(description: "pipewire does not listen") }
    }
    if isMissing(.sessionManager) { try spawn(.sessionManager, ["wireplumber"]) }
    if isMissing(.protocolServer) {
      let directory = try missing.map { ["PIPEWIRE_MODULE_DIR": try modulesWithout($0, in: "*/pipewire-0.3")] } ?? [:]
      try spawn(.protocolServer, ["pipewire-pulse"], directory)
    }
    if isMissing(.cards), !cards.isEmpty { try startSimcard() }
  }

  /// The program that is the sound cards; see `Tests/SimulatedCard`. It is a client, and always this machine's own.
  private func startSimcard() throws {
    let pipe = "\(directory.path)/simcard.pipe"
    guard mkfifo(pipe, 0o600) == 0 || errno == EEXIST else { throw Failed(description: "no pipe to simcard") }
    unlink("\(directory.path)/simcard.log")
    // Open for both, so that neither end waits for the other.
    if cardCommands >= 0 { close(cardCommands) }
    cardCommands = open(pipe, O_RDWR | O_CLOEXEC)
    let files = cards.keys.sorted().map { "\(directory.path)/\($0).card" }
    let program = try Program(
      ["sh", "-c", "exec \"$@\" < \"$0\"", pipe, SimulatedCard.program] + files, environment: environment,
      log: "\(directory.path)/simcard.log")
    programs.append((.cards, program))
    guard eventually({ cardLog.contains("ready") }) else { throw Failed(description: "simcard: \(cardLog)") }
  }

  /// What simcard has answered, and what was asked of the cards.
  var cardLog: String { (try? directory.read(kind == .pipewire ? "simcard.log" : "pulseaudio.log")) ?? "" }

  /// A directory with all modules of the server but one, and one more.
  private func modulesWithout(_ missing: String, in pattern: String, adding more: String? = nil) throws -> String {
    let copy = try directory.make("modules")
    // Debian keeps them below the triplet of the architecture, others do not.
    let script = """
      root=${HPROUTE_TEST_ROOT:-}
      for directory in "$root"/usr/lib/\(pattern) "$root"/usr/lib/*/\(pattern) "$root"/usr/lib64/\(pattern); do
        for file in "$directory"/*.so; do [ -e "$file" ] && ln -sf "${file#"$root"}" "$0"; done
      done; rm -f "$0"/*\(missing).so; [ -z "${1:-}" ] || cp "$1" "$0"
      """
    var environment = environment
    environment["HPROUTE_TEST_ROOT"] = ProcessInfo.processInfo.environment["HPROUTE_TEST_ROOT"]
    guard try Program.run(["bash", "-c", script, copy] + (more.map { [$0] } ?? []), environment: environment).exitCode == 0 else {
      throw Failed(description: "there is no \(missing) to leave out")
    }
    return copy
  }

  private func spawn(_ part: Part, _ arguments: [String], _ more: [String: String] = [:]) throws {
    let environment = environment.merging(more) { $1 }
    let log = "\(directory.path)/\(arguments[0]).log"
    guard let root = ProcessInfo.processInfo.environment["HPROUTE_TEST_ROOT"] else {
      return programs.append((part, try Program(arguments, environment: environment, log: log)))
    }
    // Mounts of its own, which vanish with it; everything is exec'ed, so that the pid is the server's.
    let script = """
      mkdir -p "$0$1"; mount --bind "$1" "$0$1" && mount --rbind /proc "$0/proc" && mount --rbind /dev "$0/dev" || exit 9
      root=$0; shift; exec chroot "$root" "$@"
      """
    let program = try Program(
      ["unshare", "-m", "--propagation", "private", "bash", "-c", script, root, directory.path] + arguments,
      environment: environment, log: log)
    programs.append((part, program))
  }

  /// Whether no part of it has ended.
  public var isRunning: Bool { programs.allSatisfy(\.program.isRunning) }

  public var pids: [Int32] { programs.map(\.program.pid) }

  /// Suspends a part of the server, or has it go on.
  public func send(_ signal: Int32, to part: Part) { for (its, program) in programs where its == part { program.send(signal) } }
}
