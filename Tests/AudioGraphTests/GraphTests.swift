import AudioGraph
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(45))) struct GraphTests {
  @Test func aServerTellsItsKindByItsName() {
    let pipewire = ServerInfo(
      name: "PulseAudio (on PipeWire 1.4.2)", version: "15.0.0", cookie: 1, host: "h", user: "u",
      defaultSink: "@DEFAULT_SINK@", defaultSource: "mic")
    #expect(pipewire.kind == .pipewire)
    #expect(pipewire.version == "1.4.2")
    #expect(pipewire.defaultSink == nil)
    #expect(pipewire.defaultSource == "mic")
  }

  @Test func aModuleTellsItsTag() {
    let arguments = "sink=a sink_input_properties='hproute.id=1000-5f-0 media.name=\"x\"'"
    #expect(Module(index: 1, name: "module-loopback", arguments: arguments).tag == Tag(rawValue: "1000-5f-0"))
    #expect(Module(index: 1, name: "module-loopback", arguments: "sink=a").tag == nil)
    #expect(Tag(rawValue: "1000-5f-0").belongs(to: 1000))
    #expect(!Tag(rawValue: "1000-5f-0").belongs(to: 100))
  }

  @Test func aStreamIsTheSameOnlyIfItsNamesAgree() throws {
    var graph = try GraphText.parse("sink a A 50%\nstream 7 Firefox song a 100%\n")
    let identity = graph.sinkInputs[0].identity
    #expect(graph.sinkInput(identity) != nil)
    graph.sinkInputs[0].properties[.processID] = "another"
    #expect(graph.sinkInput(identity) == nil)
  }

  @Test func aVolumeThatIsHiddenCountsAsWhatWasSet() throws {
    let attribute = Attribute.volume(.device(.sink, name: "a", port: nil))
    let wanted = Setting(attribute, .volume(ChannelVolumes(Volume(percent: 30), count: 2)))
    let hidden = try GraphText.parse("server pipewire 1.4.2\nsink a A 100% suspended\n")
    #expect(!hidden.holds(wanted))
    #expect(hidden.holds(wanted, assuming: [attribute: wanted.value]))
    let idle = try GraphText.parse("server pipewire 1.4.2\nsink a A 100% idle\n")
    #expect(!idle.hidesVolume(of: .volume(.device(.sink, name: "a", port: nil))))
    let told = try GraphText.parse("server pipewire 1.4.2\nsink a A 90% suspended\n")
    #expect(!told.holds(wanted, assuming: [attribute: wanted.value]))
    let port = try GraphText.parse("server pipewire 1.4.2\nsink a A 100% suspended port=line\n")
    #expect(!port.holds(wanted, assuming: [attribute: wanted.value]))
    let newer = try GraphText.parse("server pipewire 1.6.9\nsink a A 100% suspended\n")
    #expect(!newer.holds(wanted, assuming: [attribute: wanted.value]))
    let pulse = try GraphText.parse("sink a A 100% suspended\n")
    #expect(!pulse.holds(wanted, assuming: [attribute: wanted.value]))
  }

  @Test func aChangeThatIsNotShownBeforeADeviceRuns() throws {
    let object = Attribute.Object.device(.sink, name: "a", port: nil)
    #expect(try GraphText.parse("server pipewire 1.4.2\nsink a A 40% suspended\n").hidesChanges(of: object))
    for told in [
      "server pipewire 1.4.2\nsink a A 40%\n", "server pipewire 1.4.2\nsink a A 40% idle\n",
      "server pipewire 1.4.2\nsink a A 40% suspended port=line\n", "server pipewire 1.6.9\nsink a A 40% suspended\n",
      "server pipewire 0.3.65\nsink a A 40% suspended\n", "sink a A 40% suspended\n",
    ] {
      #expect(!(try GraphText.parse(told)).hidesChanges(of: object), "\(told)")
    }
  }

  @Test func aChangeKnowsItsInverse() {
    let change = Change(.mute(.device(.sink, name: "a", port: nil)), from: .mute(false), to: .mute(true))
    #expect(change.inverse == Change(change.attribute, from: .mute(true), to: .mute(false)))
    #expect(change.inverse.inverse == change)
    #expect(change.action == "set-mute")
  }
}
