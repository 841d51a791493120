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
  public private(set) var entries: [Entry] { didSet { places = Self.places(entries) } }
  /// Where in ``entries`` each attribute is.
  private var places: [Attribute: Int]

  public init(_ entries: [Entry] = []) {
    self.entries = entries
    places = Self.places(entries)
  }

  private static func places(_ entries: [Entry]) -> [Attribute: Int] {
    Dictionary(entries.enumerated().map { ($1.attribute, $0) }, uniquingKeysWith: { first, _ in first })
  }

  public var isEmpty: Bool { entries.isEmpty }

  /// How many entries a profile has in force.
  public var inForce: Int { entries.count { !$0.isPending } }

  public subscript(attribute: Attribute) -> Entry? { places[attribute].map { entries[$0] } }

  /// What hproute set last, by attribute.
  public var lastSet: [Attribute: Value] {
    Dictionary(entries.map { ($0.attribute, $0.set) }, uniquingKeysWith: { $1 })
  }

  /// Notes changes that are about to be made to `graph`. What an attribute was before the first change stays.
  public mutating func record(_ changes: [Change], in graph: Graph) {
    var entries = entries
    var places = places
    for change in changes {
      if let place = places[change.attribute] {
        entries[place].set = change.to
        entries[place].isPending = false
      } else {
        places[change.attribute] = entries.count
        let was = graph.hidesVolume(of: change.attribute) ? .unknown : change.from
        entries.append(Entry(change.attribute, was: was, set: change.to))
      }
    }
    self.entries = entries
  }

  public mutating func keep(where isKept: (Entry) -> Bool) { entries.removeAll { !isKept($0) } }

  /// Leaves the entries as things a later revert has to do.
  public mutating func markPending() {
    entries = entries.map { Entry($0.attribute, was: $0.was, set: $0.set, isPending: true) }
  }

  /// An application whose stream hproute has moved, and where to.
  struct Move: Hashable {
    var application: Application
    var sink: String
  }

  func movedApplications() -> Set<Move> {
    Set(
      entries.compactMap { entry in
        guard case .position(let identity) = entry.attribute, case .device(let sink?) = entry.set else { return nil }
        return Move(application: identity.application, sink: sink)
      })
  }
}
