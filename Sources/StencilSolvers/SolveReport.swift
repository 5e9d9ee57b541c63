/// What happened in one linear solve. A solver never hides a failure: the caller looks at `status`.
public struct SolveReport: Equatable, Sendable {
    public enum Status: Equatable, Sendable {
        /// The relative residual is at or below the tolerance.
        case converged
        /// The allowed number of iterations was used up first.
        case iterationLimit
        /// The residual stopped falling above the tolerance: the tolerance is below what the precision allows, or the method does not converge.
        case stagnated
        /// A coefficient, the right-hand side or an iterate is not finite.
        case notFinite
        /// A diagonal coefficient is zero.
        case zeroDiagonal
    }

    public let status: Status
    /// Sweeps, cycles or Krylov steps.
    public let iterations: Int
    /// |b - A y| / |b| in the Euclidean norm; 0 for b = 0.
    public let relativeResidual: Double
    /// What was asked for.
    public let tolerance: Double

    public init(status: Status, iterations: Int, relativeResidual: Double, tolerance: Double) {
        self.status = status
        self.iterations = iterations
        self.relativeResidual = relativeResidual
        self.tolerance = tolerance
    }

    public var isConverged: Bool { status == .converged }

    /// One sentence, with the figures, for errors and logs.
    public var summary: String {
        let figures = "relative residual \(relativeResidual) after \(iterations) iterations, asked for \(tolerance)"
        switch status {
        case .converged: return "converged: \(figures)"
        case .iterationLimit: return "not converged within the iteration limit: \(figures)"
        case .stagnated: return "stagnated: \(figures)"
        case .notFinite: return "met a value that is not finite: \(figures)"
        case .zeroDiagonal: return "has a zero on the diagonal of its matrix"
        }
    }
}
