import Foundation
import TestSupport
import Testing

/// Two devices that fit: a question in a terminal, `--on` anywhere else, and the answer is kept.
@Suite(.timeLimit(.minutes(45))) struct QuestionTests {
  private static let studio = "[output phones]\nmatch = bus:usb\nvolume = 45%\n"

  /// A desk with two interfaces that the profile fits, which came along with the system.
  private func desk(_ kind: ServerKind) throws -> (PrivateServer, [String]) {
    let server = try PrivateServer(kind)
    try server.addDesk()
    try server.addSink("second", "Second Interface", "device.bus=usb")
    try server.directory.write(Self.studio, to: "system/hproute/profiles/studio.profile")
    return (server, try server.snapshot())
  }

  private func environment(_ server: PrivateServer) -> [String: String] {
    var environment = server.environment
    environment["XDG_DATA_DIRS"] = "\(server.directory.path)/system"
    environment["HPROUTE_PROFILE_PATH"] = nil
    return environment
  }

  /// An apply that has asked, and waits for an answer.
  private func asked(_ server: PrivateServer, _ arguments: String...) throws -> PseudoTerminal {
    let terminal = try apply(server, arguments)
    #expect(
      eventually {
        terminal.text.contains("Two devices fit [output phones] of studio:")
          && terminal.text.contains("or Enter to change nothing: ")
      }, "\(terminal.text)")
    return terminal
  }

  private func apply(_ server: PrivateServer, _ arguments: [String] = []) throws -> PseudoTerminal {
    try PseudoTerminal(
      [HProuteBinary.path, "apply", "studio"] + arguments, environment: environment(server),
      log: "\(server.directory.path)/terminal.log")
  }

  @Test(arguments: ServerKind.allCases) func theAnswerIsKept(kind: ServerKind) throws {
    let (server, before) = try desk(kind)
    let terminal = try asked(server)
    try server.requireUnchanged(since: before)
    terminal.type("9\n")
    #expect(eventually { terminal.text.contains("A number from 1 to 2, alone or with ") }, "\(terminal.text)")
    terminal.type("2\n")
    #expect(terminal.program.wait(within: 10) == 0, "\(terminal.text)")
    #expect(try server.pactl("get-default-sink") == "second")
    let kept = try server.directory.read("config/hproute/profiles/studio.profile")
    #expect(kept.contains("base = studio") && kept.contains("[output phones]"), "\(kept)")
    // Nobody is asked again, not even after a revert.
    try server.succeed("revert")
    try server.requireUnchanged(since: before)
    let again = try apply(server)
    #expect(again.program.wait(within: 10) == 0, "\(again.text)")
    #expect(!again.text.contains("Two devices"), "\(again.text)")
    #expect(try server.pactl("get-default-sink") == "second")
    try server.succeed("revert")
  }

  /// One's own profile is changed in its place, and what fitted before fits again if the device is away.
  @Test(arguments: ServerKind.allCases) func theAnswerIsKeptInOnesOwn(kind: ServerKind) throws {
    let (server, before) = try desk(kind)
    let own = "config/hproute/profiles/studio.profile"
    try server.directory.write("# Mine\n[output phones]\nmatch  = bus:usb   # any\nvolume = 40%\n", to: own)
    let terminal = try asked(server)
    terminal.type("2\n")
    #expect(terminal.program.wait(within: 10) == 0, "\(terminal.text)")
    #expect(
      try server.directory.read(own)
        == "# Mine\n[output phones]\nmatch  = \"Second Interface\" | bus:usb   # any\nvolume = 40%\n")
    try server.succeed("revert")
    try server.requireUnchanged(since: before)
    try server.pactl("unload-module", "module-null-sink")
    try server.addSink("third", "Third Interface", "device.bus=usb")
    let again = try apply(server)
    #expect(again.program.wait(within: 10) == 0, "\(again.text)")
    #expect(try server.pactl("get-default-sink") == "third")
  }

  /// An answer to something that does not stay is not kept.
  @Test(arguments: ServerKind.allCases) func whatIsNotConfirmedIsNotKept(kind: ServerKind) throws {
    let (server, before) = try desk(kind)
    let terminal = try asked(server, "--confirm", "60")
    terminal.type("2\n")
    #expect(eventually { terminal.text.contains("Do you hear it?") }, "\(terminal.text)")
    terminal.type("n")
    #expect(terminal.program.wait(within: 10) == 1, "\(terminal.text)")
    #expect(!FileManager.default.fileExists(atPath: "\(server.directory.path)/config/hproute/profiles/studio.profile"))
    try server.requireUnchanged(since: before)
  }

  @Test(arguments: ServerKind.allCases, ["\n", "\u{4}"]) func whoSaysNothingChangesNothing(kind: ServerKind, key: String) throws {
    let (server, before) = try desk(kind)
    let terminal = try asked(server)
    terminal.type(key)
    #expect(terminal.program.wait(within: 10) == 3, "\(terminal.text)")
    #expect(eventually { terminal.text.contains("error: nothing was chosen. Nothing was changed.") }, "\(terminal.text)")
    #expect(!FileManager.default.fileExists(atPath: "\(server.directory.path)/config/hproute/profiles/studio.profile"))
    try server.requireUnchanged(since: before)
  }

  @Test(arguments: ServerKind.allCases) func onceIsNotKept(kind: ServerKind) throws {
    let (server, before) = try desk(kind)
    let terminal = try asked(server)
    terminal.type("2 once\n")
    #expect(terminal.program.wait(within: 10) == 0, "\(terminal.text)")
    #expect(try server.pactl("get-default-sink") == "second")
    #expect(!FileManager.default.fileExists(atPath: "\(server.directory.path)/config/hproute/profiles/studio.profile"))
    try server.succeed("revert")
    try server.requireUnchanged(since: before)
  }

  /// Ctrl-C at the question.
  @Test(arguments: ServerKind.allCases) func aSignalChangesNothing(kind: ServerKind) throws {
    let (server, before) = try desk(kind)
    let terminal = try asked(server)
    terminal.type("\u{3}")
    #expect(terminal.program.wait(within: 10) == 130, "\(terminal.text)")
    try server.requireUnchanged(since: before)
  }

  @Test(arguments: ServerKind.allCases) func onAnswersOnTheCommandLine(kind: ServerKind) throws {
    let (server, before) = try desk(kind)
    try server.writeProfile("studio", Self.studio + "[input mic]\nmatch = name:mic\n[monitor]\nfrom = mic\nto = phones\n")
    // In a script there is no question, and the command that answers it.
    let asked = try server.hproute("apply", "studio")
    #expect(asked.exitCode == 3 && asked.errors.contains("Second Interface: --on "), "\(asked.errors)")
    for on in ["name:second", "Second", "\"Second Interface\" bus:usb"] {
      let outcome = try server.hproute("apply", "studio", "--on", on)
      #expect(outcome.exitCode == 0, "\(on): \(outcome.errors)")
      #expect(try server.pactl("get-default-sink") == "second")
      // What works on the profile that is applied knows which device it is.
      try server.succeed("monitor", "off")
      try server.succeed("apply", "studio", "--on", on)
      #expect(try server.hproute("doctor").errors.isEmpty)
      try server.succeed("revert")
      try server.requireUnchanged(since: before)
    }
    for on in ["nothing", "name:builtin", "bus:pci"] {
      let outcome = try server.hproute("apply", "studio", "--on", on)
      #expect(outcome.exitCode == 3, "\(on): \(outcome.errors)")
      try server.requireUnchanged(since: before)
    }
    for on in ["", "buss:usb", "usb:1"] { #expect(try server.hproute("apply", "studio", "--on", on).exitCode == 64, "\(on)") }
  }

  private func written(_ server: PrivateServer) throws -> String {
    let folder = "\(server.directory.path)/state/hproute"
    return try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".journal") }
      .map { try String(contentsOfFile: "\(folder)/\($0)", encoding: .utf8) }.joined()
  }

  @Test(arguments: ServerKind.allCases) func whatWasAskedForIsWrittenDown(kind: ServerKind) throws {
    let (server, _) = try desk(kind)
    try server.writeProfile("studio", Self.studio)
    try server.succeed("apply", "studio", "--on", "name:second")
    let journal = try written(server)
    #expect(journal.contains("\non name:second\n"), "\(journal)")
    try server.succeed("apply", "studio", "--on", "name:interface")
    #expect(try server.pactl("get-default-sink") == "interface")
    #expect(try written(server).contains("\non name:interface\n"))
    try server.succeed("revert")
  }

  // MARK: - What another card profile has

  /// A laptop whose loudspeakers and headphones are in two card profiles, with headphones plugged in.
  private func laptop(_ kind: ServerKind) throws -> (PrivateServer, [String]) {
    let desk = DeskTests.Desk(name: "49-sof-headphones-plugged-speaker-profile", claims: [])
    let server = try desk.server(kind)
    let headphones = try #require(try server.listed("cards").first?.name)
    try server.pactl("set-card-profile", headphones, "HiFi (HDMI1, HDMI2, HDMI3, Headphones, Mic1, Mic2)")
    try DeskTests.Desk.settle(server)
    try #require(try server.pactl("get-default-sink").contains("Headphones"))
    return (server, try server.snapshot())
  }

  @Test(arguments: ServerKind.allCases) func anotherCardProfileIsOffered(kind: ServerKind) throws {
    let (server, before) = try laptop(kind)
    let refused = try server.hproute("apply", "speakers")
    #expect(refused.exitCode == 3, "\(refused)")
    let offer =
      "Speaker of Lunar Lake-M HD Audio Controller, in its card profile 'HiFi (HDMI1, HDMI2, HDMI3, Mic1, Mic2, Speaker)'"
    #expect(refused.errors.contains("\(offer): --on port:speaker\n"), "\(refused)")
    try server.requireUnchanged(since: before)

    try server.succeed("apply", "speakers", "--on", "port:speaker")
    #expect(try server.pactl("get-default-sink").contains("Speaker"))
    #expect(try server.succeed("plan", "speakers", "--on", "port:speaker").contains("Nothing to do"))
    #expect(try server.succeed("status").contains("speakers"))
    // Without a word it stays where it is, and a word that does not fit is not passed over.
    #expect(try server.succeed("apply", "speakers").hasPrefix("Nothing to do"))
    let other = try server.hproute("apply", "headphones", "--on", "port:speaker")
    #expect(other.exitCode == 3, "\(other)")
    try server.succeed("apply", "speakers", "--on", "port:speaker")
    #expect(try server.pactl("get-default-sink").contains("Speaker"))
    try server.succeed("apply", "headphones", "--on", "port:headphones")
    #expect(try server.pactl("get-default-sink").contains("Headphones"))
    try server.succeed("revert")
    try DeskTests.Desk.settle(server)
    try server.requireUnchanged(since: before)
  }

  @Test(arguments: ServerKind.allCases) func anotherCardProfileIsKept(kind: ServerKind) throws {
    let (server, before) = try laptop(kind)
    let terminal = try PseudoTerminal(
      [HProuteBinary.path, "apply", "speakers"], environment: server.environment, log: "\(server.directory.path)/terminal.log")
    #expect(
      eventually {
        terminal.text.contains("is only in another card profile") && terminal.text.contains("Enter to change nothing: ")
      }
    )
    terminal.type("1\n")
    #expect(terminal.program.wait(within: 10) == 0, "\(terminal.text)")
    #expect(try server.pactl("get-default-sink").contains("Speaker"))
    try server.succeed("revert")
    try DeskTests.Desk.settle(server)
    try server.requireUnchanged(since: before)
    // Nobody is asked again.
    try server.succeed("apply", "speakers")
    #expect(try server.pactl("get-default-sink").contains("Speaker"))
    try server.succeed("revert")
  }

  /// A headset has its microphone in the card profile that sounds worse: without a word the profile does without it.
  @Test(arguments: ServerKind.allCases) func aMicrophoneInAnotherCardProfileIsNamed(kind: ServerKind) throws {
    let card = try SimulatedCard("headset")
    let server = try CardTests.desk(kind, card)
    try server.pactl("set-card-profile", card.name, "a2dp-sink")
    try DeskTests.Desk.settle(server)
    let before = try server.snapshot()
    try server.writeProfile(
      "call", "[output phones]\nmatch = bus:bluetooth\nvolume = 40%\n[input mic]\nmatch = bus:bluetooth\nrequired = no\n")
    let applied = try server.succeed("apply", "call")
    #expect(
      applied.contains("[input mic]: Headset of ") && applied.contains("in its card profile 'headset-head-unit'"), "\(applied)")
    #expect(try server.activeProfile(of: card.name) == "a2dp-sink")
    try server.succeed("apply", "call", "--on", "port:headset")
    #expect(try server.activeProfile(of: card.name) == "headset-head-unit")
    #expect(try server.succeed("plan", "call", "--on", "port:headset").contains("Nothing to do"))
    let microphone = try server.pactl("get-default-source")
    #expect(microphone.contains("00_11_22_33_44_55") && !microphone.hasSuffix(".monitor"), "\(microphone)")
    try server.succeed("revert")
    try DeskTests.Desk.settle(server)
    try server.requireUnchanged(since: before)
  }
}
