internal import Foundation

extension PrivateServer {
  /// What pactl prints, without the last line feed.
  @discardableResult
  public func pactl(_ arguments: String...) throws -> String { try control(arguments) }

  /// The same, with a list.
  @discardableResult
  public func control(_ arguments: [String]) throws -> String {
    let outcome = try Program.run(["pactl"] + arguments, environment: environment)
    guard outcome.exitCode == 0 else {
      throw Failed(description: "pactl \(arguments.joined(separator: " ")): \(outcome.errors) \(fault ?? "")")
    }
    return outcome.output.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// Everything a revert must put back: devices with their volumes, mutes and ports, card profiles, where every stream
  /// is and how loud, defaults, and modules with their arguments.
  ///
  /// - Parameter masking: whether the numbers that make each thing of hproute's its own are taken out, so that two
  ///   applies can be compared.
  public func snapshot(masking: Bool = false) throws -> [String] {
    let blocks = try objects()
    let names = { (kind: String) in
      Dictionary(blocks.filter { $0.kind == kind }.map { ($0.number, $0.name) }, uniquingKeysWith: { first, _ in first })
    }
    let (sinks, sources) = (names("Sink"), names("Source"))
    let interesting = [
      "Name:", "Mute:", "Volume:", "balance", "Active Port:", "Active Profile:", "application.name", "media.name",
    ]
    // A device that has been away has another number, and stands elsewhere in the list.
    var lines = blocks.filter { !["Module", "Client"].contains($0.kind) }.map { block -> String in
      let facts = block.lines.compactMap { line -> String? in
        if line.hasPrefix("Sink: ") { return "Sink: \(sinks[String(line.dropFirst(6))] ?? "none")" }
        if line.hasPrefix("Source: ") { return "Source: \(sources[String(line.dropFirst(8))] ?? "none")" }
        // "Base Volume" is a constant of the device.
        return interesting.contains { line.hasPrefix($0) } ? line : nil
      }
      return ([block.kind] + facts).joined(separator: "\n   ")
    }.sorted()
    for line in try pactl("info").split(separator: "\n") where line.hasPrefix("Default S") && !line.contains("Specification") {
      lines.append(String(line))
    }
    lines += blocks.filter { $0.kind == "Module" }.map { "module \($0.description)" }.sorted()
    return masking ? lines.map(Self.masked) : lines
  }

  private static func masked(_ line: String) -> String {
    line.replacing(#/[0-9]+-[0-9a-f]+-[0-9]+/#, with: "OWN")
  }

  /// - Throws: how the state differs from a snapshot taken before, if it does.
  public func requireUnchanged(since before: [String]) throws {
    if let difference = difference(before, try snapshot()) { throw Failed(description: "not as before:\n\(difference)") }
  }

  /// Name and arguments of every module.
  public func modules() throws -> [String] { try objects("modules").map(\.description).sorted() }

  /// One of the things that 'pactl list' prints.
  public struct Block {
    /// As pactl calls it: `Sink Input`.
    public var kind: String
    public var number: String
    public var lines: [String]
    public var name: String { lines.first { $0.hasPrefix("Name: ") }.map { String($0.dropFirst(6)) } ?? "" }
    /// Of a module: its name and its arguments, whatever lines they take.
    var description: String { lines.prefix { !$0.hasPrefix("Usage counter") }.joined(separator: " ") }
  }

  /// - Parameter kind: `sinks`, `modules`; everything without it.
  public func objects(_ kind: String? = nil) throws -> [Block] {
    let text = try Program.run(["pactl", "list"] + (kind.map { [$0] } ?? []), environment: environment)
    guard text.exitCode == 0 else { throw Failed(description: "pactl list: \(text.errors) \(fault ?? "")") }
    var blocks: [Block] = []
    for line in text.output.split(separator: "\n") {
      if line.first?.isUppercase == true, let mark = line.lastIndex(of: "#"),
        let number = UInt32(line[line.index(after: mark)...])
      {
        blocks.append(Block(kind: line[..<mark].trimmingCharacters(in: .whitespaces), number: String(number), lines: []))
      } else if !blocks.isEmpty {
        blocks[blocks.count - 1].lines.append(line.trimmingCharacters(in: .whitespaces))
      }
    }
    return blocks
  }
}
