/// Why there is no plan. Nothing has been changed.
public enum PlanError: Error, Hashable, Sendable {
  /// No device fits.
  case absent(section: String, match: String, present: [String])
  /// None of the profile's devices is there, and why for each.
  case nothingThere([Left])
  /// Several fit, and guessing is out of the question.
  case ambiguous(section: String, candidates: [Candidate])
  /// What `--on` says is none of the devices that the profile could take.
  case notChosen(term: String, present: [String])
  /// The card has none of the card profiles, or none that can be used now.
  case noCardProfile(section: String, card: String, wanted: [String], present: [String])
  /// The card has no device for the section in its present card profile.
  case notInCardProfile(section: String, card: String, profile: String?, reason: String)
  /// The port that is asked for is there in another card profile than the one in force, which nobody has asked to change.
  case inAnotherCardProfile(section: String, candidates: [Candidate])
  /// The port is there, and nothing is plugged into it.
  case unplugged(section: String, device: String, port: String)
  /// No device has the channels.
  case noSuchChannel(section: String, wanted: [String], device: String, channels: [String])
  /// Two sections mean the same device.
  case sameDevice(sections: [String], device: String)
  /// A device is there only because another profile has chosen a card profile, which goes with it.
  case goesWithCardProfile(section: String, device: String, card: String, profile: String)
  /// Two sections want two volumes of what has one.
  case sharedVolume(sections: [String], device: String)
  /// A monitor that would hear itself.
  case feedback(section: String, device: String)
  /// Two sections are the same monitor.
  case monitorTwice(sections: [String])
  /// A source whose channels only have numbers, or of which there are too many.
  case unroutableChannels(section: String, device: String, channels: [String], end: String)
  /// The server has no default sink to go back to.
  case noDefaultSink

  /// A device that fits, and the term that would choose it.
  public struct Candidate: Hashable, Sendable {
    /// By which the server knows it.
    public var name: String
    /// What a mixer shows to a person.
    public var description: String
    /// A value for `match` that fits this device and no other: `usb:1235:8211`.
    public var term: String
    /// Where it is to be had, if not in what is in force.
    public var place: Place?
  }

  /// A card profile, as values that a profile's `[card]` has.
  public struct Place: Hashable, Sendable {
    /// A value for `match`.
    public var card: String
    /// A value for `profile`.
    public var profile: String
  }

  /// Whether waiting may help: what a card profile makes is not always there at once.
  var isPassing: Bool {
    switch self {
    case .absent, .nothingThere, .notChosen, .notInCardProfile, .noSuchChannel: true
    default: false
    }
  }

  /// Whether it is about a device that has come, and is as it is.
  var isAboutWhatIsThere: Bool { if case .noSuchChannel = self { true } else { false } }

  /// Whether it may be otherwise once something is switched on, plugged in, or has started.
  var mayPass: Bool {
    switch self {
    case .unplugged, .noCardProfile, .inAnotherCardProfile, .noDefaultSink: true
    default: isPassing
    }
  }

  /// What happened, to what, and what to type now.
  public var sentence: String { ([headline] + details).joined(separator: "\n  ") }

  /// What there is to choose from, or what is missing, each for a line of its own.
  var details: [String] {
    switch self {
    case .ambiguous(_, let candidates), .inAnotherCardProfile(_, let candidates):
      candidates.map { "\($0.description): --on \($0.term.shellQuoted)" }
    case .nothingThere(let left): left.map { "\($0.object): \($0.reason)" }
    default: []
    }
  }

  /// The sentence without ``details``.
  var headline: String {
    switch self {
    case .absent(let section, let match, let present):
      return "nothing that is connected fits \(section) (match = \(match)). \(Self.connected(present))"
    case .nothingThere:
      return "none of the devices of the profile is connected:"
    case .ambiguous(let section, let candidates):
      return
        "\(Self.count(candidates)) devices fit \(section). Choose one on the command line, or keep it as 'match' in \(section):"
    case .notChosen(let term, let present):
      return "--on \(term.shellQuoted) fits none of the devices that the profile could take. "
        + Self.connected(present)
    case .noCardProfile(let section, let card, let wanted, let present):
      let asked = wanted.isEmpty ? "none that would do" : "none like \(wanted.joined(separator: " | "))"
      return present.isEmpty
        ? "\(card), which is \(section), offers no card profile but 'off' now. Something else may be using it: close what "
          + "plays to it directly, or unplug it and plug it in again."
        : "\(card), which is \(section), has \(asked) that can be used now. It has: \(present.joined(separator: ", "))."
    case .notInCardProfile(let section, let card, let profile, let reason):
      return "\(card) has no device for \(section) in its card profile '\(profile ?? "none")'\(reason). "
        + "Name another card profile with 'profile' in its [card]; 'hproute devices --json' lists them."
    case .inAnotherCardProfile(let section, _):
      return
        "\(section) is only in another card profile, which hproute does not change unasked. Change it with --on, or keep it as "
        + "'profile' in a [card]:"
    case .unplugged(let section, let device, let port):
      return "\(section) wants '\(port)' of \(device), and nothing is plugged in there. Plug it in and try again."
    case .noSuchChannel(let section, let wanted, let device, let channels):
      return "\(section) asks for channels = \(wanted.joined(separator: ", ")), and \(device) has "
        + "\(channels.count): \(channels.joined(separator: ", "))."
    case .sameDevice(let sections, let device):
      return "\(sections.joined(separator: " and ")) both mean \(device). Make their 'match' or 'channels' differ, or remove one."
    case .goesWithCardProfile(let section, let device, let card, let profile):
      return
        "\(section) means \(device), which is there only as long as \(card) is in the card profile "
        + "'\(profile)', and that goes with the "
        + "profile that is applied now. Add a [card] with profile = \(profile)."
    case .sharedVolume(let sections, let device):
      return "\(sections.joined(separator: " and ")) ask for two volumes, and \(device) has that of the device below it. "
        + "Say 'volume' in one of them."
    case .feedback(let section, let device):
      return "\(section) would play \(device) into itself, which howls. Choose another 'from' or 'to'."
    case .monitorTwice(let sections):
      return "\(sections.joined(separator: " and ")) are the same monitor, and it would be heard twice. Remove one of them."
    case .unroutableChannels(let section, let device, let channels, let end):
      return "\(section) \(end == "input" ? "listens to" : "plays to") \(device), which has the channels "
        + "\(channels.joined(separator: ", ")). Say which with 'channels' in its [\(end)], for example channels = 1."
    case .noDefaultSink:
      return "the sound server has not chosen a default output yet: its session manager is still starting, or does not "
        + "run. Try again in a moment; 'systemctl --user status wireplumber' tells whether it runs."
    }
  }

  /// As the reason why something was left out.
  var shortReason: String {
    switch self {
    case .absent(_, let match, _): "no device fits match = \(match)"
    case .unplugged(_, let device, let port): "nothing is plugged into '\(port)' of \(device)"
    case .inAnotherCardProfile: details.first ?? sentence
    case .nothingThere(let left):
      "none of its devices is there (\(left.map { "\($0.object): \($0.reason)" }.joined(separator: "; ")))"
    default: sentence
    }
  }

  /// As a note in a list.
  public var briefReason: String {
    switch self {
    case .absent(_, "bus:usb", _): "no USB device"
    case .absent(_, "bus:bluetooth", _): "no Bluetooth device"
    case .absent: "no device fits"
    case .nothingThere: "none of its devices is connected"
    case .ambiguous(let section, let candidates): "\(Self.count(candidates).lowercased()) devices fit \(section)"
    case .unplugged(_, _, let port): "nothing is plugged into \(port)"
    case .inAnotherCardProfile: "in another card profile, which can be chosen"
    case .noCardProfile(_, let card, _, _), .notInCardProfile(_, let card, _, _): "not in this card profile of \(card)"
    case .noSuchChannel(_, _, let device, _): "\(device) has no such channel"
    case .noDefaultSink: "the sound server is still starting"
    default: shortReason
    }
  }

  private static func connected(_ devices: [String]) -> String {
    "Connected: \(devices.isEmpty ? "nothing" : devices.joined(separator: ", "))."
  }

  /// How many there are, as a sentence begins.
  public static func count(_ candidates: [Candidate]) -> String {
    ["Two", "Three", "Four", "Five"].dropFirst(candidates.count - 2).first ?? "Several"
  }

  /// The names of what it is about, for scripts.
  public var objects: [String] {
    switch self {
    case .absent(let section, _, _): [section]
    case .notChosen(let term, _): [term]
    case .nothingThere(let left): left.map(\.object)
    case .ambiguous(_, let candidates), .inAnotherCardProfile(_, let candidates): candidates.map(\.name)
    case .noCardProfile(_, let card, _, _), .notInCardProfile(_, let card, _, _): [card]
    case .unplugged(_, let device, _), .noSuchChannel(_, _, let device, _): [device]
    case .goesWithCardProfile(_, let device, _, _), .sharedVolume(_, let device): [device]
    case .sameDevice(_, let device), .feedback(_, let device), .unroutableChannels(_, let device, _, _): [device]
    case .monitorTwice(let sections): sections
    case .noDefaultSink: []
    }
  }
}
