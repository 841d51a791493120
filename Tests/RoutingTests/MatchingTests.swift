import AudioGraph
import Routing
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(45))) struct MatchingTests {
  @Test(arguments: [
    ("*", "anything", true), ("a*c", "abc", true), ("a*c", "ab", false), ("?b?", "abc", true), ("?b?", "ab", false),
    ("*a*b*", "xxaxxbxx", true), ("*a*b*", "xxbxxaxx", false), ("", "", true), ("", "a", false), ("**", "", true),
    ("A", "a", false),
  ])
  func globs(pattern: String, text: String, fits: Bool) {
    #expect(Glob(pattern).matches(text) == fits)
  }

  @Test func aLongGlobEndsSoon() {
    let pattern = Glob(String(repeating: "a*", count: 200) + "b")
    #expect(!pattern.matches(String(repeating: "a", count: 2000)))
  }

  /// What 'devices' says names a device must name it, and no other.
  @Test func theTermOfADeviceNamesItAlone() throws {
    let graph = try GraphText.parse(
      """
      sink a "Scarlett Solo USB" 50% usb=1235:8211 serial=Focusrite_A1
      sink b "Scarlett Solo USB" 50% usb=1235:8211 serial=Focusrite_B2
      sink c "Headphone DAC" 50% usb=152a:8750
      sink d "Odd, \\name: |" 50%
      sink e "Twin" 50%
      sink f "Twin" 50%
      """)
    let terms = graph.devices(.sink).map { graph.matchExpression(for: $0).text }
    #expect(
      terms == [
        "usb:1235:8211 serial:Focusrite_A1", "usb:1235:8211 serial:Focusrite_B2", "usb:152a:8750",
        "\"Odd, \\\\name: |\"", "name:e", "name:f",
      ])
    for (term, name) in zip(terms, ["a", "b", "c", "d", "e", "f"]) {
      let parsed = MarkedText("[output]\nmatch = \(term)\nmute = yes\n").parse()
      let profile = try #require(parsed.profile, "\(term): \(parsed.diagnostics)")
      var withDefault = graph
      withDefault.server.defaultSink = "c"
      let plan = try Planner(user: 1, transaction: 1).plan(withDefault, Baseline(), profile)
      #expect(plan.wanted.first?.attribute == .mute(.device(.sink, name: name, port: nil)))
    }
  }

  @Test func twoThatFitAreAnErrorThatTellsThemApart() throws {
    let graph = try GraphText.parse(
      "sink a A 50% usb=1235:8211 serial=F_1 default\nsink b B 50% usb=1235:8211 serial=F_2\n")
    let profile = try #require(MarkedText("[output]\nmatch = bus:usb\n").parse().profile)
    let error = #expect(throws: PlanError.self) { try Planner(user: 1, transaction: 1).plan(graph, Baseline(), profile) }
    #expect(error?.objects == ["a", "b"])
    #expect(error?.sentence.contains("A: --on 'usb:1235:8211 serial:F_1'") == true)
  }

  /// What `devices` says of a card with several: the one that a section would take, and nothing where it would ask.
  @Test func theOneThatIsTakenOfACard() throws {
    let card = """
      card m4 "MOTU M4" usb=07fd:000b
      sink alsa_output.usb-MOTU_M4.HiFi__Line2__sink "Line 3-4" 100% card=m4 port=line priority=200
      sink alsa_output.usb-MOTU_M4.HiFi__Line1__sink "Line 1-2" 100% card=m4 port=line priority=300

      """
    let taken = try GraphText.parse(card).preferredDevices(.sink)
    #expect(taken.map(\.device.description) == ["Line 1-2"])
    #expect(taken.first?.reason == "of the sockets of its card the server would rather have this one")
    let headphones = "sink phones Phones 100% card=m4 port=headphones priority=100\n"
    #expect(try GraphText.parse(card + headphones).preferredDevices(.sink).isEmpty)
    #expect(try GraphText.parse("sink a A 50%\nsink b B 50%\n").preferredDevices(.sink).isEmpty)
  }

  @Test func monitorSourcesAndOurOwnAreNotFoundByAccident() throws {
    var graph = try GraphText.parse(
      "sink a A 50% bus=usb default\nsource a.monitor \"Monitor of A\" 100% bus=usb monitor=a\nsource m Mic 100% bus=usb\n")
    let profile = try #require(MarkedText("[input]\nmatch = bus:usb\n").parse().profile)
    let planner = Planner(user: 1, transaction: 1)
    #expect(try planner.plan(graph, Baseline(), profile).wanted == [Setting(.defaultSource, .device("m"))])
    let named = try #require(MarkedText("[input]\nmatch = name:a.monitor\n").parse().profile)
    #expect(try planner.plan(graph, Baseline(), named).wanted == [Setting(.defaultSource, .device("a.monitor"))])
    graph.sources[1].properties[.hprouteID] = "1-1-1"
    #expect(throws: PlanError.self) { try planner.plan(graph, Baseline(), profile) }
  }
}
