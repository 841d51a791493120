import AudioGraph
import Testing

@testable import PulseAudio

/// Whatever a device is called, its name is one argument and never two.
@Suite(.timeLimit(.minutes(45))) struct LoopbackArgumentsTests {
  private func loopback(source: String = "mic", title: String = "Mic in Phones") -> Loopback {
    Loopback(
      tag: Tag(user: 1000, transaction: 255, ordinal: 0), source: source, sink: "phones", latency: 20,
      channelMap: ChannelMap(["front-left", "front-right"]), volume: Volume(decibels: -6), isMuted: false, title: title)
  }

  @Test func everythingIsSaid() throws {
    let text = try LoopbackArguments(loopback(), on: ServerTraits(.pulseaudio, major: 16, minor: 1)).text
    #expect(
      text == "source=mic sink=phones latency_msec=20 channels=2 channel_map=front-left,front-right remix=true "
        + "source_dont_move=true sink_dont_move=true "
        + "sink_input_properties='hproute.id=1000-ff-0 media.name=\"Mic in Phones\" "
        + "module-stream-restore.id=hproute-1000-ff-0-playback' "
        + "source_output_properties='hproute.id=1000-ff-0 media.name=\"Mic in Phones\" "
        + "module-stream-restore.id=hproute-1000-ff-0-recording'")
    #expect(Module(index: 1, name: "module-loopback", arguments: text).tag == Tag(rawValue: "1000-ff-0"))
  }

  @Test func pipewireStartsAtTheVolume() throws {
    let text = try LoopbackArguments(loopback(), on: ServerTraits(.pipewire, major: 1, minor: 4)).text
    #expect(text.contains("node.param.Props=\"{ mute: false, channelVolumes: [ 0.50"))
    #expect(text.contains("node.dont-fallback=true node.linger=true "))
    #expect(text.contains("node.latency=320/48000"))
    // Each end is in a group of its own, or it is taken for a loop.
    for end in ["playback", "recording"] { #expect(text.contains("node.link-group=hproute-1000-ff-0-\(end) "), "\(text)") }
    // What was asked for is said first, and what PipeWire takes last.
    #expect(text.hasPrefix("source=mic sink=phones latency_msec=20 ") && text.hasSuffix(" latency_msec=0"))
  }

  @Test(arguments: ["a b", "ä", "a,b", "a=b"]) func oddNamesAreQuoted(name: String) throws {
    #expect(
      try LoopbackArguments(loopback(source: name), on: ServerTraits(.pipewire, major: 1, minor: 4)).text.hasPrefix(
        "source='\(name)' sink=phones "))
  }

  @Test(arguments: ["a' sink=speakers", "a\"", "a\\", "a\n", "a{", "", "a\u{7F}"])
  func namesThatCouldEndTheArgumentAreRefused(name: String) {
    #expect(throws: UnspeakableName.self) {
      try LoopbackArguments(loopback(source: name), on: ServerTraits(.pulseaudio, major: 16, minor: 1))
    }
  }

  @Test func titlesLoseWhatCouldEndThem() throws {
    let text = try LoopbackArguments(loopback(title: "a' b\" \\ {c}\n"), on: ServerTraits(.pulseaudio, major: 16, minor: 1)).text
    #expect(text.contains("media.name=\"a b  c\" "))
  }
}
