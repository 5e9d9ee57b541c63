import StencilSolvers
import Tensors
import TestSupport
import Testing

/// Every preconditioner is linear, has an exact transpose, and where conjugate gradients lean on it is symmetric.
@Suite struct PreconditionerTests {
    static let all: [Preconditioner] = [
        .identity, .diagonal, .gaussSeidel(), .gaussSeidel(sweeps: 3), .symmetricGaussSeidel(), .symmetricGaussSeidel(pairs: 2),
        .incompleteFactors, .multigrid(), .multigrid(MultigridCycle(.v, presmoothing: 2, postsmoothing: 1, coarsestUnknowns: 5)),
        .multigrid(MultigridCycle(.v, presmoothing: 0, postsmoothing: 1, coarsestUnknowns: 5)),
        .multigrid(MultigridCycle(.v, coarsestUnknowns: 5, isSymmetric: true)),
        .multigrid(MultigridCycle(.f, presmoothing: 1, postsmoothing: 1, coarsestUnknowns: 5)),
        .multigrid(MultigridCycle(.f, presmoothing: 2, postsmoothing: 0, coarsestUnknowns: 5)),
    ]
    static let cases = StencilCase.all + [
        StencilCase(.symmetric, ny: 20, nx: 33), StencilCase(.nonSymmetric, .ninePoint, ny: 21, nx: 33, periodicY: true, periodicX: true),
        StencilCase(.withLand, ny: 33, nx: 20, periodicY: true, periodicX: true),
        StencilCase(.nonSymmetric, ny: 9, nx: 11, periodicX: true, fields: 2),
        StencilCase(.symmetric, .ninePoint, ny: 9, nx: 12, periodicX: true, fields: 3),
    ]

    @Test(arguments: all, cases) func transposeIsExact(_ m: Preconditioner, _ c: StencilCase) {
        func error<Scalar: TensorScalar>(_ matrix: StencilMatrix<Scalar>) -> Double {
            let prepared = m.prepare(matrix)
            let forward = prepared.apply(c.guess.map { Scalar($0) }).map { Double($0) }
            let backward = prepared.transposed().apply(c.b.map { Scalar($0) }).map { Double($0) }
            return abs(inner(c.b, forward) - inner(backward, c.guess)) / (norm(c.b) * norm(forward))
        }
        #expect(measured("\(m), \(c), <y, M x> - <M^T y, x>", error(c.stencil)) < 1e-13)
        #expect(measured("\(m), \(c), the same in Float", error(c.matrix(Float.self))) < 1e-5)
    }

    @Test(arguments: all, cases) func isLinear(_ m: Preconditioner, _ c: StencilCase) {
        let prepared = m.prepare(c.stencil)
        let sum = prepared.apply(zip(c.b, c.guess).map { 2 * $0 - $1 })
        let parts = zip(prepared.apply(c.b), prepared.apply(c.guess)).map { 2 * $0 - $1 }
        #expect(relativeError(sum, parts) < 1e-12)
    }

    @Test(arguments: cases.filter { $0.kind != .nonSymmetric }) func isSymmetricWhereTheMatrixIs(_ c: StencilCase) {
        for m in [Preconditioner.diagonal, .symmetricGaussSeidel(), .incompleteFactors, .multigrid(MultigridCycle(coarsestUnknowns: 5, isSymmetric: true))] {
            let prepared = m.prepare(c.stencil)
            let (one, other) = (inner(c.b, prepared.apply(c.guess)), inner(prepared.apply(c.b), c.guess))
            #expect(abs(one - other) < 1e-13 * norm(c.b) * norm(c.guess))
            #expect(inner(c.b, prepared.apply(c.b)) > 0)
        }
    }

    @Test(arguments: cases) func coarsestGridAloneIsTheSolution(_ c: StencilCase) {
        let prepared = Preconditioner.multigrid(MultigridCycle(coarsestUnknowns: 10_000)).prepare(c.stencil)
        #expect(relativeError(c.stencil.apply(prepared.apply(c.b)), c.b) < 1e-12)
    }

    @Test(arguments: cases) func coarseMatrixIsTheGalerkinProduct(_ c: StencilCase) {
        // Without sweeps a cycle of two grids is M = P (P^T A P)^-1 P^T, so that M A M = M, whatever P; and M leaves nothing to the coarse grid.
        let cycle = MultigridCycle(presmoothing: 0, postsmoothing: 0, coarsestUnknowns: c.stencil.unknowns - 1)
        for matrix in [c.stencil, c.stencil.transposed()] {
            let m = Preconditioner.multigrid(cycle).prepare(matrix)
            let once = m.apply(c.b)
            #expect(measured("\(c), M A M - M", relativeError(m.apply(matrix.apply(once)), once)) < 1e-10)
        }
    }
}
