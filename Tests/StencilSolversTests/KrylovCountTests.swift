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
            last = report.iterations
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
