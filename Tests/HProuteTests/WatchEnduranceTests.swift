import Foundation
import TestSupport
import Testing

/// Hours of `watch` in a few minutes.
@Suite(.timeLimit(.minutes(45))) struct WatchEnduranceTests {
  /// What a process holds.
  private struct Holding: CustomStringConvertible {
    var memory: Int
    var files: Int
    var description: String { "\(memory) KiB, \(files) files" }

    /// - Parameter watcher: has told of something, and may not have finished with it.
    init(_ watcher: Watcher) throws {
      var count = watcher.program.openFiles
      _ = steadily(for: 0.5) {
        defer { count = watcher.program.openFiles }
        return watcher.program.openFiles == count
      }
      files = try #require(count)
      memory = try #require(watcher.program.residentMemory)
    }
  }

  private static func expectTheSame(_ before: Holding, _ watcher: Watcher, _ place: String) throws {
    let after = try Holding(watcher)
    print("\(place): \(before), then \(after)")
    #expect(after.files == before.files && after.memory - before.memory < 512, "\(place): \(before) -> \(after)")
  }

  /// So often it is plugged in and out: `make endurance` says 200.
  private static let cycles = ProcessInfo.processInfo.environment["CYCLES"].flatMap { Int($0) } ?? 40

  /// Many times plugged in and out; what it holds is the same as after the first twenty.
  @Test(arguments: ServerKind.allCases) func plugging(kind: ServerKind) async throws {
    try await beside {
      let server = try CardTests.desk(kind, try SimulatedCard("solo"))
      try server.writeProfile("studio", WatchTests.studio)
      let watcher = try Watcher(server)
      var warm: Holding?
      for number in 1...Self.cycles {
        try #require(try watcher.wait(for: "applied", count: number), "\(number): \(watcher.log.suffix(2000))")
        try server.unplug("solo")
        try #require(try watcher.wait(for: "reverted", count: number), "\(number): \(watcher.log.suffix(2000))")
        if number == 20 { warm = try Holding(watcher) }
        try server.plug("solo")
      }
      #expect(try watcher.wait(for: "applied", count: Self.cycles + 1))
      #expect(try server.modules().count { $0.contains("hproute.id") } == 2)
      try server.unplug("solo")
      #expect(try watcher.wait(for: "reverted", count: Self.cycles + 1))
      try Self.expectTheSame(try #require(warm), watcher, "\(kind), \(Self.cycles - 20) plug cycles")
    }
  }

  @Test(arguments: ServerKind.allCases) func restarting(kind: ServerKind) async throws {
    try await beside {
      let server = try PrivateServer(kind, withDesk: true)
      try server.writeProfile("studio", WatchTests.studio)
      let watcher = try Watcher(server)
      var warm: Holding?
      for number in 1...20 {
        try #require(try watcher.wait(for: "applied", count: number), "\(number): \(watcher.log.suffix(2000))")
        if number == 5 { warm = try Holding(watcher) }
        server.stop()
        try #require(try watcher.wait(for: "lost", count: number))
        try server.start(isWaiting: false)
      }
      #expect(try watcher.wait(for: "applied", count: 21), "\(watcher.log.suffix(2000))")
      #expect(try eventually { try WatchRestartTests.isInForce(server) })
      try Self.expectTheSame(try #require(warm), watcher, "\(kind), 15 restarts")
    }
  }

  /// With nothing to do it does nothing: not one system call in a minute. The program is the one that is installed.
  @Test(arguments: ServerKind.allCases) func idling(kind: ServerKind) async throws {
    try await beside {
      let server = try PrivateServer(kind, withDesk: true)
      try server.writeProfile("studio", WatchTests.studio)
      try #require(
        FileManager.default.fileExists(atPath: HProuteBinary.released), "'make build' builds the program that this test is about")
      let calls = "\(server.directory.path)/calls"
      // What is traced outlives a tracer that is killed, unless it is told to end with it.
      let tracer = try Program(
        ["strace", "-f", "-o", calls, "setpriv", "--pdeathsig", "KILL", HProuteBinary.released, "watch"],
        environment: server.environment,
        log: "\(server.directory.path)/strace.log")
      #expect(try eventually { try WatchRestartTests.isInForce(server) }, "\(tracer.logText)")
      let size = { (try? FileManager.default.attributesOfItem(atPath: calls)[.size] as? Int) ?? 0 }
      // The servers suspend what nobody uses after some seconds, and tell so.
      var before = 0
      let isIdle = eventually(within: 150) {
        before = size()
        return !eventually(within: 60) { size() != before }
      }
      #expect(isIdle, "\((try? server.directory.read("calls"))?.suffix(2000) ?? "")")
      let memory = try #require(try Self.child(of: tracer).flatMap { pid in Self.residentMemory(of: pid) })
      print("\(kind), idle: \(memory) KiB")
      #expect(memory < 16 * 1024)
    }
  }

  private static func child(of program: Program) throws -> String? {
    try String(contentsOfFile: "/proc/\(program.pid)/task/\(program.pid)/children", encoding: .utf8).split(separator: " ").first
      .map(String.init)
  }

  private static func residentMemory(of pid: String) -> Int? {
    (try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8))?.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
      .flatMap { Int($0.filter(\.isNumber)) }
  }
}
