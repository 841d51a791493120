public import AudioGraph

/// Which of several devices that fit a section is meant, if something speaks for one of them.
///
/// Each criterion leaves those that it prefers, if there are any, to the next one; if more than one is left at the end, hproute
/// does not guess. Tried on desks from public reports: each of them is needed by some, and makes none wrong.
struct DevicePreference {
  /// The card on which the rest of the profile is; nil if nothing speaks for one. Asked only if there is something to choose.
  var card: () -> UInt32? = { nil }
  /// Names of the devices that the profile has taken when it was applied.
  var inUse: Set<String> = []
  /// What somebody has answered, in any order.
  var answers: @Sendable (Device) -> Bool = { _ in false }

  private typealias Criterion = (reason: String, prefers: @Sendable ([Device]) -> [Device])

  private var asked: Criterion { ("it was asked for with --on", { [answers] devices in devices.filter(answers) }) }

  /// A gamepad that is plugged in to be charged takes nothing away from a profile that is in force.
  private var takenAlready: Criterion {
    ("the profile is applied to it", { [inUse] devices in devices.filter { inUse.contains($0.name) } })
  }

  /// A webcam and a second microphone are no reason to ask. Devices of software have no card, and may be in front of one.
  private var besideTheRest: Criterion {
    let card = card()
    return (
      "it is on the same card as the rest of the profile",
      { devices in card == nil || devices.contains { $0.card == nil } ? [] : devices.filter { $0.card == card } }
    )
  }

  /// An interface whose sockets are sinks of their own: MOTU M4, Scarlett 18i20. Never the highest priority alone: on a mixer
  /// that is the loudest, or the mix that is sent; on a MOTU UltraLite mk5 the first line is the loudspeakers, beside one for
  /// headphones.
  private static let socket: Criterion = (
    "of the sockets of its card the server would rather have this one",
    { devices in
      guard areOfOneCard(devices), devices.allSatisfy({ $0.kind == .sink }) else { return [] }
      let best = devices.map(\.portPriority).max()
      let first = devices.filter { $0.portPriority == best }
      guard first.count == 1 else { return [] }
      let isFirstLine = first[0].name.contains("__Line1__") && !first[0].isDigital && !devices.contains { $0.hasPort(ears) }
      return first[0].hasPort(ears) || isFirstLine ? first : []
    }
  )

  private static let ears = ["headphones", "headset"]

  /// An interface whose microphone and line inputs are sources of their own.
  private static let microphone: Criterion = (
    "it is the microphone of its card",
    { devices in areSources(devices) ? devices.filter { $0.hasPort(["mic", "headset"]) } : [] }
  )

  /// Scarlett Solo, 4th generation: the ports of both inputs are of the kind of a microphone, and the second is called one.
  private static let called: Criterion = (
    "it is called a microphone",
    { devices in areSources(devices) ? devices.filter(\.isCalledMicrophone) : [] }
  )

  /// Scarlett 18i20, UMC204HD: several microphones that are alike. Where one is known to be plugged in, or is that of a headset,
  /// they are not.
  private static let first: Criterion = (
    "it is the first microphone of its card",
    { devices in
      let areAlike = !devices.contains { $0.hasPort(["headset"]) || $0.ports.contains { $0.availability == .yes } }
      return areSources(devices) && areAlike ? devices.filter { $0.name.contains("__Mic1__") } : []
    }
  )

  private static func areOfOneCard(_ devices: [Device]) -> Bool { Set(devices.map(\.card)).count == 1 && devices[0].card != nil }

  private static func areSources(_ devices: [Device]) -> Bool {
    areOfOneCard(devices) && devices.allSatisfy { $0.kind == .source }
  }

  /// - Parameter candidates: all that fit.
  /// - Returns: those that are left, and why the others are not; nil if none had to go.
  func narrowed(_ candidates: [Device]) -> (devices: [Device], reason: String?) {
    guard candidates.count > 1 else { return (candidates, nil) }
    var (devices, reason) = (candidates, String?.none)
    for criterion in [asked, takenAlready, besideTheRest, Self.socket, Self.microphone, Self.called, Self.first]
    where devices.count > 1 {
      let preferred = criterion.prefers(devices)
      guard !preferred.isEmpty, preferred.count < devices.count else { continue }
      (devices, reason) = (preferred, criterion.reason)
    }
    return (devices, reason)
  }
}

extension Graph {
  /// Of each card with several devices of a kind the one that fits where all of them do, and why; no card where that is asked.
  public func preferredDevices(_ kind: DeviceKind) -> [(device: Device, reason: String)] {
    cards.compactMap { card in
      let (devices, reason) = DevicePreference().narrowed(devices(kind, of: card).filter { !$0.isUnplugged })
      return devices.count == 1 ? reason.map { (devices[0], $0) } : nil
    }
  }
}

extension Device {
  fileprivate var portPriority: UInt32 { ports.map(\.priority).max() ?? 0 }

  fileprivate func hasPort(_ types: [String]) -> Bool { ports.contains { types.contains($0.type ?? "") } }

  private var words: [Substring] { description.lowercased().split { !$0.isLetter } }

  fileprivate var isCalledMicrophone: Bool { words.contains { $0.hasPrefix("mic") } }

  fileprivate var isDigital: Bool { words.contains { ["coaxial", "optical", "digital", "spdif", "pdif", "adat"].contains($0) } }
}
