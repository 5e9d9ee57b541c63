import StencilSolvers
import Tensors
import TestSupport

/// A solver beside the matrices that it must solve.
struct SolverCase: Sendable, CustomStringConvertible {
    let description: String
    /// The solver that stops at a relative residual.
    let solver: @Sendable (_ tolerance: Double) -> any StencilSolver
    /// Whether theory promises the solution of a case.
    let solves: @Sendable (StencilCase) -> Bool

    init(
        _ description: String, solves: @escaping @Sendable (StencilCase) -> Bool = { _ in true },
        _ solver: @escaping @Sendable (Double) -> any StencilSolver
    ) {
        self.description = description
        self.solver = solver
        self.solves = solves
    }

    /// Every solver, in every way of preconditioning that has code of its own.
    static let all: [SolverCase] = [
        SolverCase("Gauss-Seidel") { GaussSeidel(tolerance: $0) },
        SolverCase("Gauss-Seidel relaxed by 1.2", solves: { $0.kind != .nonSymmetric }) { GaussSeidel(tolerance: $0, relaxation: .fixed(1.2)) },
        SolverCase("multigrid V", solves: { $0.kind != .nonSymmetric }) {
            Multigrid(tolerance: $0, cycle: MultigridCycle(coarsestUnknowns: 5))
        },
        SolverCase("multigrid F", solves: { $0.kind != .nonSymmetric }) {
            Multigrid(tolerance: $0, cycle: MultigridCycle(.f, presmoothing: 2, coarsestUnknowns: 5))
        },
        SolverCase("banded elimination") { BandedDirect(tolerance: $0) },
        SolverCase("tridiagonal elimination", solves: { $0.shape == .threePoint && $0.fields == 1 }) { Tridiagonal(tolerance: $0) },
        SolverCase("automatic") { AutomaticSolver(tolerance: $0) },
    ] + krylov

    private static let krylov = [Preconditioner.identity, .diagonal, .gaussSeidel(), .multigrid(MultigridCycle(coarsestUnknowns: 5))]
        .flatMap { preconditioner in
            [Krylov.Method.conjugateGradients, .biCGStab, .gmres(restart: 20)].map { method in
                let isGeneral = method != .conjugateGradients && preconditioner != .identity
                return SolverCase("\(method), \(preconditioner)", solves: { $0.kind != .nonSymmetric || isGeneral }) {
                    Krylov(method, preconditioner, tolerance: $0)
                }
            }
        }
}

/// What dense elimination says of a case.
struct Oracle: Sendable, CustomStringConvertible {
    let c: StencilCase
    let solution: [Double]
    let transposedSolution: [Double]
    var description: String { c.description }

    init(_ c: StencilCase) {
        self.c = c
        solution = c.dense.solve(c.b)
        transposedSolution = c.dense.transposed.solve(c.b)
    }

    static let all = (StencilCase.all + StencilCase.fivePoint).map { Oracle($0) }
    /// Few, of every kind and shape, for the properties that do not depend on edges.
    static let few = all.filter { ($0.c.ny, $0.c.nx) == (5, 4) || ($0.c.ny, $0.c.nx) == (6, 9) }
}
