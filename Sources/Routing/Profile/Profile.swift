public import AudioGraph

/// What a profile file asks for, after every value in it has been checked.
public struct Profile: Hashable, Sendable {
  public var name: String
  /// Another for another text of the file.
  public var revision: UInt64 = 0
  public var description: String?
  public var streams = StreamPolicy.move
  /// Whether `watch` may choose it.
  public var auto = false
  public var priority = 0
  public var cards: [CardSection] = []
  public var outputs: [OutputSection] = []
  public var inputs: [InputSection] = []
  public var monitors: [MonitorSection] = []
  public var streamRules: [StreamRule] = []
  public var hooks = Hooks()

  public init(name: String) { self.name = name }

  /// Which of the streams that play go to the default output, beside those that a rule names.
  public enum StreamPolicy: String, Hashable, Sendable, CaseIterable {
    /// Those on the default of before.
    case move
    /// Wherever they are.
    case all
    /// None.
    case keep
  }
}

/// `[card LABEL]`
public struct CardSection: Hashable, Sendable {
  public var label: String
  public var match: MatchExpression
  /// Card profiles, globs allowed; the first that is available is used.
  public var profiles: [Glob] = []
}

/// What `[output LABEL]` and `[input LABEL]` have in common: which device, and how it should be set.
public struct DeviceSection: Hashable, Sendable {
  public var label: String
  public var card: String?
  public var match: MatchExpression?
  public var ports: [String] = []
  public var channels: [ChannelPick] = []
  public var volume: Volume?
  public var mute: Bool?
  /// Whether it becomes the default device; nil where the file leaves it to the order of the sections.
  public var isDefault: Bool?
  public var isRequired = true
  public var hold = false
}

/// `[output LABEL]`
@dynamicMemberLookup
public struct OutputSection: Hashable, Sendable {
  public var device: DeviceSection
  /// Labels of outputs that play the same.
  public var combine: [String] = []
  public var limit: Volume?
  /// From -1, left only, to 1, right only.
  public var balance: Double?

  public subscript<T>(dynamicMember member: KeyPath<DeviceSection, T>) -> T { device[keyPath: member] }
}

/// `[input LABEL]`
@dynamicMemberLookup
public struct InputSection: Hashable, Sendable {
  public var device: DeviceSection

  public subscript<T>(dynamicMember member: KeyPath<DeviceSection, T>) -> T { device[keyPath: member] }
}

/// A channel of a device, by its number counted from 1 or by its name.
public enum ChannelPick: Hashable, Sendable {
  case number(Int)
  case name(String)
}

/// `[monitor LABEL]`
public struct MonitorSection: Hashable, Sendable {
  public var label: String
  public var from: String
  public var to: String
  /// In milliseconds, 1 to 30,000.
  public var latency: UInt32 = 20
  public var volume = Volume.full
  public var mute = false
  public var isRequired = true
}

/// `[stream PATTERN]`
public struct StreamRule: Hashable, Sendable {
  public var pattern: StreamPattern
  public var to: String?
  public var volume: Volume?
  public var mute: Bool?
}

/// `[hook]`: command lines for `/bin/sh -c`.
public struct Hooks: Hashable, Sendable {
  public var beforeApply: String?
  public var afterApply: String?
  public var afterRevert: String?
}
