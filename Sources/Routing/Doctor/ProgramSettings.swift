internal import SystemPackage

/// What sends programs to a certain output before any sound server is asked: variables in their environment, and a file of
/// libpulse.
public struct ProgramSettings: Sendable {
  /// Variables that name an output: of libpulse, and of PipeWire's own clients.
  static let names = ["PULSE_SINK", "PIPEWIRE_NODE"]

  /// A line of a `client.conf` that names an output.
  public struct Default: Hashable, Sendable {
    /// The file.
    public var path: String
    /// What it says: the name of a sink.
    public var sink: String
  }

  /// Those of ``names`` that are set for a process, by its number.
  let variables: @Sendable (String) -> [String: String]
  /// The output that libpulse asks for whenever a program names none.
  let configured: Default?

  /// - Parameters:
  ///   - variables: what is set for a process, by its number.
  ///   - configured: what `client.conf` says.
  public init(variables: @escaping @Sendable (String) -> [String: String], configured: Default?) {
    (self.variables, self.configured) = (variables, configured)
  }

  /// Nothing is known, as of programs on another machine.
  public static let unknown = ProgramSettings(variables: { _ in [:] }, configured: nil)

  /// What is set on this machine: `/proc/PID/environ`, which only the user's own processes show, and `pulse-client.conf(5)`.
  public static func read(_ environment: Environment) -> ProgramSettings {
    ProgramSettings(
      variables: { process in
        guard Int(process) != nil, let bytes = try? Files.read(FilePath("/proc/\(process)/environ")) else { return [:] }
        let pairs = bytes.split(separator: 0).compactMap { pair -> (String, String)? in
          let parts = String(decoding: pair, as: UTF8.self).split(separator: "=", maxSplits: 1).map(String.init)
          return parts.count == 2 && names.contains(parts[0]) ? (parts[0], parts[1]) : nil
        }
        return Dictionary(pairs, uniquingKeysWith: { $1 })
      }, configured: configured(environment))
  }

  /// The user's own file counts in place of the system's, as libpulse has it.
  private static func configured(_ environment: Environment) -> Default? {
    let own = environment["PULSE_CLIENTCONFIG"] ?? environment.configHome.map { "\($0)/pulse/client.conf" }
    for path in [own, "/etc/pulse/client.conf"].compactMap(\.self) where Files.exists(FilePath(path)) {
      guard let bytes = try? Files.read(FilePath(path), upTo: 65_536) else { continue }
      let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
      let values = lines.compactMap { line -> String? in
        let said = line.prefix { $0 != "#" && $0 != ";" }
        let parts = said.split(separator: "=", maxSplits: 1).map { $0.filter { !$0.isWhitespace } }
        return parts.count == 2 && parts[0] == "default-sink" ? parts[1] : nil
      }
      return values.last.map { Default(path: path, sink: $0) }
    }
    return nil
  }
}
