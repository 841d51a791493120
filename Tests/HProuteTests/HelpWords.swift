import Foundation
import TestSupport
import Testing

/// The commands and the long options that the help knows, without those it hides.
struct HelpWords {
  private(set) var commands: Set<String> = []
  /// Those that do something themselves, and have no command in front of them.
  private(set) var topCommands: Set<String> = []
  private(set) var options: Set<String> = []

  init() throws {
    let outcome = try Program.run([HProuteBinary.path, "--experimental-dump-help"], environment: [:])
    let help = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any]
    let root = try #require(help?["command"] as? [String: Any])
    let children = root["subcommands"] as? [[String: Any]] ?? []
    topCommands = Set(children.compactMap { $0["commandName"] as? String }).subtracting(["help"])
    visit(root)
    #expect(commands.count >= 17 && options.count >= 10, "\(commands) \(options)")
  }

  private mutating func visit(_ command: [String: Any]) {
    for argument in command["arguments"] as? [[String: Any]] ?? [] where argument["shouldDisplay"] as? Bool == true {
      for name in argument["names"] as? [[String: Any]] ?? [] where name["kind"] as? String == "long" {
        if let word = name["name"] as? String { options.insert(word) }
      }
    }
    for child in command["subcommands"] as? [[String: Any]] ?? [] {
      if let word = child["commandName"] as? String { commands.insert(word) }
      visit(child)
    }
  }
}
