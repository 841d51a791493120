/// The sections of a profile, and the keys each may hold.
enum SectionKind: String, CaseIterable {
  case profile, card, output, input, monitor, stream, recording, hook

  var keys: [String] {
    switch self {
    case .profile: ["description", "base", "streams", "auto", "when", "priority"]
    case .card: ["match", "profile"]
    case .output:
      [
        "card", "match", "combine", "port", "channels", "volume", "limit", "balance", "mute", "mono", "default",
        "required", "hold",
      ]
    case .input: ["card", "match", "port", "channels", "volume", "mute", "default", "required", "hold"]
    case .monitor: ["from", "to", "latency", "volume", "mute", "direct", "required"]
    case .stream: ["to", "volume", "mute"]
    case .recording: ["from", "volume", "mute"]
    case .hook: ["before-apply", "after-apply", "after-revert"]
    }
  }

  /// The keys whose value is all that stands behind `=`. Each belongs to one kind of section only.
  static let keysOfText = Set(hook.keys + ["description"])

  /// Whether what stands behind its name is no label, but says which programs it is about.
  var hasPattern: Bool { self == .stream || self == .recording }

  /// Whether the section may stand once only, and has no label.
  var isSingle: Bool { self == .profile || self == .hook }
}

/// A section of the file with its entries, before its values are read.
struct RawSection {
  var kind: SectionKind
  /// As it is written; nil where it was left out.
  var label: Lexer.Word?
  /// The section's line.
  var range: Range<Int>
  var entries: [String: ValueReader.Entry] = [:]

  /// The label, or the section's own name where there is none.
  var name: String { label?.text ?? kind.rawValue }

  /// How a message calls the section.
  var title: String { label.map { "[\(kind.rawValue) \($0.text)]" } ?? "[\(kind.rawValue)]" }
}
