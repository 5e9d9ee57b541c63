/// The candidate that `name` was most likely meant to be, or nil when none is close.
///
/// Close means an edit distance of at most a third of the longer name, at least 1: near enough for a slip of
/// the finger, not so far that a message suggests an unrelated key.
func nearestName(to name: String, among candidates: [String]) -> String? {
    let ranked = candidates.map { (name: $0, distance: editDistance(name, $0)) }
    guard let best = ranked.min(by: { ($0.distance, $0.name) < ($1.distance, $1.name) }),
        best.distance <= max(1, max(name.count, best.name.count) / 3)
    else { return nil }
    return best.name
}

/// How many characters must be inserted, removed, replaced or swapped with their neighbour to turn `a` into `b`
/// (optimal string alignment, one row of the table at a time).
package func editDistance(_ a: String, _ b: String) -> Int {
    let a = Array(a), b = Array(b)
    if a.isEmpty || b.isEmpty { return max(a.count, b.count) }
    var beforePrevious: [Int] = []
    var previous = Array(0...b.count)
    for i in 1...a.count {
        var row = [i]
        for j in 1...b.count {
            var best = min(previous[j] + 1, row[j - 1] + 1, previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1))
            if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
                best = min(best, beforePrevious[j - 2] + 1)
            }
            row.append(best)
        }
        beforePrevious = previous
        previous = row
    }
    return previous[b.count]
}
