import Basics
import StencilSolvers
import TestSupport
import Testing

/// How the automatic choice goes from one method to the next, whichever they are.
@Suite struct AutomaticSolverTests {
    /// Elimination that may take no memory says how good its start was: as good as what the best method before it has left.
    @Test func everyAttemptStartsFromTheBestSoFar() throws {
        let cases = [
            StencilCase(.symmetric, ny: 20, nx: 33), StencilCase(.nonSymmetric, ny: 20, nx: 33),
            StencilCase(.nonSymmetric, .ninePoint, ny: 9, nx: 12, periodicX: true, fields: 2), StencilCase(.withLand, .threePoint, ny: 5, nx: 40),
        ]
        for c in cases {
            // No method reaches a tolerance below the precision, so that all are tried.
            let report = AutomaticSolver(tolerance: 1e-30, memoryLimit: 0).factor(c.stencil).solve(c.b, startingFrom: c.guess).report
            let reports = report.attempts + [report]
            let last = try #require(reports.first { $0.status == .doesNotFit })
            let best = try #require(reports.filter { $0.status != .doesNotFit }.map(\.relativeResidual).min())
            // A solution that is scaled and scaled back is rounded anew.
            #expect(best < 1e-14 && last.relativeResidual < best + 1e-14, "\(report.summary)")
        }
    }

    /// A good guess outlives methods that diverge, as BiCGStab does at once where a fifth of the dominance is left.
    @Test func goodGuessIsNotLost() throws {
        let n = 40
        var coefficients = ModelMatrix.learned(n).coefficients
        for k in 0..<n * n { coefficients[k] *= 0.2 }
        let a = StencilMatrix(ny: n, nx: n, coefficients: coefficients)
        let b = ModelMatrix.rightHandSide(n)
        let (y, found) = BandedDirect(tolerance: 1e-10).factor(a).solve(b, startingFrom: nil)
        try #require(found.isConverged)
        let report = AutomaticSolver(tolerance: 1e-30, memoryLimit: 0).factor(a).solve(b, startingFrom: y).report
        let reports = report.attempts + [report]
        #expect(reports.contains { $0.relativeResidual > 1e-8 }, "\(report.summary)")
        // Elimination without memory says where it began.
        let last = try #require(reports.first { $0.status == .doesNotFit })
        #expect(last.relativeResidual < 1.01 * found.relativeResidual + 1e-15, "\(report.summary)")
    }

    @Test func bestOfAllIsHandedOutWhereAllFail() {
        // Indefinite: conjugate gradients break down at once, BiCGStab comes far.
        let a = ModelMatrix.flux(40, shift: -0.1, isClamped: true) { _, _ in 1 }
        let b = ModelMatrix.rightHandSide(40)
        let (y, report) = AutomaticSolver(tolerance: 1e-30, memoryLimit: 0).factor(a).solve(b, startingFrom: nil)
        let residual = norm(zip(b, a.apply(y)).map { $0 - $1 }) / norm(b)
        #expect(!report.isConverged && report.attempts.count >= 2 && report.attempts.contains { $0.relativeResidual >= 1 }, "\(report.summary)")
        #expect(report.attempts.allSatisfy { report.relativeResidual <= $0.relativeResidual }, "\(report.summary)")
        #expect(residual < 1e-6 && abs(residual - report.relativeResidual) < 1e-12)
    }

    /// Rows that dominate promise fast sweeps; of the transpose they say nothing.
    @Test func transposeIsTreatedByItsOwnMeasures() {
        let a = ModelMatrix.dominantByRows(40)
        let b = ModelMatrix.rightHandSide(40)
        let (measures, solver) = (a.measures, AutomaticSolver(tolerance: 1e-9))
        #expect(measures.jacobiBound < 0.5 && measures.transposedJacobiBound > 1)
        func methods(_ factorization: any StencilFactorization<Double>) -> [String] {
            let report = factorization.solve(b, startingFrom: nil).report
            #expect(report.isConverged, "\(report.summary)")
            return (report.attempts + [report]).map(\.method)
        }
        let (own, turned) = (methods(solver.factor(a)), methods(solver.factor(a).transposed()))
        #expect(turned == methods(solver.factor(a.transposed())) && own == methods(solver.factor(a.transposed()).transposed()))
        #expect(own != turned)
    }

    struct Decision: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let matrix: StencilMatrix<Double>
        let method: String
    }

    /// A matrix of jumps, not symmetric by one coefficient: rough, but without a wind.
    private static var calm: StencilMatrix<Double> {
        let a = ModelMatrix.flux(100, shift: 0, isClamped: true) { j, i in (5 * j + 3 * i) % 7 < 3 ? 1000 : 1 }
        var coefficients = a.coefficients
        coefficients[15_050] *= 0.999
        return StencilMatrix(ny: 100, nx: 100, coefficients: coefficients)
    }

    private static let decisions = [
        Decision(testDescription: "rows hardly dominate", matrix: ModelMatrix.poisson(100), method: "conjugate gradients"),
        Decision(testDescription: "sweeps are slow", matrix: ModelMatrix.flux(100) { _, _ in 100 }, method: "multigrid"),
        Decision(testDescription: "sweeps are fast", matrix: ModelMatrix.flux(100) { _, _ in 0.1 }, method: "Gauss-Seidel"),
        Decision(testDescription: "couplings of both signs", matrix: ModelMatrix.learned(100), method: "Gauss-Seidel"),
        Decision(testDescription: "wind along x", matrix: ModelMatrix.upwind(ny: 100, nx: 100) { _, _ in (10, 0) }, method: "incomplete LU"),
        Decision(testDescription: "wind along y", matrix: ModelMatrix.upwind(ny: 100, nx: 100) { _, _ in (0, -10) }, method: "incomplete LU"),
        Decision(testDescription: "jumps without a wind", matrix: calm, method: "BiCGStab with multigrid"),
    ]

    @Test(arguments: decisions) func whatTheMatrixMeasuresDecides(_ d: Decision) {
        let report = AutomaticSolver(tolerance: 1e-9).factor(d.matrix).solve(ModelMatrix.rightHandSide(100), startingFrom: nil).report
        #expect(report.isConverged && report.attempts.isEmpty && report.method.contains(d.method), "\(report.summary)")
    }

    @Test func whatIsNotFiniteIsTriedOnce() {
        let c = StencilCase(.nonSymmetric, ny: 20, nx: 33)
        var b = c.b
        b[7] = .nan
        let report = AutomaticSolver(tolerance: 1e-9).factor(c.stencil).solve(b, startingFrom: nil).report
        #expect(report.status == .notFinite && report.attempts.isEmpty)
    }
}
