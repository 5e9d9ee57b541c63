import StencilSolvers
import TestSupport
import Testing

/// Elimination along lines, by itself and as the sweep of lines that follows a wind.
@Suite struct LineTests {
    /// What a wind along y carries comes from one side only: one sweep of lines with it is the solution, whichever way it blows.
    @Test(arguments: [StencilDirection.south, .north], [StencilShape.fivePoint, .ninePoint])
    func sweepGoesWithTheWind(_ from: StencilDirection, _ shape: StencilShape) {
        for isPeriodic in [false, true] {
            let c = StencilCase(.nonSymmetric, shape, ny: 40, nx: 33, periodicX: isPeriodic)
            var coefficients = c.coefficients
            for d in shape.directions where d.dy == -from.dy {
                for k in d.rawValue * 1320..<(d.rawValue + 1) * 1320 { coefficients[k] = 0 }
            }
            let a = StencilMatrix(shape, ny: 40, nx: 33, periodicX: isPeriodic, coefficients: coefficients)
            let m = Preconditioner.lines.prepare(a)
            #expect(relativeError(m.apply(a.apply(c.guess)), c.guess) < 1e-12)
            #expect(relativeError(m.transposed().apply(a.transposed().apply(c.guess)), c.guess) < 1e-12)
        }
    }

    /// A wind from the north is one from the south with the grid upside down.
    @Test(arguments: [5.0, 100, 1e4]) func stepsDoNotDependOnTheWayOfTheWind(peclet: Double) {
        let (n, b) = (60, ModelMatrix.rightHandSide(60))
        func upsideDown(_ values: [Double]) -> [Double] { (0..<n).reversed().flatMap { values[$0 * n..<($0 + 1) * n] } }
        func solve(_ from: StencilDirection, _ b: [Double]) -> (solution: [Double], report: SolveReport) {
            var a = [4 + peclet, -1, -1, -1, -1].flatMap { [Double](repeating: $0, count: n * n) }
            for k in 0..<n * n { a[from.rawValue * n * n + k] -= peclet }
            return Krylov(.biCGStab, .lines, tolerance: 1e-10).factor(StencilMatrix(ny: n, nx: n, coefficients: a)).solve(b, startingFrom: nil)
        }
        let (south, north) = (solve(.south, b), solve(.north, upsideDown(b)))
        #expect(south.report.isConverged && north.report.isConverged && abs(south.report.iterations - north.report.iterations) <= 1)
        #expect(measured("steps at a Peclet number of \(peclet)", Double(south.report.iterations)) < 40)
        #expect(peclet < 100 || south.report.iterations <= 8)
        #expect(relativeError(upsideDown(north.solution), south.solution) < 1e-8)
    }

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
        for (shape, isPeriodic, width) in [(StencilShape.fivePoint, false, 12), (.ninePoint, false, 13), (.fivePoint, true, 24), (.threePoint, true, 2)] {
            let c = StencilCase(.symmetric, shape, ny: 12, nx: 19, periodicX: isPeriodic)
            let bytes = 12 * 19 * ((3 * width + 1) * 8 + 4)
            func status(_ limit: Int) -> SolveReport.Status {
                BandedDirect(tolerance: 1e-10, memoryLimit: limit).factor(c.stencil).solve(c.b, startingFrom: nil).report.status
            }
            #expect(status(bytes) == .converged && status(bytes - 1) == .doesNotFit, "\(c)")
        }
    }
}
