import AudioGraph
import Routing
import Testing

@Suite(.timeLimit(.minutes(45))) struct NewcomersTests {
  private let sink = Sink(
    Device(
      kind: .sink, index: 1, name: "phones", description: "Phones", volume: ChannelVolumes(.full, count: 2), channelMap: .stereo))

  private func graph(_ numbers: UInt32..., on sink: UInt32? = 1) -> Graph {
    var graph = Graph(
      server: ServerInfo(
        name: "pulseaudio", version: "16.1", cookie: 1, host: "", user: "", defaultSink: "phones", defaultSource: nil))
    graph.sinks = [self.sink]
    graph.sinkInputs = numbers.map {
      SinkInput(
        index: $0, sink: sink, volume: ChannelVolumes(.full, count: 2), client: 9,
        properties: Properties([.applicationName: "Talk", .mediaName: "song \($0)"]))
    }
    return graph
  }

  private func numbers(_ streams: [Stream]) -> [UInt32?] { streams.map(\.identity.index) }

  @Test func whatWasThereIsNotNew() {
    var newcomers = Newcomers()
    #expect(newcomers.look(at: graph(1, 2), now: .zero).isEmpty)
    #expect(numbers(newcomers.look(at: graph(1, 2, 3), now: .seconds(1))) == [3])
  }

  /// Also if nobody looks when that time is over.
  @Test(arguments: [[0], [0, 100, 499]]) func itIsNewForAWhile(moments: [Int]) {
    var newcomers = Newcomers()
    _ = newcomers.look(at: graph(), now: .zero)
    for moment in moments {
      let new = newcomers.look(at: graph(3), now: .milliseconds(moment))
      #expect(numbers(new) == [3], "\(moment)")
      newcomers.note([], of: new)
    }
    #expect(newcomers.look(at: graph(3), now: .milliseconds(500)).isEmpty)
    // A number that has gone and comes again is another stream.
    _ = newcomers.look(at: graph(), now: .seconds(1))
    #expect(numbers(newcomers.look(at: graph(3), now: .seconds(2))) == [3])
  }

  @Test func itIsNewUntilItHasBeenPlaced() {
    var newcomers = Newcomers()
    _ = newcomers.look(at: graph(), now: .zero)
    for second in 1...4 {
      let new = newcomers.look(at: graph(3), now: .seconds(second))
      #expect(numbers(new) == [3])
      newcomers.note(second < 4 ? [new[0].placement] : [], of: new)
    }
    #expect(newcomers.look(at: graph(3), now: .seconds(6)).isEmpty)
  }

  @Test func itHasNotComeBeforeItIsSomewhere() {
    var newcomers = Newcomers()
    _ = newcomers.look(at: graph(), now: .zero)
    #expect(newcomers.look(at: graph(3, on: nil), now: .seconds(1)).isEmpty)
    let new = newcomers.look(at: graph(3), now: .seconds(2))
    newcomers.note([], of: new)
    #expect(numbers(newcomers.look(at: graph(3), now: .milliseconds(2_400))) == [3])
  }
}
