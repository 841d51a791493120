internal import AudioGraph

extension Device {
  /// With the port in use, unless the description says it already, or there is nothing to tell apart.
  var title: String {
    guard ports.count > 1, let port, !description.contains(port.description) else { return description }
    return "\(description) (\(port.description))"
  }
}
