import AudioGraph
import Foundation
import Routing
import TestSupport
import Testing

/// The profiles that come along are right as they are, on the desks that people have.
@Suite(.timeLimit(.minutes(45))) struct ShippedProfilesTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../Profiles")
  static let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()

  static let laptop = """
    sink hdmi1 "HDMI 1" 100% bus=pci form=internal port=hdmi
    sink hdmi2 "HDMI 2" 100% bus=pci form=internal port=hdmi
    sink analog "Built-in Audio" 30% bus=pci form=internal port=speaker,headphones default
    source inner "Digital Microphone" 80% bus=pci form=internal default
    source stereo "Stereo Microphone" 80% bus=pci form=internal
    stream 1 Firefox song analog 100%

    """
  static let interface = """
    sink scarlett "Scarlett Solo USB" 100% usb=1235:8211 port=line
    source scarlett-mic "Scarlett Solo USB" 100% usb=1235:8211

    """
  static let headset = "sink headset Headset 100% usb=046d:0a8f form=headset port=headphones\n"
  static let wireless = "sink buds Earbuds 100% bus=bluetooth form=headphone port=headphones\n"

  private func parse(_ name: String) throws -> ParsedProfile {
    let url = Self.folder.appendingPathComponent("\(name).profile")
    return Parser.parse(SourceText(name: name, try String(contentsOf: url, encoding: .utf8)), name: name)
  }

  @Test func theyAreWithoutFault() throws {
    let names = [
      "apollo-twin", "headphone-amp", "headphones", "multi-headphones", "podcast", "scarlett-solo", "speakers", "studio",
      "studio-24c", "usb-mixer",
    ]
    #expect(Set(Self.names) == Set(names.map { "\($0).profile" }))
    for name in Self.names {
      let parsed = try parse(String(name.dropLast(".profile".count)))
      #expect(parsed.diagnostics.isEmpty, "\(name): \(parsed.diagnostics)")
      let profile = try #require(parsed.profile)
      #expect(profile.description != nil && !profile.auto)
    }
  }

  @Test(arguments: [
    ("speakers", laptop, "analog"), ("speakers", laptop + interface + wireless, "analog"),
    ("headphones", laptop, "analog"), ("headphones", laptop + wireless, "buds"),
    ("headphones", laptop + interface, "scarlett"), ("headphones", laptop + headset, "headset"),
    ("headphones", laptop + interface + wireless, "scarlett"), ("studio", laptop + interface, "scarlett"),
    ("studio", laptop + headset, "headset"),
  ])
  func theyFindTheirDevice(name: String, desk: String, sink: String) throws {
    let graph = try GraphText.parse(desk)
    let profile = try #require(try parse(name).profile)
    let plan = try Planner(user: 1000, transaction: 1).plan(graph, Baseline(), profile)
    #expect(plan.wanted.contains(Setting(.defaultSink, .device(sink))))
    #expect(plan.wanted.contains(Setting(.streamSink(graph.sinkInputs[0].identity), .device(sink))))
  }

  @Test func studioMonitorsTheMicrophoneWhereThereIsOne() throws {
    let studio = try #require(try parse("studio").profile)
    let planner = Planner(user: 1000, transaction: 1)
    let whole = try planner.plan(try GraphText.parse(Self.laptop + Self.interface), Baseline(), studio)
    #expect(whole.changes.contains { $0.action == "load" } && whole.left.isEmpty)
    let without = try planner.plan(try GraphText.parse(Self.laptop + Self.headset), Baseline(), studio)
    #expect(!without.changes.contains { $0.action == "load" })
    #expect(without.left.map(\.object) == ["[input mic]", "[monitor]"])
  }

  @Test func withoutAnInterfaceStudioSaysWhatIsThere() throws {
    let studio = try #require(try parse("studio").profile)
    let graph = try GraphText.parse(Self.laptop)
    let error = #expect(throws: PlanError.self) { try Planner(user: 1, transaction: 1).plan(graph, Baseline(), studio) }
    #expect(error?.sentence.contains("Connected: HDMI 1, HDMI 2, Built-in Audio.") == true)
  }
}
