import StencilSolvers
import Tensors
import TestSupport
import Testing

/// Fields are kept from solve to solve and handed out as they are: what another solve has left in them must not show.
@Suite struct MemoryTests {
    private static let solvers: [any StencilSolver] = [
        GaussSeidel(tolerance: 1e-9), Multigrid(tolerance: 1e-9, maximumCycles: 5, cycle: MultigridCycle(coarsestUnknowns: 5)),
        Multigrid(tolerance: 1e-9, maximumCycles: 5, cycle: MultigridCycle(.f, coarsestUnknowns: 5, precision: .single)),
        BandedDirect(tolerance: 1e-12), Krylov(.biCGStab, .incompleteFactors, tolerance: 1e-9, maximumIterations: 9),
        Krylov(.conjugateGradients, .multigrid(MultigridCycle(coarsestUnknowns: 5, precision: .single)), tolerance: 1e-9, maximumIterations: 9),
        Krylov(.gmres(restart: 5), .multigrid(MultigridCycle(coarsestUnknowns: 5)), tolerance: 1e-9, maximumIterations: 9),
    ]
    private static let cases = StencilShape.allCases.flatMap { shape in
        [(20, 33, false, false, 1), (9, 33, true, true, 1), (9, 4, false, true, 1), (12, 19, false, false, 2)].map {
            StencilCase(.nonSymmetric, shape, ny: $0.0, nx: $0.1, periodicY: $0.2, periodicX: $0.3, fields: $0.4)
        }
    } + [StencilCase(.symmetric, ny: 20, nx: 33), StencilCase(.withLand, .ninePoint, ny: 20, nx: 18, periodicY: true, periodicX: true)]

    /// Fills what waits with numbers that are not finite: the fields of matrices and vectors of this grid, and of wider ones whose rows take as
    /// many vectors and fill them.
    private func spoil(_ c: StencilCase) {
        for nx in Set([c.nx, (c.nx + 15) / 16 * 16, (c.nx + 31) / 32 * 32]) {
            let unknowns = c.fields * c.ny * nx
            func spoil<Scalar: TensorScalar>(_ type: Scalar.Type) {
                let a = StencilMatrix<Scalar>(
                    c.shape, ny: c.ny, nx: nx, periodicY: c.periodicY, periodicX: c.periodicX, fields: c.fields,
                    coefficients: [Scalar](repeating: .nan, count: c.shape.points * c.fields * unknowns))
                for preconditioner in [
                    Preconditioner.multigrid(MultigridCycle(coarsestUnknowns: 5)), .gaussSeidel(), .incompleteFactors,
                    .multigrid(MultigridCycle(coarsestUnknowns: 5, precision: .single)),
                ] {
                    let m = preconditioner.prepare(a)
                    let spoilt = m.transposed().apply(m.apply([Scalar](repeating: .nan, count: unknowns)))
                    #expect(spoilt.allSatisfy { $0.isNaN })
                }
            }
            spoil(Double.self)
            spoil(Float.self)
        }
    }

    @Test(arguments: cases) func whatOthersLeftDoesNotShow(_ c: StencilCase) {
        func results<Scalar: TensorScalar>(_ matrix: StencilMatrix<Scalar>) -> [[Scalar]] {
            let b = c.b.map { Scalar($0) }
            return Self.solvers.flatMap { solver in
                let factorization = solver.factor(matrix)
                return [factorization.solve(b, startingFrom: nil).solution, factorization.transposed().solve(b, startingFrom: nil).solution]
            }
        }
        let (double, single) = (results(c.stencil), results(c.matrix(Float.self)))
        for _ in 0..<2 {
            spoil(c)
            #expect(results(c.stencil) == double)
            spoil(c)
            #expect(results(c.matrix(Float.self)) == single)
        }
    }
}
