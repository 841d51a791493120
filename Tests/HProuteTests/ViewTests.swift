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
      for line in lines where !line.contains("match = \"") { #expect(Table.width(line) <= Int(columns), "\(line)") }
      return lines
    }
    #expect(try shown("list").contains { $0.hasPrefix("*  studio") && $0.hasSuffix("applied") })
    let devices = try shown("devices")
    #expect(
      devices.contains {
        $0.hasPrefix("  *  Scarlett") && $0.contains("45% (-20.8 dB)") && $0.hasSuffix("match = usb:1235:8211")
      }, "\(devices)")
    #expect(try shown("streams").contains { $0.hasPrefix("  A player") && $0.contains("-> Scarlett") })
    #expect(try shown("status").first == "studio is applied.")
  }
}
