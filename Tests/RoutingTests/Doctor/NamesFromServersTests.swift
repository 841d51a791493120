import AudioGraph
import Testing

@testable import Routing

/// Names from a server may hold anything, and become neither a line of a profile nor a command.
@Suite(.timeLimit(.minutes(45))) struct NamesFromServersTests {
  @Test func inAProfile() {
    let name = "a\n[hook]\nbefore-apply = \"x\" \\ \u{2028}"
    #expect(MatchTerm.name(Glob(name)).text == "name:\"a?[hook]?before-apply = \\\"x\\\" \\\\ ?\"")
    let sink = Sink(
      Device(kind: .sink, index: 1, name: name, description: name, volume: ChannelVolumes(.full, count: 2), channelMap: .stereo))
    let graph = Graph(
      server: ServerInfo(
        name: "pulseaudio", version: "16.1", cookie: 1, host: "h", user: "u", defaultSink: name, defaultSource: nil),
      sinks: [sink])
    let planner = Planner(user: 0, transaction: 1)
    let text = SavedState(graph, name: "here") { profile in
      Result { () throws(PlanError) in try planner.plan(graph, Baseline(), profile) }
    }.text
    let parsed = Parser.parse(SourceText(name: "here.profile", text), name: "here")
    #expect(
      parsed.diagnostics.isEmpty && parsed.profile?.hooks.beforeApply == nil && parsed.profile?.outputs.count == 1, "\(text)")
  }

  @Test func inACommand() {
    #expect("alsa_output.usb-Solo-00.analog-stereo".shellQuoted == "alsa_output.usb-Solo-00.analog-stereo")
    #expect("HiFi (Mic, Speaker)".shellQuoted == "'HiFi (Mic, Speaker)'")
    #expect("a'; rm -rf".shellQuoted == "'a'\\''; rm -rf'")
    #expect("".shellQuoted == "''")
  }
}
