internal import Routing

extension Output {
  /// The profiles there are.
  func print(_ profiles: [ListedProfile]) {
    if isJSON { return print(json: ProfileList(profiles: profiles)) }
    if profiles.isEmpty {
      return line(
        "There is no profile yet. Put one into ~/.config/hproute/profiles; 'man hproute.profile' shows how to write it.")
    }
    var table = Table(flexible: [2, 3])
    for profile in profiles {
      let mark = profile.applied ? "*" : " "
      let description = profile.description.value ?? ""
      table.add([
        .init(mark, .green), .init(Output.printable(profile.name), profile.shadowed ? .dim : .bold),
        .init(Output.printable(description)),
        .init(Self.note(profile), .dim),
      ])
    }
    lines(self.table(table))
  }

  private static func note(_ profile: ListedProfile) -> String {
    if profile.shadowed { return "hidden by one of the same name" }
    if profile.hasErrors { return "has errors: hproute check \(Output.printable(profile.name.shellQuoted))" }
    if profile.applied { return "applied" }
    return profile.reason.value.map(Output.printable) ?? ""
  }

  /// What came of checking profiles. What is wrong has been printed already.
  func print(_ checked: [CheckedProfile]) {
    if isJSON { return print(json: CheckList(profiles: checked)) }
    if checked.isEmpty { return line("There is no profile to check.") }
    lines(
      checked.map { profile in
        let path = Output.printable(profile.path)
        if profile.errors > 0 { return "\(path): \(profile.errors) \(profile.errors == 1 ? "error" : "errors")" }
        if profile.warnings > 0 { return "\(path): \(profile.warnings) \(profile.warnings == 1 ? "warning" : "warnings")" }
        return "\(path): fine"
      })
  }

  private struct ProfileList: Encodable { var profiles: [ListedProfile] }
  private struct CheckList: Encodable { var profiles: [CheckedProfile] }
}
