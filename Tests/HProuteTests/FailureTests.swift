import AudioGraph
import Foundation
import PulseAudio
import Routing
import TestSupport
import Testing

/// Changes that real servers do not make: all is as before, and the first error is the one that is told.
@Suite(.timeLimit(.minutes(45))) struct FailureTests {
  @Test(arguments: ServerKind.allCases) func aMonitorThatTheServerRefusesIsUndone(kind: ServerKind) throws {
    let server = try PrivateServer(kind, without: "module-loopback")
    try server.addDesk(microphone: false)
    try server.play("Player")
    let studio = """
      [output phones]
      match  = bus:usb
      volume = 45%
      [input mic]
      match = name:mic-feed.monitor
      [monitor]
      from = mic
      to   = phones
      """
    try server.writeProfile("studio", studio)
    let before = try server.snapshot()
    let outcome = try server.hproute("apply", "studio")
    #expect(outcome.exitCode == 1)
    #expect(outcome.errors.hasPrefix("hproute: error: the sound server refused to load the monitor"), "\(outcome.errors)")
    #expect(outcome.errors.hasSuffix("Everything is as it was before.\n"))
    try server.requireUnchanged(since: before)
    #expect(try server.hproute("status").output.hasPrefix("No profile is applied."))

    // What the profile can do without is left out, and said.
    try server.writeProfile("studio", studio + "\nrequired = no\n")
    let lenient = try server.hproute("apply", "studio")
    #expect(lenient.exitCode == 0)
    #expect(lenient.output.contains("left as it is: monitor"))
    #expect(try server.pactl("get-default-sink") == "interface")
  }

  /// A profile may do without each of its devices, and not without all of them.
  @Test(arguments: ServerKind.allCases) func nothingOfTheProfileIsThere(kind: ServerKind) throws {
    let server = try PrivateServer(kind)
    try server.addDesk()
    let player = try server.play("Player")
    try server.writeProfile(
      "away",
      "[output phones]\nmatch = bus:firewire\nrequired = no\n[input mic]\nmatch = bus:bluetooth\nrequired = no\n[stream Player]\nvolume = 30%\n"
    )
    let before = try server.snapshot()
    for command in [["apply", "away"], ["plan", "away"], ["apply", "away", "--wait", "0.3"], ["cycle", "away"]] {
      let outcome = try Program.run([HProuteBinary.path] + command, environment: server.environment)
      #expect(outcome.exitCode == 3, "\(command): \(outcome)")
      guard command[0] != "cycle" else { continue }
      #expect(
        outcome.errors == """
          hproute: error: none of the devices of the profile is connected:
            [output phones]: no device fits match = bus:firewire
            [input mic]: no device fits match = bus:bluetooth

          """)
    }
    try server.requireUnchanged(since: before)
    #expect(try server.succeed("list").contains("none of its devices is connected"))
    #expect(
      try server.hproute("doctor", "away").output.contains("wrong  interface: none of the devices of the profile is connected:"))
    #expect(try server.hproute("status").output.hasPrefix("No profile is applied."))
    // One of them is enough.
    let waiting = try Program(
      [HProuteBinary.path, "apply", "away", "--wait", "30"], environment: server.environment,
      log: "\(server.directory.path)/waiting.log")
    try server.addSink("late", "Late", "device.bus=firewire")
    #expect(waiting.wait(within: 10) == 0, "\(waiting.logText)")
    #expect(try server.pactl("get-default-sink") == "late")
    withExtendedLifetime(player) {}
  }

  @Test(arguments: ServerKind.allCases) func aSinkThatVanishesBeforeItsVolumeIsSet(kind: ServerKind) throws {
    let server = try PrivateServer(kind)
    try server.addDesk()
    try server.play("Player")
    try server.pactl("load-module", "module-null-sink", "sink_name=doomed", "sink_properties='device.bus=bluetooth'")
    try server.writeProfile("doomed", "[output]\nmatch = bus:bluetooth\nvolume = 20%\n[input]\nmatch = bus:usb\n")

    let report = try Meddler.run(on: server, at: 0, { try server.unload("sink_name=doomed") }) { transaction in
      try transaction.apply(try server.profile("doomed"))
    }.report
    // Which change it is that finds no sink any more depends on how soon the server knows.
    #expect(report.exitCode == 1 && report.result == .rolledBack && report.failure != nil)
    #expect(try server.pactl("get-default-sink") == "builtin")
    #expect(try server.pactl("get-default-source") == "mic-feed.monitor")
    #expect(try server.position(of: "Player") == "builtin")
  }

  /// PulseAudio answers the same whether it cannot load a module or may not, so both are said.
  @Test(arguments: ServerKind.only(.pulseaudio)) func aServerThatForbidsModulesIsUndone(kind: ServerKind) throws {
    let server = try PrivateServer(kind, forbiddingModules: true, withDesk: true)
    try server.writeProfile("studio", ApplyTests.studio)
    try server.pactl("set-default-sink", "builtin")
    let before = try server.snapshot()
    let outcome = try server.hproute("apply", "studio")
    #expect(outcome.exitCode == 1)
    #expect(outcome.errors.contains("Module initialization failed (perhaps this server forbids loading modules)"))
    try server.requireUnchanged(since: before)
  }

  /// PipeWire can be told by its permissions to refuse a client what PulseAudio refuses everybody; the gate does it here.
  @Test(arguments: ServerKind.allCases) func modulesThatAreDenied(kind: ServerKind) throws {
    let desk = try CampaignDesk(kind)
    desk.gate.guardBy { $0.isFromClient && $0.packet.isA(.loadModule) ? .refuse(code: 1) : .pass }
    let outcome = try desk.run(["apply", "studio"])
    #expect(outcome.exitCode == 77)
    #expect(outcome.errors.hasPrefix("hproute: error: the sound server refused to load the input mic"), "\(outcome.errors)")
    #expect(
      outcome.errors.hasSuffix(
        "It forbids this to programs like hproute; see its configuration. Everything is as it was before.\n"))
    try desk.requireState(desk.baseline, "modules that are denied")
    try desk.requireNothingWrittenDown()
  }

  /// A server that refuses everything from some packet on, the first included. PulseAudio answers so whom it does not know,
  /// which takes another user than that of the tests.
  @Test(arguments: ServerKind.allCases) func everythingIsDenied(kind: ServerKind) throws {
    let desk = try CampaignDesk(kind)
    for packet in [0, 2, 4, 6, 9] {
      for command in [["apply", "studio"], ["revert"], ["devices"], ["streams"], ["plan", "studio"]] {
        desk.gate.guardBy { $0.isFromClient && $0.number >= packet ? .refuse(code: 1) : .pass }
        let outcome = try desk.run(command)
        #expect(outcome.exitCode == 77, "\(command) from packet \(packet): \(outcome.exitCode) \(outcome.errors)")
        #expect(
          outcome.errors == "hproute: error: the sound server does not let this program in (access denied).\n",
          "\(outcome.errors)")
      }
      desk.gate.guardBy { $0.isFromClient && $0.number >= packet ? .refuse(code: 1) : .pass }
      let status = try desk.run(["status"])
      #expect(status.exitCode == 0)
      #expect(
        status.output == "No profile is applied.\nThe sound server does not let this program in; this is the last known state.\n",
        "\(status.output)")
      desk.gate.open()
      try desk.requireState(desk.baseline, "everything denied from packet \(packet)")
      try desk.requireNothingWrittenDown()
    }
  }

  /// The number of a module that somebody has removed may be another's by the time it is to be unloaded: whenever that
  /// happens, before the revert or between two looks of it.
  @Test(arguments: ServerKind.allCases) func aModuleWithTheNumberOfOursStays(kind: ServerKind) throws {
    let desk = try CampaignDesk(kind)
    let number = { (text: String) in
      try desk.server.pactl("list", "short", "modules").split(separator: "\n").first { $0.contains(text) }?.split(separator: "\t")
        .first.map(String.init)
    }
    let isSwapped = Shared(false)
    let swap = {
      guard let ours = try number("module-loopback\tsource=hproute.mic") else { return }
      try desk.server.pactl("unload-module", ours)
      #expect(try eventually { try number("module-loopback\tsource=hproute.mic") == nil })
      try desk.server.addSink("stranger", "Television")
      isSwapped.value = true
      // PulseAudio gives no number twice.
      if kind == .pipewire { #expect(try number("sink_name=stranger") == ours) }
    }
    for look in 0... {
      try desk.require(["apply", "studio"])
      let (looks, error) = (Shared(0), Shared<(any Error)?>(nil))
      isSwapped.value = false
      if look == 0 { try swap() }
      let question = Shared<UInt32?>(nil)
      desk.gate.guardBy { passage in
        // The first of the questions that are asked together: when its answer comes, the others have theirs.
        if passage.isFromClient, passage.packet.isA(.serverInfo) { question.value = passage.packet.tag }
        guard !passage.isFromClient, passage.packet.tag == question.value else { return .pass }
        question.value = nil
        looks.value += 1
        if looks.value == look { do { try passage.whileSuspended(swap) } catch let failure { error.value = failure } }
        return .pass
      }
      try desk.require(["revert"])
      desk.gate.open()
      if let error = error.value { throw error }
      #expect(try number("sink_name=stranger") != nil || !isSwapped.value, "look \(look)")
      try desk.server.unload("sink_name=stranger")
      try desk.requireState(desk.baseline, "a module with the number of ours, look \(look)")
      if looks.value < look { break }
    }
  }
}
