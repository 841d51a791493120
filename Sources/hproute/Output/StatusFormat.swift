internal import Routing

/// The status in one line, for a bar on the desktop or a script.
enum StatusFormat {
  /// What waybar's custom modules take.
  case waybar
  /// Words of our own.
  case line
  /// A text with names in braces: `{profile} {output} {volume}`.
  case template(String)

  /// What may stand in braces.
  private static let fields = ["profile", "state", "output", "volume", "input", "monitor"]
  /// The same, as they are typed.
  static let known = fields.map { "{\($0)}" }.joined(separator: " ")

  /// - Returns: nil if it is none.
  init?(_ text: String) {
    switch text {
    case "waybar": self = .waybar
    case "line": self = .line
    case _ where text.contains("{") && Self.unknownField(in: text) == nil: self = .template(text)
    default: return nil
    }
  }

  /// The first name in braces that stands for nothing.
  static func unknownField(in text: String) -> String? {
    parts(text).compactMap { if case .field(let name) = $0, !fields.contains(name) { name } else { nil } }.first
  }

  private enum Part { case text(String), field(String) }

  /// A brace that is not closed is text.
  private static func parts(_ text: String) -> [Part] {
    var (parts, rest): ([Part], Substring) = ([], text[...])
    while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
      parts += [.text(String(rest[..<open])), .field(String(rest[rest.index(after: open)..<close]))]
      rest = rest[rest.index(after: close)...]
    }
    return parts + [.text(String(rest))]
  }

  /// What a template says of a status.
  static func fill(_ template: String, with status: StatusReport) -> String {
    parts(template).map { part in
      switch part {
      case .text(let text): text
      case .field(let name): Output.printable(value(name, status))
      }
    }.joined()
  }

  private static func value(_ field: String, _ status: StatusReport) -> String {
    let heard = status.heard
    return switch field {
    case "profile": status.state == "none" ? "" : status.profile.value.map(ProfileStore.name) ?? ""
    case "state": status.server.value == nil ? "offline" : status.state
    case "output": heard?.output?.title ?? ""
    case "volume": heard?.output?.level ?? ""
    case "input": heard?.input?.title ?? ""
    case "monitor": heard.map { $0.monitors.isEmpty ? "" : $0.monitors.contains(where: \.isHeard) ? "on" : "off" } ?? ""
    default: ""
    }
  }

  /// `studio: Scarlett Solo USB 45 %`.
  static func line(_ status: StatusReport) -> String {
    guard status.server.value != nil else {
      return fill("{profile}", with: status).isEmpty ? "no sound server" : fill("{profile}: no sound server", with: status)
    }
    let isNone = value("profile", status).isEmpty
    return fill(isNone ? "{output} {volume}" : "{profile}: {output} {volume}", with: status)
      + (status.state == "interrupted" ? " (cut off)" : status.drift.isEmpty ? "" : " (changed)")
  }
}
