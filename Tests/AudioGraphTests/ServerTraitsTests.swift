import AudioGraph
import Foundation
import TestSupport
import Testing

/// What is known of each version, without a server: every threshold from both sides.
@Suite(.timeLimit(.minutes(45))) struct ServerTraitsTests {
  private static func traits(_ version: String) -> ServerTraits {
    let isPipeWire = version.hasPrefix("PipeWire")
    let number = String(version.split(separator: " ")[1])
    return ServerInfo(
      name: isPipeWire ? "PulseAudio (on PipeWire \(number))" : "pulseaudio", version: isPipeWire ? "15.0.0" : number, cookie: 1,
      host: "h", user: "u", defaultSink: nil, defaultSource: nil
    ).traits
  }

  @Test(arguments: [
    ("PulseAudio 16.1", false), ("PulseAudio 17.0", true), ("PulseAudio 18.2", true), ("PipeWire 0.3.65", false),
    ("PipeWire 1.4.2", false), ("PipeWire 1.6.9", true), ("PipeWire 1.10.0", true), ("PipeWire 2.0", true),
  ]) func canClearDefaults(version: String, isSo: Bool) {
    #expect(Self.traits(version).canClearDefaults == isSo)
  }

  @Test(arguments: [
    ("PulseAudio 16.1", ServerTraits.IdleVolumes.told), ("PulseAudio 17.0", .told), ("PipeWire 0.3.65", .told),
    ("PipeWire 1.0.0", .hidden), ("PipeWire 1.4.2", .hidden), ("PipeWire 1.6.9", .firstTwo), ("PipeWire 1.7.0", .firstTwo),
  ]) func idleVolumes(version: String, are: ServerTraits.IdleVolumes) {
    #expect(Self.traits(version).idleVolumes == are)
  }

  @Test(arguments: [
    ("PulseAudio 16.1", ServerTraits.Remapping.remap), ("PulseAudio 17.0", .remap), ("PipeWire 0.3.65", .loopback),
    ("PipeWire 1.0.9", .loopback), ("PipeWire 1.1.0", .remapOfSeveral), ("PipeWire 1.6.9", .remapOfSeveral),
  ]) func remapping(version: String, by: ServerTraits.Remapping) {
    #expect(Self.traits(version).remapping == by)
  }

  @Test(arguments: [
    ("PulseAudio 17.0", "slaves"), ("PipeWire 0.3.65", "slaves"), ("PipeWire 1.6.9", "slaves"), ("PipeWire 1.7.0", "sinks"),
  ]) func members(version: String, areCalled: String) {
    #expect(Self.traits(version).membersArgument == areCalled)
  }

  @Test(arguments: [("PipeWire 0.3.65", true), ("PipeWire 1.0.0", false), ("PipeWire 1.6.9", false)])
  func mixesLouder(version: String, isSo: Bool) {
    #expect(Self.traits(version).mixesLouder == isSo)
  }

  @Test(arguments: ["16.1", "17.0"]) func traitsOfEveryPulseAudio(version: String) {
    let traits = Self.traits("PulseAudio \(version)")
    #expect(traits.title == "PulseAudio" && traits.service == "pulseaudio" && traits.programMemory == .table)
    #expect(traits.keepsOrder && traits.tellsLoopbackLatency && traits.blamesClientForCard)
    #expect(!traits.actsAfterAnswering && !traits.ignoresRepeatedDefault && !traits.forgetsHomeOnDefault)
    #expect(!traits.playsNumberedChannels && !traits.takesStartingVolume && !traits.delaysPlayMemory && !traits.separatesMonitors)
    #expect(!traits.tellsStreamsLate && traits.mixesIntoEachChannel && !traits.mixesLouder)
  }

  @Test(arguments: ["0.3.65", "1.4.2", "1.6.9"]) func traitsOfEveryPipeWire(version: String) {
    let traits = Self.traits("PipeWire \(version)")
    #expect(traits.title == "PipeWire" && traits.service == "wireplumber" && traits.programMemory == .session)
    #expect(!traits.keepsOrder && !traits.tellsLoopbackLatency && !traits.blamesClientForCard)
    #expect(traits.actsAfterAnswering && traits.ignoresRepeatedDefault && traits.forgetsHomeOnDefault)
    #expect(traits.playsNumberedChannels && traits.takesStartingVolume && traits.delaysPlayMemory && traits.separatesMonitors)
    #expect(traits.tellsStreamsLate && !traits.mixesIntoEachChannel)
  }

  /// Whoever reads of a trait finds out what was seen.
  @Test func everyOneIsExplained() throws {
    let page = URL(fileURLWithPath: #filePath).appendingPathComponent("../../../docs/servers.md").standardized
    let text = try String(contentsOf: page, encoding: .utf8)
    let names = Mirror(reflecting: Self.traits("PipeWire 1.4.2")).children.compactMap(\.label)
    #expect(names.count > 15)
    for name in names where !["title", "service"].contains(name) { #expect(text.contains("`ServerTraits.\(name)`"), "\(name)") }
  }

  /// Nobody else asks what server it is or how old.
  @Test func nobodyElseCompares() throws {
    let sources = URL(fileURLWithPath: #filePath).appendingPathComponent("../../../Sources").standardized
    let files = try #require(FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
    var (count, found): (Int, [String]) = (0, [])
    for case let file as URL in files where file.pathExtension == "swift" {
      count += 1
      guard !["ServerTraits.swift", "ServerInfo.swift"].contains(file.lastPathComponent) else { continue }
      for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
        let code = line.split(separator: "//", maxSplits: 1, omittingEmptySubsequences: false)[0]
        if code.contains(#/\.pipewire\b|\.pulseaudio\b|server\.kind\b(?!\.rawValue)|server\.version\s*[<>=]|\bmajor\b|\bminor\b/#)
        {
          found.append("\(file.lastPathComponent): \(line)")
        }
      }
    }
    #expect(found.isEmpty)
    #expect(count > 100)
  }

  /// Which suites run on which server follows from what is known of them.
  @Test(
    arguments: [
      ("PulseAudio 16.1", [], [SlowSuite]()), ("PipeWire 0.3.65", ["PulseAudio 16.1"], []),
      ("PulseAudio 17.0", ["PulseAudio 16.1", "PipeWire 0.3.65"], [.torture]),
      ("PipeWire 1.6.9", ["PulseAudio 16.1", "PipeWire 0.3.65"], [.torture]), ("PipeWire 1.6.9", ["PulseAudio 16.1"], []),
    ] as [(String, [String], [SlowSuite])]) func slowSuitesToSpare(server: String, covered: [String], spare: [SlowSuite])
  {
    #expect(SlowSuite.spare(on: Self.traits(server), after: covered.map(Self.traits)) == spare)
  }
}
