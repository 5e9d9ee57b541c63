import StencilSolvers
import TestSupport
import Testing

/// Cycles through the grids as linear maps: their symmetry, their transposes and what an F cycle adds to a V cycle.
@Suite struct CycleTests {
    private static let large = [
        StencilCase(.symmetric, ny: 20, nx: 33), StencilCase(.withLand, .ninePoint, ny: 21, nx: 18, periodicX: true),
        StencilCase(.symmetric, ny: 33, nx: 20, periodicY: true, periodicX: true), StencilCase(.symmetric, ny: 12, nx: 19, fields: 2),
    ]

    /// From zero so many cycles are S b, and S is symmetric where every cycle is.
    @Test(arguments: large, [1, 2, 3]) func severalSymmetricCyclesAreSymmetric(_ c: StencilCase, cycles: Int) {
        for sweeps in 1...2 {
            let cycle = MultigridCycle(presmoothing: sweeps, postsmoothing: sweeps, coarsestUnknowns: 5, isSymmetric: true)
            let factorization = Multigrid(tolerance: 1e-300, maximumCycles: cycles, cycle: cycle).factor(c.stencil)
            func image(_ b: [Double]) -> [Double] { factorization.solve(b, startingFrom: nil).solution }
            let (one, other) = (inner(c.b, image(c.guess)), inner(image(c.b), c.guess))
            #expect(measured("\(c), \(cycles) cycles, asymmetry", abs(one - other) / (norm(c.b) * norm(c.guess))) < 1e-13)
        }
    }

    struct Problem: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let matrix: StencilMatrix<Double>
    }

    private static let problems = [
        Problem(testDescription: "islands", matrix: ModelMatrix.islands(63)), Problem(testDescription: "Poisson", matrix: ModelMatrix.poisson(64)),
        Problem(testDescription: "jump", matrix: ModelMatrix.jump(100)),
    ]

    /// Of a smooth error a V cycle leaves what its coarse grids leave; an F cycle visits those twice, and the second visit goes on from the first.
    @Test(arguments: problems) func fCycleLeavesLessThanAVCycle(_ p: Problem) {
        let a = p.matrix
        let b = [Double](repeating: 1, count: a.unknowns)
        let y = BandedDirect(tolerance: 1e-13).factor(a).solve(b, startingFrom: nil).solution
        /// What is left of the error, in the norm of the energy.
        func left(_ prepared: PreparedPreconditioner<Double>) -> Double {
            let error = zip(y, prepared.apply(b)).map { $0 - $1 }
            return (inner(error, a.apply(error)) / inner(y, b)).squareRoot()
        }
        func cycle(_ kind: MultigridCycle.Kind) -> PreparedPreconditioner<Double> { Preconditioner.multigrid(MultigridCycle(kind)).prepare(a) }
        let (v, f) = (left(cycle(.v)), left(cycle(.f)))
        #expect(measured("\(p.testDescription), error after an F cycle over that after a V cycle", f / v) < 0.9)
        #expect(measured("the same of the transposed cycles", left(cycle(.f).transposed()) / left(cycle(.v).transposed())) < 0.9)
    }

    @Test(arguments: large) func conjugateGradientsTakeASymmetricCycle(_ c: StencilCase) {
        for cycle in [
            MultigridCycle(.f, presmoothing: 2, postsmoothing: 0, coarsestUnknowns: 5),
            MultigridCycle(presmoothing: 0, postsmoothing: 2, coarsestUnknowns: 5),
            MultigridCycle(presmoothing: 0, postsmoothing: 0, coarsestUnknowns: 5),
        ] {
            let solver = Krylov(.conjugateGradients, .multigrid(cycle), tolerance: 1e-12, maximumIterations: 60)
            let m = solver.preconditioner.prepare(c.stencil)
            let (one, other) = (inner(c.b, m.apply(c.guess)), inner(m.apply(c.b), c.guess))
            #expect(abs(one - other) < 1e-13 * norm(c.b) * norm(c.guess) && inner(c.b, m.apply(c.b)) > 0)
            let report = solver.factor(c.stencil).solve(c.b, startingFrom: nil).report
            #expect(report.isConverged, "\(report.summary)")
        }
    }

    private static let fieldsOfOne = [
        StencilCase(.symmetric, ny: 20, nx: 33), StencilCase(.withLand, .ninePoint, ny: 21, nx: 18, periodicX: true),
        StencilCase(.symmetric, ny: 33, nx: 20, periodicY: true, periodicX: true),
        StencilCase(.symmetric, .ninePoint, ny: 20, nx: 33, periodicY: true), StencilCase(.symmetric, ny: 40, nx: 1001, strength: 100),
        StencilCase(.symmetric, .ninePoint, ny: 5, nx: 9000, periodicY: true, periodicX: true),
    ]

    /// The direction and the correction of conjugate gradients may be rounded to single precision, the residual may not: no step is lost by it.
    @Test(arguments: fieldsOfOne) func directionsInSinglePrecisionLoseNoStep(_ c: StencilCase) {
        func solve(_ precision: MultigridCycle.Precision) -> (solution: [Double], report: SolveReport) {
            let cycle = MultigridCycle(coarsestUnknowns: 20, precision: precision)
            return Krylov(.conjugateGradients, .multigrid(cycle), tolerance: 1e-12).factor(c.stencil).solve(c.b, startingFrom: nil)
        }
        let (wide, narrow) = (solve(.matrix), solve(.single))
        #expect(wide.report.isConverged && narrow.report.isConverged, "\(narrow.report.summary)")
        #expect(abs(narrow.report.iterations - wide.report.iterations) <= 1, "\(narrow.report.iterations) steps and \(wide.report.iterations)")
        #expect(norm(zip(c.b, c.stencil.apply(narrow.solution)).map { $0 - $1 }) < 1.01e-12 * norm(c.b))
    }

    private static let twice = [
        StencilCase(.nonSymmetric, ny: 12, nx: 19), StencilCase(.nonSymmetric, .ninePoint, ny: 7, nx: 9, periodicY: true, periodicX: true),
        StencilCase(.nonSymmetric, .threePoint, ny: 6, nx: 9, periodicX: true), StencilCase(.nonSymmetric, ny: 7, nx: 10, periodicY: true, fields: 2),
    ]

    @Test(arguments: twice) func transposedTwiceIsTheSame(_ c: StencilCase) {
        for preconditioner in PreconditionerTests.all {
            let m = preconditioner.prepare(c.stencil)
            #expect(relativeError(m.transposed().transposed().apply(c.b), m.apply(c.b)) < 1e-11, "\(preconditioner)")
        }
        for solver in SolverCase.all {
            let factorization = solver.solver(1e-11).factor(c.stencil)
            let (y, report) = factorization.solve(c.b, startingFrom: nil)
            let (z, twice) = factorization.transposed().transposed().solve(c.b, startingFrom: nil)
            #expect(report.status == twice.status, "\(solver)")
            #expect(!report.isConverged || relativeError(y, z) < 1e-8, "\(solver)")
        }
    }

    /// Of - y'' on a closed line every grid's matrix is singular, exactly: sweeps on the coarsest take the place of elimination, each time from zero.
    @Test(arguments: [MultigridCycle.Kind.v, .f]) func singularLineIsSolvedForWhatItCanBe(_ kind: MultigridCycle.Kind) {
        let n = 33
        var a = [2.0, -1, -1].flatMap { [Double](repeating: $0, count: n) }
        (a[0], a[n - 1]) = (1, 1)
        let matrix = StencilMatrix(.threePoint, ny: 1, nx: n, coefficients: a)
        let c = StencilCase(.symmetric, .threePoint, ny: 1, nx: n)
        let mean = c.b.reduce(0, +) / Double(n)
        let b = c.b.map { $0 - mean }
        let report = Multigrid(tolerance: 1e-9, cycle: MultigridCycle(kind, coarsestUnknowns: 5)).factor(matrix).solve(b, startingFrom: nil).report
        #expect(report.isConverged && report.note?.contains("singular") == true, "\(report.summary)")
        for isSymmetric in [false, true] {
            let cycle = MultigridCycle(kind, coarsestUnknowns: 5, isSymmetric: isSymmetric)
            let m = Preconditioner.multigrid(cycle).prepare(matrix)
            let size = 1e-13 * norm(c.guess) * norm(m.apply(b))
            #expect(abs(inner(c.guess, m.apply(b)) - inner(m.transposed().apply(c.guess), b)) < size)
            guard isSymmetric, kind == .v else { continue }
            let factorization = Multigrid(tolerance: 1e-300, maximumCycles: 3, cycle: cycle).factor(matrix)
            let (one, other) = (factorization.solve(b, startingFrom: nil).solution, factorization.solve(c.guess, startingFrom: nil).solution)
            #expect(abs(inner(c.guess, one) - inner(other, b)) < 1e-13 * norm(c.guess) * norm(one) + 1e-13 * norm(b) * norm(other))
        }
    }

    /// Nothing is eliminated on a coarsest grid whose matrix is singular: sweeps there and back take its place, from zero.
    @Test(arguments: [StencilShape.fivePoint, .ninePoint], [1, 2]) func singularCoarsestGridIsSmoothed(_ shape: StencilShape, fields: Int) {
        // Two equal rows in each field.
        var a = [Double](repeating: 0, count: shape.points * fields * fields * 6)
        for p in 0..<fields {
            let block = p * fields + p
            for k in 0..<6 { a[block * 6 + k] = 1 }
            (a[(fields * fields + block) * 6], a[(2 * fields * fields + block) * 6 + 1]) = (1, 1)
        }
        let matrix = StencilMatrix(shape, ny: 2, nx: 3, fields: fields, coefficients: a)
        let m = Preconditioner.multigrid(MultigridCycle(coarsestUnknowns: 100)).prepare(matrix)
        let c = StencilCase(.nonSymmetric, shape, ny: 2, nx: 3, fields: fields)
        let image = m.apply(c.b)
        #expect(relativeError(m.apply(c.b.map { 2 * $0 }), image.map { 2 * $0 }) < 1e-14 && image.contains { $0 != 0 })
        #expect(abs(inner(c.guess, image) - inner(m.transposed().apply(c.guess), c.b)) < 1e-13 * norm(c.b) * norm(c.guess))
        let report = Multigrid(tolerance: 1e-9).factor(matrix).solve(c.b, startingFrom: nil).report
        #expect(report.note?.contains("singular") == true)
    }
}
