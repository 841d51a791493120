import Foundation
import TestSupport
import Testing

/// `hproute setup`: with the obvious answers to the right profile, and no trace of one that was not finished.
@Suite(.timeLimit(.minutes(45))) struct SetupTests {
  /// A person at a terminal who answers what is asked.
  private final class Conversation {
    let terminal: PseudoTerminal
    private var seen = 0

    init(_ server: PrivateServer, _ arguments: String...) throws {
      terminal = try PseudoTerminal(
        [HProuteBinary.path, "setup"] + arguments, environment: server.environment, columns: 100,
        log: "\(server.directory.path)/terminal.log")
    }

    var text: String { terminal.text }

    /// Waits for the next question; nil if there is none any more.
    func question() -> String? {
      var rest = ""
      let isAsked = eventually {
        rest = String(decoding: text.utf8.dropFirst(seen), as: UTF8.self)
        return rest.contains("]: ") || !terminal.program.isRunning
      }
      guard isAsked, terminal.program.isRunning else { return nil }
      seen += rest.utf8.count
      return rest.split(separator: "\n").last { $0.contains("]: ") }.map(String.init)
    }

    /// Presses Enter until it ends.
    ///
    /// - Returns: the questions.
    func finish() -> [String] {
      var questions: [String] = []
      while let question = question(), questions.count < 30 {
        questions.append(question)
        terminal.type("\n")
      }
      return questions
    }
  }

  private func profiles(_ server: PrivateServer) -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: "\(server.directory.path)/config/hproute/profiles")) ?? []
  }

  /// What the names of a card's devices begin with.
  private static let titles = [
    "solo": "Scarlett Solo", "eighteen": "Scarlett 18i20", "mixer": "USB Audio CODEC", "headset": "WH-1000XM4",
  ]

  @Test(arguments: ServerKind.allCases, titles.keys.sorted()) func theObviousAnswers(kind: ServerKind, card: String) throws {
    let server = try CardTests.desk(kind, try SimulatedCard(card))
    try server.play("Music")
    let before = try server.snapshot()
    let conversation = try Conversation(server)
    let questions = conversation.finish()
    #expect(conversation.terminal.program.wait(within: 10) == 0, "\(conversation.text)")
    #expect((5...12).contains(questions.count), "\(questions)")
    #expect(profiles(server) == ["mine.profile"])
    let heard = try server.succeed("status", "--format", "{output}|{volume}|{input}").split(separator: "|")
    let name = try #require(Self.titles[card])
    #expect(heard[0].contains(name) && ["40 %", "45 %"].contains(heard[1]), "\(heard) \(conversation.text)")
    // A headset that plays well has no microphone.
    #expect(heard[2].contains(card == "headset" ? "Built-in" : name), "\(heard)")
    #expect(conversation.text.contains("Undo: hproute revert"))
    try server.succeed("revert")
    try server.requireUnchanged(since: before)
    // It is a profile like any other.
    #expect(try server.hproute("check", "mine").exitCode == 0)
    try server.succeed("apply", "mine")
    try server.succeed("revert")
    try server.requireUnchanged(since: before)
  }

  /// The interface is switched off before the last answer: what was answered is a profile all the same, if its owner wants it.
  @Test(arguments: ServerKind.allCases, [true, false]) func anInterfaceThatLeaves(kind: ServerKind, isKept: Bool) throws {
    let server = try CardTests.desk(kind, try SimulatedCard("solo"))
    let conversation = try Conversation(server)
    var question = try #require(conversation.question())
    while !question.contains("at every login") {
      conversation.terminal.type("\n")
      question = try #require(conversation.question(), "\(conversation.text)")
    }
    // While it waits for an answer it listens to nothing any more.
    #expect(try eventually { try !server.pactl("list", "source-outputs").contains("Levels") })
    try server.unplug("solo")
    let before = try server.snapshot()
    conversation.terminal.type("\n")
    #expect(try #require(conversation.question(), "\(conversation.text)").contains("Keep your answers as 'mine'?"))
    conversation.terminal.type(isKept ? "\n" : "n\n")
    #expect(conversation.terminal.program.wait(within: 10) == 3, "\(conversation.text)")
    #expect(profiles(server) == (isKept ? ["mine.profile"] : []))
    try server.requireUnchanged(since: before)
    guard isKept else { return }
    try server.plug("solo")
    try server.succeed("apply", "mine")
    #expect(try server.succeed("status", "--format", "{output}").contains("Scarlett Solo"))
  }

  /// Whatever ends it at whichever question.
  @Test(arguments: ServerKind.allCases, ["interrupt", "end", "kill", "hang up"])
  func whoDoesNotFinishHasChangedNothing(kind: ServerKind, ending: String) throws {
    let server = try PrivateServer(kind)
    try server.addDesk()
    try server.play("Music")
    let before = try server.snapshot()
    var (place, isOver) = (0, false)
    repeat {
      let conversation = try Conversation(server)
      var asked = 0
      while asked < place, conversation.question() != nil {
        conversation.terminal.type("\n")
        asked += 1
      }
      isOver = conversation.question() == nil
      if !isOver {
        switch ending {
        case "interrupt": conversation.terminal.type("\u{03}")
        case "end": conversation.terminal.type("\u{04}")
        case "kill": conversation.terminal.program.kill()
        default: conversation.terminal.hangUp()
        }
        #expect(conversation.terminal.program.wait(within: 10) != 0, "question \(place): \(conversation.text)")
        #expect(profiles(server).isEmpty)
        #expect(
          try eventually { try server.succeed("status").hasPrefix("No profile is applied.") && server.snapshot() == before },
          "question \(place), \(ending): \(conversation.text.suffix(300))")
      }
      place += 1
    } while !isOver && place < 20
    #expect(place > 6)
    try server.succeed("revert")
  }

  /// Killed at the last question, it goes back to the profile of before as that was turned.
  @Test(arguments: ServerKind.allCases) func aKillGoesBackToTheProfileOfBefore(kind: ServerKind) throws {
    let server = try PrivateServer(kind)
    try server.addDesk()
    try server.writeProfile("mine", "[output]\nmatch = bus:pci\nvolume = 40%\n")
    try server.succeed("apply", "mine")
    try server.succeed("volume", "25%")
    let before = try server.snapshot()
    let conversation = try Conversation(server)
    while let question = conversation.question(), !question.contains("Is it right so?") { conversation.terminal.type("\n") }
    #expect(try server.pactl("get-default-sink") == "interface", "\(conversation.text)")
    conversation.terminal.program.kill()
    #expect(
      try eventually { try server.succeed("status").hasPrefix("mine is applied.") && server.snapshot() == before },
      "\(conversation.text)")
    #expect(profiles(server).isEmpty)
    #expect(try server.succeed("volume") == "output: 25% (-36.1 dB)\n")
    try server.succeed("revert")
  }

  /// From -60 dB to -30, whatever the volume of the output is, and no louder for who does not answer.
  @Test(arguments: ServerKind.allCases, ["100%", "150%", "70%"]) func theToneIsQuiet(kind: ServerKind, volume: String) throws {
    let server = try PrivateServer(kind)
    try server.addDesk()
    try server.pactl("set-sink-volume", "interface", volume)
    let recording = try Recording(of: "interface.monitor", on: server)
    let conversation = try Conversation(server)
    #expect(conversation.question() != nil)
    // It gives up by itself.
    #expect(eventually(within: 30) { conversation.text.contains("No tone was heard.") }, "\(conversation.text)")
    let (peak, wanted) = (recording.peak(), Float(pow(10, -30.0 / 20)))
    #expect(peak <= wanted * 1.02 && peak > wanted * 0.7, "\(peak), and not \(wanted)")
    conversation.terminal.program.kill()
  }

  @Test(arguments: ServerKind.allCases) func answersFromAFile(kind: ServerKind) throws {
    let server = try PrivateServer(kind)
    try server.addDesk()
    try server.play("Voice", tone: Tone(frequency: 300, peak: 0.1), to: "mic-feed")
    let before = try server.snapshot()
    try server.directory.write(
      "# Where I hear it\n\n30\n\n# all of it\n1\ny\n\nn\ny\n", to: "answers")
    let file = "\(server.directory.path)/answers"
    let outcome = try server.hproute("setup", "--answers", file)
    #expect(outcome.exitCode == 0, "\(outcome)")
    let text = try server.directory.read("config/hproute/profiles/mine.profile")
    #expect(text.contains("volume  = 30%") && text.contains("[monitor]") && text.contains("direct  = off"), "\(text)")
    #expect(try server.volume(of: "interface").contains(" 30% "))
    #expect(try server.pactl("list", "modules").contains("module-loopback"))
    try server.succeed("revert")
    try server.requireUnchanged(since: before)
    // One that says no in the end, and one that ends too soon.
    try server.directory.write("\n30\n\n1\nn\nother\nn\nn\n", to: "answers")
    let no = try server.hproute("setup", "--answers", file)
    #expect(no.exitCode == 1, "\(no)")
    try server.directory.write("\n30\n", to: "answers")
    let short = try server.hproute("setup", "--answers", file)
    #expect(short.exitCode == 64 && short.errors.contains("the file of answers ends before this question."), "\(short)")
    #expect(profiles(server) == ["mine.profile"])
    try server.requireUnchanged(since: before)
    // What is so already is kept all the same; a file from another system is read as well.
    try server.pactl("set-sink-volume", "interface", "5%")
    try server.directory.write("\r\n\r\nn\r\nfirst\r\nn\r\ny\r\n", to: "answers")
    let first = try server.hproute("setup", "--answers", file)
    #expect(first.exitCode == 0, "\(first)")
    try server.directory.write("\n45%\nn\nsecond\nn\n", to: "answers")
    let second = try server.hproute("setup", "--quiet", "--answers", file)
    #expect(second.output.isEmpty && second.errors.isEmpty, "\(second)")
    #expect(second.exitCode == 0, "\(second)")
    #expect(profiles(server).sorted() == ["first.profile", "mine.profile", "second.profile"])
    #expect(try server.succeed("status").hasPrefix("second is applied."))
    try server.succeed("revert")
    let nobody = try server.hproute("setup")
    #expect(nobody.exitCode == 64 && nobody.errors.contains("there is no terminal to ask in."), "\(nobody)")
  }
}
