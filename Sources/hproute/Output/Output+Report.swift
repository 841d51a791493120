internal import AudioGraph
internal import Routing

extension Output {
  /// What an apply or a revert has done.
  ///
  /// - Parameter headline: what to say in place of the usual first line; nil for that.
  func print(_ report: Report, after elapsed: Duration, headline: String? = nil) {
    if let failure = report.failure { error(failure.sentence + report.aftermath(of: failure)) }
    for problem in report.problems { error("not undone: \(problem.sentence)") }
    if isJSON {
      print(json: ReportObject(report, elapsed))
    } else {
      (report.warnings + report.hookProblems).forEach(warn)
      if report.failure == nil && report.problems.isEmpty { line(Output.printable(headline ?? self.headline(report))) }
      lines(report.left.byReason.map { "  \(Output.printable($0.line))" })
      lines(report.notes.map { Style.dim($0, if: isColored) })
      lines(
        report.hooks.flatMap { outcome in
          outcome.output.split(separator: "\n").map { "  \(outcome.hook.event.rawValue): \(Output.printable(String($0)))" }
        })
    }
  }

  /// What is heard now, and how to undo it.
  private func headline(_ report: Report) -> String {
    let name = report.profile
    let now = report.now?.sentence ?? "no output"
    switch report.result {
    case .applied: return "Applied \(name ?? "it"): \(now). Undo: hproute revert"
    case .unchanged:
      return name.map { "Nothing to do: everything is already as \($0) says; \(now)." }
        ?? "Nothing to revert: no profile is applied."
    case .reverted:
      guard report.wasWrittenDown else { return "Removed what hproute had left behind; \(now)." }
      let before = name.map { " before \($0)" } ?? ""
      return report.warnings.isEmpty && report.left.isEmpty
        ? "Reverted: everything is as it was\(before)."
        : "Reverted: everything that is there is as it was\(before); \(now)."
    case .forgotten: return "Forgotten: nothing\(name.map { " of \($0)" } ?? "") will be put back."
    case .planned, .rolledBack: return "\(now)."
    }
  }

  /// What an apply would do.
  func print(_ plan: Plan, of profile: Profile, in graph: Graph, after elapsed: Duration) {
    if isJSON { return print(json: ReportObject(plan, of: profile, in: graph, elapsed)) }
    plan.warnings.forEach(warn)
    raw(PlanText(plan, graph).text { Output.printable($0) })
    if plan.isEmpty { line("Nothing to do: everything is already as \(Output.printable(profile.name)) says.") }
  }
}

extension Left {
  /// A section is skipped; a program that stays is left.
  fileprivate var line: String { "\(object.hasPrefix("[") ? "skipped" : "left as it is"): \(object): \(reason)" }
}

extension [Left] {
  /// What is left for the same reason as one.
  fileprivate var byReason: [Left] {
    reduce(into: []) { groups, left in
      if let place = groups.firstIndex(where: { $0.reason == left.reason }) {
        groups[place].object += ", \(left.object)"
      } else {
        groups.append(left)
      }
    }
  }
}

/// What an apply, a revert or a plan tells a script.
struct ReportObject: Encodable {
  var profile: Nullable<String>
  var result: String
  var changes: [ChangeObject]
  var left: [LeftObject]
  var warnings: [String]
  var elapsedMs: Int
  /// What is heard; null where nothing was changed.
  var now: Nullable<HeardObject>
  /// What the profile wanted to be run.
  var hooks: [HookObject] = []
  /// Only where something went wrong.
  var error: ErrorObject?

  struct HookObject: Encodable {
    var event: String
    var profile: String
    var problem: Nullable<String>
    var output: String
  }

  struct LeftObject: Encodable {
    var object: String
    var reason: String
  }

  init(_ report: Report, _ elapsed: Duration) {
    profile = Nullable(report.profile)
    result = report.result.rawValue
    changes = report.changes.map(ChangeObject.init)
    left = report.left.map { LeftObject(object: $0.object, reason: $0.reason) }
    warnings = report.warnings + report.hookProblems + report.remarks + report.notes
    hooks = report.hooks.map {
      HookObject(event: $0.hook.event.rawValue, profile: $0.hook.profile, problem: Nullable($0.problem), output: $0.output)
    }
    elapsedMs = elapsed.milliseconds
    now = Nullable(report.now.map(HeardObject.init))
    if let failure = report.failure ?? report.problems.first {
      error = ErrorObject(
        CommandFailure(exitCode: report.exitCode, sentence: failure.sentence, objects: failure.objects))
    }
  }

  init(_ plan: Plan, of profile: Profile, in graph: Graph, _ elapsed: Duration) {
    self.profile = Nullable(profile.name)
    result = Report.Result.planned.rawValue
    changes = plan.changes.map(ChangeObject.init)
    left = plan.left.map { LeftObject(object: $0.object, reason: $0.reason) }
    warnings = plan.warnings
    elapsedMs = elapsed.milliseconds
    now = Nullable(HeardObject(Heard(graph)))
  }
}

extension Report {
  /// What was run and did not end well, although nothing was undone because of it.
  fileprivate var hookProblems: [String] { hooks.compactMap(\.sentence) }

  /// What has become of what had been done when it failed. Behind a list it stands in a line of its own: what is to be typed ends
  /// with its line.
  fileprivate func aftermath(of failure: Failure) -> String {
    let what = warnings.isEmpty ? "Everything" : "Everything that is there"
    let sentence =
      problems.isEmpty ? "\(what) is as it was before." : "Not everything could be put back; 'hproute revert' tries again."
    return (failure.sentence.contains("\n") ? "\n" : " ") + sentence
  }
}

extension Duration {
  var milliseconds: Int { Int((self / .milliseconds(1)).rounded()) }
}
