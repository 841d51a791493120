/// The word somebody probably meant.
public enum Suggestion {
  /// The candidate nearest to `word`, if it is near enough to be a slip of the hand.
  public static func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
    let word = word.lowercased()
    let limit = max(1, word.count / 3)
    return
      candidates
      .map { (candidate: $0, distance: distance(word, $0.lowercased())) }
      .filter { $0.distance <= limit }
      .min { ($0.distance, $0.candidate) < ($1.distance, $1.candidate) }?
      .candidate
  }

  /// How many letters have to be added, dropped, changed or swapped with their neighbour to get from `a` to `b`.
  static func distance(_ a: String, _ b: String) -> Int {
    let (a, b) = (Array(a), Array(b))
    // A long word is no slip of the hand, and the table would grow with the square of it.
    guard a.count <= 64, b.count <= 64 else { return max(a.count, b.count) }
    var rows = [[Int]](repeating: Array(0...b.count), count: a.count + 1)
    for i in 0..<a.count {
      rows[i + 1][0] = i + 1
      for j in 0..<b.count {
        let substitution = rows[i][j] + (a[i] == b[j] ? 0 : 1)
        var best = min(substitution, rows[i][j + 1] + 1, rows[i + 1][j] + 1)
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, rows[i - 1][j - 1] + 1) }
        rows[i + 1][j + 1] = best
      }
    }
    return rows[a.count][b.count]
  }
}
