import Foundation
import TestSupport
import Testing

/// Devices that come and go for ever keep the others waiting no longer than a second.
@Suite(.timeLimit(.minutes(45))) struct WatchUnrestTests {
  @Test(arguments: ServerKind.allCases) func twoSinksThatComeAndGo(kind: ServerKind) throws {
    let server = try PrivateServer(kind)
    try server.addDesk()
    try server.writeProfile("quiet", "[profile]\nauto = yes\n[output]\nmatch = usb:1235:8211\nmute = yes\nhold = yes\n")
    let script = """
      while :; do
        for name in one two; do
          number=$(pactl load-module module-null-sink sink_name=$name) || continue
          sleep 0.05
          pactl unload-module $number
          sleep 0.05
        done
      done
      """
    let unrest = try Program(["bash", "-c", script], environment: server.environment, log: "\(server.directory.path)/unrest.log")
    defer { unrest.kill() }
    #expect(try eventually { try server.pactl("list", "short", "sinks").contains("\tone\t") })
    let watcher = try Watcher(server, isWaiting: false)
    let isMuted = { try server.pactl("get-sink-mute", "interface") == "Mute: yes" }
    #expect(try eventually(within: 4, isMuted), "\(watcher.log)")
    // And what is held is held meanwhile: somebody opens it.
    #expect(try watcher.wait(for: "applied", count: 1))
    for round in 1...3 {
      try server.pactl("set-sink-mute", "interface", "0")
      #expect(try eventually(within: 2, isMuted), "\(round): \(watcher.log)")
    }
    #expect(try watcher.wait(for: "held", count: 3), "\(watcher.log)")
    unrest.kill()
    #expect(watcher.end() == 0)
  }
}
