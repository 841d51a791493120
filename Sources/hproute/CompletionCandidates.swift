internal import AudioGraph
internal import PulseAudio
internal import Routing

/// What the shells offer where a word is to be completed: lines of a name, and a tab and what it is, where that is known.
///
/// For the scripts in `completions`, and not in the help. It is asked at every press of a key, so it starts without
/// ArgumentParser, and only what plays and records needs a sound server.
struct CompletionCandidates {
  /// Nobody reads the descriptions of more profiles, and to read them all takes longer than a key may.
  private static let describable = 100

  static let command = "__complete"

  let lines: [String]

  /// - Parameter kind: `profiles`; `monitors` and `labels` of outputs and inputs, for those of the profile that is applied; or
  ///   `programs` that play or record.
  init?(_ kind: String) {
    switch kind {
    case "profiles": lines = Self.profiles(ProfileStore(Environment()))
    case "monitors":
      lines = Self.applied.flatMap { $0.monitors.map { "\($0.label)\t\($0.from) in \($0.to)" } }
    case "labels":
      lines = Self.applied.flatMap { $0.outputs.map { "\($0.label)\toutput" } + $0.inputs.map { "\($0.label)\tinput" } }
    case "programs": lines = Self.programs()
    default: return nil
    }
  }

  private static func profiles(_ store: ProfileStore) -> [String] {
    let entries = store.all().filter { !$0.isShadowed }
    guard entries.count <= describable else { return entries.map(\.name) }
    return entries.map { entry in
      let description = store.profile(entry)?.description.map { "\t\(Output.printable($0))" }
      return entry.name + (description ?? "")
    }
  }

  private static func programs() -> [String] {
    let graph = try? SoundServer(address: nil, timeout: .seconds(1)).graph()
    let streams = graph?.foreignStreams.filter { $0.hasClient && !$0.isWitness } ?? []
    return Set(streams.map { Output.printable($0.identity.application.title) }).sorted()
  }

  /// The profiles that are applied, to this server or another.
  private static var applied: [Profile] {
    let store = ProfileStore(Environment())
    let journals = (try? StateDirectory(Environment()).journals()) ?? []
    return journals.compactMap(\.appliedProfile).compactMap { (try? store.find($0)).flatMap(store.profile) }
  }
}
