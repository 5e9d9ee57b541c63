import StencilSolvers
import Tensors
import TestSupport
import Testing

/// Matrices on which some method fails: the automatic choice ends with a right answer, and every method with a right answer or a stated failure.
@Suite struct HardCaseTests {
    struct HardCase: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let matrix: StencilMatrix<Double>
    }

    static let cases = [
        HardCase(testDescription: "random land 255", matrix: ModelMatrix.randomLand(255)),
        HardCase(testDescription: "random land 64, very stiff", matrix: ModelMatrix.randomLand(64, c: 1e6)),
        HardCase(testDescription: "cell Peclet number 1", matrix: ModelMatrix.upwind(100, peclet: 1)),
        HardCase(testDescription: "cell Peclet number 10", matrix: ModelMatrix.upwind(100, peclet: 10)),
        HardCase(testDescription: "cell Peclet number 1000", matrix: ModelMatrix.upwind(100, peclet: 1000)),
        HardCase(testDescription: "learned, positive couplings", matrix: ModelMatrix.learned(100)),
        HardCase(testDescription: "jump", matrix: ModelMatrix.jump(100)),
        HardCase(testDescription: "islands", matrix: ModelMatrix.islands(100)),
        HardCase(testDescription: "indefinite", matrix: ModelMatrix.flux(40, shift: -0.1, isClamped: true) { _, _ in 1 }),
        HardCase(testDescription: "no diagonal", matrix: HardCaseTests.withoutDiagonal(20)),
    ]

    /// Couplings without a diagonal, on an even number of cells: regular, and no method that divides by the diagonal can start.
    static func withoutDiagonal(_ n: Int) -> StencilMatrix<Double> {
        var a = [Double](repeating: 0, count: 5 * n * n)
        for k in 0..<n * n {
            (a[n * n + k], a[2 * n * n + k], a[3 * n * n + k], a[4 * n * n + k]) = (1, 2.5, 0.3, 0.2)
        }
        return StencilMatrix(ny: n, nx: n, coefficients: a)
    }

    private func residual(_ m: StencilMatrix<Double>, _ y: [Double], _ b: [Double]) -> Double {
        norm(zip(b, m.apply(y)).map { $0 - $1 }) / norm(b)
    }

    @Test(arguments: cases) func automaticChoiceFindsTheSolution(_ c: HardCase) {
        let b = ModelMatrix.rightHandSide(c.matrix.nx)
        let factorization = AutomaticSolver(tolerance: 1e-9).factor(c.matrix)
        for (matrix, factored) in [(c.matrix, factorization), (c.matrix.transposed(), factorization.transposed())] {
            let (y, report) = factored.solve(b, startingFrom: nil)
            if showsReports { print("measured \(c.testDescription): \(report.summary)") }
            #expect(report.isConverged && residual(matrix, y, b) < 1.01e-9, "\(report.summary)")
            #expect(report.attempts.allSatisfy { !$0.isConverged && report.summary.contains($0.method) })
        }
    }

    static let methods: [any StencilSolver] = [
        GaussSeidel(tolerance: 1e-9, maximumSweeps: 300), Multigrid(tolerance: 1e-9), Tridiagonal(tolerance: 1e-9), BandedDirect(tolerance: 1e-9),
        BandedDirect(tolerance: 1e-9, memoryLimit: 1000),
        Krylov(.conjugateGradients, .multigrid(), tolerance: 1e-9, maximumIterations: 200),
        Krylov(.biCGStab, .multigrid(), tolerance: 1e-9, maximumIterations: 200),
        Krylov(.gmres(restart: 20), .multigrid(), tolerance: 1e-9, maximumIterations: 200),
        Krylov(.biCGStab, .gaussSeidel(), tolerance: 1e-9, maximumIterations: 200),
        Krylov(.conjugateGradients, .diagonal, tolerance: 1e-9, maximumIterations: 200),
        Krylov(.gmres(restart: 20), .identity, tolerance: 1e-9, maximumIterations: 200),
    ]

    @Test(arguments: cases) func everyMethodSaysWhatCameOfIt(_ c: HardCase) {
        let b = ModelMatrix.rightHandSide(c.matrix.nx)
        for method in Self.methods {
            let (y, report) = method.factor(c.matrix).solve(b, startingFrom: nil)
            let actual = residual(c.matrix, y, b)
            #expect(report.isConverged == (report.relativeResidual <= 1e-9), "\(report.summary)")
            #expect(!report.isConverged || actual < 1.01e-9, "\(report.summary)")
            // What is said of the residual is so, whatever became of it.
            let difference = abs(actual - report.relativeResidual)
            #expect(!report.relativeResidual.isFinite || difference <= 1e-6 * max(1, report.relativeResidual), "\(report.summary), but \(actual)")
        }
    }

    /// Where columns add up to one number, what is carried is conserved, and a constant right-hand side, BiCGStab's first shadow, is a left
    /// eigenvector: after one step it sees nothing of any residual but rounding errors.
    @Test(arguments: [16, 40, 60]) func blindShadowIsReplaced(n: Int) {
        var a = [Double](repeating: 0, count: 5 * n * n)
        for k in 0..<n * n {
            let (j, i) = (k / n, k % n)
            // The wind through each side of a cell, from which it takes what it carries.
            for (d, k2) in [(1, j * n + (i + 1) % n), (2, j * n + (i + n - 1) % n), (3, (j + 1) % n * n + i), (4, (j + n - 1) % n * n + i)] {
                let out = 2 + 1.5 * Double((k * 7 + d * 13) % 11) / 11
                a[k] += out
                let back = StencilShape.fivePoint.directions[d].opposite.rawValue
                a[back * n * n + k2] -= out
            }
            a[k] += 1
        }
        let matrix = StencilMatrix(ny: n, nx: n, periodicY: true, periodicX: true, coefficients: a)
        let b = [Double](repeating: 1, count: n * n)
        let solver = Krylov(.biCGStab, .identity, tolerance: 1e-10)
        let (y, report) = solver.factor(matrix).solve(b, startingFrom: nil)
        let usual = solver.factor(matrix).solve(ModelMatrix.rightHandSide(n), startingFrom: nil).report
        #expect(report.isConverged && residual(matrix, y, b) < 1.01e-10, "\(report.summary)")
        #expect(measured("steps with a blind shadow, of \(usual.iterations)", Double(report.iterations)) <= Double(usual.iterations))
    }

    @Test func bandThatDoesNotFitIsNotTried() {
        let report = BandedDirect(tolerance: 1e-9, memoryLimit: 1000).factor(ModelMatrix.poisson(63)).solve(
            ModelMatrix.rightHandSide(63), startingFrom: nil).report
        #expect(report.status == .doesNotFit && report.summary.contains("MiB"))
    }

    @Test(arguments: StencilShape.allCases) func singularMatrixIsSaid(_ shape: StencilShape) {
        // Two equal rows, regular diagonal.
        var a = [Double](repeating: 0, count: shape.points * 6)
        for k in 0..<6 { a[k] = 1 }
        (a[6], a[2 * 6 + 1]) = (1, 1)
        let m = StencilMatrix(shape, ny: 2, nx: 3, coefficients: a)
        let solvers: [any StencilSolver] = [
            BandedDirect(tolerance: 1e-9), AutomaticSolver(tolerance: 1e-9), Tridiagonal(tolerance: 1e-9), Multigrid(tolerance: 1e-9),
        ]
        for solver in solvers {
            let report = solver.factor(m).solve([1, 0, 1, 1, 1, 1], startingFrom: nil).report
            #expect(!report.isConverged, "\(report.summary)")
        }
        #expect(BandedDirect(tolerance: 1e-9).factor(m).solve([1, 0, 1, 1, 1, 1], startingFrom: nil).report.status == .singular)
    }

    @Test func pivotsTooSmallForThomasArePivoted() {
        for isPeriodic in [false, true] {
            for tiny in [0, 1e-30, 1e-17, 1e-9] {
                // Nearly nothing on the diagonal, and a regular matrix.
                var a = StencilCase(.nonSymmetric, .threePoint, ny: 1, nx: 7).coefficients
                a[0] = tiny
                a[3] = tiny
                let m = StencilMatrix(.threePoint, ny: 1, nx: 7, periodicX: isPeriodic, coefficients: a)
                let b = [1.0, 2, 3, 4, 5, 6, 7]
                let (y, report) = Tridiagonal(tolerance: 1e-12).factor(m).solve(b, startingFrom: nil)
                #expect(report.isConverged && report.note?.contains("pivot") == true, "\(report.summary)")
                #expect(relativeError(y, DenseMatrix(m).solve(b)) < 1e-10)
            }
        }
    }

    /// A ring that is nearly singular though none of its pivots is small: the formula for rings would divide by nearly nothing.
    @Test(arguments: [1e-8, 1e-4]) func ringsThatAreNearlySingularArePivoted(shift: Double) {
        let m = StencilMatrix(
            .threePoint, ny: 1, nx: 64, periodicX: true, coefficients: [2 + shift, -1, -1].flatMap { [Double](repeating: $0, count: 64) })
        let b = StencilCase(.symmetric, .threePoint, ny: 1, nx: 64).b
        let (y, report) = Tridiagonal(tolerance: 1e-7).factor(m).solve(b, startingFrom: nil)
        #expect(report.isConverged && report.note?.contains("pivot") == true, "\(report.summary)")
        #expect(relativeError(y, DenseMatrix(m).solve(b)) < 1e-15 / shift + 1e-10)
    }

    @Test func gradientsErrorIsBounded() throws {
        // The gradient by the coefficients is -z y^T: its error from those of y and z.
        for o in Oracle.few {
            let factorization = GaussSeidel(tolerance: 1e-3).factor(o.c.stencil)
            let (y, forward) = factorization.solve(o.c.b, startingFrom: nil)
            let (z, backward) = factorization.transposed().solve(o.c.b, startingFrom: nil)
            guard let bound = SolveReport.gradientError(forward: forward, backward: backward) else { continue }
            let (exactY, exactZ) = (o.solution, o.transposedSolution)
            var (error, size) = (0.0, 0.0)
            for i in z.indices {
                for j in y.indices {
                    error += (z[i] * y[j] - exactZ[i] * exactY[j]) * (z[i] * y[j] - exactZ[i] * exactY[j])
                    size += z[i] * y[j] * (z[i] * y[j])
                }
            }
            #expect((error / size).squareRoot() <= bound + 1e-14)
            #expect(bound < 1)
        }
    }
}

private let showsReports = measured("reports of hard cases follow", 0) == 0
