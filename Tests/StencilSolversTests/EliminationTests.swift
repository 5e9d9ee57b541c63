import StencilSolvers
import TestSupport
import Testing

/// Elimination of lines and of bands: exact at the first step, refined where it is not, and no larger than it must be.
@Suite struct EliminationTests {
    /// Elimination is not an iteration: where rows dominate, its first step is exact to rounding.
    @Test(arguments: StencilCase.all + StencilCase.fivePoint) func eliminationTakesOneStep(_ c: StencilCase) {
        var solvers: [any StencilSolver] = [BandedDirect(tolerance: 1e-13)]
        if c.shape == .threePoint && c.fields == 1 { solvers.append(Tridiagonal(tolerance: 1e-13)) }
        for solver in solvers {
            for factorization in [solver.factor(c.stencil), solver.factor(c.stencil).transposed()] {
                let report = factorization.solve(c.b, startingFrom: nil).report
                #expect(report.isConverged && report.iterations == 1 && report.note == nil, "\(report.summary)")
            }
        }
    }

    /// Refinement ends where it gains nothing, and what it reports is what it hands out.
    @Test(arguments: [StencilShape.threePoint, .fivePoint]) func refinementEnds(_ shape: StencilShape) {
        let c = StencilCase(.nonSymmetric, shape, ny: 12, nx: 19)
        var solvers: [any StencilSolver] = [BandedDirect(tolerance: 1e-30)]
        if shape == .threePoint { solvers.append(Tridiagonal(tolerance: 1e-30)) }
        for solver in solvers {
            let report = solver.factor(c.stencil).solve(c.b, startingFrom: nil).report
            #expect(report.status == .stagnated && report.relativeResidual < 1e-15 && report.iterations <= 4, "\(report.summary)")
        }
    }

    /// Without pivoting every second pivot is near the smallest that is allowed, and a step loses a digit or two, which the next ones bring back.
    @Test(arguments: [0.017, 0.02, 0.03]) func refinementMendsWhatEliminationLost(diagonal: Double) {
        let n = 40
        let a = StencilMatrix(.threePoint, ny: 1, nx: n, coefficients: [diagonal, 1, 1].flatMap { [Double](repeating: $0, count: n) })
        let b = StencilCase(.symmetric, .threePoint, ny: 1, nx: n).b
        let report = Tridiagonal(tolerance: 1e-15).factor(a).solve(b, startingFrom: nil).report
        #expect(report.isConverged && report.note == nil, "\(report.summary)")
        #expect(measured("steps of refinement", Double(report.iterations)) > 1)
    }

    /// The factors of a band of w diagonals to either side have 3 w + 1 numbers a row and a pivot: so many bytes are enough, one less is not.
    @Test func bandTakesWhatItMust() {
        let widths: [(StencilShape, Bool, Int)] = [(.fivePoint, false, 12), (.ninePoint, false, 13), (.fivePoint, true, 24), (.threePoint, true, 2)]
        for (shape, isPeriodic, width) in widths {
            let c = StencilCase(.symmetric, shape, ny: 12, nx: 19, periodicX: isPeriodic)
            let bytes = 12 * 19 * ((3 * width + 1) * 8 + 4)
            func status(_ limit: Int) -> SolveReport.Status {
                BandedDirect(tolerance: 1e-10, memoryLimit: limit).factor(c.stencil).solve(c.b, startingFrom: nil).report.status
            }
            #expect(status(bytes) == .converged && status(bytes - 1) == .doesNotFit, "\(c)")
        }
    }
}
