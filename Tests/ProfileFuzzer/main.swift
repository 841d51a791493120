import Routing
import SeededRandom

// Mutates profiles and parses them, until it has done so as often as it was told, or the parser has crashed.
//
//     ProfileFuzzer [COUNT [SEED]]

let whole = """
  # a profile with everything in it
  [profile]
  description = Headphones on the audio interface, microphone monitored
  streams = move
  auto = yes
  priority = 10
  [card interface]
  match   = usb:1235:8211 | usb:1235:8218 serial:Y7 | bus:usb
  profile = output:analog-stereo+input:* | HiFi
  [output phones]
  card     = interface
  match    = name:"alsa_output.*" | "Scarlett Solo" | form:headphone
  port     = headphones | line
  channels = 1, aux2
  volume   = -24 dB
  limit    = -6 dB
  balance  = -12.5%
  mute     = no
  default  = yes
  required = no
  hold     = yes
  [output both]
  combine = phones, speakers
  [input mic]
  card     = interface
  channels = 1
  volume   = 100%
  [monitor]
  from    = mic
  to      = phones
  latency = 20 ms   ; a comment
  volume  = -6 dB
  [output speakers]
  match   = bus:pci
  default = no
  [stream "Web \\"Content\\""]
  to      = speakers
  [stream role:phone]
  volume = 50%
  [hook]
  after-apply = notify-send "it's done" | cat
  """

let interesting: [[UInt8]] = [
  Array("[".utf8), Array("]".utf8), Array("=".utf8), Array("\"".utf8), Array("\\".utf8), Array("|".utf8), Array(",".utf8),
  Array("#".utf8), Array(";".utf8), Array("\n".utf8), Array("\r\n".utf8), Array("\t".utf8), [0], [0xFF], [0xC3], [0xE2, 0x82],
  [0xEF, 0xBB, 0xBF], Array("999999999999999999999999".utf8), Array("-1e309 dB".utf8), Array("0x".utf8), Array("%".utf8),
  Array("[output]".utf8), Array("volume = ".utf8), Array("é漢👩‍👩‍👧".utf8), Array("nan dB".utf8), Array("usb:::".utf8),
]

let seedText = Array(whole.utf8)
let count = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 1_000_000
let seed = CommandLine.arguments.dropFirst(2).first.flatMap { UInt64($0) } ?? 1
var random = SeededRandom(seed: seed)
var valid = 0
var diagnostics = 0
let lines = seedText.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map(Array.init)

for number in 0..<count {
  // A few of the lines, so that a case is quick and sections meet in every order.
  var bytes = (0..<Int.random(in: 1...12, using: &random)).flatMap { _ in
    lines.randomElement(using: &random)! + [UInt8(ascii: "\n")]
  }
  for _ in 0..<Int.random(in: 0...6, using: &random) where !bytes.isEmpty {
    let place = Int.random(in: 0..<bytes.count, using: &random)
    switch Int.random(in: 0..<5, using: &random) {
    case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
    case 1: bytes.remove(at: place)
    case 2: bytes.insert(contentsOf: interesting.randomElement(using: &random)!, at: place)
    case 3: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...20, using: &random)))
    default: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 30)], at: place)
    }
  }
  let source = SourceText(name: "fuzz.profile", bytes: bytes)
  let parsed = Parser.parse(source, name: "fuzz")
  let renderer = DiagnosticRenderer()
  for diagnostic in parsed.diagnostics {
    let text = renderer.render(diagnostic, in: source)
    precondition(text.utf8.allSatisfy { $0 >= 0x20 || $0 == 0x0A }, "case \(number): a control character is printed")
  }
  precondition((parsed.profile == nil) == parsed.hasErrors, "case \(number): errors and a profile, or neither")
  valid += parsed.profile == nil ? 0 : 1
  diagnostics += parsed.diagnostics.count
}
print("\(count) mutated profiles from seed \(seed): \(valid) valid, \(diagnostics) diagnostics, no crash")
