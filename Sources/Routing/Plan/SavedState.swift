public import AudioGraph

/// The present state as a profile, and what of it no profile can say.
public struct SavedState: Sendable {
  /// Every line ended by a line feed.
  public let text: String
  /// What is not in the text, each with the reason.
  public let left: [Left]

  /// A text that is right already.
  public init(text: String, left: [Left]) { (self.text, self.left) = (text, left) }

  /// Writes, tries whether it can be applied, and leaves out what stands in the way, until it can.
  ///
  /// - Parameter plan: what an apply of a profile would do.
  public init(_ graph: Graph, name: String, plan: (Profile) -> Result<Plan, PlanError>) {
    var exclusions: [String: String] = [:]
    while true {
      var writer = ProfileWriter(graph, without: exclusions)
      let text = writer.text(name)
      // Only what was written, and only once: this comes to an end.
      guard let profile = Parser.parse(SourceText(name: name, text), name: name).profile,
        case .failure(let error) = plan(profile),
        let key = error.sections.compactMap({ writer.keys[$0] }).last, exclusions[key] == nil
      else {
        (self.text, left) = (text, writer.left)
        return
      }
      exclusions[key] = error.reasonToLeave
    }
  }
}

extension PlanError {
  /// The titles of the sections that it is about.
  fileprivate var sections: [String] {
    switch self {
    case .absent(let section, _, _), .ambiguous(let section, _), .inAnotherCardProfile(let section, _),
      .noCardProfile(let section, _, _, _),
      .notInCardProfile(let section, _, _, _),
      .unplugged(let section, _, _), .noSuchChannel(let section, _, _, _), .feedback(let section, _),
      .unroutableChannels(let section, _, _, _):
      [section]
    case .sameDevice(let sections, _), .monitorTwice(let sections), .sharedVolume(let sections, _): sections
    case .goesWithCardProfile(let section, _, _, _): [section]
    case .nothingThere(let left): left.map(\.object)
    case .noDefaultSink, .notChosen: []
    }
  }

  /// Why something that is there is not written down: not in words about a profile that nobody has written.
  fileprivate var reasonToLeave: String {
    switch self {
    case .unroutableChannels(_, let device, let channels, _): Self.reasonToLeave(device, channels: channels.count)
    case .feedback(_, let device): "it plays \(device) into itself"
    case .monitorTwice: "it is there twice"
    case .ambiguous: "nothing tells it from another one"
    default: shortReason
    }
  }

  static func reasonToLeave(_ device: String, channels: Int) -> String {
    "of the \(channels) channels of \(device) nobody can tell in which ear each should be heard"
  }
}
