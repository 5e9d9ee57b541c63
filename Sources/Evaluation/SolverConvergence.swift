import StencilSolvers
import Tensors

/// How the residual of a linear system falls, iteration by iteration, with several solvers: for figures and for choosing.
public struct SolverConvergence: Sendable {
    /// One solver's way.
    public struct History: Sendable {
        public let method: String
        /// |b - A y| / |b| after 0, 1, 2, ... sweeps, cycles or steps; as far as the solver went.
        public let residuals: [Double]
    }

    public let histories: [History]

    /// Gauss-Seidel, multigrid and a Krylov method, from zero; where the matrix is symmetric over-relaxed sweeps too, and conjugate gradients in
    /// place of BiCGStab, a step of which takes two products with the matrix.
    ///
    /// - Parameters:
    ///   - rightHandSide: [ny, nx], as many values as the matrix has unknowns.
    ///   - iterations: at most so many of each solver; each history is of so many solves, each one iteration longer.
    ///   - tolerance: relative residual at which a solver ends.
    public init(of matrix: StencilMatrix<Double>, rightHandSide: [Double], iterations: Int, tolerance: Double = 1e-12) {
        let isSymmetric = matrix.isSymmetric()
        var methods: [(name: String, solver: (Int) -> any StencilSolver)] = [
            ("Gauss-Seidel", { GaussSeidel(tolerance: tolerance, maximumSweeps: $0, relaxation: .fixed(1)) })
        ]
        if isSymmetric { methods.append(("over-relaxed", { GaussSeidel(tolerance: tolerance, maximumSweeps: $0) })) }
        methods.append(("multigrid", { Multigrid(tolerance: tolerance, maximumCycles: $0) }))
        let krylov: Krylov.Method = isSymmetric ? .conjugateGradients : .biCGStab
        methods.append((isSymmetric ? "conjugate gradients" : "BiCGStab", { Krylov(krylov, .diagonal, tolerance: tolerance, maximumIterations: $0) }))
        histories = methods.map { name, solver in
            var residuals = [1.0]
            for limit in 1...max(1, iterations) {
                let report = solver(limit).factor(matrix).solve(rightHandSide, startingFrom: nil).report
                guard report.iterations == limit, report.relativeResidual.isFinite else { break }
                residuals.append(report.relativeResidual)
                if report.isConverged { break }
            }
            return History(method: name, residuals: residuals)
        }
    }
}
