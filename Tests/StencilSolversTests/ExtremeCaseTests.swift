import StencilSolvers
import TestSupport
import Testing

/// Matrices of any size of coefficients and any number of lines, and solves that end early.
@Suite struct ExtremeCaseTests {
    private static let exponents = [0x1p-800, 0x1p-200, 0x1p200, 0x1p800]

    /// A matrix times a power of two has the same solutions over that power, to the last bit: in single precision too, whose range is smaller.
    @Test(arguments: exponents) func sizeOfTheMatrixDoesNotMatter(scale: Double) {
        let single = MultigridCycle(coarsestUnknowns: 20, precision: .single)
        let solvers: [any StencilSolver] = [
            Multigrid(tolerance: 1e-10, cycle: single), Krylov(.conjugateGradients, .multigrid(single), tolerance: 1e-10),
            GaussSeidel(tolerance: 1e-10),
        ]
        for c in [StencilCase(.symmetric, ny: 20, nx: 33), StencilCase(.withLand, .ninePoint, ny: 12, nx: 19, periodicX: true)] {
            let scaled = StencilMatrix(
                c.shape, ny: c.ny, nx: c.nx, periodicY: c.periodicY, periodicX: c.periodicX, coefficients: c.coefficients.map { $0 * scale })
            for solver in solvers {
                let (y, report) = solver.factor(c.stencil).solve(c.b, startingFrom: nil)
                let (z, other) = solver.factor(scaled).solve(c.b, startingFrom: nil)
                #expect(report.isConverged && other.isConverged && report.iterations == other.iterations, "\(other.summary)")
                #expect(z.map { $0 * scale } == y)
            }
            let (plain, large) = (Preconditioner.multigrid(single).prepare(c.stencil), Preconditioner.multigrid(single).prepare(scaled))
            #expect(large.apply(c.b).map { $0 * scale } == plain.apply(c.b))
            #expect(large.transposed().apply(c.b).map { $0 * scale } == plain.transposed().apply(c.b))
        }
    }

    /// The lines of a 3-point matrix do not couple: multigrid makes their sides shorter, not their number smaller, and there may be many.
    @Test func manyLinesAreNoLoad() {
        let c = StencilCase(.symmetric, .threePoint, ny: 4000, nx: 5)
        let (y, report) = Multigrid(tolerance: 1e-10).factor(c.stencil).solve(c.b, startingFrom: nil)
        #expect(report.isConverged, "\(report.summary)")
        #expect(norm(zip(c.b, c.stencil.apply(y)).map { $0 - $1 }) < 1.01e-10 * norm(c.b))
    }

    /// A bound on the error holds however early a solve ends: it may be many times the solution.
    @Test(arguments: [0, 1, 5, 50]) func boundHoldsWithoutConvergence(sweeps: Int) throws {
        let c = StencilCase(.symmetric, ny: 20, nx: 33, strength: 1e4)
        let b = [Double](repeating: 1, count: c.b.count)
        let exact = BandedDirect(tolerance: 1e-14).factor(c.stencil).solve(b, startingFrom: nil).solution
        let (y, report) = GaussSeidel(tolerance: 1e-10, maximumSweeps: sweeps, relaxation: .fixed(1)).factor(c.stencil).solve(b, startingFrom: nil)
        let (bound, error) = (try #require(report.solutionError), norm(zip(y, exact).map { $0 - $1 }) / norm(y))
        #expect(report.status == .iterationLimit && error <= bound * (1 + 1e-10))
        #expect(error > 1 && (sweeps == 0) == (bound == .infinity), "\(error) of \(bound)")
    }

    /// Of one number and its cotangent, found as 1 where 3 is right: their product is off by 8.
    @Test func errorsOfBothFactorsMultiply() {
        let report = SolveReport(status: .converged, iterations: 1, relativeResidual: 0.1, tolerance: 0.1, solutionError: 2)
        #expect(SolveReport.gradientError(forward: report, backward: report) == 8)
        let exact = SolveReport(status: .converged, iterations: 1, relativeResidual: 0, tolerance: 0.1, solutionError: 0)
        #expect(SolveReport.gradientError(forward: report, backward: exact) == 2 && SolveReport.gradientError(forward: exact, backward: report) == 2)
    }

    /// Where cells couple to themselves alone, the inverse of their blocks is that of the matrix, and a sweep relaxed by 1.2 makes 1.2 of it.
    @Test(arguments: [1, 2, 3]) func blocksOfCellsAreInverted(fields: Int) {
        let c = StencilCase(.nonSymmetric, ny: 5, nx: 9, fields: fields)
        let kept = fields * fields * 45
        let a = StencilMatrix(ny: 5, nx: 9, fields: fields, coefficients: c.coefficients.prefix(kept) + [Double](repeating: 0, count: 4 * kept))
        let b = a.apply(c.guess)
        for m in [Preconditioner.diagonal, .gaussSeidel()] {
            #expect(relativeError(m.prepare(a).apply(b), c.guess) < 1e-11)
        }
        let relaxed = GaussSeidel(tolerance: 1e-12, maximumSweeps: 1, relaxation: .fixed(1.2)).factor(a).solve(b, startingFrom: nil).solution
        #expect(relativeError(relaxed, c.guess.map { 1.2 * $0 }) < 1e-11)
    }

    private static let sweptCases = StencilCase.all.filter { $0.kind == .nonSymmetric && $0.fields == 1 && $0.ny * $0.nx < 100 }

    /// A sweep is M = (D + L)^-1: of two cells that are coupled one is relaxed with what the other has become, and it with what the one was.
    @Test(arguments: sweptCases) func ofTwoCoupledCellsOneIsTheFirst(_ c: StencilCase) {
        let (n, a) = (c.ny * c.nx, c.dense.rows)
        let m = Preconditioner.gaussSeidel().prepare(c.stencil)
        let columns = (0..<n).map { k in m.apply((0..<n).map { $0 == k ? 1 : 0 }) }
        // Rows of the transposed inverse: M^T x = e gives x as a row of M^-1.
        let inverse = (0..<n).map { k in DenseMatrix(rows: columns).solve((0..<n).map { $0 == k ? 1 : 0 }) }
        for i in 0..<n {
            #expect(abs(inverse[i][i] - a[i][i]) < 1e-10)
            for j in 0..<i where a[i][j] != 0 || a[j][i] != 0 {
                let (below, above) = (inverse[i][j], inverse[j][i])
                let isBelow = abs(below - a[i][j]) + abs(above) < 1e-10
                let isAbove = abs(above - a[j][i]) + abs(below) < 1e-10
                #expect(isBelow != isAbove, "cells \(i) and \(j)")
            }
        }
    }

    /// A block is regular though its first pivot is zero or tiny, and singular though none of its elements is zero.
    @Test(arguments: [2, 3]) func blocksArePivoted(fields: Int) {
        let blocks = fields * fields
        func matrix(_ block: [Double]) -> StencilMatrix<Double> {
            StencilMatrix(ny: 3, nx: 5, fields: fields, coefficients: (0..<5 * blocks * 15).map { $0 < blocks * 15 ? block[$0 / 15] : 0 })
        }
        let x = StencilCase(.symmetric, ny: 3, nx: 5, fields: fields).b
        for tiny in [0, 1e-30] {
            let a = matrix((0..<blocks).map { $0 / fields == $0 % fields ? tiny : Double($0 + 1) })
            #expect(relativeError(Preconditioner.diagonal.prepare(a).apply(a.apply(x)), x) < 1e-12)
        }
        let equal = GaussSeidel(tolerance: 1e-9).factor(matrix([Double](repeating: 1, count: blocks))).solve(x, startingFrom: nil).report
        #expect(equal.status == .zeroDiagonal)
    }
}
