import StencilSolvers
import Tensors
import TestSupport
import Testing

/// What Gauss-Seidel says when it does not reach its tolerance, and how it chooses its factor.
@Suite struct GaussSeidelReportTests {
    private let c = StencilCase(.symmetric, ny: 20, nx: 33)

    private func status<Scalar: TensorScalar>(
        _ coefficients: [Scalar], _ b: [Scalar], _ solver: GaussSeidel = GaussSeidel(tolerance: 1e-10)
    ) -> SolveReport {
        let (y, report) = solver.factor(StencilMatrix(ny: 20, nx: 33, coefficients: coefficients)).solve(b, startingFrom: nil)
        #expect(y.count == b.count)
        #expect(!report.isConverged && report.summary.contains(report.status == .zeroDiagonal ? "zero" : "residual"))
        return report
    }

    @Test(arguments: [0, 1, 3, 6, 7]) func limitIsKeptToTheSweep(limit: Int) {
        let report = status(c.coefficients, c.b, GaussSeidel(tolerance: 1e-10, maximumSweeps: limit))
        #expect(report.status == .iterationLimit && report.iterations == limit)
        #expect(report.relativeResidual > 1e-10 && report.relativeResidual < 1.000001)
        #expect(report.summary.contains("limit"))
    }

    @Test func toleranceBelowThePrecisionStagnates() {
        let report = status(c.coefficients.map { Float($0) }, c.b.map { Float($0) }, GaussSeidel(tolerance: 1e-12))
        #expect(report.status == .stagnated)
        #expect(measured("residual where Float stagnates", report.relativeResidual) < 1e-6)
        #expect(measured("sweeps until stagnation is called", Double(report.iterations)) < 200)
    }

    @Test func divergenceIsNotConvergence() {
        // Couplings twice the diagonal: the iteration grows without bound.
        var coefficients = c.coefficients
        for k in 660..<3300 { coefficients[k] *= 4 }
        let report = status(coefficients, c.b)
        #expect(report.status == .stagnated || report.status == .notFinite)
    }

    @Test func zeroOnTheDiagonal() {
        var coefficients = c.coefficients
        coefficients[70] = 0
        #expect(status(coefficients, c.b).status == .zeroDiagonal)
    }

    // MARK: The factor

    private func sweeps(_ c: StencilCase, _ relaxation: GaussSeidel.Relaxation) -> Int {
        let (_, report) = GaussSeidel(tolerance: 1e-8, relaxation: relaxation).factor(c.stencil).solve(c.b, startingFrom: nil)
        #expect(report.isConverged, "\(report.summary)")
        return report.iterations
    }

    @Test func overRelaxationNeedsFewerSweepsOnAStiffMatrix() {
        let stiff = StencilCase(.symmetric, ny: 20, nx: 33, strength: 100)
        let (over, plain) = (sweeps(stiff, .automatic), sweeps(stiff, .fixed(1)))
        #expect(measured("over-relaxed sweeps of \(plain) plain ones, share", Double(over) / Double(plain)) < 0.25)
    }

    @Test(arguments: [10, 1e3, 1e4, 1e5]) func slowIsNotStagnant(strength: Double) {
        // The condition number is 8 times the strength, the number of over-relaxed sweeps grows with its root.
        let count = sweeps(StencilCase(.symmetric, ny: 20, nx: 33, strength: strength), .automatic)
        #expect(measured("sweeps over root of strength \(strength)", Double(count) / strength.squareRoot()) < 40)
    }

    @Test func factorIsYoungsForSymmetricDominantMatricesOnly() throws {
        func factor(_ stencil: StencilMatrix<Double>, _ relaxation: GaussSeidel.Relaxation = .automatic) throws -> Double {
            let solver = GaussSeidel(tolerance: 1e-8, relaxation: relaxation)
            return try #require(solver.factor(stencil) as? GaussSeidelFactorization<Double>).relaxation
        }
        let mu = c.stencil.jacobiBound()
        #expect(try factor(c.stencil) == 2 / (1 + (1 - mu * mu).squareRoot()))
        #expect(try factor(StencilCase(.nonSymmetric, ny: 20, nx: 33).stencil) == 1)
        let negative = StencilMatrix(ny: 20, nx: 33, coefficients: c.coefficients.map { -$0 })
        #expect(try factor(negative) == 1)
        var weak = c.coefficients
        for k in 0..<660 { weak[k] -= 1 }
        #expect(try factor(StencilMatrix(ny: 20, nx: 33, coefficients: weak)) == 1)
        #expect(try factor(c.stencil, .fixed(1.3)) == 1.3)
        // Not two colours: nine points, and rings of odd length along either side.
        #expect(try factor(StencilCase(.symmetric, .ninePoint, ny: 20, nx: 33).stencil) == 1)
        #expect(try factor(StencilCase(.symmetric, ny: 20, nx: 33, periodicX: true).stencil) == 1)
        #expect(try factor(StencilCase(.symmetric, ny: 33, nx: 20, periodicY: true).stencil) == 1)
        #expect(try factor(StencilCase(.symmetric, ny: 20, nx: 32, periodicY: true, periodicX: true).stencil) > 1)
    }
}
