public import AudioGraph

/// What is heard where: the default output and input, and who hears themselves.
public struct Heard: Hashable, Sendable {
  /// A device that programs play to or record from.
  public struct Device: Hashable, Sendable {
    /// By which the server knows it.
    public var name: String
    /// What a person calls it: with the port that is in use, if it has several.
    public var title: String
    /// Nil if the server does not tell it before something plays.
    public var volume: Volume?
    /// Whether it is silent.
    public var isMuted: Bool

    /// Reads it from the graph that it is in.
    public init(_ device: AudioGraph.Device, in graph: Graph) {
      (name, title, isMuted) = (device.name, device.title, device.isMuted)
      volume = graph.hidesVolume(of: .volume(device.object)) ? nil : device.volume.loudest
    }

    /// `45 %`, `muted`, or nothing if the server does not tell it.
    public var level: String { isMuted ? "muted" : volume.map(Heard.percent) ?? "" }
  }

  /// A loopback, whoever has loaded it.
  public struct Monitor: Hashable, Sendable {
    /// What is heard.
    public var from: Device
    /// Where it is heard.
    public var to: Device
    /// Of the loopback itself.
    public var volume: Volume
    /// Whether it is switched off.
    public var isMuted: Bool
    /// Whether nothing on its way is muted.
    public var isHeard: Bool { !isMuted && !from.isMuted && !to.isMuted }
  }

  /// The default output; nil if there is none.
  public var output: Device?
  /// What the default output plays to if it is a combined one of ours. That is what a person hears.
  public var members: [Device] = []
  /// The default input; nil if there is none, or it is what an output plays.
  public var input: Device?
  /// In the order in which they were loaded.
  public var monitors: [Monitor]

  /// Reads it from a graph.
  public init(_ graph: Graph) {
    let device = { (it: AudioGraph.Device) in Device(it, in: graph) }
    let sink = graph.server.defaultSink.flatMap { graph.sink(named: $0) }
    output = sink.map { device($0.device) }
    if let tag = sink?.properties[.hprouteID].map(Tag.init(rawValue:)),
      case .combination(let it)? = graph.ownModule(tagged: tag)
    {
      members = it.members.compactMap { graph.sink(named: $0) }.map { device($0.device) }
    }
    let source = graph.server.defaultSource.flatMap { graph.source(named: $0) }
    input = source.flatMap { $0.monitorOf == nil ? device($0.device) : nil }
    monitors = graph.modules.filter(\.isLoopback).compactMap { module in
      guard let ends = graph.ends(ofLoopback: module),
        let stream = graph.sinkInputs.first(where: { $0.ownerModule == module.index })
      else { return nil }
      return Monitor(
        from: device(ends.source.device), to: device(ends.sink.device), volume: stream.volume.loudest, isMuted: stream.isMuted)
    }
  }

  /// As a report begins: "sound goes to Scarlett Solo USB (Headphones) at 45 %; Microphone heard at -6 dB".
  public var sentence: String {
    guard let output else { return "there is no output" }
    let heard = members.isEmpty ? "sound goes to \(Self.level(output))" : throughMembers(output)
    return
      ([heard]
      + monitors.map { $0.isHeard ? "\($0.from.title) heard at \(Self.decibels($0.volume))" : "\($0.from.title) not heard" })
      .joined(separator: "; ")
  }

  private static func level(_ device: Device) -> String {
    device.title + (device.isMuted ? ", which is muted" : device.volume.map { " at \(percent($0))" } ?? "")
  }

  /// "sound goes to Scarlett Solo USB at 45 %, through desktop"
  private func throughMembers(_ output: Device) -> String {
    let name = OwnDevice.isOne(output.name) ? String(output.name.dropFirst(OwnDevice.prefix.count)) : output.title
    let own = output.isMuted ? ", which is muted" : output.volume.map { $0 == .full ? "" : " at \(Self.percent($0))" } ?? ""
    return "sound goes to \(members.map(Self.level).joined(separator: " and ")), through \(name)\(own)"
  }

  /// `45 %`, as in a sentence.
  public static func percent(_ volume: Volume) -> String { "\(Int(volume.percent.rounded())) %" }

  /// `-6 dB`, as in a sentence.
  public static func decibels(_ volume: Volume) -> String {
    let text = VolumeText.decibels(volume)
    return text.hasSuffix(".0 dB") ? "\(text.dropLast(5)) dB" : text
  }
}
