internal import AudioGraph

/// Reads a profile: total, without side effects, and told in one run of every mistake.
public struct Parser {
  private let source: SourceText
  private var profile: Profile
  private var diagnostics: [Diagnostic]
  /// Those about its lines, and not about what they say.
  private let structural: [Diagnostic]
  private let sections: [RawSection]
  /// The labels that the sections of each kind define.
  private let labels: [SectionKind: Set<String>]
  /// Where the profile says what it is based on.
  private var baseRange: Range<Int>?
  /// Where the combined outputs say what they combine.
  private var combinations: [String: Range<Int>] = [:]

  /// - Parameter name: the profile's name, which the file does not hold.
  public static func parse(_ source: SourceText, name: String) -> ParsedProfile {
    var parser = Parser(source, name: name)
    return parser.parse()
  }

  private init(_ source: SourceText, name: String) {
    self.source = source
    profile = Profile(name: name)
    profile.revision = source.fingerprint
    guard source.own.count <= SourceText.maximumSize else {
      sections = []
      labels = [:]
      (diagnostics, structural) = ([Diagnostic(at: 0..<0, .tooLarge)], [])
      return
    }
    let collector = SectionCollector(source)
    sections = collector.sections
    labels = Dictionary(grouping: sections, by: \.kind).mapValues { Set($0.map(\.name)) }
    (diagnostics, structural) = (collector.diagnostics, collector.diagnostics)
  }

  private mutating func parse() -> ParsedProfile {
    for section in sections {
      read(section) { parser, reader in
        switch section.kind {
        case .profile: parser.profileSection(&reader)
        case .card: parser.cardSection(section, &reader)
        case .output: parser.outputSection(section, &reader)
        case .input: parser.inputSection(section, &reader)
        case .monitor: parser.monitorSection(section, &reader)
        case .stream: parser.rule(.sink, section, to: parser.label("to", of: .output, &reader), &reader)
        case .recording: parser.rule(.source, section, to: parser.label("from", of: .input, &reader), &reader)
        case .hook: parser.hookSection(&reader)
        }
      }
    }
    for output in profile.outputs {
      guard let range = combinations[output.label],
        let nested = output.combine.first(where: { combinations[$0] != nil && $0 != output.label })
      else { continue }
      diagnostics.append(Diagnostic(at: range, .combineOfCombined(nested)))
    }
    if diagnostics.isEmpty && profile.outputs.isEmpty && profile.inputs.isEmpty && profile.cards.isEmpty
      && profile.streamRules.isEmpty
    {
      diagnostics.append(Diagnostic(.warning, at: 0..<0, .doesNothing))
    }
    // Without the base nobody can tell what is missing.
    if source.problem != nil { diagnostics.removeAll { $0.range != baseRange && !structural.contains($0) } }
    diagnostics = diagnostics.map(placed)
    diagnostics.sort { ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound) }
    diagnostics = Self.thinned(diagnostics, source)
    let hasErrors = diagnostics.contains { $0.severity == .error }
    return ParsedProfile(profile: hasErrors ? nil : profile, diagnostics: diagnostics)
  }

  /// The base is right by itself, so what is wrong in it is wrong together with what the file itself says.
  private func placed(_ diagnostic: Diagnostic) -> Diagnostic {
    guard let baseRange, diagnostic.range.lowerBound >= source.own.upperBound, source.starts.count > 1 else { return diagnostic }
    return Diagnostic(diagnostic.severity, at: baseRange, .besideBase(diagnostic.message))
  }

  /// Without the diagnostics that nobody reads: the ninth on one line, and what comes behind it.
  private static func thinned(_ diagnostics: [Diagnostic], _ source: SourceText) -> [Diagnostic] {
    var (line, count) = (0..<0, 0)
    return diagnostics.filter { diagnostic in
      if !line.contains(diagnostic.range.lowerBound) { (line, count) = (source.line(at: diagnostic.range.lowerBound), 0) }
      count += 1
      return count <= 8
    }
  }

  private mutating func read(_ section: RawSection, _ body: (inout Parser, inout ValueReader) -> Void) {
    var reader = ValueReader(section.entries, source: source)
    body(&self, &reader)
    diagnostics += reader.diagnostics
  }

  private mutating func profileSection(_ reader: inout ValueReader) {
    profile.description = reader.text("description")
    baseRange = reader.range("base")
    if let base = reader.word("base"), !ProfileStore.isName(ProfileStore.name(of: base.text)) || base.text.contains("/") {
      reader.report(base.range, .badBase(base.text))
    }
    if let problem = source.problem, let baseRange { reader.report(baseRange, problem) }
    profile.streams = reader.choice("streams", of: Profile.StreamPolicy.self) ?? .move
    profile.when = reader.programs("when")
    profile.auto = reader.bool("auto") ?? !profile.when.isEmpty
    profile.priority = reader.integer("priority") ?? 0
  }

  private mutating func cardSection(_ section: RawSection, _ reader: inout ValueReader) {
    let profiles = (reader.parts("profile", separator: "|") ?? []).map { Glob($0.map(\.text).joined(separator: " ")) }
    let match = match(&reader)
    if reader.range("match") == nil { reader.report(section.range, .cardWithoutMatch(section.title)) }
    guard let match else { return }
    profile.cards.append(CardSection(label: section.name, match: match, profiles: profiles))
  }

  private mutating func outputSection(_ section: RawSection, _ reader: inout ValueReader) {
    // The ceiling first: what the volume may be depends on it. Servers take more than 100 %, mixers offer up to 153 %.
    let limit = reader.volume("limit", upTo: Volume(decibels: 11))
    var output = OutputSection(device: device(section, &reader, upTo: limit ?? .full))
    output.limit = limit
    if output.hold == .limit, reader.range("limit") == nil, let range = reader.range("hold") {
      reader.report(range, .holdsNoLimit)
    }
    output.balance = reader.balance("balance")
    output.device.isMono = reader.bool("mono") ?? false
    if output.isMono, output.balance != nil, let range = reader.range("balance") { reader.report(range, .monoWithBalance) }
    output.combine = labels("combine", of: .output, &reader)
    let combines = reader.range("combine") != nil
    if let range = reader.range("combine") {
      combinations[section.name] = range
      if ["card", "match", "port", "channels"].contains(where: { reader.range($0) != nil }) {
        reader.report(range, .combineWithDevice)
      }
    }
    if output.combine.contains(section.name), let range = reader.range("combine") { reader.report(range, .combineWithItself) }
    if !combines { requireDevice(section, &reader) }
    if output.isDefault == true, profile.outputs.contains(where: { $0.isDefault == true }) {
      reader.report(reader.range("default") ?? section.range, .secondDefault("output"))
    }
    profile.outputs.append(output)
  }

  private mutating func inputSection(_ section: RawSection, _ reader: inout ValueReader) {
    let input = InputSection(device: device(section, &reader, upTo: .full))
    requireDevice(section, &reader)
    if input.isDefault == true, profile.inputs.contains(where: { $0.isDefault == true }) {
      reader.report(reader.range("default") ?? section.range, .secondDefault("input"))
    }
    profile.inputs.append(input)
  }

  private mutating func monitorSection(_ section: RawSection, _ reader: inout ValueReader) {
    let from = label("from", of: .input, &reader)
    let to = label("to", of: .output, &reader)
    for key in ["from", "to"] where reader.range(key) == nil { reader.report(section.range, .monitorWithout(key)) }
    var monitor = MonitorSection(label: section.name, from: from ?? "", to: to ?? "")
    monitor.latency = reader.latency("latency") ?? monitor.latency
    monitor.volume = reader.volume("volume") ?? monitor.volume
    monitor.mute = reader.bool("mute") ?? false
    monitor.isRequired = reader.bool("required") ?? true
    monitor.isDirectOff = reader.choice("direct", of: DirectMonitor.self) != nil
    profile.monitors.append(monitor)
  }

  private mutating func rule(_ kind: DeviceKind, _ section: RawSection, to device: String?, _ reader: inout ValueReader) {
    let volume = reader.volume("volume")
    let mute = reader.bool("mute")
    guard let word = section.label else { return }
    let rule = StreamRule(kind: kind, pattern: StreamPattern(word), device: device, volume: volume, mute: mute)
    let isOwn = section.range.lowerBound < source.own.upperBound
    // What a file says itself stands before what its base says, and may well take its place.
    if isOwn, let first = profile.streamRules.first(where: { $0.kind == kind && $0.pattern.covers(rule.pattern) }) {
      reader.add([
        Diagnostic(
          .warning, at: section.range, .hiddenRule(rule.title, by: first.title, areTheSame: first.pattern == rule.pattern))
      ])
    }
    // One that says nothing keeps a program from the rules behind it.
    if section.entries.isEmpty, section.range == sections.last(where: { $0.kind == section.kind })?.range {
      reader.add([Diagnostic(.warning, at: section.range, .emptyRule(rule.title, section.kind == .stream ? "to" : "from"))])
    }
    profile.streamRules.append(rule)
  }

  private mutating func hookSection(_ reader: inout ValueReader) {
    profile.hooks.beforeApply = reader.text("before-apply")
    profile.hooks.afterApply = reader.text("after-apply")
    profile.hooks.afterRevert = reader.text("after-revert")
  }

  /// The only thing to be said about it: whoever uses it needs no `[monitor]`.
  private enum DirectMonitor: String, CaseIterable { case off }

  // MARK: - Parts of sections

  private func device(_ section: RawSection, _ reader: inout ValueReader, upTo maximum: Volume) -> DeviceSection {
    var device = DeviceSection(label: section.name)
    device.card = label("card", of: .card, &reader)
    device.match = match(&reader)
    device.ports = (reader.parts("port", separator: "|") ?? []).map { $0.map(\.text).joined(separator: " ") }
    device.channels = reader.channels()
    device.volume = reader.volume("volume", upTo: maximum)
    device.mute = reader.bool("mute")
    device.isDefault = reader.bool("default")
    device.isRequired = reader.bool("required") ?? true
    device.hold = reader.hold("hold", ofOutput: section.kind == .output) ?? .nothing
    return device
  }

  private func requireDevice(_ section: RawSection, _ reader: inout ValueReader) {
    if reader.range("card") == nil && reader.range("match") == nil { reader.report(section.range, .noDevice(section.title)) }
  }

  private func match(_ reader: inout ValueReader) -> MatchExpression? {
    guard let parts = reader.parts("match", separator: "|") else { return nil }
    var parser = MatchParser()
    let expression = parser.expression(parts)
    reader.add(parser.diagnostics)
    return expression
  }

  private func label(_ key: String, of kind: SectionKind, _ reader: inout ValueReader) -> String? {
    guard let word = reader.word(key) else { return nil }
    return check(word, kind, &reader)
  }

  private func labels(_ key: String, of kind: SectionKind, _ reader: inout ValueReader) -> [String] {
    (reader.parts(key, separator: ",") ?? []).compactMap { words in
      guard words.count == 1 else {
        reader.reportMissingComma(words)
        return nil
      }
      return check(words[0], kind, &reader)
    }
  }

  private func check(_ word: Lexer.Word, _ kind: SectionKind, _ reader: inout ValueReader) -> String? {
    if let known = labels[kind], known.contains(word.text) { return word.text }
    reader.report(word.range, .unknownLabel(word.text, kind, (labels[kind] ?? []).sorted()))
    return nil
  }
}

extension Diagnostic.Message {
  fileprivate static let tooLarge = Self("the file is larger than 1 MiB; a profile is a few lines")
  fileprivate static let doesNothing = Self(
    "this profile names no device, and does nothing", help: "for example [output] with match = bus:usb")
  fileprivate static func badBase(_ text: String) -> Self {
    Self("'\(text)' is not a profile name", help: "'base' names a profile, as 'hproute list' shows it: base = studio")
  }
  fileprivate static func besideBase(_ message: String) -> Self { Self("together with what it says itself: \(message)") }
  fileprivate static func cardWithoutMatch(_ title: String) -> Self {
    Self("\(title) does not say which card", help: "add a line such as match = bus:usb")
  }
  fileprivate static func noDevice(_ title: String) -> Self {
    Self("\(title) does not say which device", help: "add a line such as match = bus:usb")
  }
  fileprivate static let combineWithDevice = Self(
    "'combine' names other outputs; 'card', 'match', 'port' and 'channels' are about a device", help: "use one or the other")
  fileprivate static func combineOfCombined(_ label: String) -> Self {
    Self("[output \(label)] is combined itself", help: "name the outputs that it combines")
  }
  fileprivate static let monoWithBalance = Self(
    "what is mono is the same in both ears, and has no balance", help: "leave out 'balance', or 'mono'")
  fileprivate static let holdsNoLimit = Self(
    "'hold = limit' needs a limit", help: "add a line such as limit = -6 dB")
  fileprivate static let combineWithItself = Self("an output cannot be combined with itself")
  fileprivate static func secondDefault(_ kind: String) -> Self {
    Self("a second [\(kind)] says default = yes", help: "only one can be the default")
  }
  fileprivate static func hiddenRule(_ title: String, by first: String, areTheSame: Bool) -> Self {
    Self(
      "\(title) is never used: \(first), which stands before it, fits the same programs",
      help: areTheSame ? "remove one of them" : "put \(title) first")
  }
  fileprivate static func emptyRule(_ title: String, _ key: String) -> Self {
    Self("\(title) says nothing", help: "add '\(key)', 'volume' or 'mute'")
  }
  fileprivate static func monitorWithout(_ key: String) -> Self {
    Self(
      "[monitor] does not say \(key == "from" ? "what to listen to" : "where to play it")",
      help: "add \(key) = \(key == "from" ? "the label of an [input]" : "the label of an [output]")")
  }
  fileprivate static func unknownLabel(_ text: String, _ kind: SectionKind, _ known: [String]) -> Self {
    Self(
      "there is no [\(kind.rawValue) \(text)]",
      help: Suggestion.nearest(to: text, among: known).map { "did you mean '\($0)'?" }
        ?? (known.isEmpty ? "add a [\(kind.rawValue)] section" : "there is \(known.joined(separator: ", "))"))
  }
}
