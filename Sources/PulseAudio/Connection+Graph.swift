internal import AudioGraph
internal import CPulse

extension Connection {
  /// Asks for everything at once. All questions are on the wire before the first answer is waited for, so that the
  /// whole costs one round trip.
  func askGraph(withMemory: Bool) -> GraphRequest {
    forgetChanges()
    return GraphRequest(
      server: server(),
      cards: list { pa_context_get_card_info_list(context, { Request.at($3).receive($2, $0, Card($1!.pointee)) }, $0) },
      sinks: list { pa_context_get_sink_info_list(context, { Request.at($3).receive($2, $0, Sink($1!.pointee)) }, $0) },
      sources: list {
        pa_context_get_source_info_list(context, { Request.at($3).receive($2, $0, Source($1!.pointee)) }, $0)
      },
      sinkInputs: list {
        pa_context_get_sink_input_info_list(context, { Request.at($3).receive($2, $0, SinkInput($1!.pointee)) }, $0)
      },
      sourceOutputs: list {
        pa_context_get_source_output_info_list(
          context, { Request.at($3).receive($2, $0, SourceOutput($1!.pointee)) }, $0)
      },
      modules: modules(), streamMemory: withMemory ? streamMemory() : nil)
  }

  /// The corresponding C function is `pa_ext_stream_restore_read`.
  private func streamMemory() -> Request<[StreamMemory]> {
    list { pa_ext_stream_restore_read(context, { Request.at($3).receive($2, $0, StreamMemory($1!.pointee)) }, $0) }
  }

  func modules() -> Request<[Module]> {
    list { pa_context_get_module_info_list(context, { Request.at($3).receive($2, $0, Module($1!.pointee)) }, $0) }
  }

  /// The corresponding C function is `pa_context_get_server_info`.
  func server() -> Request<ServerInfo?> {
    Request(self, empty: nil) {
      pa_context_get_server_info(
        context, { Request<ServerInfo?>.at($2).receive($1.map { ServerInfo($0.pointee) }, $0) }, $0)
    }
  }

  private func list<Item>(_ ask: (UnsafeMutableRawPointer) -> OpaquePointer?) -> Request<[Item]> {
    Request(self, empty: [], ask: ask)
  }
}

/// The questions for a whole graph, on the wire.
struct GraphRequest {
  let server: Request<ServerInfo?>
  let cards: Request<[Card]>
  let sinks: Request<[Sink]>
  let sources: Request<[Source]>
  let sinkInputs: Request<[SinkInput]>
  let sourceOutputs: Request<[SourceOutput]>
  let modules: Request<[Module]>
  let streamMemory: Request<[StreamMemory]>?

  func value() throws(ServerError) -> Graph {
    let info = try server.info()
    var memory: [StreamMemory]?
    // pipewire-pulse answers as if it had one, and PulseAudio without the module that has it with an error.
    if info.traits.programMemory == .table, case .success(let all)? = try streamMemory?.outcome() { memory = all }
    return Graph(
      server: info, cards: try cards.value(), sinks: try sinks.value(), sources: try sources.value(),
      sinkInputs: try sinkInputs.value(), sourceOutputs: try sourceOutputs.value(), modules: try modules.value(),
      streamMemory: memory)
  }
}

extension Request where Answer == ServerInfo? {
  func info() throws(ServerError) -> ServerInfo {
    guard let info = try value() else { throw .failed(reason: "the server does not say what it is") }
    return info
  }
}
