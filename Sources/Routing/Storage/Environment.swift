internal import Glibc

/// The environment variables that say where things are. The rules are those of the XDG Base Directory Specification.
public struct Environment: Sendable {
  private let value: @Sendable (String) -> String?

  /// The variables of this process.
  public init() { self.init { getenv($0).map { String(cString: $0) } } }

  /// - Parameter value: looks a variable up; one that is set to nothing counts as not set.
  public init(_ value: @escaping @Sendable (String) -> String?) {
    self.value = { name in value(name).flatMap { $0.isEmpty ? nil : $0 } }
  }

  /// Nil for a variable that is not set, or set to nothing.
  public subscript(name: String) -> String? { value(name) }

  /// Where the user's own settings are: `$XDG_CONFIG_HOME`, else `~/.config`.
  public var configHome: String? { home("XDG_CONFIG_HOME", ".config") }
  /// Where the user's own data is: `$XDG_DATA_HOME`, else `~/.local/share`.
  public var dataHome: String? { home("XDG_DATA_HOME", ".local/share") }
  /// Where programs keep what they must remember: `$XDG_STATE_HOME`, else `~/.local/state`.
  public var stateHome: String? { home("XDG_STATE_HOME", ".local/state") }
  /// Where the system's settings are: `$XDG_CONFIG_DIRS`.
  public var configDirectories: [String] {
    (value("XDG_CONFIG_DIRS") ?? "/etc/xdg").split(separator: ":").map(String.init).filter(isAbsolute)
  }
  /// `../share` as seen from the program, wherever it is installed; nil if that cannot be told.
  public var shareBesideProgram: String? {
    let program = Files.canonical("/proc/self/exe").split(separator: "/").dropLast(2)
    return program.isEmpty ? nil : "/\(program.joined(separator: "/"))/share"
  }
  /// Where the system's data is: `$XDG_DATA_DIRS`.
  public var dataDirectories: [String] {
    (value("XDG_DATA_DIRS") ?? "/usr/local/share:/usr/share").split(separator: ":").map(String.init).filter(isAbsolute)
  }

  private func home(_ name: String, _ below: String) -> String? {
    // The specification has relative paths ignored.
    value(name).flatMap { isAbsolute($0) ? $0 : nil } ?? value("HOME").flatMap { isAbsolute($0) ? "\($0)/\(below)" : nil }
  }

  private func isAbsolute(_ path: String) -> Bool { path.hasPrefix("/") }
}
