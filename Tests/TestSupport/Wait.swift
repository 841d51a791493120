internal import Foundation

/// Asks again and again until something is so.
///
/// - Returns: false where it was not so within `seconds`.
public func eventually(within seconds: Double = 10, _ condition: () throws -> Bool) rethrows -> Bool {
  let deadline = ContinuousClock.now + .seconds(seconds)
  var breath = Breath()
  while try !condition() {
    guard ContinuousClock.now < deadline else { return false }
    breath.take()
  }
  return true
}

/// A pause between two questions, twice as long as the question took: who asks a program of pactl without a break takes a core
/// away from what he is waiting for.
struct Breath {
  private var asked = ContinuousClock.now

  mutating func take() {
    let took = (ContinuousClock.now - asked) / .microseconds(1)
    usleep(UInt32(min(max(2000, took * 2), 50_000)))
    asked = .now
  }
}

/// Asks until something has been so for `duration` seconds without a break: what a session manager puts back some time
/// later has been put back.
public func steadily(for duration: Double = 0.2, within seconds: Double = 10, _ condition: () throws -> Bool) rethrows -> Bool {
  try eventually(within: seconds) {
    try condition() && !eventually(within: duration) { try !condition() }
  }
}
