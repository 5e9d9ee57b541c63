import StencilSolvers
import TestSupport
import Testing

/// What Krylov methods count.
@Suite struct KrylovCountTests {
    static let methods = [Krylov.Method.conjugateGradients, .biCGStab, .gmres(restart: 40)]

    /// The way to a smaller residual leads past the larger ones. Residuals that are followed by recurrence drift away from those of the solution,
    /// so that a method may have to start again: the steps before that count too.
    @Test(arguments: methods) func smallerTolerancesTakeMoreSteps(_ method: Krylov.Method) {
        let a = ModelMatrix.flux(30, shift: 1e-3) { j, i in (j + i) % 7 == 0 ? 1000 : 1 }
        let b = ModelMatrix.rightHandSide(30)
        var last = 0
        for exponent in 1...15 {
            let tolerance = (0..<exponent).reduce(1.0) { value, _ in value / 10 }
            let solver = Krylov(method, .diagonal, tolerance: tolerance, maximumIterations: 3000)
            let report = solver.factor(a).solve(b, startingFrom: nil).report
            if showsSteps { print("measured \(report.summary)") }
            #expect(report.iterations >= last && report.iterations <= 3000, "\(report.summary)")
            #expect(report.isConverged || exponent > 7, "\(report.summary)")
            last = report.iterations
        }
    }

    /// In exact arithmetic as many steps as there are different eigenvalues are enough, however many unknowns there are.
    @Test(arguments: methods, 1...6) func stepsAreOfDifferentEigenvalues(_ method: Krylov.Method, count: Int) {
        let cells = 30 * 20
        let values = (0..<cells).map { 1 + 0.7 * Double($0 % count) }
        let a = StencilMatrix(ny: 30, nx: 20, coefficients: values + [Double](repeating: 0, count: 4 * cells))
        let b = StencilCase(.symmetric, ny: 30, nx: 20).b
        let report = Krylov(method, .identity, tolerance: 1e-10).factor(a).solve(b, startingFrom: nil).report
        #expect(report.isConverged && report.iterations <= count, "\(report.summary)")
    }

    /// GMRES needs no more steps than there are unknowns if its preconditioner is the same at every step, whatever other steps left in its memory.
    @Test(arguments: PreconditionerTests.all, [(5, 5, false, false), (4, 6, true, false), (5, 4, false, true), (5, 5, true, true)])
    func preconditionersAreTheSameAtEveryStep(_ preconditioner: Preconditioner, _ grid: (Int, Int, Bool, Bool)) {
        for shape in [StencilShape.fivePoint, .ninePoint] {
            let c = StencilCase(.nonSymmetric, shape, ny: grid.0, nx: grid.1, periodicY: grid.2, periodicX: grid.3)
            let solver = Krylov(.gmres(restart: 30), preconditioner, tolerance: 1e-11, maximumIterations: grid.0 * grid.1)
            let report = solver.factor(c.stencil).solve(c.b, startingFrom: nil).report
            #expect(report.isConverged, "\(report.summary)")
        }
    }

    private static let restless: [any StencilSolver] = methods.map { Krylov($0, .diagonal, tolerance: 1e-30) }
        + [Krylov(.conjugateGradients, .multigrid(), tolerance: 1e-30), Multigrid(tolerance: 1e-30)]

    /// Below the precision residuals no longer fall, and that is said long before the limit.
    @Test(arguments: restless.indices) func whatCannotBeReachedIsStagnation(_ index: Int) {
        let c = StencilCase(.symmetric, ny: 20, nx: 33)
        let report = Self.restless[index].factor(c.stencil).solve(c.b, startingFrom: nil).report
        #expect(report.status == .stagnated && report.relativeResidual < 1e-14, "\(report.summary)")
        #expect(report.iterations < (report.method == "multigrid" ? 50 : 1000))
    }

    @Test func conjugateGradientsSayThatAMatrixIsNotDefinite() {
        for sign in [-1.0, 1] {
            let values = (0..<30).map { k in k < 16 ? sign : -1.0 }
            let a = StencilMatrix(ny: 5, nx: 6, coefficients: values + [Double](repeating: 0, count: 120))
            let b = (0..<30).map { k in k < 16 ? 1.0 : 2 }
            for preconditioner in [Preconditioner.identity, .diagonal] {
                let report = Krylov(.conjugateGradients, preconditioner, tolerance: 1e-9).factor(a).solve(b, startingFrom: nil).report
                #expect(report.status == .breakdown, "\(report.summary)")
            }
        }
    }

    /// What counts is the residual of what is handed out, not the one that the method follows, which may be above it by a rounding error.
    @Test(arguments: methods, 1...20) func reachingTheToleranceIsConvergence(_ method: Krylov.Method, limit: Int) {
        let c = StencilCase(.symmetric, ny: 20, nx: 33, strength: 50)
        func report(_ tolerance: Double) -> SolveReport {
            Krylov(method, .diagonal, tolerance: tolerance, maximumIterations: limit).factor(c.stencil).solve(c.b, startingFrom: nil).report
        }
        let reached = report(1e-300)
        #expect(reached.status == .iterationLimit && reached.iterations == limit)
        #expect(report(reached.relativeResidual).isConverged)
    }
}

private let showsSteps = measured("steps follow", 0) == 0
