internal import Foundation

/// What was before the first apply, and what others than hproute have done since.
struct DeskHistory: Sendable {
  /// The profile in force.
  var applied: String?
  /// Whether a revert has left something to do until everything is plugged in again.
  var waits = false
  private(set) var baseline: DeskState?
  /// What others have made of a fact; any of these may be there after a revert.
  private var others: [DeskFact: Set<String>] = [:]
  private var ended: Set<DeskObject> = []
  /// Cards and jacks that are not as they were when the desk was made; and when the baseline was.
  private var changed: Set<String> = []
  private var changedBefore: Set<String> = []
  /// The volume of every port that was in use before hproute came.
  private var portVolumes: [DeskObject: [String: String]] = [:]

  /// Whether everything is plugged in as it was before the first apply.
  var isComplete: Bool { changed == changedBefore }

  mutating func begin(_ state: DeskState) {
    baseline = state
    others = [:]
    ended = []
    changedBefore = changed
    for object in state.objects { learn(object, state) }
  }

  /// What a port's volume is, for when it is the active one again.
  mutating func learn(_ object: DeskObject, _ state: DeskState) {
    if let port = state[object, "port"], let volume = state[object, "volume"] { portVolumes[object, default: [:]][port] = volume }
  }

  mutating func meddled(_ step: RandomStep, from before: DeskState, to after: DeskState) {
    switch step {
    case .unplug(let card), .plug(let card): changed.formSymmetricDifference([card])
    case .jack(let card, let port, _): changed.formSymmetricDifference(["\(card) \(port)"])
    case .set(let setting): allow(setting.fact, setting.value)
    default: break
    }
    for object in before.objects where object.isStream && !after.exists(object) {
      // A stream that ends with its device is not one that somebody has ended, but it cannot come back either.
      ended.insert(object)
    }
    for (fact, value) in after.facts where before.facts[fact] != value { allow(fact, value) }
    // Where a stream was that has lost its device is for the server to say.
    for (fact, value) in before.facts where after.facts[fact] != value { allow(fact, after.facts[fact] ?? "") }
    if case .set(let setting) = step, setting.fact.attribute == "volume", let port = after[setting.fact.object, "port"] {
      portVolumes[setting.fact.object]?[port] = nil
    }
  }

  private mutating func allow(_ fact: DeskFact, _ value: String) { others[fact, default: []].insert(value) }

  /// Whether somebody else has had a hand in it.
  private func isLoose(_ fact: DeskFact) -> Bool {
    // Who has moved a stream has a say in where it ends, and so has the server that took it along.
    fact.attribute == "device" && others[fact] != nil
  }

  /// What a revert has not brought back.
  func complaints(from baseline: DeskState, to state: DeskState) -> [String] {
    differences(from: baseline, to: state) { fact, wanted, found in
      if isLoose(fact) || others[fact]?.contains(found ?? "") == true { return true }
      if fact.attribute.hasPrefix("jack") { return true }
      // Until everything is plugged in again, what depends on it may be elsewhere.
      if !isComplete, [.stream, .recording, .server, .module].contains(fact.object.kind) || fact.attribute != "volume" {
        return true
      }
      guard fact.attribute == "volume", let port = state[fact.object, "port"], port != baseline[fact.object, "port"] else {
        return false
      }
      // Of another port than before, the volume that port had.
      return portVolumes[fact.object]?[port].map { $0 == found } ?? true
    }
  }

  /// - Parameter isFine: whether a difference may be.
  func differences(
    from before: DeskState, to after: DeskState, except isFine: (DeskFact, String?, String?) -> Bool = { _, _, _ in false }
  ) -> [String] {
    let own = Set(before.ownDevices.keys).union(after.ownDevices.keys)
    var complaints: [String] = []
    for (fact, wanted) in before.facts where !own.contains(fact.object.name) {
      let found = after.facts[fact]
      if found == wanted || isFine(fact, wanted, found) || !after.canHold(fact, wanted) { continue }
      if !after.exists(fact.object) {
        if fact.attribute == "there", !fact.object.comesAndGoes, !ended.contains(fact.object), isComplete {
          complaints.append("\(fact.object) gone: it is not there")
        }
      } else {
        complaints.append("\(fact): wanted \(wanted), found \(found ?? "nothing")")
      }
    }
    for object in after.objects where [.sink, .source, .module].contains(object.kind) && !own.contains(object.name) {
      let fact = DeskFact(object, "there")
      if !before.exists(object), isComplete, !isFine(fact, nil, "yes"), others[fact] == nil {
        complaints.append("\(object) more than before: it was not there")
      }
    }
    return complaints
  }
}
