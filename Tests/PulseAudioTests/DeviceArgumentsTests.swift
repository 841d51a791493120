import AudioGraph
import Testing

@testable import PulseAudio

/// In what words each server is asked for a device of ours.
@Suite(.timeLimit(.minutes(45))) struct DeviceArgumentsTests {
  private static let old = ServerTraits(.pipewire, major: 0, minor: 3)
  private static let new = ServerTraits(.pipewire, major: 1, minor: 4)
  private static let newest = ServerTraits(.pipewire, major: 1, minor: 7)
  private static let pulseAudio = ServerTraits(.pulseaudio, major: 17, minor: 0)

  private func remap(_ kind: DeviceKind, _ map: ChannelMap) -> Remap {
    Remap(
      tag: Tag(user: 1000, transaction: 255, ordinal: 0), kind: kind, name: "hproute.phones", master: "interface",
      masterMap: ChannelMap(map.positions.indices.map { "aux\($0 + 2)" }), map: map, title: "phones", volume: Volume(percent: 50))
  }

  @Test func pulseAudioRemaps() throws {
    let arguments = try DeviceArguments(remap(.sink, .stereo), on: Self.pulseAudio)
    #expect(arguments.module == "module-remap-sink")
    #expect(
      arguments.text == "sink_name=hproute.phones master=interface channels=2 channel_map=front-left,front-right "
        + "master_channel_map=aux2,aux3 remix=no sink_properties='hproute.id=1000-ff-0 device.description=\"phones\" "
        + "device.form_factor=headphone device.icon_name=audio-headphones'")
  }

  /// A remap of PipeWire's would go on to another device.
  @Test func oldPipeWiresJoin() throws {
    let arguments = try DeviceArguments(remap(.sink, .stereo), on: Self.old)
    #expect(arguments.module == "module-loopback")
    #expect(arguments.text.hasPrefix("sink=interface sink_dont_move=true channels=2 channel_map=front-left,front-right "))
    #expect(
      arguments.text.contains("media.class=Audio/Sink node.name=hproute.phones")
        && arguments.text.contains("channelmix.disable=true"))
  }

  @Test func newPipeWiresRemapAllButOneMicrophone() throws {
    #expect(try DeviceArguments(remap(.sink, .stereo), on: Self.new).module == "module-remap-sink")
    #expect(try DeviceArguments(remap(.source, .stereo), on: Self.new).module == "module-remap-source")
    let microphone = try DeviceArguments(remap(.source, .mono), on: Self.new)
    #expect(microphone.module == "module-loopback" && !microphone.text.contains("channelmix.disable"))
    // It starts with its volume.
    #expect(try DeviceArguments(remap(.sink, .stereo), on: Self.new).text.contains("channelVolumes: [ 0.125"))
  }

  @Test func membersHaveAnotherNameOnNewPipeWires() throws {
    let both = Combination(
      tag: Tag(user: 1000, transaction: 255, ordinal: 0), name: "hproute.both", members: ["a", "b"], title: "both")
    for server in [Self.pulseAudio, Self.old, Self.new] {
      #expect(try DeviceArguments(both, on: server).text.contains("slaves=a,b "))
    }
    #expect(try DeviceArguments(both, on: Self.newest).text.contains("sinks=a,b "))
  }
}
