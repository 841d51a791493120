/// What is started at login, as scripts get it.
struct AutostartReport: Encodable {
  var enabled: Bool
  /// `systemd` or `desktop`.
  var method: Nullable<String>
  var path: Nullable<String>
  /// Those that are named beside the ones that say `auto = yes`.
  var profiles: [String]
  /// Whether it runs now; null where that cannot be told.
  var active: Nullable<Bool>

  init(_ item: LoginItem?, isActive: Bool?) {
    enabled = item != nil
    method = Nullable(item?.method.rawValue)
    path = Nullable(item?.path)
    profiles = item?.profiles ?? []
    active = Nullable(isActive)
  }
}

extension Output {
  /// - Parameters:
  ///   - verb: what has been done, or is so.
  ///   - text: what was written.
  ///   - removed: the files that are gone.
  func print(_ autostart: AutostartReport, verb: String, text: String? = nil, removed: [String] = []) {
    if isJSON { return print(json: autostart) }
    let names = autostart.profiles.isEmpty ? "" : " for \(autostart.profiles.joined(separator: ", "))"
    var text =
      [
        "autostart \(verb)\(names)\(autostart.path.value.map { ": \(Output.printable($0))" } ?? "")"
      ]
      + (text?.split(separator: "\n", omittingEmptySubsequences: false).map {
        Style.dim("  \(Output.printable(String($0)))", if: isColored)
      } ?? [])
    text += removed.map { "removed \(Output.printable($0))" }
    switch autostart.active.value {
    case true?: text.append("It runs; 'journalctl --user -u hproute' shows what it does.")
    case false?: text.append("It does not run; 'systemctl --user status hproute' tells why.")
    case nil where autostart.method.value == LoginItem.Method.desktop.rawValue:
      text.append("It begins at the next login; 'hproute watch \(autostart.profiles.joined(separator: " "))' starts it now.")
    case nil: break
    }
    lines(text)
  }
}
