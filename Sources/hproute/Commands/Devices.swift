internal import ArgumentParser

struct Devices: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "devices",
    abstract: "List cards, outputs and inputs, and how a profile names each.")

  @OptionGroup var options: GlobalOptions

  func run() throws {
    try options.settings.run { output, _ throws(CommandFailure) in
      output.print(DeviceList(try Session(settings: options.settings, output: output).graph()))
      return 0
    }
  }
}
