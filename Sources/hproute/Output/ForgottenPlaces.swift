internal import AudioGraph

/// Where a program would have begun, and does not any more.
struct ForgottenPlaces: Encodable {
  var program: String
  var forgotten: [PlaceObject]

  struct PlaceObject: Encodable {
    /// `output` or `input`.
    var kind: String
    /// The name of the sink or source.
    var device: String
    var description: String

    enum CodingKeys: String, CodingKey { case kind, device }
  }

  enum CodingKeys: String, CodingKey { case program, forgotten }

  init(_ program: String, _ places: [StreamMemory], in graph: Graph) {
    self.program = program
    forgotten = places.compactMap { memory in
      memory.sink.map {
        PlaceObject(
          kind: memory.kind == .sink ? "output" : "input", device: $0,
          description: StreamList.RememberedObject(memory, in: graph).deviceDescription)
      }
    }
  }
}

extension Output {
  func print(_ places: ForgottenPlaces) {
    if isJSON { return print(json: places) }
    let program = Output.printable(places.program)
    guard !places.forgotten.isEmpty else { return line("No output or input is remembered for \(program).") }
    for place in places.forgotten {
      line("\(program) begins on the default \(place.kind) again, and not on \(Output.printable(place.description)).")
    }
  }
}
