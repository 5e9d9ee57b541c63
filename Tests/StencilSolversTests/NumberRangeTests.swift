import StencilSolvers
import Tensors
import TestSupport
import Testing

/// Right-hand sides at the ends of the numbers' range, below the smallest normal number and with norms beyond the largest.
@Suite struct NumberRangeTests {
    private static let counts = [1, 7, 8, 15, 16, 17, 40, (1 << 15) + 5]

    @Test(arguments: counts) func normIsTakenOfEveryElementAndSize(count: Int) {
        func check<Scalar: TensorScalar>(_ sizes: [Scalar]) {
            for size in sizes {
                for k in [0, count / 2, count - 1] {
                    var values = [Scalar](repeating: 0, count: count)
                    values[k] = -size
                    let norm = euclideanNorm(values)
                    if size.isFinite { #expect(norm == Double(size)) } else { #expect(!norm.isFinite) }
                }
                guard size.isFinite, size < 1e30 else { continue }
                let all = euclideanNorm([Scalar](repeating: size, count: count))
                #expect(abs(all / Double(count).squareRoot() - Double(size)) <= 1e-15 * Double(size) + .leastNonzeroMagnitude)
            }
        }
        check([.leastNonzeroMagnitude, 0x1p-1060, 0x1p-700, 0x1p-300, 1, 0x1p+600, .greatestFiniteMagnitude, .infinity, .nan] as [Double])
        check([.leastNonzeroMagnitude, 0x1p-140, 0x1p-80, 1, 0x1p+100, .greatestFiniteMagnitude, .infinity, .nan] as [Float])
    }

    private static let solvers: [any StencilSolver] = [GaussSeidel(tolerance: 1e-5), Multigrid(tolerance: 1e-5), AutomaticSolver(tolerance: 1e-5)]

    private func solves<Scalar: TensorScalar>(_ scale: Scalar, upTo error: Double, _ type: Scalar.Type) {
        let c = StencilCase(.symmetric, ny: 12, nx: 19)
        // Whole numbers, which a subnormal scale leaves exact.
        let b = c.b.map { Scalar((4 * $0).rounded()) }
        let exact = c.dense.solve(b.map { Double($0) })
        for solver in Self.solvers {
            let factorization = solver.factor(c.matrix(Scalar.self))
            for guess in [nil, b.map { $0 * scale }] {
                let (y, report) = factorization.solve(b.map { $0 * scale }, startingFrom: guess)
                #expect(report.isConverged, "\(report.summary)")
                let worst = zip(y, exact).map { abs(Double($0) / Double(scale) - $1) }.max() ?? 0
                #expect(measured("\(report.method), right-hand side times \(scale), error", worst) < error)
            }
        }
    }

    /// The solution is rounded to the spacing of subnormal numbers, here an eighth of the unit.
    @Test func subnormalRightHandSides() {
        solves(0x1p-1071, upTo: 0.07, Double.self)
        solves(0x1p-146, upTo: 0.07, Float.self)
    }

    /// No element is beyond the range of `Float`, but their norm is.
    @Test func normsBeyondTheRange() { solves(0x1p124, upTo: 1e-2, Float.self) }

    /// A solution that overflows is none, and no bound holds of it.
    @Test func solutionBeyondTheRangeIsSaid() {
        let identity = [Double](repeating: 1e-10, count: 30) + [Double](repeating: 0, count: 120)
        let a = StencilMatrix(ny: 5, nx: 6, coefficients: identity)
        let b = [Double](repeating: 1e300, count: 30)
        for solver in Self.solvers + [BandedDirect(tolerance: 1e-10), Krylov(.biCGStab, .diagonal, tolerance: 1e-10)] as [any StencilSolver] {
            let report = solver.factor(a).solve(b, startingFrom: nil).report
            #expect(report.status == .notFinite && report.solutionError == .infinity, "\(report.summary)")
        }
    }
}
