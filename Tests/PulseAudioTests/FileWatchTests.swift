import AudioGraph
import Foundation
import PulseAudio
import TestSupport
import Testing

/// Directories that are there, that come later, and that nobody can look into.
///
/// No time limit: it would begin while the test still waits for a thread, behind those that talk to servers.
@Suite(.timeLimit(.minutes(45))) struct FileWatchTests {
  private let directory: TemporaryDirectory
  private let loop: EventLoop

  init() throws {
    directory = try TemporaryDirectory()
    loop = try EventLoop()
  }

  /// What has changed within a second.
  private func changes(_ watch: FileWatch) throws -> Set<String> {
    var changes: Set<String> = []
    let end = ContinuousClock.now + .seconds(1)
    var rounds = 0
    while changes.isEmpty, ContinuousClock.now < end, try loop.wait(until: end, for: { watch.hasChanged }) {
      changes = watch.takeChanges()
      rounds += 1
    }
    // It has not gone up to the parent and down again for ever.
    #expect(rounds < 100)
    return changes
  }

  @Test func oneThatIsThere() throws {
    let path = try directory.make("profiles")
    let watch = try FileWatch([path], on: loop)
    #expect(try changes(watch).isEmpty)
    try directory.write("x", to: "profiles/x")
    #expect(try changes(watch) == [path])
  }

  @Test func oneThatComesLaterAndGoes() throws {
    let path = "\(directory.path)/a/b/profiles"
    let watch = try FileWatch([path], on: loop)
    _ = try directory.make("a/b")
    #expect(try changes(watch).isEmpty)
    _ = try directory.make("a/b/profiles")
    #expect(try changes(watch) == [path])
    try directory.write("x", to: "a/b/profiles/x")
    #expect(try changes(watch) == [path])
    try FileManager.default.removeItem(atPath: "\(directory.path)/a")
    #expect(try changes(watch) == [path])
    _ = try directory.make("a/b/profiles")
    #expect(try changes(watch) == [path])
  }

  /// Whatever it is that cannot be looked into: the others are looked at all the same.
  @Test(arguments: [
    "loop/profiles", "loop", "file/profiles", "nothing/profiles", String(repeating: "n", count: 300),
    String(repeating: "n/", count: 3000),
  ])
  func oneThatCannotBeLookedInto(name: String) throws {
    try FileManager.default.createSymbolicLink(atPath: "\(directory.path)/loop", withDestinationPath: "\(directory.path)/loop")
    try directory.write("x", to: "file")
    let path = try directory.make("profiles")
    let watch = try FileWatch(["\(directory.path)/\(name)", path], on: loop)
    try directory.write("x", to: "profiles/x")
    #expect(try changes(watch) == [path])
    try FileManager.default.removeItem(atPath: "\(directory.path)/loop")
    _ = try changes(watch)
  }
}
