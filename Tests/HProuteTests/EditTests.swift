import Foundation
import TestSupport
import Testing

/// `edit`: a profile of one's own in place, one that came along as a copy.
@Suite(.timeLimit(.minutes(45))) struct EditTests {
  private struct Shelf {
    let directory: TemporaryDirectory
    var own: String { "own/hproute/profiles/studio.profile" }

    init() throws {
      directory = try TemporaryDirectory()
      try directory.write("[output]\nmatch = bus:usb\n", to: "system/hproute/profiles/studio.profile")
    }

    func edit(_ editor: String, _ arguments: String...) throws -> Program.Outcome {
      try Program.run(
        [HProuteBinary.path, "edit"] + arguments,
        environment: [
          "PATH": "/usr/bin:/bin", "XDG_CONFIG_HOME": "\(directory.path)/own", "XDG_DATA_DIRS": "\(directory.path)/system",
          "EDITOR": editor,
        ])
    }

    var isThere: Bool { FileManager.default.fileExists(atPath: "\(directory.path)/\(own)") }
  }

  @Test func oneThatCameAlongIsCopied() throws {
    let shelf = try Shelf()
    let unchanged = try shelf.edit("true", "studio")
    #expect(unchanged.exitCode == 0 && unchanged.output.contains("Nothing was changed: studio is still "), "\(unchanged)")
    #expect(!shelf.isThere)
    // An editor may be called with options, and blanks in quotes.
    let edited = try shelf.edit("sh -c 'echo \"volume = 45%\" >> \"$1\"' --", "studio")
    #expect(edited.exitCode == 0 && edited.output.contains("studio.profile: fine"), "\(edited)")
    #expect(try shelf.directory.read(shelf.own) == "[output]\nmatch = bus:usb\nvolume = 45%\n")
    // From then on it is one's own, and edited in its place.
    let again = try shelf.edit("sh -c 'echo \"balance = 0%\" >> \"$1\"' --", "studio")
    let text = try shelf.directory.read(shelf.own)
    #expect(again.exitCode == 0 && text.hasSuffix("volume = 45%\nbalance = 0%\n"), "\(again)")
    #expect(try shelf.directory.read("system/hproute/profiles/studio.profile") == "[output]\nmatch = bus:usb\n")
  }

  @Test func whatIsWrongIsSaidAndKept() throws {
    let shelf = try Shelf()
    let edited = try shelf.edit("sh -c 'echo \"volum = 45%\" >> \"$1\"' --", "studio")
    #expect(edited.exitCode == 65 && edited.errors.contains("did you mean 'volume'?"), "\(edited)")
    #expect(edited.errors.contains("'hproute edit studio' opens it again."), "\(edited)")
    #expect(shelf.isThere)
  }

  @Test func anEditorThatFailsChangesNothing() throws {
    let shelf = try Shelf()
    let missing = try shelf.edit("nosuch-editor", "studio")
    #expect(missing.exitCode == 1 && missing.errors.contains("EDITOR=nano hproute edit"), "\(missing)")
    #expect(try shelf.edit("false", "studio").exitCode == 1)
    #expect(!shelf.isThere)
    #expect(try shelf.edit("true", "studoi").errors.contains("Did you mean 'studio'?"))
  }
}
