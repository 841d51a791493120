internal import ArgumentParser
internal import AudioGraph
internal import Routing

struct MuteCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mute",
    abstract: "Mute an output or input, or unmute it, for keys.",
    discussion: """
      Without a label: the default output. 'mute mic on' when a key goes down and 'mute mic off' when it comes up is a \
      push-to-talk, or the other way round. It is ended by the next apply, and undone by revert.
      """)

  @Argument(
    help: ArgumentHelp("A label, if any, and 'on', 'off' or 'toggle'; 'toggle' if neither.", valueName: "label-and-position"))
  var words: [String] = []

  @OptionGroup var options: GlobalOptions

  func run() throws { try Self.run(words, options.settings) }

  static func run(_ words: [String], _ settings: Settings) throws {
    let position = (words.last?.lowercased()).flatMap(SwitchPosition.init(rawValue:))
    let label = position == nil ? words.first : words.dropLast().first
    guard words.count <= (position == nil ? 1 : 2) else {
      throw ValidationError("'\(words.last ?? "")' is none of 'on', 'off', 'toggle'.")
    }
    try settings.run { output, trace throws(CommandFailure) in
      try Session(settings: settings, output: output, trace: trace).finish(turning: label) { device, controls, _ in
        let attribute = Attribute.mute(device.object)
        controls.levels[attribute] = .mute((position ?? .toggle).turned(device.isMuted))
        return attribute
      }
    }
  }
}
