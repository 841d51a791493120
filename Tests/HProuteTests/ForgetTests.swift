import Foundation
import TestSupport
import Testing

/// `revert --forget`: what is, stays.
@Suite(.timeLimit(.minutes(45))) struct ForgetTests {
  @Test(arguments: ServerKind.allCases) func nothingIsChanged(kind: ServerKind) throws {
    let server = try KeyTests.desk(kind)
    let before = try server.modules()
    try server.succeed("apply", "studio")
    let applied = try server.snapshot()
    let outcome = try server.hproute("revert", "--forget")
    #expect(outcome.exitCode == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
    // Everything that it was is told once.
    for line in [
      "Scarlett Solo USB, Scarlett Mic: it was 100% (0.0 dB)", "default output: it was Built-in Speakers",
      "monitor Scarlett Mic in Scarlett Solo USB: stays loaded until 'hproute revert', or until the sound server ends",
    ] { #expect(outcome.output.contains("left as it is: \(line)\n"), "\(outcome.output)") }
    #expect(outcome.output.contains("Forgotten: nothing of studio will be put back."), "\(outcome.output)")
    try server.requireUnchanged(since: applied)
    #expect(try server.hproute("status").output.hasPrefix("No profile is applied.\nBut 1 module of hproute's is still loaded"))

    // What is loaded is known by its mark, and no more is.
    try server.succeed("revert")
    #expect(try server.modules() == before)
    #expect(try server.pactl("get-default-sink") == "interface")
    #expect(try server.volume(of: "interface").contains(" 45% "))
    let again = try server.hproute("revert", "--forget", "--json")
    #expect(again.exitCode == 0 && again.output.contains(#""result":"unchanged""#), "\(again.output)")
  }

  /// What has been put back by hand is not lost, so nobody is told of it.
  @Test(arguments: ServerKind.allCases) func onlyWhatIsLostIsTold(kind: ServerKind) throws {
    let server = try KeyTests.desk(kind)
    try server.succeed("apply", "studio")
    try server.chooseDefault("builtin")
    let told = try server.succeed("revert", "--forget")
    #expect(told.contains("it was 100% (0.0 dB)") && !told.contains("default output"), "\(told)")
  }

  /// What waits for a device that is away does not come over it when it returns.
  @Test(arguments: ServerKind.allCases) func whatWaitsIsForgotten(kind: ServerKind) throws {
    let server = try KeyTests.desk(kind)
    try server.succeed("apply", "studio")
    try server.unload("sink_name=interface")
    try server.succeed("revert")
    let waiting = try server.hproute("status", "--json").output
    #expect(!waiting.contains(#""pending":[]"#), "\(waiting)")
    let shown = try server.succeed("status")
    #expect(
      shown.contains("Waiting for a device that is away:\n") && shown.contains("'hproute revert --forget' forgets it.\n"),
      "\(shown)")
    #expect(shown.split(separator: "\n").allSatisfy { $0.count <= 80 }, "\(shown)")
    let outcome = try server.hproute("revert", "--forget", "--json")
    #expect(
      outcome.exitCode == 0 && outcome.output.contains(#""result":"forgotten""#)
        && outcome.output.contains("it was 100% (0.0 dB)"), "\(outcome.output)")
    #expect(try server.hproute("status", "--json").output.contains(#""pending":[]"#))
    // It returns as hproute had left it, which is what would have been changed.
    try server.addSink("interface", "Scarlett Solo USB")
    try server.pactl("set-sink-volume", "interface", "45%")
    #expect(try server.succeed("revert").hasPrefix("Nothing to revert"))
    #expect(try server.volume(of: "interface").contains(" 45% "))
  }

  /// No server is needed to forget.
  @Test(arguments: ServerKind.allCases) func withoutAServer(kind: ServerKind) throws {
    let server = try KeyTests.desk(kind)
    try server.succeed("apply", "studio")
    server.stop()
    let outcome = try server.hproute("revert", "--forget")
    #expect(
      outcome.exitCode == 0 && outcome.output.contains("interface, mic: it was 100% (0.0 dB)"),
      "\(outcome.output)\(outcome.errors)")
    #expect(try server.hproute("status").output.hasPrefix("No profile is applied.\nNo sound server is running"))
  }
}
