internal import ArgumentParser
internal import PulseAudio
internal import Routing

struct Levels: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "levels",
    abstract: "Show how loud each channel is, until Ctrl-C.",
    discussion: """
      Without a label: the outputs and inputs of the profile that is applied, and the default ones. In dB of full scale: 0 dB is \
      as loud as a channel can be, and what would be louder is clipped. A device that sleeps is woken only if you name it.
      """)

  @Argument(
    help: "Labels of the profile, 'output', 'input', or devices by their name or a part of their description.")
  var labels: [String] = []

  @Flag(help: "Print one line a second instead of bars.")
  var plain = false

  @OptionGroup var options: GlobalOptions

  func run() throws {
    try options.settings.run { output, _ throws(CommandFailure) in
      let session = Session(settings: options.settings, output: output)
      let loop = try session.loopWithSignals()
      let server = try session.connect(on: loop)
      var meters = LevelMeters(session, server, labels)
      try meters.begin()
      let screen = plain || output.isJSON ? nil : output.screen()
      defer {
        // What was seen last stays to be read.
        if let screen { screen.leave(with: output.bars(meters.levels, in: screen.size)) }
      }
      let pause: Duration = screen != nil ? .milliseconds(100) : output.isJSON ? .milliseconds(250) : .seconds(1)
      var next = ContinuousClock.now
      while output.isRead {
        next += pause
        // A signal is the ordinary end.
        do { try loop.wait(until: next) { false } } catch { return 0 }
        try meters.listen()
        if let screen { screen.draw(output.bars(meters.levels, in: screen.size)) } else { output.print(meters.levels) }
      }
      return 0
    }
  }
}
