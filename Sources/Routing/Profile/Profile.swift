public import AudioGraph

/// What a profile file asks for, after every value in it has been checked.
public struct Profile: Hashable, Sendable {
  /// That of the file without `.profile`; the path if somebody has named the file by its path.
  public var name: String
  /// Another for another text of the file.
  public var revision: UInt64 = 0
  /// `description`: what lists show; nil if the file says none.
  public var description: String?
  /// `streams`: what happens to what plays and has no rule.
  public var streams = StreamPolicy.move
  /// Whether `watch` may choose it.
  public var auto = false
  /// `when`: `watch` chooses it only while one of these is there; empty if it waits for none.
  public var when: [ProgramCondition] = []
  /// `priority`: of several that `watch` may choose it takes the highest, then the first by name.
  public var priority = 0
  /// The `[card]` sections, in the order of the file.
  public var cards: [CardSection] = []
  /// The `[output]` sections, in the order of the file, which decides about the default sink.
  public var outputs: [OutputSection] = []
  /// The `[input]` sections, in the order of the file, which decides about the default source.
  public var inputs: [InputSection] = []
  /// The `[monitor]` sections, in the order of the file.
  public var monitors: [MonitorSection] = []
  /// The `[stream]` and `[recording]` sections, in the order of the file. The first that fits a stream counts.
  public var streamRules: [StreamRule] = []
  /// The `[hook]` section; without commands if there is none.
  public var hooks = Hooks()
  /// Of several devices or cards that fit, those that are meant: what `--on` says, and answers to questions. No part of the file.
  public var on: [MatchExpression] = []
  /// What the user has turned since it was applied. No part of the file.
  public var controls = Controls()

  /// A profile that asks for nothing.
  public init(name: String) { self.name = name }

  /// In place of a profile where none is applied, and something is turned all the same.
  public static let blank = Profile(name: "")
  /// Whether it is ``blank``, whatever was turned. No file is called so.
  var isBlank: Bool { name.isEmpty }

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
  /// By which outputs and inputs name it; `card` if the file gives none.
  public var label: String
  /// `match`: which card.
  public var match: MatchExpression
  /// Card profiles, globs allowed; the first that is available is used.
  public var profiles: [Glob] = []
}

/// What `[output LABEL]` and `[input LABEL]` have in common: which device, and how it should be set.
public struct DeviceSection: Hashable, Sendable {
  /// By which other sections name it; `output` or `input` if the file gives none.
  public var label: String
  /// `card`: the label of the card it has to belong to; nil for any.
  public var card: String?
  /// `match`: which sink or source; nil if `card` or `combine` says it.
  public var match: MatchExpression?
  /// `port`: names or types of ports. The first that something is plugged into is taken. Empty if any will do.
  public var ports: [String] = []
  /// `channels`: one or two, as a device of its own; empty for the whole device.
  public var channels: [ChannelPick] = []
  /// `volume`: of the loudest channel, the balance stays; nil to leave it as it is.
  public var volume: Volume?
  /// `mute`: nil to leave it as it is.
  public var mute: Bool?
  /// `mono`, of outputs: left and right are mixed, and heard in both ears.
  public var isMono = false
  /// Whether it becomes the default device; nil where the file leaves it to the order of the sections.
  public var isDefault: Bool?
  /// `required`: if not, the rest of the profile is applied without it.
  public var isRequired = true
  /// `hold`: what `watch` puts back when somebody else changes it.
  public var hold = Hold.nothing

  /// What is put back of a device.
  public enum Hold: Hashable, Sendable {
    /// `no`
    case nothing
    /// `yes`: volume, mute and port.
    case everything
    /// `limit`: a volume above ``OutputSection/limit``, and nothing else.
    case limit
  }
}

/// `[output LABEL]`
@dynamicMemberLookup
public struct OutputSection: Hashable, Sendable {
  /// What it has in common with an input. Its members can be read on the output as well.
  public var device: DeviceSection
  /// Labels of outputs that play the same.
  public var combine: [String] = []
  /// `limit`: no channel is made louder than this, up to 11 dB. Without it ``DeviceSection/volume`` is 100 % at most.
  public var limit: Volume?
  /// From -1, left only, to 1, right only.
  public var balance: Double?

  /// A member of ``device``.
  public subscript<T>(dynamicMember member: KeyPath<DeviceSection, T>) -> T { device[keyPath: member] }
}

/// `[input LABEL]`
@dynamicMemberLookup
public struct InputSection: Hashable, Sendable {
  /// What it has in common with an output. Its members can be read on the input as well.
  public var device: DeviceSection

  /// A member of ``device``.
  public subscript<T>(dynamicMember member: KeyPath<DeviceSection, T>) -> T { device[keyPath: member] }
}

/// A channel of a device, by its number counted from 1 or by its name.
public enum ChannelPick: Hashable, Sendable {
  /// 1 to 32, in the order of the device.
  case number(Int)
  /// In the words of ``AudioGraph/ChannelMap``, in lower case: `rear-left`, `aux4`.
  case name(String)
}

/// `[monitor LABEL]`
public struct MonitorSection: Hashable, Sendable {
  /// By which `hproute monitor` names it; `monitor` if the file gives none.
  public var label: String
  /// `from`: the label of the input that is heard.
  public var from: String
  /// `to`: the label of the output it is heard in.
  public var to: String
  /// In milliseconds, 1 to 30,000.
  public var latency: UInt32 = 20
  /// `volume`: of the loopback's playing end, 100 % at most.
  public var volume = Volume.full
  /// `mute`: whether it is silent until the user switches it on.
  public var mute = false
  /// `required`: if not, the rest of the profile is applied without it.
  public var isRequired = true
  /// `direct = off`: the user has seen to the interface's own monitor, and need not be told of it.
  public var isDirectOff = false
}

/// `[stream PATTERN]`, and `[recording PATTERN]` for what records.
public struct StreamRule: Hashable, Sendable {
  /// `sink` for what plays, `source` for what records.
  public var kind: DeviceKind
  /// Which streams it is about.
  public var pattern: StreamPattern
  /// `to` or `from`: the label of the output or input. Nil if the default, and ``Profile/streams``, decides.
  public var device: String?
  /// `volume`: of the loudest channel, 100 % at most; nil to leave it as it is.
  public var volume: Volume?
  /// `mute`: nil to leave it as it is.
  public var mute: Bool?
}

/// `when = playing:PATTERN` or `recording:PATTERN`: a program that plays or records.
public struct ProgramCondition: Hashable, Sendable {
  /// `sink` for what plays, `source` for what records.
  public var kind: DeviceKind
  /// Which programs.
  public var pattern: StreamPattern
}

/// `[hook]`: command lines for `/bin/sh -c`.
public struct Hooks: Hashable, Sendable {
  /// `before-apply`: runs before anything is changed, if there is something to do. If it fails, nothing is done.
  public var beforeApply: String?
  /// `after-apply`: runs when the profile is applied. A failure is a warning.
  public var afterApply: String?
  /// `after-revert`: runs when it is reverted, or another has taken its place. A failure is a warning.
  public var afterRevert: String?
}
