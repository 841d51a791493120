/// Sorts the lines of a profile into sections, and says which sections and keys do not belong.
struct SectionCollector {
  private(set) var sections: [RawSection] = []
  private(set) var diagnostics: [Diagnostic] = []
  private let source: SourceText
  /// The section that entries belong to; nil where it is unknown and its entries are passed over.
  private var current: Int?
  private var hasSection = false
  private var wasToldOfLooseEntries = false

  init(_ source: SourceText) {
    self.source = source
    var lexer = Lexer(source)
    for line in lexer.lines() {
      switch line {
      case .section(let kind, let label, let range): open(kind, label, range)
      case .unreadableSection: (hasSection, current) = (true, nil)
      case .entry(let key, let value): add(key, value)
      }
    }
    diagnostics += lexer.diagnostics
    for file in source.starts.indices { checkLabels(of: file) }
    if source.starts.count > 1 { sections = merged() }
  }

  /// The sections of what the profile is based on, with what it says otherwise itself, key by key. What only it has comes behind;
  /// but its rules for streams come in front, for the first that fits counts.
  private func merged() -> [RawSection] {
    source.starts.indices.reversed().reduce(into: []) { result, file in
      var rules: [RawSection] = []
      for section in sections where source.file(of: section.range.lowerBound) == file {
        var section = section
        let place = result.firstIndex { $0.kind == section.kind && $0.name == section.name }
        if let place { section.entries = result[place].entries.merging(section.entries) { $1 } }
        if section.kind.hasPattern {
          if let place { result.remove(at: place) }
          rules.append(section)
        } else if let place {
          result[place] = section
        } else {
          result.append(section)
        }
      }
      result.insert(contentsOf: rules, at: 0)
    }
  }

  private mutating func open(_ word: Lexer.Word, _ label: Lexer.Word?, _ range: Range<Int>) {
    hasSection = true
    current = nil
    guard let kind = SectionKind(rawValue: word.text) else {
      diagnostics.append(Diagnostic(at: word.range, .unknownSection(word.text)))
      return
    }
    if let label, kind.isSingle {
      diagnostics.append(Diagnostic(at: label.range, .needsNoLabel(kind)))
    } else if let label, !kind.hasPattern, !Self.isLabel(label.text) {
      diagnostics.append(Diagnostic(at: label.range, .badLabel(label.text)))
    } else if label == nil, kind.hasPattern {
      diagnostics.append(Diagnostic(at: range, .noPattern(kind)))
    }
    current = sections.count
    sections.append(RawSection(kind: kind, label: label, range: range))
  }

  private mutating func add(_ key: Lexer.Word, _ value: Range<Int>) {
    guard hasSection else {
      if !wasToldOfLooseEntries { diagnostics.append(Diagnostic(at: key.range, .entryBeforeSection(key.text))) }
      wasToldOfLooseEntries = true
      return
    }
    guard let current else { return }
    let section = sections[current]
    guard section.kind.keys.contains(key.text) else {
      diagnostics.append(Diagnostic(at: key.range, .unknownKey(key.text, in: section.kind)))
      return
    }
    if let former = section.entries[key.text] {
      let line = source.position(of: former.key.range.lowerBound).line
      diagnostics.append(Diagnostic(at: key.range, .duplicateKey(key.text, line: line)))
      return
    }
    sections[current].entries[key.text] = ValueReader.Entry(key: key, value: value)
  }

  private mutating func checkLabels(of file: Int) {
    for kind in SectionKind.allCases {
      var seen: [String: Int] = [:]
      let ofKind = sections.filter { $0.kind == kind && source.file(of: $0.range.lowerBound) == file }
      for section in ofKind {
        if section.label == nil, !kind.isSingle, !kind.hasPattern, ofKind.count > 1 {
          diagnostics.append(Diagnostic(at: section.range, .needsLabel(kind)))
        } else if let line = seen[section.name] {
          diagnostics.append(Diagnostic(at: section.label?.range ?? section.range, .duplicateSection(section.title, line: line)))
        } else {
          seen[section.name] = source.position(of: section.range.lowerBound).line
        }
      }
    }
  }

  private static func isLabel(_ text: String) -> Bool {
    !text.isEmpty && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) }
  }
}

extension Diagnostic.Message {
  fileprivate static func unknownSection(_ name: String) -> Self {
    let known = SectionKind.allCases.map(\.rawValue)
    return Self(
      "unknown section [\(name)]",
      help: Suggestion.nearest(to: name, among: known).map { "did you mean '\($0)'?" }
        ?? "known are \(known.map { "[\($0)]" }.joined(separator: " "))")
  }
  fileprivate static func unknownKey(_ key: String, in kind: SectionKind) -> Self {
    let elsewhere = SectionKind.allCases.lazy.compactMap { other in
      Suggestion.nearest(to: key, among: other.keys).map { "'\($0)' belongs in [\(other.rawValue)]" }
    }
    return Self(
      "unknown key '\(key)' in [\(kind.rawValue)]",
      help: Suggestion.nearest(to: key, among: kind.keys).map { "did you mean '\($0)'?" } ?? otherEnd(key, in: kind)
        ?? elsewhere.first ?? "known are \(kind.keys.joined(separator: ", "))")
  }
  /// What plays goes to an output, and what records comes from an input.
  private static func otherEnd(_ key: String, in kind: SectionKind) -> String? {
    switch (kind, key) {
    case (.stream, "from"): "write 'to', or [recording] for what a program records"
    case (.recording, "to"): "write 'from', or [stream] for what a program plays"
    default: nil
    }
  }

  fileprivate static func duplicateKey(_ key: String, line: Int) -> Self {
    Self("'\(key)' stands here a second time", help: "the first is in line \(line)")
  }
  fileprivate static func duplicateSection(_ title: String, line: Int) -> Self {
    Self("\(title) stands here a second time", help: "the first is in line \(line)")
  }
  fileprivate static func needsLabel(_ kind: SectionKind) -> Self {
    Self("there is more than one [\(kind.rawValue)]", help: "give each a label: [\(kind.rawValue) NAME]")
  }
  fileprivate static func needsNoLabel(_ kind: SectionKind) -> Self {
    Self("[\(kind.rawValue)] has no label", help: "write [\(kind.rawValue)]")
  }
  fileprivate static func badLabel(_ text: String) -> Self {
    Self("'\(text)' is no label", help: "use letters, digits, '.', '_' and '-'")
  }
  fileprivate static func noPattern(_ kind: SectionKind) -> Self {
    Self("[\(kind.rawValue)] needs an application", help: "for example [\(kind.rawValue) Firefox]")
  }
  fileprivate static func entryBeforeSection(_ key: String) -> Self {
    let owner = SectionKind.allCases.first { $0.keys.contains(key) }
    return Self("'\(key)' stands before any section", help: owner.map { "put [\($0.rawValue)] above it" })
  }
}
