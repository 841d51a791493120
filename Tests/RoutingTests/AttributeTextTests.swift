import AudioGraph
import Routing
import TestSupport
import Testing

/// What people read of an object.
@Suite(.timeLimit(.minutes(45))) struct AttributeTextTests {
  /// A loopback of the user's is called by what has loaded it, and a program by its name, whatever else is loaded.
  @Test func aStreamIsCalledByWhatHasMadeIt() throws {
    var graph = try GraphText.parse("sink a A 50%\nstream 7 Firefox song a 100%\nstream 8 x y a 100%\n")
    graph.modules.append(Module(index: 5, name: "module-loopback", arguments: "source=mic sink=a"))
    (graph.sinkInputs[1].client, graph.sinkInputs[1].ownerModule) = (nil, 5)
    let text = AttributeText(graph)
    #expect(text.object(.streamSink(graph.sinkInputs[0].identity)) == "Firefox (song)")
    #expect(text.object(.streamSink(graph.sinkInputs[1].identity)) == "module-loopback source=mic sink=a")
    // One whose module has gone has its number left.
    graph.modules = []
    #expect(AttributeText(graph).object(.streamSink(graph.sinkInputs[1].identity)) == "module 5")
  }
}
