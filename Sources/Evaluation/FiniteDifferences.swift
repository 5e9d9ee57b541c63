import Dynamics

extension DynamicalModel {
    /// Central finite difference of one step along `direction`: (step(x + e d) - step(x - e d)) / 2e, as a flat vector.
    ///
    /// The error is of order e^2 from the curvature and of order (rounding + solver tolerance) / e from below: look at several e.
    public func finiteDifferenceStep(at state: State, along direction: [Double], size e: Double) throws -> [Double] {
        var (forward, backward) = (state, state)
        for k in direction.indices {
            forward.vector[k] += e * direction[k]
            backward.vector[k] -= e * direction[k]
        }
        let (plus, minus) = (try step(forward).vector, try step(backward).vector)
        return zip(plus, minus).map { ($0 - $1) / (2 * e) }
    }
}
