internal import AudioGraph

extension Resolution {
  /// What the user has turned wins over what the profile says. A device that is away, or a port that is not in use, has nothing
  /// to turn.
  mutating func turn(_ controls: Controls) {
    for (attribute, value) in controls.levels where graph.value(of: attribute) != nil {
      if let place = settings.firstIndex(where: { $0.attribute == attribute }) {
        settings[place] = Setting(attribute, value)
      } else {
        settings.append(Setting(attribute, value))
      }
    }
  }
}
