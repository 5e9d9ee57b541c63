import Basics
import Dynamics

extension TangentLinearModel {
    /// The full Jacobian of one step at `state`, a column from the tangent-linear along each element; for small systems.
    public func jacobian(at state: State) throws -> Jacobian {
        let n = state.vector.count
        let units = (0..<n).map { j in
            var unit = state
            unit.vector = [Double](repeating: 0, count: n)
            unit.vector[j] = 1
            return unit
        }
        return Jacobian(columns: try tangentSteps(at: state, applying: units).map(\.vector))
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
