internal import Routing

/// What `doctor` has found, as scripts get it.
struct Diagnosis: Encodable {
  var healthy: Bool
  var profile: Nullable<String>
  var findings: [FindingObject]

  struct FindingObject: Encodable {
    var topic: String
    var fine: Bool
    var object: Nullable<String>
    var message: String
    var remedy: Nullable<String>
  }

  init(profile: String?, _ findings: [Finding]) {
    healthy = findings.allSatisfy(\.isFine)
    self.profile = Nullable(profile)
    text = findings
    self.findings = findings.map {
      FindingObject(
        topic: $0.topic.rawValue, fine: $0.isFine, object: Nullable($0.object),
        message: ([$0.sentence] + $0.details).joined(separator: "\n  "), remedy: Nullable($0.remedy))
    }
  }

  /// For a person.
  fileprivate var text: [Finding] = []

  private enum CodingKeys: String, CodingKey { case healthy, profile, findings }
}

extension Output {
  func print(_ diagnosis: Diagnosis) {
    if isJSON { return print(json: diagnosis) }
    for finding in diagnosis.text {
      let mark =
        switch finding.weight {
        case .fine: Style.green("fine ", if: isColored)
        case .note: Style.yellow("note ", if: isColored)
        case .wrong: Style.red("wrong", if: isColored)
        }
      line("\(mark)  \(finding.topic.title): \(Output.printable(finding.sentence))")
      lines(finding.details.map { "         \(Output.printable($0))" })
      if let remedy = finding.remedy { line("       \(Style.bold(Output.printable(remedy), if: isColored))") }
    }
    let count = diagnosis.text.count { !$0.isFine }
    line(
      count == 0
        ? "Nothing is wrong on the way to your ears."
        : "\(count) \(count == 1 ? "thing is" : "things are") wrong; what to type or do is below each.")
  }
}
