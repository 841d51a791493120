/// Why there is no plan. Nothing has been changed.
public enum PlanError: Error, Hashable, Sendable {
  /// No device fits.
  case absent(section: String, match: String, present: [String])
  /// Several fit, and guessing is out of the question.
  case ambiguous(section: String, candidates: [Candidate])
  /// Two sections mean the same device.
  case sameDevice(sections: [String], device: String)
  /// A monitor that would hear itself.
  case feedback(section: String, device: String)
  /// A source whose channels only have numbers, or of which there are too many.
  case unroutableChannels(section: String, device: String, channels: [String])
  /// The server has no default sink to go back to.
  case noDefaultSink

  /// A device that fits, and the term that would choose it.
  public struct Candidate: Hashable, Sendable {
    public var name: String
    public var description: String
    public var term: String
  }

  /// What happened, to what, and what to type now.
  public var sentence: String {
    switch self {
    case .absent(let section, let match, let present):
      let seen = present.isEmpty ? "There is none at all." : "There is: \(present.joined(separator: ", "))."
      return "no device fits \(section), which says match = \(match). \(seen) "
        + "Switch it on, or see 'hproute devices' for what to write."
    case .ambiguous(let section, let candidates):
      let list = candidates.map { "\n  \($0.description) - choose it with match = \($0.term)" }.joined()
      return "\(section) could be any of these, and hproute does not guess:\(list)"
    case .sameDevice(let sections, let device):
      return "\(sections.joined(separator: " and ")) both mean \(device). Make their 'match' differ, or remove one."
    case .feedback(let section, let device):
      return "\(section) would play \(device) into itself, which howls. Choose another 'from' or 'to'."
    case .unroutableChannels(let section, let device, let channels):
      return "\(section) listens to \(device), which has the channels \(channels.joined(separator: ", ")): "
        + "which of them should be heard in which ear cannot be said in this version of hproute."
    case .noDefaultSink:
      return "the sound server has not chosen a default output yet: its session manager is still starting, or does not "
        + "run. Try again in a moment; 'systemctl --user status wireplumber' tells whether it runs."
    }
  }

  /// The names of what it is about, for scripts.
  public var objects: [String] {
    switch self {
    case .absent(let section, _, _): [section]
    case .ambiguous(_, let candidates): candidates.map(\.name)
    case .sameDevice(_, let device), .feedback(_, let device), .unroutableChannels(_, let device, _): [device]
    case .noDefaultSink: []
    }
  }
}
