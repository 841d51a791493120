internal import ArgumentParser
internal import AudioGraph
internal import Routing

struct DimCommand: ParsableCommand {
  /// In dB.
  private static let depth = 20.0

  static let configuration = CommandConfiguration(
    commandName: "dim",
    abstract: "Make the default output 20 dB quieter, and then exactly as loud as before, for keys.",
    discussion: "To answer the telephone, or to speak with somebody. It is ended by the next apply, and undone by revert.")

  @Argument(help: "'on', 'off' or 'toggle'.")
  var position = SwitchPosition.toggle

  @OptionGroup var options: GlobalOptions

  func run() throws { try Self.run(position, options.settings) }

  static func run(_ position: SwitchPosition, _ settings: Settings) throws {
    try settings.run { output, trace throws(CommandFailure) in
      try Session(settings: settings, output: output, trace: trace).finish(turning: nil) { device, controls, _ throws(Failure) in
        let attribute = Attribute.volume(device.object)
        let isOn = position.turned(device.dimmed != nil)
        guard isOn != (device.dimmed != nil) else { return attribute }
        if let before = controls.dimmed.removeValue(forKey: attribute) {
          controls.levels[attribute] = .volume(before)
          return attribute
        }
        guard let volume = device.volume else {
          throw .cannotTurn(
            "the sound server does not tell how loud \(device.it.title) is before something plays, so it cannot be dimmed.")
        }
        controls.dimmed[attribute] = volume
        controls.levels[attribute] = .volume(
          ChannelVolumes(volume.channels.map { $0 == .silence ? $0 : Volume(decibels: $0.decibels - depth) }))
        return attribute
      }
    }
  }
}
