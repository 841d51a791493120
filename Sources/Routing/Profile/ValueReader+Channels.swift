internal import AudioGraph

/// `channels = 3, 4`, `3-4`, `front-left, front-right` or `FL, FR`.
extension ValueReader {
  /// The channels that are picked, in the order in which they are written: `2, 1` swaps the two.
  mutating func channels() -> [ChannelPick] {
    var picks: [ChannelPick] = []
    // More than a pair is an error; a few more are read for what else is wrong with them.
    for part in (parts("channels", separator: ",") ?? []).prefix(32) {
      guard part.count == 1 else {
        reportMissingComma(part)
        continue
      }
      for pick in channels(part[0]) {
        if picks.contains(pick) { report(part[0].range, .channelTwice(part[0].text)) }
        picks.append(pick)
      }
    }
    if picks.count > 2, let range = range("channels") { report(range, .tooManyChannels) }
    return picks
  }

  /// A channel, or the ends of a range and what is between them.
  private mutating func channels(_ word: Lexer.Word) -> [ChannelPick] {
    let numbers = word.text.split(separator: "-", omittingEmptySubsequences: false)
    if numbers.count == 2, let first = Self.number(numbers[0]), let last = Self.number(numbers[1]) {
      guard 1 <= first, last <= 32 else {
        report(word.range, .badChannelNumber)
        return []
      }
      guard first < last else {
        report(word.range, .rangeGoesDown(first, last))
        return []
      }
      return (first...last).map(ChannelPick.number)
    }
    if let number = Self.number(word.text[...]) {
      if (1...32).contains(number) { return [.number(number)] }
      report(word.range, .badChannelNumber)
    } else if let name = Self.name(word.text.lowercased()) {
      // The first of PulseAudio's have places; PipeWire counts from the beginning.
      if name.hasPrefix("aux") { add([Diagnostic(.warning, at: word.range, .numberedName(word.text))]) }
      return [.name(name)]
    } else {
      report(word.range, .unknownChannel(word.text))
    }
    return []
  }

  /// Int reads a sign as well; as a channel `+1` says nothing.
  private static func number(_ text: Substring) -> Int? { text.allSatisfy(\.isNumber) ? Int(text) : nil }

  private static func name(_ text: String) -> String? {
    ChannelMap.isPosition(text) ? text : ChannelMap.shortNames[text]
  }
}

extension Diagnostic.Message {
  fileprivate static let badChannelNumber = Self("channels are numbered from 1 to 32")
  fileprivate static func rangeGoesDown(_ first: Int, _ last: Int) -> Self {
    Self(
      "a range goes up",
      help: first == last ? "write \(first) for one channel" : "write \(first), \(last) for two channels in that order")
  }
  fileprivate static func channelTwice(_ text: String) -> Self { Self("channel \(text) is named twice") }
  fileprivate static func numberedName(_ text: String) -> Self {
    Self(
      "'\(text)' is not the same socket on every server: PipeWire calls all channels so, PulseAudio those behind eight",
      help: "write its number, as 'hproute devices --json' counts it: channels = 9, 10")
  }
  fileprivate static let tooManyChannels = Self("a pair or a single channel can be picked", help: "name one or two")
  fileprivate static func unknownChannel(_ text: String) -> Self {
    Self(
      "there is no channel '\(text)'",
      help: Suggestion.nearest(to: text.lowercased(), among: ChannelMap.names).map { "did you mean '\($0)'?" }
        ?? "write its number, counted from 1, or a name such as front-left or aux2")
  }
}
