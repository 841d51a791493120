import AudioGraph
@testable import Routing
import TestSupport
import Testing

/// Profiles on a disk: where they are found, and what they are based on.
@Suite(.timeLimit(.minutes(45))) struct ProfileStoreTests {
  private struct Shelf {
    let directory: TemporaryDirectory
    init() throws { directory = try TemporaryDirectory() }
    var store: ProfileStore {
      let path = directory.path
      return ProfileStore(Environment { ["XDG_CONFIG_HOME": "\(path)/own", "XDG_DATA_DIRS": "\(path)/system"][$0] })
    }

    func write(_ name: String, _ text: String, in place: String = "own") throws {
      try directory.write(text, to: "\(place)/hproute/profiles/\(name).profile")
    }

    func read(_ name: String) throws -> ParsedProfile {
      Parser.parse(try store.source(store.find(name)), name: name)
    }

    func profile(_ name: String) throws -> Profile {
      let parsed = try read(name)
      #expect(parsed.diagnostics.isEmpty, "\(parsed.diagnostics)")
      return try #require(parsed.profile)
    }
  }

  private static let studio = """
    [profile]
    description = Of the system
    priority = 3
    [card interface]
    match = bus:usb
    [output phones]
    card = interface
    volume = 45%
    limit = -6 dB
    [input mic]
    card = interface
    [monitor]
    from = mic
    to = phones
    [stream Firefox]
    to = phones
    volume = 50%
    """

  @Test func whatAProfileDoesNotSayItsBaseSays() throws {
    let shelf = try Shelf()
    try shelf.write("studio", Self.studio, in: "system")
    try shelf.write(
      "mine",
      """
      [profile]
      base = studio
      description = My own
      [card interface]
      match = usb:1235:8211
      [output phones]
      volume = 30%
      [output speakers]
      match = bus:pci
      [stream Firefox]
      volume = 60%
      [stream *]
      to = speakers
      """)
    let profile = try shelf.profile("mine")
    #expect(profile.name == "mine" && profile.description == "My own" && profile.priority == 3)
    #expect(profile.cards.map(\.match.text) == ["usb:1235:8211"])
    #expect(profile.outputs.map(\.label) == ["phones", "speakers"])
    #expect(profile.outputs[0].volume == Volume(percent: 30) && profile.outputs[0].limit == Volume(decibels: -6))
    #expect(profile.inputs.map(\.label) == ["mic"] && profile.monitors.map(\.to) == ["phones"])
    // Of streams the first that fits counts, so what the profile says itself comes first, in its own order.
    #expect(profile.streamRules.map(\.pattern.text) == ["Firefox", "*"])
    #expect(profile.streamRules[0].device == "phones" && profile.streamRules[0].volume == Volume(percent: 60))
  }

  @Test func anotherTextOfTheBaseIsAnotherRevision() throws {
    let shelf = try Shelf()
    try shelf.write("studio", Self.studio, in: "system")
    try shelf.write("mine", "[profile]\nbase = studio\n")
    let former = try shelf.profile("mine").revision
    try shelf.write("studio", Self.studio + "\nmute = no\n", in: "system")
    #expect(try shelf.profile("mine").revision != former)
  }

  /// One's own `studio` is based on the one that came along.
  @Test func aBaseOfTheSameNameIsTheOneBehind() throws {
    let shelf = try Shelf()
    try shelf.write("studio", Self.studio, in: "system")
    try shelf.write("studio", "[profile]\nbase = studio\n[output phones]\nvolume = 20%\n")
    let profile = try shelf.profile("studio")
    #expect(profile.outputs.map(\.volume) == [Volume(percent: 20)] && profile.cards.count == 1)
    // And what is based on `studio` is based on one's own.
    try shelf.write("night", "[profile]\nbase = studio\n")
    #expect(try shelf.profile("night").outputs.map(\.volume) == [Volume(percent: 20)])
  }

  @Test func whatIsWrongWithABaseIsSaidAtItsName() throws {
    let shelf = try Shelf()
    let errors = { (text: String) -> [String] in
      try shelf.write("mine", text)
      let parsed = try shelf.read("mine")
      #expect(parsed.profile == nil)
      // The third line of the file: nothing is said at a place in another file.
      let source = try shelf.store.source(shelf.store.find("mine"))
      #expect(parsed.diagnostics.allSatisfy { source.position(of: $0.range.lowerBound).line == 3 }, "\(parsed.diagnostics)")
      return parsed.diagnostics.map { "\($0.message) \($0.help ?? "")" }
    }
    try shelf.write("studio", Self.studio, in: "system")
    #expect(try errors("# Mine\n[profile]\nbase = studoi\n") == ["there is no profile 'studoi' did you mean 'studio'?"])
    #expect(try errors("# Mine\n[profile]\nbase = ../studio\n").first?.contains("is not a profile name") == true)
    #expect(try errors("# Mine\n[profile]\nbase = mine\n") == ["a circle: mine is based on mine name another profile"])
    try shelf.write("ring", "[profile]\nbase = mine\n")
    #expect(
      try errors("# Mine\n[profile]\nbase = ring\n")
        == ["a circle: mine is based on ring is based on mine name another profile"])
    try shelf.write("wrong", "[output]\nvolume = 45%\n")
    #expect(
      try errors("# Mine\n[profile]\nbase = wrong\n").first?.hasPrefix("the profile it is based on has errors hproute check")
        == true)
    // Right by itself, and wrong together.
    try shelf.write("both", "[output a]\nmatch = bus:usb\n[output both]\ncombine = a\n")
    try shelf.write("mine", "[profile]\nbase = both\n[output a]\ncombine = both\n")
    let together = try shelf.read("mine").diagnostics
    #expect(together.first?.message == "together with what it says itself: [output a] is combined itself")
  }

  @Test func aChainOfBasesHasAnEnd() throws {
    let shelf = try Shelf()
    try shelf.write("p1", Self.studio)
    for number in 2...9 { try shelf.write("p\(number)", "[profile]\nbase = p\(number - 1)\n") }
    #expect(try shelf.profile("p9").cards.count == 1)
    for number in 10...11 { try shelf.write("p\(number)", "[profile]\nbase = p\(number - 1)\n") }
    for name in ["p10", "p11"] {
      #expect(try shelf.read(name).diagnostics.map(\.message) == ["more than 8 profiles in a row are based on one another"])
    }
  }
}
