/// What happened in one linear solve. A solver never hides a failure: the caller looks at `status`.
public struct SolveReport: Equatable, Sendable {
    public enum Status: Equatable, Sendable {
        /// The relative residual is at or below the tolerance.
        case converged
        /// The allowed number of iterations was used up first.
        case iterationLimit
        /// The residual stopped falling above the tolerance: the tolerance is below what the precision allows, or the method does not converge.
        case stagnated
        /// A coefficient, the right-hand side, an iterate or the solution is not finite.
        case notFinite
        /// A diagonal coefficient is zero, or the block of a cell's fields is singular.
        case zeroDiagonal
        /// A number that the method divides by vanished: the matrix lacks a property that the method needs, or is singular.
        case breakdown
        /// Elimination met a zero pivot: the matrix is singular.
        case singular
        /// The method needs more memory than it allows itself.
        case doesNotFit
        /// The method does not treat matrices of this shape.
        case notSupported
    }

    public let status: Status
    /// Sweeps, cycles or Krylov steps; steps of refinement of a direct solve.
    public let iterations: Int
    /// |b - A y| / |b| in the Euclidean norm, computed from y when the solve has ended; 0 for b = 0.
    public let relativeResidual: Double
    /// What was asked for.
    public let tolerance: Double
    /// The name of the method that found the solution.
    public var method: String
    /// What else was tried and failed, in order.
    public var attempts: [SolveReport]
    /// What should be known beside the figures: why an attempt was not made, or what a method did differently.
    public var note: String?
    /// A bound on |y - A^-1 b| / |y|, from the residual and a bound on the norm of A^-1; nil where rows or columns of the matrix
    /// do not dominate, so that their sums bound nothing.
    public var solutionError: Double?

    public init(
        status: Status, iterations: Int, relativeResidual: Double, tolerance: Double, method: String = "", attempts: [SolveReport] = [],
        note: String? = nil, solutionError: Double? = nil
    ) {
        self.status = status
        self.iterations = iterations
        self.relativeResidual = relativeResidual
        self.tolerance = tolerance
        self.method = method
        self.attempts = attempts
        self.note = note
        self.solutionError = solutionError
    }

    public var isConverged: Bool { status == .converged }

    /// What came of it, with the figures, to stand behind "the solve" in errors and logs.
    public var summary: String {
        var text = method.isEmpty ? sentence : "by \(method) \(sentence)"
        if let note { text += " (\(note))" }
        return (attempts.map(\.summary) + [text]).joined(separator: "; then ")
    }

    private var sentence: String {
        let figures = "relative residual \(relativeResidual) after \(iterations) iterations, asked for \(tolerance)"
        switch status {
        case .converged: return "converged: \(figures)"
        case .iterationLimit: return "not converged within the iteration limit: \(figures)"
        case .stagnated: return "stagnated: \(figures)"
        case .notFinite: return "met a value that is not finite: \(figures)"
        case .zeroDiagonal: return "has a zero on the diagonal of its matrix"
        case .breakdown: return "broke down: \(figures)"
        case .singular: return "has a singular matrix"
        case .doesNotFit: return "does not fit in the memory allowed"
        case .notSupported: return "does not treat this matrix"
        }
    }

    /// A bound on the relative error of the gradient of a loss by the coefficients, which is -z y^T of the forward solution y and
    /// the backward one z: (1 + error of z) (1 + error of y) - 1 in the Frobenius norm. Its part from z is the error of the gradient
    /// by b. Nil where either solve has no bound.
    public static func gradientError(forward: SolveReport, backward: SolveReport) -> Double? {
        guard let y = forward.solutionError, let z = backward.solutionError else { return nil }
        return y + z + y * z
    }
}
