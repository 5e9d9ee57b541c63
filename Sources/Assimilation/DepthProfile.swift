import Basics

/// A root mean square as a function of depth: over classes of equally many points, between them linear in the logarithm of the depth, and constant beyond
/// the first and the last.
public struct DepthProfile: Equatable, Sendable {
    /// m, rising: the geometric means of the classes.
    public let depths: [Double]
    /// Root mean squares of the classes.
    public let values: [Double]

    /// - Parameters:
    ///   - depths: of all points, m, above 0.
    ///   - squares: mean squares there; as many.
    ///   - classes: at most so many; points of one depth are never parted.
    /// - Throws: `SeicheError` (invalidInput) without points.
    public init(depths: [Double], squares: [Double], classes: Int = 16) throws {
        try checkCount(squares.count, depths.count, "mean squares", "the points of the profile")
        guard !depths.isEmpty, classes > 0 else {
            throw SeicheError(.invalidInput, "a profile by depth was asked for from \(depths.count) points in \(classes) classes")
        }
        let order = depths.indices.sorted { (depths[$0], $0) < (depths[$1], $1) }
        var (found, values): ([Double], [Double]) = ([], [])
        var begin = 0
        for k in 1...classes where begin < order.count {
            var end = max(begin + 1, order.count * k / classes)
            while end < order.count, depths[order[end]] == depths[order[end - 1]] { end += 1 }
            let points = order[begin..<end]
            found.append(exponential(points.reduce(0) { $0 + naturalLogarithm(depths[$1]) } / Double(points.count)))
            values.append((points.reduce(0) { $0 + squares[$1] } / Double(points.count)).squareRoot())
            begin = end
        }
        (self.depths, self.values) = (found, values)
    }

    /// The value at a depth in m, above 0.
    public func value(at depth: Double) -> Double {
        guard let next = depths.firstIndex(where: { $0 > depth }) else { return values[values.count - 1] }
        guard next > 0 else { return values[0] }
        let share = naturalLogarithm(depth / depths[next - 1]) / naturalLogarithm(depths[next] / depths[next - 1])
        return values[next - 1] + share * (values[next] - values[next - 1])
    }
}
