import Basics
import Dynamics

extension TangentLinearModel {
    /// The full Jacobian of one step at `state`, a column from the tangent-linear along each element; for small systems.
    ///
    /// Columns are computed on all cores, and have the same bits on any number of them.
    ///
    /// - Parameters:
    ///   - elements: which elements of the state's vector are rows and columns, in their order; all by default.
    ///   - units: a typical size of each element of the vector, where they differ: entries are changes in units of a row's size for a change of a
    ///     column's size; 1 each by default.
    ///
    /// Throws `SeicheError`: invalidInput for elements that are not there or units that cannot be divided by, and what the model throws.
    public func jacobian(at state: State, elements: [Int]? = nil, units: [Double]? = nil) throws -> Jacobian {
        let n = state.vector.count
        let elements = elements ?? Array(0..<n)
        guard elements.allSatisfy((0..<n).contains) else {
            throw SeicheError(.invalidInput, "a Jacobian is asked for along elements beyond the \(n) of the state")
        }
        guard units.map({ $0.count == n && $0.allSatisfy { $0 > 0 && $0.isFinite } }) ?? true else {
            throw SeicheError(
                .invalidInput, "the units of a Jacobian are \(units?.count ?? 0) values for a state of \(n), or not all positive and finite",
                remedy: "give a typical size of each element of the state's vector")
        }
        // Many directions at once cost some models less; so many still leave work for every core.
        let starts = Array(stride(from: 0, to: elements.count, by: 64))
        let parts = Slots<[[Double]]>(starts.count)
        try concurrentForEach(starts.count) { k in
            let part = elements[starts[k]..<min(starts[k] + 64, elements.count)]
            let directions = part.map { j in
                var unit = state
                unit.vector = [Double](repeating: 0, count: n)
                unit.vector[j] = units?[j] ?? 1
                return unit
            }
            parts.set(k, try tangentSteps(at: state, applying: directions).map { image in
                elements.map { image.vector[$0] / (units?[$0] ?? 1) }
            })
        }
        return Jacobian(columns: parts.values.flatMap(\.self))
    }
}

extension Jacobian {
    /// |self - other| / |other| in Frobenius' norm.
    public func relativeError(to other: Jacobian) throws -> Double {
        guard columns.map(\.count) == other.columns.map(\.count) else {
            throw SeicheError(
                .invalidInput, "Jacobians of \(count) and \(other.count) columns cannot be compared", remedy: "take both at states of one size")
        }
        var (difference, norm) = (0.0, 0.0)
        for (a, b) in zip(columns, other.columns) {
            for (x, y) in zip(a, b) {
                difference += (x - y) * (x - y)
                norm += y * y
            }
        }
        return (difference / norm).squareRoot()
    }
}
