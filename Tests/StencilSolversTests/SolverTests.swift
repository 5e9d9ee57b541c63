import StencilSolvers
import Tensors
import TestSupport
import Testing

/// What every solver finds and says, against Gaussian elimination.
@Suite struct SolverTests {
    @Test(arguments: SolverCase.all, Oracle.all) func findsTheSolution(_ s: SolverCase, _ o: Oracle) {
        let c = o.c
        let factorization = s.solver(1e-12).factor(c.stencil)
        for (name, factored, exact) in [("", factorization, o.solution), (" of the transpose", factorization.transposed(), o.transposedSolution)] {
            let (y, report) = factored.solve(c.b, startingFrom: nil)
            guard s.solves(c) || report.isConverged else {
                #expect(report.relativeResidual > 1e-12 || !report.relativeResidual.isFinite, "\(report.summary)")
                continue
            }
            #expect(report.isConverged && report.relativeResidual <= 1e-12, "\(report.summary)")
            #expect(measured("\(s), \(c), solution\(name)", relativeError(y, exact)) < 1e-10)
        }
    }

    @Test(arguments: SolverCase.all, Oracle.all) func findsTheSolutionInFloat(_ s: SolverCase, _ o: Oracle) {
        let c = o.c
        let factorization = s.solver(1e-5).factor(c.matrix(Float.self))
        for (factored, exact) in [(factorization, o.solution), (factorization.transposed(), o.transposedSolution)] {
            let (y, report) = factored.solve(c.b.map { Float($0) }, startingFrom: nil)
            guard s.solves(c) || report.isConverged else { continue }
            #expect(report.isConverged, "\(report.summary)")
            #expect(measured("\(s), \(c), solution in Float", relativeError(y.map { Double($0) }, exact)) < 4e-4)
        }
    }

    @Test(arguments: SolverCase.all, Oracle.few) func guessDoesNotMatter(_ s: SolverCase, _ o: Oracle) {
        guard s.solves(o.c) else { return }
        let factorization = s.solver(1e-12).factor(o.c.stencil)
        let (plain, _) = factorization.solve(o.c.b, startingFrom: nil)
        // A guess near the solution is used, one far from it is dropped.
        for size in [1e-3, 1e-1, 1, 1e6, .nan] {
            let (guessed, report) = factorization.solve(o.c.b, startingFrom: zip(plain, o.c.guess).map { $0 * (1 + size * $1) })
            #expect(report.isConverged, "\(report.summary)")
            #expect(measured("\(s), \(o), guess off by \(size)", relativeError(guessed, plain)) < 1e-10)
        }
        let again = factorization.solve(o.c.b, startingFrom: plain)
        #expect(again.report.iterations == 0, "the solution itself is as good a guess as there is")
    }

    @Test(arguments: SolverCase.all, [StencilCase(.symmetric, ny: 20, nx: 33), StencilCase(.nonSymmetric, ny: 20, nx: 33)])
    func guessNearTheSolutionSavesSteps(_ s: SolverCase, _ c: StencilCase) {
        guard s.solves(c) else { return }
        let factorization = s.solver(1e-10).factor(c.stencil)
        let (y, plain) = factorization.solve(c.b, startingFrom: nil)
        let report = factorization.solve(c.b, startingFrom: zip(y, c.guess).map { $0 * (1 + 1e-6 * $1) }).report
        let share = Double(report.iterations) / Double(plain.iterations + 1)
        #expect(report.isConverged && measured("\(s), steps from near, share of \(plain.iterations)", share) <= 0.8)
    }

    @Test(arguments: SolverCase.all, Oracle.few) func reportedResidualIsTheResidual(_ s: SolverCase, _ o: Oracle) throws {
        guard s.solves(o.c) else { return }
        let (y, report) = s.solver(1e-4).factor(o.c.stencil).solve(o.c.b, startingFrom: o.c.guess)
        let residual = norm(zip(o.c.b, o.c.dense.times(y)).map { $0 - $1 }) / norm(o.c.b)
        #expect(abs(report.relativeResidual - residual) < 1e-14 && report.tolerance == 1e-4 && !report.method.isEmpty)
        // The bound of the error bounds it, and not by more than the condition number.
        guard let bound = report.solutionError else { return }
        let error = norm(zip(y, o.solution).map { $0 - $1 }) / norm(y)
        #expect(error <= bound + 1e-14)
        #expect(measured("\(s), \(o), bound of the error over residual", bound / (report.relativeResidual + 1e-15)) < 1e3)
    }

    @Test(arguments: SolverCase.all, Oracle.few) func nothingAskedNothingDone(_ s: SolverCase, _ o: Oracle) {
        let zero = [Double](repeating: 0, count: o.c.b.count)
        for guess in [nil, o.c.guess, o.c.guess.map { $0 * 1e300 }] {
            let (y, report) = s.solver(1e-12).factor(o.c.stencil).solve(zero, startingFrom: guess)
            #expect(y == zero)
            #expect(report.isConverged && report.iterations == 0 && report.relativeResidual == 0 && report.solutionError == 0)
        }
    }

    @Test(arguments: SolverCase.all, Oracle.few) func scaleOfTheRightHandSideDoesNotMatter(_ s: SolverCase, _ o: Oracle) {
        guard s.solves(o.c) else { return }
        let factorization = s.solver(1e-9).factor(o.c.stencil)
        let (plain, report) = factorization.solve(o.c.b, startingFrom: nil)
        // Some 1e-200, 1e-30, 1e30, 1e200; powers of two, so that not a bit may change.
        for scale in [0x1p-664, 0x1p-100, 0x1p100, 0x1p664] {
            let (y, scaled) = factorization.solve(o.c.b.map { $0 * scale }, startingFrom: nil)
            #expect(scaled.isConverged && scaled.iterations == report.iterations, "\(scaled.summary)")
            #expect(scaled.relativeResidual == report.relativeResidual)
            #expect(y.map { $0 / scale } == plain)
        }
        let single = s.solver(1e-5).factor(o.c.matrix(Float.self))
        for scale in [Float(1e-30), 1e30] {
            // Squares of either do not fit into Float, and a guess of size 1 is no help, but no harm either.
            let b = o.c.b.map { Float($0) * scale }
            let (y, report) = single.solve(b, startingFrom: o.c.guess.map { Float($0) })
            #expect(report.isConverged, "\(report.summary)")
            #expect(relativeError(y.map { Double($0) / Double(scale) }, o.solution) < 4e-4)
        }
    }

    @Test(arguments: SolverCase.all, [Double.nan, .infinity, -.infinity]) func whatIsNotFiniteIsSaid(_ s: SolverCase, value: Double) {
        let c = StencilCase(.symmetric, ny: 20, nx: 33)
        func report<Scalar: TensorScalar>(_ coefficients: [Scalar], _ b: [Scalar]) -> SolveReport {
            let (y, report) = s.solver(1e-5).factor(StencilMatrix(ny: 20, nx: 33, coefficients: coefficients)).solve(b, startingFrom: nil)
            #expect(y.count == b.count)
            return report
        }
        for plane in 0..<5 {
            var coefficients = c.coefficients
            coefficients[plane * 660 + 5 * 33 + 7] = value
            #expect(report(coefficients, c.b).status == .notFinite)
            #expect(report(coefficients.map { Float($0) }, c.b.map { Float($0) }).status == .notFinite)
        }
        var b = c.b
        b[300] = value
        let wrong = report(c.coefficients, b)
        #expect(wrong.status == .notFinite && wrong.summary.contains("not finite"))
    }
}
