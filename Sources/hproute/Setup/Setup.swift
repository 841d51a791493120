internal import AudioGraph
internal import PulseAudio
internal import Routing

/// Asks what a first profile needs to know, and changes nothing while it asks.
struct Setup {
  let session: Session
  let server: SoundServer
  let graph: Graph
  let questioner: Questioner

  /// What came of it.
  struct Result {
    var name: String
    var text: String
    var isForLogin: Bool
  }

  func ask() throws(CommandFailure) -> Result {
    questioner.say("A few questions. Enter takes what is in brackets; Ctrl-C ends it, and nothing has changed.")
    let interface = try chooseInterface()
    let output = try findOutput(interface)
    var answers = SetupAnswers(output: output, volume: try volume(of: output))
    if let microphone = try findMicrophone(interface) {
      (answers.input, answers.inputChannels) = (microphone.source, microphone.channels)
      (answers.hearsOneself, answers.knowsOfDirectMonitoring) = (try hearOneself(interface), interface.directMonitoring != nil)
    }
    let name = try name()
    let isForLogin = try yes("Apply it at every login, and whenever the interface is switched on? y or n", usual: false)
    return Result(name: name, text: answers.text(name, in: graph), isForLogin: isForLogin)
  }

  // MARK: - Questions

  private func chooseInterface() throws(CommandFailure) -> Interface {
    let all = Interface.all(in: graph)
    guard let first = all.first else {
      throw CommandFailure(
        exitCode: 3, sentence: "there is no output. 'hproute doctor' says what may be wrong. Nothing was changed.")
    }
    let external = all.filter(\.isExternal)
    if external.count == 1 || all.count == 1 {
      questioner.say("Your interface: \(first.title).")
      return first
    }
    questioner.say(
      "Which interface are the headphones on?\n" + all.enumerated().map { "  \($0 + 1)  \($1.title)" }.joined(separator: "\n"))
    while true {
      let answer = try questioner.ask("A number", usual: "1") ?? ""
      if let number = Int(answer), all.indices.contains(number - 1) { return all[number - 1] }
    }
  }

  private func volume(of pair: Interface.Pair) throws(CommandFailure) -> Volume {
    let present = graph.hidesVolume(of: .volume(pair.sink.device.object)) ? .full : pair.sink.volume.loudest
    let usual = present > .inaudible && present.percent < 45 ? "\(Int(present.percent.rounded()))%" : "45%"
    while true {
      let answer = try questioner.ask("How loud should it be? In percent, or in dB", usual: usual) ?? usual
      let word = answer.allSatisfy(\.isNumber) ? "\(answer)%" : answer
      let text = "[output]\nmatch = bus:usb\nvolume = \(word)\n"
      if let volume = Parser.parse(SourceText(name: "", text), name: "").profile?.outputs.first?.volume, volume > .inaudible {
        return volume
      }
      questioner.say("'\(answer)' is no volume between 16% and 100%: 45% and -20 dB are.")
    }
  }

  private func hearOneself(_ interface: Interface) throws(CommandFailure) -> Bool {
    if let means = interface.directMonitoring {
      questioner.say(
        "\(interface.title) lets you hear yourself without any delay: \(means). Use that, and answer n; with both "
          + "you hear yourself twice.")
    }
    return try yes("Hear yourself in the headphones, through the computer, 20 ms later? y or n", usual: false)
  }

  private func name() throws(CommandFailure) -> String {
    let free = (["mine"] + (2...99).map { "mine-\($0)" }).first { (try? session.store.find($0)) == nil } ?? "mine"
    while true {
      let answer = ProfileStore.name(of: try questioner.ask("What should the profile be called?", usual: free) ?? free)
      guard ProfileStore.isName(answer) else {
        questioner.say("Names begin with a letter or digit, and go on with these and . _ -")
        continue
      }
      // Who answers so has taken it for another question.
      guard !["y", "yes", "n", "no"].contains(answer.lowercased()) else {
        questioner.say("A name is wanted here, such as \(free).")
        continue
      }
      guard let former = try? session.store.find(answer) else { return answer }
      questioner.say("There is a profile '\(answer)' already: \(former.path)")
    }
  }

  func yes(_ question: String, usual: Bool, until deadline: ContinuousClock.Instant? = nil) throws(CommandFailure) -> Bool {
    while true {
      guard let answer = try questioner.ask(question, usual: usual ? "y" : "n", until: deadline) else { return false }
      switch answer.lowercased() {
      case "y", "yes": return true
      case "n", "no": return false
      default: questioner.say("y for yes, n for no.")
      }
    }
  }
}
