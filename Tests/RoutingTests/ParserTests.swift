import AudioGraph
import Routing
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(45))) struct ParserTests {
  @Test func theProfileOfTheManualIsRead() throws {
    let parsed = MarkedText(
      """
      # studio.profile
      [profile]
      description = Headphones on the audio interface, microphone monitored

      [card interface]
      match   = usb:1235:8211 | usb:1235:8218 | bus:usb
      profile = output:analog-stereo+input:* | HiFi        # optional: card profile

      [output phones]
      card     = interface
      port     = headphones      # optional: port name or port type
      volume   = -24 dB          # or 45%
      limit    = -6 dB           # optional ceiling
      balance  = 0%              # -100% left .. 100% right
      mute     = no

      [input mic]
      card     = interface
      channels = 1
      volume   = 100%

      [monitor]
      from    = mic
      to      = phones
      latency = 20 ms
      volume  = -6 dB

      [output speakers]
      match   = bus:pci
      default = no

      [stream Firefox]
      to      = speakers
      """
    ).parse()
    #expect(parsed.diagnostics.isEmpty)
    let profile = try #require(parsed.profile)
    #expect(profile.description == "Headphones on the audio interface, microphone monitored")
    #expect(profile.cards[0].match.text == "usb:1235:8211 | usb:1235:8218 | bus:usb")
    #expect(profile.cards[0].profiles.map(\.pattern) == ["output:analog-stereo+input:*", "HiFi"])
    #expect(profile.outputs.map(\.label) == ["phones", "speakers"])
    #expect(profile.outputs[0].volume == Volume(decibels: -24))
    #expect(profile.outputs[0].limit == Volume(decibels: -6))
    #expect(profile.outputs[0].ports == ["headphones"])
    #expect(profile.outputs[1].isDefault == false)
    #expect(profile.inputs[0].channels == [.number(1)])
    #expect(
      profile.monitors[0]
        == {
          var monitor = profile.monitors[0]
          (monitor.label, monitor.from, monitor.to, monitor.latency) = ("monitor", "mic", "phones", 20)
          monitor.volume = Volume(decibels: -6)
          return monitor
        }())
    #expect(profile.streamRules[0].pattern == .application(Glob("Firefox", ignoringCase: true)))
  }

  @Test(
    arguments: [
      ("7-8", [.number(7), .number(8)]), ("7, 8", [.number(7), .number(8)]), ("2, 1", [.number(2), .number(1)]),
      ("FL, fr", [.name("front-left"), .name("front-right")]), ("AUX0", [.name("aux0")]), ("front-left", [.name("front-left")]),
    ] as [(String, [ChannelPick])])
  func channels(text: String, picks: [ChannelPick]) throws {
    let profile = try #require(
      Parser.parse(SourceText(name: "p", "[output]\nmatch = bus:usb\nchannels = \(text)\n"), name: "p").profile)
    #expect(profile.outputs[0].channels == picks)
  }

  /// What stands behind a section that cannot be read is nobody's: it does not count for the one before.
  @Test(arguments: ["[output b", "[output b c]", "[]", "[output \"b]", "[output b\u{1}]"])
  func behindAnUnreadableSection(header: String) {
    let text = "[output a]\nmatch = bus:usb\n\(header)\nmatch = bus:pci\nvolumme = loud\n[input]\nmatch = bus:usb\n"
    let parsed = Parser.parse(SourceText(name: "p", text), name: "p")
    #expect(parsed.diagnostics.count == 1, "\(parsed.diagnostics)")
    #expect(parsed.profile == nil)
  }

  /// A mark is where the error has to be; the text is what it has to say.
  @Test(
    arguments: [
      ("[monitor]\n1️⃣latancy = 20 ms", "unknown key 'latancy' in [monitor]", "did you mean 'latency'?"),
      ("[output a]\nmatch = bus:usb\nchannels = 1️⃣frontleft", "there is no channel 'frontleft'", "did you mean 'front-left'?"),
      (
        "[output a]\nmatch = bus:usb\n[output b]\ncombine = a\n[output c]\ncombine = 1️⃣a, b", "[output b] is combined itself",
        "name the outputs that it combines"
      ),
      (
        "[output a]\nmatch = bus:usb\n[output b]\ncombine = 1️⃣a\nport = line",
        "'combine' names other outputs; 'card', 'match', 'port' and 'channels' are about a device", "use one or the other"
      ),
      (
        "[output a]\nmatch = bus:usb\n[output b]\nmatch = bus:pci\n[output c]\ncombine = 1️⃣a b", "'a b' is more than one",
        "write a, b"
      ),
      (
        "[output a]\nmatch = bus:usb\n[output b]\nmatch = bus:pci\n[output c]\ncombine = a, 1️⃣b  a", "'b a' is more than one",
        "write b, a"
      ),
      ("[output]\nmatch = bus:usb\nchannels = 1️⃣7 8", "'7 8' is more than one", "write 7, 8"),
      (
        "[output]\nmatch = bus:usb\nchannels = 1️⃣front-left front-right", "'front-left front-right' is more than one",
        "write front-left, front-right"
      ),
      ("[1️⃣ouput]", "unknown section [ouput]", "did you mean 'output'?"),
      ("[output]\nmatch = bus:usb\n1️⃣match = bus:pci", "'match' stands here a second time", "the first is in line 2"),
      ("[output]\nmatch = 1️⃣buss:usb", "unknown term 'buss:'", "did you mean 'bus:'?"),
      ("[output]\nmatch = 1️⃣usb:12xx:1", "'usb:' takes two hexadecimal numbers", "for example usb:1235:8211"),
      ("[output]\nmatch = bus:usb\nvolume = 1️⃣loud", "'loud' is not a volume", "write it as 45% or as -24 dB"),
      ("[output]\nmatch = bus:usb\nvolume = 1️⃣45,5%", "'45,5%' has a decimal comma", "write '45.5%'"),
      ("[output]\nmatch = bus:usb\nmute = 1️⃣true", "'true' is neither yes nor no", "write 'yes'"),
      (
        "[output]\nmatch = bus:usb\nvolume = 1️⃣101%", "'101%' is louder than 100% (0.0 dB) allows",
        "lower it, or raise 'limit' if this is an output"
      ),
      (
        "[output]\nmatch = bus:usb\nlimit = -20 dB\nvolume = 1️⃣-10 dB", "'-10 dB' is louder than 46.4% (-20.0 dB) allows",
        "lower it, or raise 'limit' if this is an output"
      ),
      ("[output]\nmatch = bus:usb\nbalance = 1️⃣120%", "'120%' is not a balance", "write -100% (left) to 100% (right)"),
      (
        "[output]\nmatch = bus:usb\n[input]\nmatch = bus:usb\n[monitor]\nfrom = 1️⃣inptu\nto = output",
        "there is no [input inptu]", "did you mean 'input'?"
      ),
      (
        "[output]\nmatch = bus:usb\n[input]\nmatch = bus:usb\n[monitor]\nfrom = input\nto = output\nlatency = 1️⃣0 ms",
        "a latency is 1 ms to 30 s", nil
      ),
      ("1️⃣[output]", "[output] does not say which device", "add a line such as match = bus:usb"),
      ("1️⃣volume = 3%", "'volume' stands before any section", "put [output] above it"),
      ("[output]\nmatch = 1️⃣\"bus", "a quote that is not closed", "add '\"' at its end"),
      ("[output]\nmatch = \"a1️⃣\\n\"", "in quotes, '\\' stands only in front of '\"' and '\\'", "write '\\\\' for one backslash"),
      ("[output]\nmatch = bus:usb 1️⃣|", "nothing stands on one side of '|'", nil),
      (
        "[output a]\nmatch = bus:usb\n1️⃣[output]\nmatch = bus:pci", "there is more than one [output]",
        "give each a label: [output NAME]"
      ),
      (
        "[output a]\nmatch = bus:usb\n[output 1️⃣a]\nmatch = bus:pci", "[output a] stands here a second time",
        "the first is in line 1"
      ),
      ("[output 1️⃣ä]\nmatch = bus:usb", "'ä' is no label", "use letters, digits, '.', '_' and '-'"),
      ("1️⃣[output\nmatch = bus:usb", "a section that does not end", "write it as [section] or [section LABEL]"),
      ("1️⃣hello", "neither a [section] nor 'key = value'", "a comment starts with '#'"),
      ("[output]\n1️⃣match =", "'match' has no value", "write one behind '=', or remove the line"),
      (
        "[output a]\nmatch = bus:usb\ndefault = yes\n[output b]\nmatch = bus:pci\ndefault = 1️⃣yes",
        "a second [output] says default = yes", "only one can be the default"
      ),
      ("[output a]\nmatch = bus:usb\n[output b]\ncombine = 1️⃣b", "an output cannot be combined with itself", nil),
      ("[output]\nmatch = bus:usb\nchannels = 1️⃣0", "channels are numbered from 1 to 32", nil),
      ("[output]\nmatch = bus:usb\nchannels = 1️⃣31-33", "channels are numbered from 1 to 32", nil),
      ("[output]\nmatch = bus:usb\nchannels = 1️⃣8-7", "a range goes up", "write 8, 7 for two channels in that order"),
      ("[output]\nmatch = bus:usb\nchannels = 1️⃣1-4", "a pair or a single channel can be picked", "name one or two"),
      ("[output]\nmatch = bus:usb\nchannels = 1, 1️⃣1-2", "channel 1-2 is named twice", nil),
      (
        "[output]\nmatch = bus:usb\nchannels = 1️⃣+1", "there is no channel '+1'",
        "write its number, counted from 1, or a name such as front-left or aux2"
      ),
      (
        "[output]\nmatch = bus:usb\nchannels = 1️⃣aux+5", "there is no channel 'aux+5'",
        "write its number, counted from 1, or a name such as front-left or aux2"
      ),
      ("1️⃣[stream]\nvolume = 3%", "[stream] needs an application", "for example [stream Firefox]"),
      ("[profile]\npriority = 1️⃣high", "'high' is not a whole number", "for example 10"),
      ("[output]\nmatch = bus:usb\nvo1️⃣\u{1}lume = 3%", "control character 0x1", "remove it"),
      ("[output]\nmatch = bus:usb\n1️⃣\0", "a NUL byte; a profile is plain text", nil),
    ] as [(String, String, String?)])
  func aMistakeIsToldAtItsPlace(marked: String, message: String, help: String?) throws {
    let text = MarkedText(marked)
    let parsed = text.parse()
    let errors = parsed.diagnostics.filter { $0.severity == .error }
    let found = try #require(errors.first { $0.message == message }, "told was: \(errors.map(\.message))")
    #expect(found.range.lowerBound == text.marks["1️⃣"])
    #expect(found.help == help)
    #expect(parsed.profile == nil)
  }

  @Test func allMistakesAreToldInOneRun() {
    let parsed = MarkedText(Sample.elevenMistakes).parse()
    #expect(
      parsed.diagnostics.map(\.message) == [
        "unknown key 'streems' in [profile]", "unknown term 'buss:'", "'300%' is louder than 100% (0.0 dB) allows",
        "'true' is neither yes nor no", "[output phones] stands here a second time",
        "[input mic] does not say which device", "there is no [input mik]", "there is no [output phone]",
        "'20' is not a duration",
        "unknown section [strema]", "neither a [section] nor 'key = value'",
      ])
  }

  /// What is printed, and the time it takes, grow with the file and not with its square.
  @Test func aLongLineOfMistakesIsShort() {
    let line = "[output]\nmatch = " + String(repeating: "x: ", count: 100_000) + "\n"
    let source = SourceText(name: "p", line)
    let parsed = Parser.parse(source, name: "p")
    #expect(!parsed.diagnostics.isEmpty && parsed.diagnostics.count <= 9)
    let text = parsed.diagnostics.map { DiagnosticRenderer().render($0, in: source) }.joined()
    #expect(text.utf8.count < 20_000)
  }

  @Test func aDiagnosticLooksLikeACompilers() {
    let source = SourceText(
      name: "studio.profile",
      "\u{FEFF}[output]\r\nmatch = bus:usb\r\n[input]\nmatch = bus:usb\n[monitor]\n\n\n\n\n\nfrom = input\nlatancy = 20 ms\nto = output\n"
    )
    let parsed = Parser.parse(source, name: "studio")
    #expect(parsed.diagnostics.count == 1)
    #expect(
      parsed.diagnostics.map { DiagnosticRenderer().render($0, in: source) }.joined() == """
        studio.profile:12:1: error: unknown key 'latancy' in [monitor]
         12 | latancy = 20 ms
            | ^~~~~~~ did you mean 'latency'?

        """)
  }

  @Test func columnsCountCharactersAndNotBytes() {
    let source = SourceText(name: "p", "[output]\nmatch = \"é漢\" buss:usb\n")
    let text = Parser.parse(source, name: "p").diagnostics.map { DiagnosticRenderer().render($0, in: source) }.joined()
    #expect(text.hasPrefix("p:2:14: error"))
  }

  @Test func quotesAndCommentsAreWhatTheFormatSays() throws {
    let profile = try #require(
      MarkedText(
        """
        [profile]
        description = "a # b; \\"c\\""
        [output]
        match = "USB Audio" name:"a b*" | serial:x#y   # the serial holds a '#', for no blank is in front of it
        [stream "Web Content"]
        volume = -3dB
        [stream role:phone]
        mute = yes
        """
      ).parse().profile)
    #expect(profile.description == "a # b; \"c\"")
    #expect(profile.outputs[0].match?.text == "\"USB Audio\" name:\"a b*\" | serial:\"x#y\"")
    #expect(profile.streamRules.map(\.pattern) == [.application(Glob("Web Content", ignoringCase: true)), .role("phone")])
    #expect(profile.streamRules[0].volume == Volume(decibels: -3))
    #expect(profile.streamRules.allSatisfy { $0.kind == .sink })
  }

  @Test func whatRecordsHasRulesOfItsOwn() throws {
    let text = "[input mic]\nmatch = bus:usb\n[recording OBS]\nfrom = mic\nvolume = 50%\n[recording role:phone]\nmute = yes\n"
    let rules = try #require(Parser.parse(SourceText(name: "p", text), name: "p").profile).streamRules
    #expect(rules.map(\.kind) == [.source, .source] && rules.map(\.device) == ["mic", nil])
    #expect(rules[0].volume == Volume(percent: 50) && rules[1].pattern == .role("phone") && rules[1].mute == true)
    let wrong = "[input mic]\nmatch = bus:usb\n[recording]\nto = mic\n"
    let messages = Parser.parse(SourceText(name: "p", wrong), name: "p").diagnostics.map(\.message)
    #expect(Parser.parse(SourceText(name: "p", wrong), name: "p").diagnostics.last?.help?.hasPrefix("write 'from'") == true)
    #expect(messages == ["[recording] needs an application", "unknown key 'to' in [recording]"], "\(messages)")
  }

  @Test func rulesThatDoNothingAreWarnedOf() {
    let output = "[output phones]\nmatch = bus:usb\n"
    let messages = { (rules: String) in
      let parsed = Parser.parse(SourceText(name: "p", output + rules), name: "p")
      #expect(parsed.profile != nil && parsed.diagnostics.allSatisfy { $0.severity == .warning })
      return parsed.diagnostics.map(\.message)
    }
    let talk = "[stream Talk]\nto = phones\n"
    #expect(
      messages("[stream *]\nvolume = 50%\n\(talk)") == [
        "[stream Talk] is never used: [stream *], which stands before it, fits the same programs"
      ])
    #expect(messages("[stream Ta*]\nvolume = 50%\n\(talk)").count == 1)
    #expect(messages("[stream *]\nvolume = 50%\n[stream role:phone]\nto = phones\n").count == 1)
    #expect(messages("\(talk)[stream *]\nvolume = 50%\n") == [])
    #expect(messages("[stream Ta?k*]\nvolume = 50%\n[stream T*]\nto = phones\n") == [])
    // What records is another matter.
    #expect(messages("[recording *]\nmute = no\n\(talk)") == [])
    #expect(messages("[stream Talk]\n") == ["[stream Talk] says nothing"])
    // It keeps the program from the next one.
    #expect(messages("[stream Talk]\n[stream *]\nto = phones\n") == [])
    #expect(messages("\(talk)[recording Zoom]\n") == ["[recording Zoom] says nothing"])
  }

  /// The ninth socket here, and the seventeenth there.
  @Test func namesOfNumberedChannelsAreWarnedOf() {
    let parsed = Parser.parse(SourceText(name: "p", "[output]\nmatch = bus:usb\nchannels = aux8, 4\n"), name: "p")
    #expect(parsed.profile != nil && parsed.diagnostics.map(\.severity) == [.warning])
    #expect(parsed.diagnostics[0].message.hasPrefix("'aux8' is not the same socket on every server"))
  }

  @Test func onlyALimitThatIsThereIsHeld() {
    let hold = { (section: String) in
      Parser.parse(SourceText(name: "p", "\(section)\nmatch = bus:usb\n"), name: "p")
    }
    #expect(hold("[output]\nlimit = 50%\nhold = limit").profile?.outputs[0].hold == .limit)
    #expect(hold("[output]\nhold = yes").profile?.outputs[0].hold == .everything)
    #expect(hold("[output]\nhold = limit").diagnostics.map(\.message) == ["'hold = limit' needs a limit"])
    #expect(hold("[input]\nhold = limit").diagnostics.map(\.message) == ["only an [output] has a limit"])
    #expect(hold("[output]\nlimit = 50%\nhold = often").diagnostics.map(\.message) == ["'often' is neither yes, no nor limit"])
  }

  @Test func textTakesTheWholeValue() throws {
    let profile = try #require(
      MarkedText("[profile]\ndescription = 5\" of Tom's, \\o/ | all\n[hook]\nafter-apply = echo \"a\" | cat\n").parse().profile)
    #expect(profile.description == "5\" of Tom's, \\o/ | all")
    #expect(profile.hooks.afterApply == "echo \"a\" | cat")
  }

  /// What is cut off in silence is no guard, and half a description.
  @Test func whatIsTextHasNoCommentBehindIt() throws {
    let parsed = MarkedText(
      """
      # before
      [profile]
      description = Song #1 ; and #2   # all of it
      streams = keep   # a comment
      [output]   ; a comment
      match = bus:usb ; a comment
      [hook]
      before-apply = check ; exit 7
        after-apply= echo # a shell knows this one
      after-revert = #
      # after-apply = none
      """
    ).parse()
    #expect(parsed.diagnostics.isEmpty)
    let profile = try #require(parsed.profile)
    #expect(profile.description == "Song #1 ; and #2   # all of it")
    #expect(
      profile.hooks
        == {
          var hooks = profile.hooks
          (hooks.beforeApply, hooks.afterApply, hooks.afterRevert) = ("check ; exit 7", "echo # a shell knows this one", "#")
          return hooks
        }())
    #expect(profile.streams == .keep && profile.outputs[0].match?.text == "bus:usb")
    // Text in quotes, and something behind it.
    let quoted = MarkedText("[profile]\ndescription = \"a\" ; b\n").parse().profile
    #expect(quoted?.description == "\"a\" ; b")
  }

  @Test func aFileThatIsTooLargeIsRefused() {
    let source = SourceText(name: "p", bytes: Array(repeating: UInt8(ascii: "#"), count: SourceText.maximumSize + 1))
    let parsed = Parser.parse(source, name: "p")
    #expect(parsed.diagnostics.map(\.message) == ["the file is larger than 1 MiB; a profile is a few lines"])
  }

  @Test func invalidUTF8IsToldAtItsByte() {
    let bytes = Array("[output]\nmatch = é".utf8) + [0xFF] + Array("\nvolume = 3%\n".utf8)
    let parsed = Parser.parse(SourceText(name: "p", bytes: bytes), name: "p")
    #expect(parsed.diagnostics.first { $0.message == "this is not UTF-8" }?.range == 19..<20)
  }

  @Test(arguments: [
    "card = c", "port = line", "channels = 1,2", "hold = yes", "volume = 3%", "balance = 3%", "limit = -3 dB", "mute = yes",
    "default = yes", "required = no",
  ])
  func anOutputMaySayIt(line: String) {
    let card = line.hasPrefix("card") ? "[card c]\nmatch = bus:usb\n" : ""
    let parsed = MarkedText("\(card)[output]\nmatch = bus:usb\n\(line)\n").parse()
    #expect(parsed.profile != nil && parsed.diagnostics.isEmpty)
  }
}
