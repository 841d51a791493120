internal import Foundation
internal import SeededRandom

/// A desk, some profiles for it and what is done, all from one number.
struct RandomSequence: Sendable {
  let seed: UInt64
  let isMeddled: Bool
  var desk: RandomDesk
  var profiles: [RandomProfile] = []
  var steps: [RandomStep] = []

  init(seed: UInt64) throws {
    self.seed = seed
    var random = SeededRandom(seed: seed &* 0x2545_F491_4F6C_DD1D)
    isMeddled = chance(50, &random)
    desk = try RandomDesk(&random)
    for index in 0..<Int.random(in: 1...3, using: &random) {
      profiles.append(RandomProfile(["alpha", "beta", "gamma"][index], for: desk, &random))
    }
    var thrower = StepThrower(desk: desk, profiles: profiles, isMeddled: isMeddled)
    steps = thrower.steps(&random)
  }

  func profile(_ name: String) -> RandomProfile? { profiles.first { $0.name == name } }

  /// As somebody would type it on such a desk.
  func script(on kind: ServerKind) -> String {
    var lines = ["# \(kind), SEED=\(seed)"]
    lines += desk.cards.map { "plug \($0.file.id)" }
    lines += desk.modules.map { "pactl load-module \($0.words.joined(separator: " "))" }
    lines += desk.players.map { (["desk-player"] + $0.words).joined(separator: " ") + " &" }
    lines += desk.settings.map(\.description)
    for profile in profiles {
      lines.append("cat >\(profile.name).profile <<END")
      lines += profile.text.split(separator: "\n").map(String.init)
      lines.append("END")
    }
    return (lines + steps.map(\.description)).joined(separator: "\n")
  }
}
