import AudioGraph
import Routing
import TestSupport
import Testing

/// `when`: a profile that is to be chosen only while a program is there.
@Suite(.timeLimit(.minutes(45))) struct ProgramConditionsTests {
  private func profile(_ when: String) throws -> [String: WatchedProfile] {
    let text = "[profile]\nwhen = \(when)\n[output]\nmatch = bus:usb\n"
    let parsed = Parser.parse(SourceText(name: "p", text), name: "p")
    let profile = try #require(parsed.profile, "\(parsed.diagnostics.map(\.message))")
    #expect(profile.auto)
    return ["p": WatchedProfile(profile, revision: 1, isCandidate: true)]
  }

  private func graph(_ streams: String) throws -> Graph {
    try GraphText.parse(
      "server pulseaudio 16.1\nsink phones \"Phones\" 30%\nsource mic \"Mic\" 100%\nsource mon \"Mon\" 100% monitor=phones\n\(streams)"
    )
  }

  private func isWaiting(_ when: String, _ streams: String) throws -> Bool {
    var conditions = ProgramConditions()
    return try !conditions.look(at: graph(streams), profile(when), now: .zero).isEmpty
  }

  @Test func whoIsMeant() throws {
    #expect(try !isWaiting("playing:spot*", "stream 7 Spotify \"A song\" phones 100%\n"))
    #expect(try isWaiting("playing:Firefox", "stream 7 Spotify \"A song\" phones 100%\n"))
    #expect(try isWaiting("playing:Zoom", "recording 8 Zoom call mic 100%\n"))
    #expect(try !isWaiting("playing:Spotify | recording:\"Zoom Meeting\"", "recording 8 \"Zoom Meeting\" call mic 100%\n"))
    #expect(try !isWaiting("playing:Spotify | recording:Zoom Meeting", "recording 8 \"Zoom Meeting\" call mic 100%\n"))
    #expect(try !isWaiting("playing:role:phone", "stream 7 Talk call phones 100% role=phone\n"))
    // hproute's own streams, and meters unless they are named.
    #expect(try isWaiting("playing:*", "stream 7 hproute Test phones 100%\n"))
    #expect(try isWaiting("recording:*", "recording 8 Meter peaks mic 100% meter\n"))
    #expect(try !isWaiting("recording:OBS", "recording 8 OBS desktop mon 100%\n"))
  }

  /// Between two songs it stays.
  @Test func whatHasBeenThereCountsForAWhile() throws {
    var conditions = ProgramConditions()
    let (profiles, playing, silent) = (
      try profile("playing:Spotify"), try graph("stream 7 Spotify Song phones 100%\n"), try graph("")
    )
    #expect(conditions.look(at: silent, profiles, now: .zero) == ["p"] && conditions.end == nil)
    #expect(conditions.look(at: playing, profiles, now: .seconds(10)).isEmpty && conditions.end == nil)
    #expect(conditions.look(at: silent, profiles, now: .seconds(20)).isEmpty)
    #expect(conditions.end == .milliseconds(22_700))
    #expect(conditions.look(at: silent, profiles, now: .seconds(23)) == ["p"] && conditions.end == nil)
  }

  @Test func whatNamesNoProgram() {
    for (value, isRight) in [
      ("playing:", false), ("Spotify", false), ("\"playing:x\"", false), ("playing:a|", false), ("recording:a|playing:b", true),
    ] {
      let parsed = Parser.parse(SourceText(name: "p", "[profile]\nwhen = \(value)\n[output]\nmatch = bus:usb\n"), name: "p")
      #expect((parsed.profile != nil) == isRight, "\(value)")
    }
    let text = "[profile]\nauto = no\nwhen = playing:a\n[output]\nmatch = bus:usb\n"
    #expect(Parser.parse(SourceText(name: "p", text), name: "p").profile?.auto == false)
  }
}
