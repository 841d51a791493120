import Foundation
import Testing

/// The folders of `Routing` are a stack: none names a type of one above it. See ARCHITECTURE.md.
@Suite(.timeLimit(.minutes(45))) struct StackTests {
  /// From below; the last two stand beside each other.
  private static let layers = [["Storage"], ["Words"], ["Profile"], ["Plan"], ["Transaction"], ["Doctor", "Watch"]]
  private static let folder = URL(fileURLWithPath: #filePath).appendingPathComponent("../../../Sources/Routing").standardized

  private struct Source {
    var layer: Int
    var folder: String
    var name: String
    /// Without comments and texts.
    var code: [Substring]
  }

  private func sources() throws -> [Source] {
    try Self.layers.enumerated().flatMap { layer, folders in
      try folders.flatMap { folder -> [Source] in
        let directory = Self.folder.appendingPathComponent(folder)
        return try FileManager.default.contentsOfDirectory(atPath: directory.path).map { name in
          let text = try String(contentsOf: directory.appendingPathComponent(name), encoding: .utf8)
          let plain = text.replacing(#/(?m)\/\/.*$/#, with: "").replacing(#/"(?:[^"\\\n]|\\.)*"/#, with: "\"\"")
          return Source(layer: layer, folder: folder, name: name, code: plain.split(separator: "\n"))
        }
      }
    }
  }

  @Test func everyFolderIsKnown() throws {
    let folders = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path).filter { !$0.hasSuffix(".swift") }
    #expect(Set(folders) == Set(Self.layers.joined()))
  }

  @Test func nothingLeansOnWhatStandsAboveIt() throws {
    let sources = try sources()
    let declaration = #/^ *(?:public |internal |fileprivate |private )?(?:final |indirect )*(?:struct|enum|class|protocol) (\w+)/#
    var owners: [String: (layer: Int, folder: String)] = [:]
    for source in sources {
      for line in source.code where !line.hasPrefix(" ") {
        if let name = line.firstMatch(of: declaration)?.1 { owners[String(name)] = (source.layer, source.folder) }
      }
    }
    #expect(owners.count > 60)
    var leaning: [String] = []
    for source in sources {
      // What a file declares itself is its own, whatever else has that name.
      let own = Set(source.code.compactMap { $0.firstMatch(of: declaration).map { String($0.1) } })
      for line in source.code {
        for word in line.matches(of: #/\b[A-Z]\w+/#).map({ String($0.output) }) where !own.contains(word) {
          guard let owner = owners[word], owner.folder != source.folder, owner.layer >= source.layer else { continue }
          leaning.append("\(source.folder)/\(source.name): \(word) of \(owner.folder)")
        }
      }
    }
    #expect(leaning.isEmpty)
  }
}
