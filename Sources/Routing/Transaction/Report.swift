public import AudioGraph

/// What a command has done.
public struct Report: Sendable {
  /// How it ended. The raw value is the word for scripts.
  public enum Result: String, Sendable {
    /// `unchanged`: all held already, or there was nothing to revert. `planned`: somebody only asked what would be done.
    /// `forgotten`: the journal was dropped, and everything stays as it is.
    case applied, unchanged, reverted, planned, forgotten
    /// Something went wrong, and what had been done was undone; see ``Report/failure``.
    case rolledBack = "rolled_back"
  }

  /// Whether it was written down what there was before.
  public var wasWrittenDown = true
  /// The name of the profile it was about, or its path; nil if none was written down.
  public var profile: String?
  /// How it ended, as far as nothing in ``problems`` says otherwise.
  public var result: Result
  /// What was done, each attribute once, in the order of the plan.
  public var changes: [Change] = []
  /// What stays as it is although it was asked for.
  public var left: [Left] = []
  /// Sentences for a person: what was done, and may not be what was meant.
  public var warnings: [String] = []
  /// What is worth knowing once, and no reason to worry.
  public var notes: [String] = []
  /// What only a script or a reader of the manual wants to know.
  public var remarks: [String] = []
  /// What went wrong; the first of all that did.
  public var failure: Failure?
  /// What went wrong while undoing: things that are not as they were, and are still written down.
  public var problems: [Failure] = []
  /// The graph before, in which the objects of the changes have their names.
  public var graph: Graph
  /// What is heard now.
  public var now: Heard?
  /// The cards and devices that the profile has found.
  public var presences: Set<Presence> = []
  /// What is to be run now that it is done.
  public var due: [Hook] = []
  /// What has been run.
  public var hooks: [Hook.Outcome] = []

  /// The exit code of the process.
  public var exitCode: Int32 {
    guard problems.isEmpty else { return 2 }
    switch failure {
    // It answers again, or else nothing could have been undone.
    case .server(.connectionLost), .server(.unreachable), .server(.failed): return 1
    default: return failure?.exitCode ?? 0
    }
  }
}

extension Report {
  /// What has been done, and what could not be.
  init(
    _ profile: String?, _ result: Result, _ plan: Plan, _ reconciler: Reconciler, _ writer: JournalWriter, from start: Graph
  ) {
    self.init(profile: profile, result: result, graph: start)
    changes = reconciler.made(writer.changes)
    left = plan.left + reconciler.left
    problems = reconciler.problems.map(\.failure)
    now = Heard(reconciler.graph)
  }
}

extension Report {
  /// What a revert leaves behind although everything reads as it was.
  static func remarks(on changes: [Change]) -> [String] {
    let defaults = changes.filter { $0.attribute == .defaultSink || $0.attribute == .defaultSource }
    return defaults.isEmpty
      ? []
      : [
        "Your previous default devices are back. The server now treats them as your choice, even if it had picked them by itself."
      ]
  }
}
