import StencilSolvers
import Tensors
import TestSupport
import Testing

/// What red-black Gauss-Seidel finds, against Gaussian elimination.
@Suite struct RedBlackSolutionTests {
    private let solver = RedBlackGaussSeidel(tolerance: 1e-13)

    private func single(_ c: StencilCase) -> FivePointStencil<Float> {
        FivePointStencil(ny: c.ny, nx: c.nx, coefficients: c.coefficients.map { Float($0) })
    }

    @Test(arguments: StencilCase.all) func findsTheSolution(_ c: StencilCase) {
        let exact = c.dense.solve(c.b)
        let (y, report) = solver.factor(c.stencil).solve(c.b, startingFrom: nil)
        #expect(report.isConverged && report.relativeResidual <= 1e-13, "\(report.summary)")
        #expect(measured("\(c), solution", relativeError(y, exact)) < 1e-10)

        let (z, singleReport) = RedBlackGaussSeidel(tolerance: 1e-5).factor(single(c)).solve(c.b.map { Float($0) }, startingFrom: nil)
        #expect(singleReport.isConverged, "\(singleReport.summary)")
        #expect(measured("\(c), solution in Float", relativeError(z.map { Double($0) }, exact)) < 2e-4)
    }

    @Test(arguments: StencilCase.all) func transposedSolvesWithTheTranspose(_ c: StencilCase) {
        let (y, report) = solver.factor(c.stencil).transposed().solve(c.b, startingFrom: nil)
        #expect(report.isConverged, "\(report.summary)")
        #expect(measured("\(c), solution of the transpose", relativeError(y, c.dense.transposed.solve(c.b))) < 1e-10)
    }

    @Test(arguments: StencilCase.all) func guessDoesNotMatter(_ c: StencilCase) {
        let factorization = solver.factor(c.stencil)
        let (plain, _) = factorization.solve(c.b, startingFrom: nil)
        // A guess near the solution is used, one far from it is dropped.
        for size in [1e-3, 1e-1, 1, 1e6, .nan] {
            let (guessed, report) = factorization.solve(c.b, startingFrom: zip(plain, c.guess).map { $0 * (1 + size * $1) })
            #expect(report.isConverged)
            #expect(measured("\(c), guess off by \(size)", relativeError(guessed, plain)) < 1e-11)
        }
        let again = factorization.solve(c.b, startingFrom: plain)
        #expect(again.report.iterations == 0, "the solution itself is as good a guess as there is")
    }

    @Test(arguments: StencilCase.all) func reportedResidualIsTheResidual(_ c: StencilCase) {
        let (y, report) = RedBlackGaussSeidel(tolerance: 1e-4).factor(c.stencil).solve(c.b, startingFrom: c.guess)
        let residual = zip(c.b, c.dense.times(y)).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
        let norm = c.b.reduce(0) { $0 + $1 * $1 }.squareRoot()
        #expect(abs(report.relativeResidual - residual / norm) < 1e-14)
        #expect(report.tolerance == 1e-4)
    }

    @Test(arguments: StencilCase.all) func nothingAskedNothingDone(_ c: StencilCase) {
        let zero = [Double](repeating: 0, count: c.b.count)
        for guess in [nil, c.guess, c.guess.map { $0 * 1e300 }] {
            let (y, report) = solver.factor(c.stencil).solve(zero, startingFrom: guess)
            #expect(y == zero)
            #expect(report == SolveReport(status: .converged, iterations: 0, relativeResidual: 0, tolerance: 1e-13))
        }
    }

    @Test(arguments: StencilCase.all, [1e-30, 1e30, 1e-200, 1e200]) func scaleOfTheRightHandSideDoesNotMatter(_ c: StencilCase, scale: Double) {
        let factorization = RedBlackGaussSeidel(tolerance: 1e-9).factor(c.stencil)
        let (plain, report) = factorization.solve(c.b, startingFrom: nil)
        let (y, scaled) = factorization.solve(c.b.map { $0 * scale }, startingFrom: nil)
        #expect(scaled.isConverged && scaled.iterations == report.iterations)
        #expect(abs(scaled.relativeResidual - report.relativeResidual) < 1e-15)
        #expect(relativeError(y.map { $0 / scale }, plain) < 1e-14)
    }

    @Test func guessFarFromATinyRightHandSideIsForgotten() {
        // Squares of 1e30 do not fit into Float: the guess is no help, but no harm either.
        let c = StencilCase(.symmetric, ny: 5, nx: 4)
        let b = c.b.map { Float($0) * 1e-30 }
        let (y, report) = RedBlackGaussSeidel(tolerance: 1e-5).factor(single(c)).solve(b, startingFrom: c.guess.map { Float($0) })
        #expect(report.isConverged, "\(report.summary)")
        #expect(relativeError(y.map { Double($0) * 1e30 }, c.dense.solve(c.b)) < 2e-4)
    }
}
