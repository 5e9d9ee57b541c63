import Basics
import Tensors

/// Krylov methods: from a preconditioner that makes an error smaller, the best that its powers can do.
public struct Krylov: StencilSolver, Equatable {
    public enum Method: Equatable, Sendable {
        /// For symmetric positive definite matrices (Hestenes and Stiefel 1952), with the preconditioner's symmetric form.
        case conjugateGradients
        /// Two products a step and six vectors (van der Vorst 1992), preconditioned from the right.
        case biCGStab
        /// The smallest residual of so many steps, then from there again (Saad and Schultz 1986), preconditioned from the right.
        case gmres(restart: Int)
    }

    public var method: Method
    public var preconditioner: Preconditioner
    /// Largest |b - A y| / |b|.
    public var tolerance: Double
    public var maximumIterations: Int
    /// Whether a solve ends as soon as its rate so far leads beyond the limit of iterations: for whoever has something else to try.
    var stopsWhenTooSlow = false

    public init(_ method: Method, _ preconditioner: Preconditioner, tolerance: Double, maximumIterations: Int = 2000) {
        self.method = method
        self.preconditioner = method == .conjugateGradients ? preconditioner.symmetric : preconditioner
        self.tolerance = tolerance
        self.maximumIterations = maximumIterations
    }

    public func factor<Scalar: TensorScalar>(_ matrix: StencilMatrix<Scalar>) -> any StencilFactorization<Scalar> {
        let measures = matrix.measures
        return factor(GridMatrix(matrix, measures), measures)
    }

    func factor<Scalar: TensorScalar>(_ matrix: GridMatrix<Scalar>, _ measures: StencilMeasures) -> KrylovFactorization<Scalar> {
        KrylovFactorization(solver: self, matrix: matrix, measures: measures, preconditioner: preconditioner.operation(matrix))
    }

    /// The method and its preconditioner, for reports.
    var name: String {
        let methodName =
            switch method {
            case .conjugateGradients: "conjugate gradients"
            case .biCGStab: "BiCGStab"
            case .gmres(let restart): "GMRES(\(restart))"
            }
        return "\(methodName) with \(preconditioner.name) preconditioning"
    }
}

/// A matrix made ready for `Krylov`.
struct KrylovFactorization<Scalar: TensorScalar>: StencilFactorization {
    let solver: Krylov
    let matrix: GridMatrix<Scalar>
    let measures: StencilMeasures
    let preconditioner: any GridPreconditioner<Scalar>

    func transposed() -> KrylovFactorization {
        let transpose = matrix.transposed()
        return KrylovFactorization(
            solver: solver, matrix: transpose, measures: measures.transposed, preconditioner: preconditioner.transposed(transpose))
    }

    func solve(_ b: [Scalar], startingFrom guess: [Scalar]?) -> (solution: [Scalar], report: SolveReport) {
        let frame = NormalisedSolve(
            method: solver.name, tolerance: solver.tolerance, matrix: matrix, measures: measures,
            needsDiagonal: solver.preconditioner.needsDiagonal)
        let isSymmetric = solver.method == .conjugateGradients
        let vectors = isSymmetric && measures.isSymmetric ? preconditioner.searchDirection(matrix) : nil
        let application = isSymmetric ? { _, _ in } : preconditioner.application()
        return frame.run(b, guess) { y, b, _, done in
            var run = KrylovRun(
                matrix: matrix, tolerance: solver.tolerance, limit: solver.maximumIterations,
                iterations: done, patience: patience, stopsWhenTooSlow: solver.stopsWhenTooSlow)
            let status =
                switch solver.method {
                case .conjugateGradients:
                    vectors.map { run.conjugateGradients(y, b, $0) } ?? .notSupported
                case .biCGStab: run.biCGStab(y, b, application)
                case .gmres(let restart): run.gmres(y, b, restart: max(1, restart), application)
                }
            return .init(
                status: status, iterations: run.iterations, residual: nil,
                note: status == .notSupported ? "conjugate gradients need a symmetric matrix" : nil)
        }
    }

    /// Steps without a new smallest residual before a solve is called stagnated. Plain conjugate gradients may wait for as many steps
    /// as information takes to cross the grid.
    private var patience: Int {
        if case .multigrid = solver.preconditioner { return 15 }
        return 100 + 2 * max(matrix.layout.ny, matrix.layout.nx)
    }
}

/// The state of one Krylov solve.
struct KrylovRun<Scalar: TensorScalar> {
    let matrix: GridMatrix<Scalar>
    let tolerance: Double
    let limit: Int
    private(set) var iterations: Int
    let patience: Int
    let stopsWhenTooSlow: Bool
    private var best = Double.infinity
    private var iterationOfBest: Int
    /// Where the run began.
    private var start: (residual: Double, iterations: Int)?

    init(
        matrix: GridMatrix<Scalar>, tolerance: Double, limit: Int, iterations: Int, patience: Int, stopsWhenTooSlow: Bool
    ) {
        self.matrix = matrix
        self.tolerance = tolerance
        self.limit = limit
        self.iterations = iterations
        self.patience = patience
        self.stopsWhenTooSlow = stopsWhenTooSlow
        iterationOfBest = iterations
    }

    /// Counts a step; why to stop, if there is reason to.
    mutating func step(_ residual: Double) -> SolveReport.Status? {
        if residual <= tolerance { return .converged }
        if !residual.isFinite { return .notFinite }
        if residual < 0.99 * best { (best, iterationOfBest) = (residual, iterations) }
        if iterations >= limit || stopsWhenTooSlow && isTooSlow(residual) { return .iterationLimit }
        if iterations - iterationOfBest >= patience { return .stagnated }
        iterations += 1
        return nil
    }
    /// Whether the rate of the steps so far leads beyond the limit; the first eight tell nothing.
    private mutating func isTooSlow(_ residual: Double) -> Bool {
        guard let start else {
            start = (residual, iterations)
            return false
        }
        let steps = iterations - start.iterations
        guard steps >= 8 else { return false }
        let rate = naturalLogarithm(start.residual / best) / Double(steps)
        return !(naturalLogarithm(start.residual / tolerance) <= rate * Double(limit - start.iterations))
    }
}
