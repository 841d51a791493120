/// Everything in which one sound server differs from another, as far as hproute goes by it.
///
/// The only place that compares the kind or the version of a server. What was seen, on which versions and by which test:
/// `docs/servers.md`. A fact that is new gets a property here, a row in the tests of this type, and an entry there.
public struct ServerTraits: Hashable, Sendable {
  /// How a server keeps what it remembers of programs that play and record.
  public enum ProgramMemory: Hashable, Sendable {
    /// A table that can be read and written: that of PulseAudio's module-stream-restore, where it is loaded.
    case table
    /// The session manager's, which is reached only by a stream that carries the program's names.
    case session
  }

  /// What a server tells of the volume of a device that does not run.
  public enum IdleVolumes: Hashable, Sendable {
    /// The volume that is in force.
    case told
    /// Of a device without ports with more than two channels, perhaps only the first two, and silence for the others.
    case firstTwo
    /// The same; and of one that has not played since it came, 100 %, whatever was set.
    case hidden
  }

  /// What makes a device of picked channels that stays with the device below it.
  public enum Remapping: Hashable, Sendable {
    /// `module-remap-sink` or `module-remap-source`.
    case remap
    /// A loopback one end of which is a device: a remap would go on to another device when the one below leaves.
    case loopback
    /// A remap; but for one channel of a source a loopback, which mixes channels by their names.
    case remapOfSeveral
  }

  /// What the server is called where people read it.
  public let title: String
  /// The service that chooses devices and remembers them: to be started again where it is confused.
  public let service: String
  /// Whether it answers before it has done what it was asked for, and perhaps never does it.
  public let actsAfterAnswering: Bool
  /// Whether a default that is named a second time is no news to it.
  public let ignoresRepeatedDefault: Bool
  /// Whether a stream that is moved to the default loses its own wish to be there.
  public let forgetsHomeOnDefault: Bool
  /// Whether it can go back to a default that nobody has chosen. Depends on the version.
  public let canClearDefaults: Bool
  /// Depends on the version of PipeWire: before 1.0 they are told, as PulseAudio does.
  public let idleVolumes: IdleVolumes
  /// Where it looks up how loud and where the next stream of a program plays.
  public let programMemory: ProgramMemory
  /// Whether it tells how long sound takes through a loopback.
  public let tellsLoopbackLatency: Bool
  /// Whether a program that records what is played cannot be made to record anything else, nor one that records a microphone to
  /// record what is played.
  public let separatesMonitors: Bool
  /// Whether a stream that has just begun reads as silent, and as being nowhere, for some milliseconds.
  public let tellsStreamsLate: Bool
  /// Whether channels that have numbers instead of places are played to: the first two as two ears.
  public let playsNumberedChannels: Bool
  /// Whether it says "Access denied" of a card that does not do what it is asked to.
  public let blamesClientForCard: Bool
  /// Whether the arguments of a module say how loud it starts.
  public let takesStartingVolume: Bool
  /// Whether a loopback that holds sound back begins with what was in that memory before: noise, of any loudness.
  public let delaysPlayMemory: Bool
  /// Whether all it is told at once is done in order, so that a default may follow the volume it needs.
  public let keepsOrder: Bool
  /// Depends on the version of PipeWire; PulseAudio has remaps.
  public let remapping: Remapping
  /// Whether several channels of a device can each have all that is played, mixed; else a device of one channel has it.
  public let mixesIntoEachChannel: Bool
  /// Whether what is the same on the left and on the right is 3 dB louder when it is mixed.
  public let mixesLouder: Bool
  /// What the members of a combined output are called. Depends on the version of PipeWire.
  public let membersArgument: String

  /// - Parameters:
  ///   - major, minor: of the real version, not of the one that pipewire-pulse pretends to be.
  public init(_ kind: ServerInfo.Kind, major: Int, minor: Int) {
    let isPipeWire = kind == .pipewire
    let release = (major, minor)
    title = isPipeWire ? "PipeWire" : "PulseAudio"
    service = isPipeWire ? "wireplumber" : "pulseaudio"
    actsAfterAnswering = isPipeWire
    ignoresRepeatedDefault = isPipeWire
    forgetsHomeOnDefault = isPipeWire
    canClearDefaults = isPipeWire ? release >= (1, 6) : release >= (17, 0)
    idleVolumes = !isPipeWire || release < (1, 0) ? .told : release < (1, 6) ? .hidden : .firstTwo
    programMemory = isPipeWire ? .session : .table
    tellsLoopbackLatency = !isPipeWire
    separatesMonitors = isPipeWire
    tellsStreamsLate = isPipeWire
    playsNumberedChannels = isPipeWire
    blamesClientForCard = !isPipeWire
    takesStartingVolume = isPipeWire
    delaysPlayMemory = isPipeWire
    keepsOrder = !isPipeWire
    remapping = !isPipeWire ? .remap : release < (1, 1) ? .loopback : .remapOfSeveral
    mixesIntoEachChannel = !isPipeWire
    mixesLouder = isPipeWire && release < (1, 0)
    membersArgument = isPipeWire && release >= (1, 7) ? "sinks" : "slaves"
  }
}
