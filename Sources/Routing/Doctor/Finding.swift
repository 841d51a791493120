/// What was found at one step of the way from a program to the ears.
public struct Finding: Hashable, Sendable {
  /// The steps, in the order in which a person should look.
  public enum Topic: String, Hashable, Sendable, CaseIterable {
    /// Whether a sound server answers, and whether the device is there.
    case server, interface
    /// Whether the card is in the card profile that is wanted, and not in `off`.
    case cardProfile = "card-profile"
    /// What is plugged in, what is applied, the default sink, and so on; at last whether hproute itself is in the way.
    case port, profile, output, streams, volume, monitor, input, module, hproute

    /// What a person calls it.
    public var title: String {
      switch self {
      case .server: "sound server"
      case .interface: "interface"
      case .cardProfile: "card profile"
      case .port: "plug"
      case .profile: "profile"
      case .output: "default output"
      case .streams: "programs"
      case .volume: "volume"
      case .monitor: "monitor"
      case .input: "microphone"
      case .module: "modules"
      case .hproute: "hproute"
      }
    }
  }

  /// What it means for what is heard.
  public enum Weight: Hashable, Sendable {
    /// As it should be.
    case fine
    /// Nothing is wrong by it, and it may explain something.
    case note
    /// A reason why nothing is heard, or not what should be.
    case wrong
  }

  /// At which step.
  public var topic: Topic
  /// Only ``Weight/wrong`` means that something is to be done.
  public var weight: Weight
  /// The name of what it is about, for scripts; nil where it is about no object of the server.
  public var object: String?
  /// For a person to read. It may end in a colon and lead over to ``details`` or ``remedy``.
  public var sentence: String
  /// What the sentence is about, each for a line of its own.
  public var details: [String] = []
  /// What to type or to do now; nil where there is nothing to do.
  public var remedy: String?

  /// Whether nothing is wrong.
  public var isFine: Bool { weight != .wrong }

  /// Nothing to worry about.
  public static func fine(_ topic: Topic, _ sentence: String, object: String? = nil) -> Finding {
    Finding(topic: topic, weight: .fine, object: object, sentence: sentence)
  }

  /// Something to know, should anything be wrong.
  public static func note(_ topic: Topic, _ sentence: String, object: String? = nil, remedy: String) -> Finding {
    Finding(topic: topic, weight: .note, object: object, sentence: sentence, remedy: remedy)
  }

  /// A reason why nothing is heard, or not what should be.
  public static func wrong(_ topic: Topic, _ sentence: String, details: [String] = [], object: String? = nil, remedy: String)
    -> Finding
  {
    Finding(topic: topic, weight: .wrong, object: object, sentence: sentence, details: details, remedy: remedy)
  }
}

extension [Finding] {
  /// In the order of the steps; those of one stay as they are.
  public func sorted() -> [Finding] {
    Finding.Topic.allCases.flatMap { topic in filter { $0.topic == topic } }
  }
}
