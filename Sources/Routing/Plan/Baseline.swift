public import AudioGraph

/// What hproute has changed, and what was there before: what a revert goes back to.
public struct Baseline: Hashable, Sendable {
  /// One attribute that was touched.
  public struct Entry: Hashable, Sendable {
    public var attribute: Attribute
    /// What the server had before the first change.
    public var was: Value
    /// What hproute set last.
    public var set: Value
    /// Whether the profile has been reverted while the device was away, so that its part still has to be done.
    public var isPending: Bool

    public init(_ attribute: Attribute, was: Value, set: Value, isPending: Bool = false) {
      self.attribute = attribute
      self.was = was
      self.set = set
      self.isPending = isPending
    }
  }

  /// In the order in which they were first touched.
  public private(set) var entries: [Entry]

  public init(_ entries: [Entry] = []) { self.entries = entries }

  public var isEmpty: Bool { entries.isEmpty }

  /// How many entries a profile has in force.
  public var inForce: Int { entries.count { !$0.isPending } }

  public subscript(attribute: Attribute) -> Entry? { entries.first { $0.attribute == attribute } }

  /// What hproute set last, by attribute.
  public var lastSet: [Attribute: Value] {
    Dictionary(entries.map { ($0.attribute, $0.set) }, uniquingKeysWith: { $1 })
  }

  /// Notes a change that is about to be made. What an attribute was before the first change stays.
  public mutating func record(_ change: Change) {
    if let index = entries.firstIndex(where: { $0.attribute == change.attribute }) {
      entries[index].set = change.to
      entries[index].isPending = false
    } else {
      entries.append(Entry(change.attribute, was: change.from, set: change.to))
    }
  }

  public mutating func keep(where isKept: (Entry) -> Bool) { entries.removeAll { !isKept($0) } }

  /// Leaves the entries as things a later revert has to do.
  public mutating func markPending() {
    for index in entries.indices { entries[index].isPending = true }
  }

  /// The applications whose streams hproute has moved, and where to.
  func movedApplications() -> [(application: Application, sink: String)] {
    entries.compactMap { entry in
      guard case .position(let identity) = entry.attribute, case .device(let sink?) = entry.set else { return nil }
      return (identity.application, sink)
    }
  }
}
