internal import ArgumentParser
internal import AudioGraph
internal import Routing

struct VolumeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "volume",
    abstract: "Show the volume, or change it, for keys.",
    discussion: """
      Of the default output, or of an output or input by its label: 'volume +3dB', 'volume -5%', 'volume 45%', 'volume -24 dB', \
      'volume phones reference' (what the profile says). Never louder than 'limit', or else 100%. It is ended by the next apply, \
      and undone by revert.
      """)

  @Argument(help: ArgumentHelp("A label, if any, and a change, if any.", valueName: "label-and-change"))
  var words: [String] = []

  @OptionGroup var options: GlobalOptions

  func run() throws { try Self.run(words, options.settings) }

  /// A minus sign that begins no option: ArgumentParser takes '-5%' for one.
  static let minus: Character = "\u{2212}"

  static func run(_ words: [String], _ settings: Settings) throws {
    let words = words.map { $0.first == minus ? "-\($0.dropFirst())" : $0 }
    let whole = words.joined(separator: " ")
    let change = VolumeChange(whole) ?? VolumeChange(words.dropFirst().joined(separator: " "))
    let label = VolumeChange(whole) == nil ? words.first : nil
    // A label begins with a letter.
    guard change != nil || words.count == 0 || words.count == 1 && whole.first?.isLetter == true else {
      let text = words.count == 1 ? whole : words.dropFirst().joined(separator: " ")
      throw ValidationError("'\(text)' is no volume. Write 45%, '-24 dB', +3dB, -5% or reference.")
    }
    try settings.run { output, trace throws(CommandFailure) in
      let session = Session(settings: settings, output: output, trace: trace)
      guard let change else {
        output.print(try session.turned(label))
        return 0
      }
      return try session.finish(turning: label) { device, controls, wanted throws(Failure) in
        let attribute = Attribute.volume(device.object)
        if change == .reference {
          guard wanted(attribute) != nil else {
            throw .cannotTurn("no profile that is applied says how loud \(device.it.title) should be.")
          }
          controls.levels[attribute] = nil
          controls.dimmed[attribute] = nil
          return attribute
        }
        guard let volume = device.volume ?? change.start(of: device.it.device) else {
          throw .cannotTurn(
            "the sound server does not tell how loud \(device.it.title) is before something plays. Say how loud, as in "
              + "'hproute volume 45%'.")
        }
        if let changed = change.changed(volume, limit: device.limit) { controls.levels[attribute] = .volume(changed) }
        return attribute
      }
    }
  }
}

extension VolumeChange {
  /// What to start from where nothing is known of a device, and it does not matter.
  fileprivate func start(of device: Device) -> ChannelVolumes? { if case .to = self { device.volume } else { nil } }
}

extension Session {
  /// Turns a device, and prints how it is then.
  func finish(
    turning label: String?, _ turn: (TurnedDevice, inout Controls, (Attribute) -> Value?) throws(Failure) -> Attribute
  ) throws(CommandFailure) -> Int32 {
    let (report, device) = try self.turn(label, turn)
    return try finish(report, device)
  }

  /// Prints how a device is that was turned, and shows it if nobody reads what is printed.
  func finish(_ report: Report, _ device: TurnedDevice?) throws(CommandFailure) -> Int32 {
    if let failure = report.failure { throw CommandFailure(failure) }
    if let device {
      output.print(device)
      if !output.isQuiet && !output.isJSON { Notifier.forKeys.show(device) }
    }
    return report.exitCode
  }
}
