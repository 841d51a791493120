internal import AudioGraph
internal import Glibc
internal import Routing
internal import SystemPackage

/// What somebody who has to find a fault wants to know of a desk: a text for `doctor --report`.
struct BugReport {
  var findings: [Finding]
  var graph: Graph?
  var journal: Journal?
  /// The name and the text of the profile that it is about, with its base.
  var profile: (name: String, text: String)?

  /// Without names of people and what they hear, and without most of every serial number.
  var text: String {
    let environment = Environment()
    let discretion = Discretion(
      user: graph?.server.user ?? environment["USER"] ?? "", home: environment["HOME"], host: graph?.server.host ?? "", graph,
      journal)
    var sections = [("Versions", versions), ("What doctor says", findings.map(\.report).joined())]
    if let graph {
      sections += [
        ("Devices", Output.text(of: DeviceList(graph)) + "\n"), ("Programs", graph.foreignStreams.map(\.report).joined()),
        ("Modules", graph.modules.map { "\($0.name) \($0.arguments)\n" }.joined()),
      ]
    }
    if let journal { sections.append(("What is written down", journal.discreetText)) }
    if let profile { sections.append(("Profile \(profile.name)", profile.text)) }
    let text = sections.map { "== \($0.0)\n\($0.1.isEmpty ? "nothing\n" : $0.1)" }.joined(separator: "\n")
    return discretion.applied(to: text)
  }

  private var versions: String {
    let system = (try? Files.read("/etc/os-release", upTo: 1 << 16)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    let name = system.split(separator: "\n").first { $0.hasPrefix("PRETTY_NAME=") }?.dropFirst("PRETTY_NAME=".count)
    var kernel = utsname()
    uname(&kernel)
    let release = withUnsafeBytes(of: kernel.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    let server = graph.map { "\($0.server.name) \($0.server.version) (\($0.server.kind.rawValue))" } ?? "no sound server"
    let desktop = Environment()["XDG_CURRENT_DESKTOP"] ?? "no desktop that says its name"
    return "hproute \(HProute.version)\n\(server)\n\(name ?? "a system without a name"), Linux \(release), \(desktop)\n"
  }
}

extension Finding {
  fileprivate var report: String {
    let mark = isFine ? "fine" : "wrong"
    let lines = ["\(mark)  \(topic.title): \(sentence)"] + details.map { "  \($0)" } + (remedy.map { ["  \($0)"] } ?? [])
    return lines.map { "\($0)\n" }.joined()
  }
}

extension Stream {
  fileprivate var report: String {
    let verb = kind == .sink ? "plays to" : "records from"
    let role = role.map { ", \($0)" } ?? ""
    return "\(identity.application.title) \(verb) \(place ?? "nothing"), \(VolumeText.channels(volume))"
      + "\(isMuted ? ", muted" : "")\(role)\(hasClient ? "" : ", a module's own")\n"
  }
}
