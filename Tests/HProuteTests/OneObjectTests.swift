import Foundation
import TestSupport
import Testing

/// With `--json` a run prints one object, also when it fails.
@Suite(.timeLimit(.minutes(45))) struct OneObjectTests {
  /// The only object on standard output, which says how the run has ended.
  private func failure(_ arguments: [String], _ environment: [String: String]) throws -> [String: Any] {
    let outcome = try Program.run([HProuteBinary.path] + arguments + ["--json"], environment: environment)
    let title = arguments.joined(separator: " ")
    // Two objects in a row are no JSON.
    let object = try? JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any]
    let found = try #require(object, "\(title): \(outcome.output)\(outcome.errors)")
    #expect(outcome.output.hasPrefix("{\"schema\":1,") && outcome.output.hasSuffix("}\n"), "\(title)")
    let error = try #require(found["error"] as? [String: Any], "\(title): \(outcome.output)")
    #expect(outcome.exitCode != 0 && error["exit"] as? Int == Int(outcome.exitCode), "\(title): \(outcome)")
    #expect((error["message"] as? String)?.isEmpty == false && error["objects"] is [Any], "\(title)")
    return found
  }

  @Test func everyCommandThatFails() throws {
    let directory = try TemporaryDirectory()
    try directory.write("[output]\nmatch = bus:usb\n", to: "profiles/usb.profile")
    try directory.write("rubbish\n", to: "profiles/wrong.profile")
    var environment = [
      "HOME": directory.path, "PULSE_SERVER": "unix:\(directory.path)/no-server",
      "HPROUTE_PROFILE_PATH": "\(directory.path)/profiles",
      "XDG_DATA_DIRS": directory.path,
    ]
    let failing = [
      ["apply", "nosuch"], ["apply", "usb"], ["apply", "wrong"], ["apply", "usb", "--dry-run"],
      ["apply", "usb", "--confirm", "5"],
      ["apply", "usb", "--wait", "0.1"], ["revert"], ["plan", "nosuch"], ["plan", "usb"], ["devices"], ["streams"],
      ["check", "nosuch"],
      ["check", "usb", "nosuch", "nor-this"], ["show", "nosuch"], ["save", "here"], ["save", "../here"], ["doctor", "nosuch"],
      ["test", "nosuch"], ["toggle", "nosuch"], ["toggle", "usb"], ["cycle", "nosuch"], ["cycle"], ["monitor", "off"],
      ["monitor", "of"],
      ["watch", "nosuch"], ["watch", "./usb.profile"], ["autostart", "enable"], ["autostart", "enable", "nosuch"], ["aply"], [],
    ].map { $0.isEmpty ? ["--no-such-option"] : $0 }
    for arguments in failing { _ = try failure(arguments, environment) }
    // Whatever the command.
    let groups = ["enable", "disable", "status"]
    for command in try HelpWords().commands.subtracting(["hproute", "help"]) {
      _ = try failure([command, "--timeout", "0"], environment)
      if groups.contains(command) { _ = try failure(["autostart", command, "--timeout", "0"], environment) }
    }
    environment["HOME"] = nil
    for arguments in [["status"], ["apply", "usb"], ["save", "here"]] { _ = try failure(arguments, environment) }
    // What was found all the same stands beside it.
    let checked = try failure(["check", "usb", "nosuch"], environment)
    #expect((checked["profiles"] as? [[String: Any]])?.map { $0["name"] as? String } == ["usb"])
  }

  @Test func withAServer() throws {
    let server = try PrivateServer(.any)
    try server.addDesk()
    try server.writeProfile("usb", "[output]\nmatch = bus:usb\n")
    try server.writeProfile("away", "[output]\nmatch = bus:firewire\n")
    _ = try failure(["monitor", "off"], server.environment)
    _ = try failure(["apply", "away"], server.environment)
    _ = try failure(["apply", "usb", "--confirm", "5"], server.environment)
    try server.succeed("save", "here")
    _ = try failure(["save", "here"], server.environment)
    try server.succeed("apply", "usb")
    _ = try failure(["monitor", "off"], server.environment)
    _ = try failure(["monitor", "off", "nosuch"], server.environment)
    _ = try failure(["test", "nosuch"], server.environment)
    // What is undone is told in the report itself.
    try server.writeProfile("hook", "[output]\nmatch = bus:pci\n[hook]\nbefore-apply = exit 3\n")
    _ = try failure(["apply", "hook"], server.environment)
    server.pids.forEach { kill($0, SIGSTOP) }
    defer { server.pids.forEach { kill($0, SIGCONT) } }
    _ = try failure(["apply", "usb", "--timeout", "0.2"], server.environment)
  }
}
