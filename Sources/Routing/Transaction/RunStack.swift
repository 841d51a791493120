internal import SystemPackage

/// The commands that run under a profile of their own, the first one first, and what each goes back to when it ends.
///
/// They may end in any order: what one goes back to that ends before a later one is what the later one goes back to.
public struct RunStack: Hashable, Sendable {
  /// One of them.
  public struct Run: Hashable, Sendable {
    /// What tells it from the others.
    public var id: String
    /// Where the server answers that it is about.
    public var address: String
    /// The profile that was applied for it.
    public var profile: String
    /// The profile that was in force before; nil if none was.
    public var former: String?
    /// Which of several devices was meant then; see ``Profile/on``.
    public var on: [MatchExpression]

    /// What the user had turned then.
    public var controls: Controls

    /// Stores its parameters.
    public init(
      id: String, address: String, profile: String, former: String?, on: [MatchExpression] = [], controls: Controls = Controls()
    ) {
      (self.id, self.address, self.profile, self.former) = (id, address, profile, former)
      (self.on, self.controls) = (on, controls)
    }
  }

  var runs: [Run] = []

  /// Nothing runs.
  public init() {}

  /// Adds one that begins.
  public mutating func begin(_ run: Run) { runs.append(run) }

  /// Takes one away that has ended.
  ///
  /// - Returns: the run, if it has to be gone back from now; nil if a later one is still there, or it is not known.
  public mutating func end(_ id: String) -> Run? {
    guard let place = runs.firstIndex(where: { $0.id == id }) else { return nil }
    let run = runs.remove(at: place)
    guard let later = runs[place...].firstIndex(where: { $0.address == run.address }) else { return run }
    (runs[later].former, runs[later].on, runs[later].controls) = (run.former, run.on, run.controls)
    return nil
  }
}

extension StateDirectory {
  private static let runsFile = "runs"

  /// What runs now. A line that cannot be read is passed over: nobody goes back from what is not known.
  public func runs() -> RunStack {
    var stack = RunStack()
    let text = (try? Files.read(path.appending(Self.runsFile))).map { String(decoding: $0, as: UTF8.self) } ?? ""
    for line in text.split(separator: "\n") {
      guard var words = JournalLine(String(line)) else { continue }
      guard words.skip("run") else {
        if let word = try? words.next(), let last = stack.runs.indices.last { try? stack.runs[last].controls.read(word, &words) }
        continue
      }
      guard let id = try? words.next(), let address = try? words.next(), let profile = try? words.next() else { continue }
      var run = RunStack.Run(id: id, address: address, profile: profile, former: try? words.optional("from"))
      while let term = try? words.optional("on") { if let answer = try? MatchExpression(parsing: term) { run.on.append(answer) } }
      stack.begin(run)
    }
    return stack
  }

  /// Writes down what runs now. To be called with the lock held.
  ///
  /// - Throws: ``Failure/unwritable(_:_:)``.
  public func write(_ stack: RunStack) throws(Failure) {
    let file = path.appending(Self.runsFile)
    let lines = stack.runs.flatMap { run in
      let former = (run.former.map { ["from", $0] } ?? []) + run.on.flatMap { ["on", $0.text] }
      return [JournalLine.line(["run", run.id, run.address, run.profile] + former)] + run.controls.lines
    }
    do {
      if lines.isEmpty {
        try Files.remove(file)
      } else {
        try Files.replace(file, with: Array(lines.map { "\($0)\n" }.joined().utf8))
      }
    } catch .noSuchFileOrDirectory {} catch { throw .unwritable(file, error) }
  }
}
