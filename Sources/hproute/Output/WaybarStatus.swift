internal import Routing

/// The status for a bar on the desktop, in the form of waybar's custom modules; see waybar-custom(5).
struct WaybarStatus: Encodable {
  /// The name of the profile that is applied, or a dash: a module without text is hidden, and cannot be clicked.
  var text: String
  /// All that `hproute status` says.
  var tooltip: String
  /// For the style sheet: ``alt``, or `changed` where something else has changed what the profile set.
  var `class`: String
  /// For `format-icons`: `applied`, `none`, `interrupted` or `offline`.
  var alt: String

  init(_ status: StatusReport) {
    alt = status.server.value == nil ? "offline" : status.state
    // Of a path, what is in the tooltip anyway is too long for a bar.
    text = Self.escaped(status.state == "none" ? "–" : status.profile.value.map(ProfileStore.name) ?? "–")
    tooltip = Self.escaped(status.lines().map(Output.printable).joined(separator: "\n"))
    self.class = alt == "applied" && !status.drift.isEmpty ? "changed" : alt
  }

  /// What waybar takes for markup, as text.
  private static func escaped(_ text: String) -> String {
    text.reduce(into: "") { result, character in
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      default: result.append(character)
      }
    }
  }
}
