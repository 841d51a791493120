internal import Glibc
internal import Routing

/// Shows a line on the desktop, through `notify-send`, where the desktop has it and there is a session bus. What it shows takes
/// the place of what it has shown before.
struct Notifier {
  private let isWanted: Bool
  /// Whether the process ends anyway, and with it what it has to wait for.
  private var isLeaving = false
  private let environment = Environment()

  init(isWanted: Bool) {
    let hasBus =
      environment["DBUS_SESSION_BUS_ADDRESS"] != nil
      || environment["XDG_RUNTIME_DIR"].map { access("\($0)/bus", F_OK) == 0 } ?? false
    self.isWanted = isWanted && hasBus && Self.isThere(environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin")
  }

  /// Whether there is a program to be called: a shell that finds out takes longer than all that a key does.
  private static func isThere(_ path: String) -> Bool {
    path.split(separator: ":").contains { access("\($0)/notify-send", X_OK) == 0 }
  }

  /// For a key: who has pressed it sees nothing else.
  static var forKeys: Notifier {
    var notifier = Notifier(isWanted: ![STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO].contains { isatty($0) == 1 })
    notifier.isLeaving = true
    return notifier
  }

  /// Whoever waits for a desktop that is slow, it is not us. Older versions of `notify-send` know nothing of numbers: then
  /// some desktops replace by the hints. Where there is no such program, nothing is shown.
  private static let script = """
    text=$1 file=$2; shift 2
    { read -r id <"$file"; case $id in *[!0-9]*) id=;; esac
    set -- --app-name=hproute --icon=audio-headphones --expire-time=4000 \
    --hint=string:x-canonical-private-synchronous:hproute --hint=string:x-dunst-stack-tag:hproute "$@" -- "$0" "$text"
    if id=$(notify-send --print-id ${id:+--replace-id=$id} "$@"); then echo "$id" >"$file"; else notify-send "$@"; fi
    } >/dev/null 2>&1 &
    """

  /// - Parameter level: a bar beside the text, in percent.
  func show(_ title: String, _ text: String, level: Int? = nil) {
    guard isWanted else { return }
    let number = environment["XDG_RUNTIME_DIR"].map { "\($0)/hproute-notification" } ?? "/dev/null"
    let words = ["sh", "-c", Self.script, title, text, number] + (level.map { ["--hint=int:value:\($0)"] } ?? [])
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] {
      posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
    }
    var attributes = SpawnAttributes(.ownSession)
    let arguments = words.map { strdup($0) } + [nil]
    defer { arguments.forEach { free($0) } }
    var pid: pid_t = 0
    // The shell leaves the rest in the background, and is gone at once.
    if posix_spawn(&pid, "/bin/sh", &actions, &attributes.it, arguments, environ) == 0, !isLeaving { waitpid(pid, nil, 0) }
  }
}
