/// Conjugate gradients (Hestenes and Stiefel 1952) for M x = b with M symmetric, positive semidefinite and known by its products, each of which costs far more
/// than the vectors: the inner solver of Gauss-Newton steps.
public struct ConjugateGradients: Equatable, Sendable {
    /// Ends where the residual, in the norm of the preconditioner, has fallen to this share of the right-hand side's.
    public var tolerance: Double
    public var maximumIterations: Int
    /// Ends also where the last tenth of the steps (at least ten) lowered q(x) = <x, M x>/2 - <b, x> by less than this share a step of all that was
    /// gained (Martens 2010, section 4.4): a truncated solve is then as good a step as a finished one. 0 for never.
    public var leastGain: Double

    public init(tolerance: Double, maximumIterations: Int, leastGain: Double = 0) {
        self.tolerance = tolerance
        self.maximumIterations = maximumIterations
        self.leastGain = leastGain
    }

    public struct Solution: Equatable, Sendable {
        public var x: [Double]
        public var iterations: Int
        /// In the norm of the preconditioner.
        public var relativeResidual: Double
        /// q(x) <= 0.
        public var quadratic: Double
        /// False where the iterations ran out, or M showed a direction of no curvature.
        public var hasConverged: Bool
    }

    /// Starts from zero.
    ///
    /// - Parameters:
    ///   - rightHandSide: b.
    ///   - preconditioner: an approximate inverse of M, symmetric and positive definite.
    ///   - product: M times a vector.
    /// - Throws: what `product` throws.
    public func solve(
        _ rightHandSide: [Double], preconditioner: ([Double]) -> [Double] = { $0 }, product: ([Double]) throws -> [Double]
    ) throws -> Solution {
        var x = [Double](repeating: 0, count: rightHandSide.count)
        var residual = rightHandSide
        var z = preconditioner(residual)
        var size = inner(residual, z)
        let first = size
        var direction = z
        var quadratics = [0.0]
        for iteration in 0..<maximumIterations {
            if size <= tolerance * tolerance * first { return solution(iteration, hasConverged: true) }
            let image = try product(direction)
            let curvature = inner(direction, image)
            guard curvature > 0, curvature.isFinite else { return solution(iteration, hasConverged: false) }
            let length = size / curvature
            add(length, direction, to: &x)
            add(-length, image, to: &residual)
            // q falls by <r, z>^2 / (2 <d, M d>) along an exact line.
            quadratics.append(quadratics[iteration] - 0.5 * size * length)
            let back = max(10, (iteration + 1) / 10)
            if leastGain > 0, iteration + 1 > back, quadratics[iteration + 1] < 0,
                (quadratics[iteration + 1] - quadratics[iteration + 1 - back]) / quadratics[iteration + 1] < leastGain * Double(back)
            {
                size = inner(residual, preconditioner(residual))
                return solution(iteration + 1, hasConverged: true)
            }
            z = preconditioner(residual)
            let next = inner(residual, z)
            let share = next / size
            size = next
            for k in direction.indices { direction[k] = z[k] + share * direction[k] }
        }
        return solution(maximumIterations, hasConverged: size <= tolerance * tolerance * first)

        func solution(_ iterations: Int, hasConverged: Bool) -> Solution {
            Solution(
                x: x, iterations: iterations, relativeResidual: first > 0 ? (max(0, size) / first).squareRoot() : 0,
                quadratic: quadratics[quadratics.count - 1], hasConverged: hasConverged)
        }
    }
}
