internal import AudioGraph
internal import Glibc
internal import Routing

/// What the watch tells: lines for people on standard error, and, where it is asked for, an object for each on standard
/// output.
struct DaemonLog {
  enum Level: Int32 {
    case error = 3
    case warning = 4
    case notice = 5
    case information = 6
  }

  private let output: Output
  /// Whether what reads standard error is systemd's journal, which takes the importance of a line from a number in front.
  private let isJournal: Bool

  init(_ output: Output) {
    self.output = output
    var status = stat()
    fstat(STDERR_FILENO, &status)
    isJournal = Environment()["JOURNAL_STREAM"] == "\(status.st_dev):\(status.st_ino)"
  }

  func tell(_ text: String, _ level: Level = .information) {
    output.log(
      isJournal ? text.split(separator: "\n").map { "<\(level.rawValue)>\($0)" }.joined(separator: "\n") : "hproute: \(text)",
      isError: level == .error)
  }

  /// One change of situation.
  func print(_ object: WatchObject) { if output.isJSON { output.print(jsonLine: object) } }
}

/// A change of situation as scripts get it.
struct WatchObject: Encodable {
  /// `started`, `connected`, `lost`, `applied`, `reverted`, `restored`, `held`, `by_hand`, `failed`, `idle`,
  /// `in_force`, `stopped`.
  var event: String
  /// As in `status`.
  var state: String
  /// The profile that is in force.
  var profile: Nullable<String>
  /// The profile that would be chosen.
  var choice: Nullable<String>
  /// Null while none answers.
  var server: Nullable<StatusReport.ServerObject>
  /// The line in the log.
  var message: String
}

extension WatchNews {
  var event: String {
    switch self {
    case .gone: "lost"
    case .here: "connected"
    case .idle: "idle"
    case .inForce: "in_force"
    case .byHand: "by_hand"
    case .failed, .resigned: "failed"
    case .outdone: "held"
    }
  }

  var level: DaemonLog.Level {
    switch self {
    case .gone, .failed, .outdone: .warning
    case .resigned: .error
    case .here, .byHand: .notice
    case .idle, .inForce: .information
    }
  }
}
