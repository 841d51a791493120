import Testing

@testable import hproute

@Suite(.timeLimit(.minutes(45))) struct TableTests {
  private func table() -> Table {
    var table = Table(flexible: [1])
    table.add([.init("*"), .init("Scarlett Solo USB"), .init("match = usb:1235:8211")])
    table.add([.init(" "), .init("耳机"), .init("match = bus:pci")])
    return table
  }

  @Test func columnsLineUpWhateverTheLetters() {
    #expect(
      table().lines(width: nil, color: false) == [
        "*  Scarlett Solo USB  match = usb:1235:8211", "   耳机               match = bus:pci",
      ])
  }

  @Test func onlyWhatMayGivesWay() {
    #expect(table().lines(width: 36, color: false)[0] == "*  Scarlett …  match = usb:1235:8211")
    #expect(table().lines(width: 10, color: false)[0] == "*  Scarlet…  match = usb:1235:8211")
  }

  @Test func controlCharactersAreShown() {
    #expect(Output.printable("a\u{1B}[31m\u{202E}b\n") == "a\\u{1b}[31m\\u{202e}b\\u{a}")
  }
}
