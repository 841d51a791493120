internal import AudioGraph

/// What comes of a change that was refused, or of which nothing came, and of a server that is lost.
extension Reconciler {
  mutating func accept(_ refusal: Refusal, _ before: Graph) throws(Failure) {
    let attribute = refusal.change.attribute
    if attribute.isStream && graph.value(of: attribute) == nil { return }  // It has ended.
    // What a profile needs of a device that has just left the next plan says better than "No such entity".
    if mode == .apply, isAboutAbsentDevice(refusal.change) { return }
    if pace.allowsSecondMove(refusal.change) { return }
    // A session manager may be set up to send a program elsewhere, or to remember nothing. It has been asked: once is enough.
    if mode == .apply, refusal.isIgnored, wanted.contains(where: { $0.attribute == attribute }) {
      let reason = "\(refusal.reason); 'hproute watch' places them as they begin"
      return left.append(Left(object: AttributeText(graph).object(refusal.change), reason: reason))
    }
    if isDispensable(attribute) { return leave(refusal.change, attribute.isPlacement ? Left.isFixed : refusal.reason) }
    try fail(Failure(refusal, in: before), attribute)
  }

  private func isAboutAbsentDevice(_ change: Change) -> Bool {
    let device = change.outcome.destination ?? change.attribute.device
    return device.map { !OwnDevice.isOne($0.name) && graph.device($0.kind, named: $0.name) == nil } ?? false
  }

  mutating func giveUp(_ change: Change) throws(Failure) {
    if isDispensable(change.attribute) { return leave(change, "the sound server has not done it") }
    let object = AttributeText(graph).object(change)
    try fail(.noEffect(object: object, action: change.action, seconds: timeout / .seconds(1)), change.attribute)
  }

  /// A stream that the server does not move stays where it is, and that is no failure; nor is what a profile does not
  /// require.
  func isDispensable(_ attribute: Attribute) -> Bool {
    if attribute.isPlacement { return true }
    if case .userModule = attribute { return true }
    return optional.contains(attribute)
  }

  mutating func leave(_ change: Change, _ reason: String) {
    context.exempt.insert(change.attribute)
    left.append(Left(object: AttributeText(graph).object(change), reason: reason))
  }

  mutating func fail(_ failure: Failure, _ attribute: Attribute) throws(Failure) {
    guard mode == .undo else { throw failure }
    context.exempt.insert(attribute)
    // Of a device that has left: not a problem, but something that waits for it.
    if graph.value(of: attribute) != nil { problems.append((attribute, failure)) }
  }

  /// A signal does not keep an undoing from its end, nor does a lost connection, if the same run of the server can be
  /// asked again.
  mutating func survive(_ error: ServerError) throws(Failure) {
    guard mode == .undo else { throw Failure(error) }
    switch error {
    case .interrupted: return
    case .connectionLost where !hasReconnected, .unreachable where !hasReconnected:
      hasReconnected = true
      guard let now = server.regain(cookie: graph.server.cookie) else { throw Failure(error) }
      graph = now
      // pipewire-pulse may have been started again, and have lost what it had loaded.
      pace.noteNewServer()
    default: throw Failure(error)
    }
  }
}
