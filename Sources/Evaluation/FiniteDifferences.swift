import Basics
import Dynamics

extension DynamicalModel {
    /// Central finite difference of one step along `direction`: (step(x + e d) - step(x - e d)) / 2e, as a flat vector.
    ///
    /// Accuracy and errors as for `finiteDifference`.
    public func finiteDifferenceStep(at state: State, along direction: [Double], size e: Double) throws -> [Double] {
        try finiteDifference(at: state, along: direction, size: e)
    }

    /// Central finite difference of `steps` steps M along `direction`: (M(x + e d) - M(x - e d)) / 2e, as a flat vector.
    ///
    /// `firstStep` is the state's number in its run, for models whose steps depend on time.
    /// The error is of order e^2 from the curvature and of order (rounding + solver tolerance) / e from below: look at several e,
    /// as `finiteDifferenceStudy` does. Throws what the model throws at x + e d and x - e d, and `SeicheError` (invalidInput) for a
    /// direction of another length than the state's vector, a size that is not positive and finite, or fewer than one step.
    public func finiteDifference(
        at state: State, along direction: [Double], size e: Double, steps: Int = 1, firstStep: Int? = nil
    ) throws -> [Double] {
        try checkFiniteDifference(at: state, along: direction, sizes: [e], steps: steps)
        func end(_ sign: Double) throws -> [Double] {
            var moved = state
            for k in direction.indices { moved.vector[k] += sign * e * direction[k] }
            return try advanced(moved, steps: steps, firstStep: firstStep).vector
        }
        let (plus, minus) = (try end(1), try end(-1))
        return zip(plus, minus).map { ($0 - $1) / (2 * e) }
    }

    /// Throws `SeicheError` (invalidInput) for arguments that no finite difference can be taken with.
    func checkFiniteDifference(at state: State, along direction: [Double], sizes: [Double], steps: Int) throws {
        guard direction.count == state.vector.count else {
            throw SeicheError(
                .invalidInput, "the direction of a finite difference has \(direction.count) values, the state \(state.vector.count)",
                remedy: "give one value for each element of the state's vector")
        }
        if let size = sizes.first(where: { !($0 > 0 && $0.isFinite) }) {
            throw SeicheError(.invalidInput, "the size of a finite difference is \(size)", remedy: "give a positive, finite one")
        }
        guard steps >= 1 else {
            throw SeicheError(.invalidInput, "a finite difference of \(steps) steps was asked for", remedy: "give 1 or more")
        }
    }
}
