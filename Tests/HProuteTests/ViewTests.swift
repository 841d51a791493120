import Foundation
import TestSupport
import Testing

@testable import hproute

/// `list`, `devices`, `streams` and `status` on the terminal of a person.
@Suite(.timeLimit(.minutes(45))) struct ViewTests {
  @Test(arguments: ServerKind.allCases, [UInt16(80), 64]) func everythingFits(kind: ServerKind, columns: UInt16) throws {
    let server = try CardTests.desk(kind, try SimulatedCard("solo"))
    try server.addSink("long", "A device with a name that goes on for longer than anybody has patience: 音声出力装置（日本語）")
    try server.writeProfile(
      "studio",
      "[profile]\ndescription = 日本語の説明がここにあります, and then it goes on in English for a while longer\n[output]\nmatch = usb:1235:8211\nvolume = 45%\n"
    )
    try server.play("A player with a long name of its own, such as browsers give to their tabs")
    try server.succeed("apply", "studio")
    func shown(_ command: String) throws -> [String] {
      let terminal = try PseudoTerminal(
        [HProuteBinary.path, command, "--no-color"], environment: server.environment, columns: columns,
        log: "\(server.directory.path)/view.log")
      #expect(terminal.program.wait(within: 10) == 0)
      var text = ""
      // What has been written may be on its way still.
      #expect(
        steadily {
          let isSame = terminal.text == text && !text.isEmpty
          text = terminal.text
          return isSame
        })
      let lines = text.split(separator: "\n").map(String.init)
      // A name of 90 columns, and what is written for it, are of use only whole.
      for line in lines where !line.contains("match = \"") && !(command == "devices" && line.contains("patience")) {
        #expect(Table.width(line) <= Int(columns), "\(line)")
      }
      return lines
    }
    #expect(try shown("list").contains { $0.hasPrefix("*  studio") && $0.hasSuffix("applied") })
    let devices = try shown("devices")
    let name = try #require(devices.firstIndex { $0.hasPrefix("  *  Scarlett") }, "\(devices)")
    #expect(devices[name] == "  *  Scarlett Solo USB Analog Stereo", "\(devices)")
    let details = devices[(name + 1)...].prefix { $0.hasPrefix("       ") }
    #expect(details.first?.hasPrefix("       45% (-20.8 dB)  2 ch 48 kHz  ") == true, "\(devices)")
    #expect(details.last?.hasSuffix("match = usb:1235:8211") == true, "\(devices)")
    #expect(try shown("streams").contains { $0.hasPrefix("  A player") && $0.contains("-> Scarlett") })
    #expect(try shown("status").first == "studio is applied.")
  }
}
