import AudioGraph
import TestSupport
import Testing

@testable import Routing

/// What a session manager remembers for a program is known without asking only as long as nobody can have changed it.
@Suite struct ProgramKnowledgeTests {
  private static let desk = """
    server pipewire 1.4.2
    sink builtin "Built-in Speakers" 30% bus=pci default
    sink interface "Scarlett Solo USB" 50% usb=1235:8211

    """
  private static let told = StreamMemory(
    key: StreamMemory.Program(.sink, "Player").key, sink: "interface",
    volume: ChannelVolumes(Volume(percent: 70), count: 2), channelMap: ChannelMap([]), isMuted: false)

  /// What is known after hproute has told `told` and has found `streams`.
  private func known(
    _ streams: String, told: StreamMemory = told, isCertain: Bool = true, isPending: Bool = false, in desk: String = desk
  ) throws -> StreamMemory? {
    let graph = try GraphText.parse(desk + streams)
    let entry = Baseline.Entry(.memory(told.key), was: .memory(told), set: .memory(told), isPending: isPending)
    return PlanningContext(Baseline([entry]), start: graph, isCertain: isCertain).memories(of: [told.key], in: graph).first
  }

  @Test func whoPlaysAsItWasLeft() throws {
    #expect(try known("stream 1 Player song interface 70%") == Self.told)
    #expect(try known("stream 1 Player song interface 70%\nstream 2 Player film interface 70%") == Self.told)
    #expect(try known("stream 1 Player song interface 70%\nstream 2 Other film builtin 30%") == Self.told)
  }

  @Test(arguments: [
    "", "stream 1 Other song interface 70%", "stream 1 Player song interface 60%", "stream 1 Player song interface 70% muted",
    "stream 1 Player song builtin 70%", "stream 1 Player song interface 70%\nstream 2 Player film interface 40%",
    "stream 1 Player song interface 70%\nstream 2 Player film builtin 70%",
  ])
  func whoMayHaveBeenChangedIsAsked(streams: String) throws { #expect(try known(streams) == nil) }

  /// Nobody can tell who is there by itself, and what was cut off may not have been told.
  @Test func whatIsNotCertainIsAsked() throws {
    let streams = "stream 1 Player song interface 70%"
    var free = Self.told
    free.sink = nil
    let other = Self.desk.replacing(" default", with: "").replacing("usb=", with: "default usb=")
    #expect(try known(streams, in: other) == nil)
    // It has a table that is read with everything else.
    #expect(try known(streams, in: Self.desk.replacing("pipewire 1.4.2", with: "pulseaudio 17.0")) == nil)
    #expect(try known(streams, told: free) == nil)
    #expect(try known(streams, isCertain: false) == nil)
    #expect(try known(streams, isPending: true) == nil)
  }
}
