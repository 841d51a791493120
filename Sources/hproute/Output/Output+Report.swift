internal import AudioGraph
internal import Routing

extension Output {
  /// What an apply or a revert has done.
  func print(_ report: Report, after elapsed: Duration) {
    if let failure = report.failure { error(failure.sentence + report.aftermath) }
    for problem in report.problems { error("not undone: \(problem.sentence)") }
    if isJSON {
      print(json: ReportObject(report, elapsed))
    } else {
      (report.warnings + report.hookProblems).forEach(warn)
      lines(report.left.byReason.map { "  left as it is: \(Output.printable($0.object)): \(Output.printable($0.reason))" })
      if report.failure == nil && report.problems.isEmpty { line(summary(report, elapsed)) }
      lines(report.notes.map { Style.dim($0, if: isColored) })
      lines(
        report.hooks.flatMap { outcome in
          outcome.output.split(separator: "\n").map { "  \(outcome.hook.event.rawValue): \(Output.printable(String($0)))" }
        })
    }
  }

  private func summary(_ report: Report, _ elapsed: Duration) -> String {
    let name = report.profile.map(Output.printable) ?? ""
    let count = report.changes.count
    let changes = "\(count) \(count == 1 ? "change" : "changes")"
    // How long something took, and not how long nothing.
    let time = Style.dim("in \(elapsed.milliseconds) ms", if: isColored)
    switch report.result {
    case .applied: return "\(Style.bold(name, if: isColored)) applied: \(changes) \(time)"
    case .unchanged where report.profile != nil: return "\(Style.bold(name, if: isColored)) unchanged: it holds already"
    case .unchanged: return "nothing to revert: no profile is applied"
    case .reverted where name.isEmpty: return "reverted: \(changes) \(time)"
    case .reverted: return "\(Style.bold(name, if: isColored)) reverted: \(changes) \(time)"
    case .forgotten where name.isEmpty: return "forgotten: nothing will be put back"
    case .forgotten: return "\(Style.bold(name, if: isColored)) forgotten: nothing of it will be put back"
    case .planned, .rolledBack: return "\(changes) \(time)"
    }
  }

  /// What an apply would do.
  func print(_ plan: Plan, of profile: Profile, in graph: Graph, after elapsed: Duration) {
    if isJSON { return print(json: ReportObject(plan, of: profile, elapsed)) }
    plan.warnings.forEach(warn)
    raw(PlanText(plan, graph).text { Output.printable($0) })
    if plan.isEmpty { line("\(Output.printable(profile.name)) holds already: there is nothing to do") }
  }
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
    warnings = report.warnings + report.hookProblems + report.notes
    hooks = report.hooks.map {
      HookObject(event: $0.hook.event.rawValue, profile: $0.hook.profile, problem: Nullable($0.problem), output: $0.output)
    }
    elapsedMs = elapsed.milliseconds
    if let failure = report.failure ?? report.problems.first {
      error = ErrorObject(
        CommandFailure(exitCode: report.exitCode, sentence: failure.sentence, objects: failure.objects))
    }
  }

  init(_ plan: Plan, of profile: Profile, _ elapsed: Duration) {
    self.profile = Nullable(profile.name)
    result = Report.Result.planned.rawValue
    changes = plan.changes.map(ChangeObject.init)
    left = plan.left.map { LeftObject(object: $0.object, reason: $0.reason) }
    warnings = plan.warnings
    elapsedMs = elapsed.milliseconds
  }
}

extension Report {
  /// What was run and did not end well, although nothing was undone because of it.
  fileprivate var hookProblems: [String] { hooks.compactMap(\.sentence) }

  /// What has become of what had been done when it failed.
  fileprivate var aftermath: String {
    problems.isEmpty
      ? " Everything is as it was before." : " Not everything could be put back; 'hproute revert' tries again."
  }
}

extension Duration {
  var milliseconds: Int { Int((self / .milliseconds(1)).rounded()) }
}
