internal import AudioGraph

/// Whether there is anything to apply a profile to.
extension Resolution {
  /// A profile may do without each of its devices, but not without all of them: to say that everything is as it wants would
  /// be no help to somebody whose interface is switched off.
  ///
  /// - Throws: ``PlanError/nothingThere(_:)`` where none of its outputs and inputs is there;
  ///   ``PlanError/inAnotherCardProfile(section:candidates:)`` where one would be.
  func requireSomething(of profile: Profile) throws(PlanError) {
    let isNamed = !profile.outputs.isEmpty || !profile.inputs.isEmpty
    // What a card profile brings is told when it is in force.
    guard isNamed, !isPartial, outputs.isEmpty, inputs.isEmpty else { return }
    throw elsewhere ?? .nothingThere(left)
  }
}
