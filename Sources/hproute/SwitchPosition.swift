internal import ArgumentParser

/// What a switch is told: a monitor, a mute, a dim.
enum SwitchPosition: String, CaseIterable, ExpressibleByArgument {
  case on, off, toggle

  func turned(_ isOn: Bool) -> Bool { self == .toggle ? !isOn : self == .on }
}
