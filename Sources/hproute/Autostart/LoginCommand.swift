internal import Routing

/// What is started at login.
struct LoginCommand {
  /// Where it is when all links are followed.
  let program: String
  /// The program and its arguments.
  let words: [String]
  /// The variables that decide where hproute looks for things, as far as they are set: a login does not have them from here.
  let variables: [(name: String, value: String)]
  let profiles: [String]

  private static let names = [
    "PULSE_SERVER", "HPROUTE_PROFILE_PATH", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_DATA_DIRS",
    "XDG_CONFIG_DIRS",
  ]

  init(profiles: [String], settings: Settings, _ environment: Environment) {
    self.profiles = profiles
    program = Files.canonical("/proc/self/exe")
    words = [program, "watch"] + profiles + (settings.server.map { ["--server", $0] } ?? [])
    variables = Self.names.compactMap { name in environment[name].map { (name, $0) } }
  }
}
