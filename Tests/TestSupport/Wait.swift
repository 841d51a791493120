internal import Foundation

/// Asks again and again until something is so.
///
/// - Returns: false where it was not so within `seconds`.
public func eventually(within seconds: Double = 10, _ condition: () throws -> Bool) rethrows -> Bool {
  let deadline = ContinuousClock.now + .seconds(seconds)
  while try !condition() {
    guard ContinuousClock.now < deadline else { return false }
    usleep(2000)
  }
  return true
}

/// Asks until something has been so for `duration` seconds without a break: what a session manager puts back some time
/// later has been put back.
public func steadily(for duration: Double = 0.2, within seconds: Double = 10, _ condition: () throws -> Bool) rethrows -> Bool {
  try eventually(within: seconds) {
    try condition() && !eventually(within: duration) { try !condition() }
  }
}
