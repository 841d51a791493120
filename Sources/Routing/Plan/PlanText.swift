public import AudioGraph

/// A plan as it is shown and as it is compared in tests: the phases, and below each what it does.
public struct PlanText {
  private let plan: Plan
  private let names: AttributeText

  /// - Parameter graph: the one the plan was made for, which knows the names of the objects.
  public init(_ plan: Plan, _ graph: Graph) {
    self.plan = plan
    names = AttributeText(graph)
  }

  /// Every line is ended by a line feed. Empty where there is nothing to do and nothing to say.
  ///
  /// - Parameter shown: makes a line fit to be shown, whatever the names in it.
  public func text(_ shown: (String) -> String = { $0 }) -> String {
    var lines: [String] = []
    for phase in Phase.allCases {
      let steps = plan.steps.filter { $0.phase == phase }
      if !steps.isEmpty { lines.append(phase.title) }
      lines += steps.map { "  \(shown(names.line($0.change)))" }
    }
    for (title, isTakenAlong) in [("taken along", true), ("left as it is", false)] {
      let left = plan.left.filter { $0.isTakenAlong == isTakenAlong }
      if !left.isEmpty { lines.append(title) }
      lines += left.map { "  \(shown("\($0.object): \($0.reason)"))" }
    }
    if !plan.choices.isEmpty { lines.append("one of several") }
    lines += plan.choices.map { "  \(shown($0))" }
    return lines.map { "\($0)\n" }.joined()
  }
}
