import Basics
import Optimisation
import TestSupport
import Testing

@Suite struct LevenbergMarquardtTests {
    /// Sum of squares of r(x), with J written by hand.
    private struct Squares: LocalModel {
        let residuals: [Double]
        /// [residual][variable]
        let jacobian: [[Double]]

        var value: Double { inner(residuals, residuals) }
        var gradient: [Double] { transposed(residuals) }
        var diagonal: [Double] {
            (0..<jacobian[0].count).map { column in 2 * jacobian.reduce(0) { $0 + $1[column] * $1[column] } }
        }
        func curvature(along direction: [Double]) -> [Double] { transposed(jacobian.map { inner($0, direction) }) }
        private func transposed(_ w: [Double]) -> [Double] {
            var sum = [Double](repeating: 0, count: jacobian[0].count)
            for (row, weight) in zip(jacobian, w) { add(2 * weight, row, to: &sum) }
            return sum
        }

        init(residuals: [Double], jacobian: [[Double]]) { (self.residuals, self.jacobian) = (residuals, jacobian) }

        /// Rosenbrock's valley as residuals 10 (y - x^2) and 1 - x, with y in units of `unit`.
        init(rosenbrock x: [Double], unit: Double = 1) {
            let y = x[1] * unit
            residuals = [10 * (y - x[0] * x[0]), 1 - x[0]]
            jacobian = [[-20 * x[0], 10 * unit], [-1, 0]]
        }
    }

    private func descent(from start: [Double], unit: Double = 1, steps: Int) throws -> (x: [Double], reports: [LevenbergMarquardt.Report]) {
        var method = LevenbergMarquardt(
            LevenbergMarquardt.Settings(leastScale: 0, solver: ConjugateGradients(tolerance: 1e-12, maximumIterations: 20)))
        var x = start
        var reports: [LevenbergMarquardt.Report] = []
        for _ in 0..<steps {
            let (step, report) = try method.step(from: Squares(rosenbrock: x, unit: unit)) { step in
                Squares(rosenbrock: zip(x, step).map { $0 + $1 }, unit: unit).value
            }
            add(1, step, to: &x)
            reports.append(report)
        }
        return (x, reports)
    }

    @Test func findsTheEndOfTheValley() throws {
        let (x, reports) = try descent(from: [-1.2, 1], steps: 60)
        #expect(measured("distance from (1, 1)", norm([x[0] - 1, x[1] - 1])) < 1e-12)
        // No step that is taken raises the function, and what it reports is what happened.
        var value = Squares(rosenbrock: [-1.2, 1]).value
        for report in reports {
            #expect(report.before == value && (!report.isTaken || report.after <= report.before))
            if report.isTaken { value = report.after }
        }
        #expect(reports.contains { !$0.isTaken }, "the valley is too bent for every step to be good")
    }

    @Test func withoutALeastScaleUnitsOfTheVariablesDoNotMatter() throws {
        let plain = try descent(from: [-1.2, 1], steps: 12)
        let scaled = try descent(from: [-1.2, 100], unit: 1e-2, steps: 12)
        #expect(abs(plain.x[0] - scaled.x[0]) < 1e-9 && abs(plain.x[1] - 1e-2 * scaled.x[1]) < 1e-9)
    }

    @Test func ofALinearProblemItIsNewtonsMethodOnceTheDampingIsGone() throws {
        let problem = Squares(rosenbrock: [0, 3])
        var method = LevenbergMarquardt(
            LevenbergMarquardt.Settings(initialDamping: 1e-8, solver: ConjugateGradients(tolerance: 1e-14, maximumIterations: 10)))
        // The linear model of the residuals, whose minimum is zero.
        let (step, report) = try method.step(from: problem) { step in
            let moved = zip(problem.residuals, problem.jacobian).map { $0 + inner($1, step) }
            return inner(moved, moved)
        }
        #expect(abs(report.ratio - 1) < 1e-6 && report.after < 1e-12 * report.before)
        #expect(method.damping < 1e-8 && step.count == 2)
    }

    @Test func aStepIntoTheVoidIsNotTaken() throws {
        var method = LevenbergMarquardt()
        let (step, report) = try method.step(from: Squares(rosenbrock: [-1.2, 1])) { _ in .infinity }
        #expect(step == [0, 0] && !report.isTaken && method.damping == 16 * LevenbergMarquardt.Settings().initialDamping)
    }

    /// a b + c = 1 from b near 0, where nothing is seen of a: measured by its own curvature a would take a step so long that none is ever good.
    @Test func aFactorOfNothingDoesNotStopTheDescent() throws {
        func problem(_ x: [Double]) -> Squares { Squares(residuals: [x[0] * x[1] + x[2] - 1], jacobian: [[x[1], x[0], 1]]) }
        func left(leastScale: Double) throws -> Double {
            var method = LevenbergMarquardt(LevenbergMarquardt.Settings(leastScale: leastScale))
            var x = [1.0, 1e-9, 0]
            for _ in 0..<3 {
                add(1, try method.step(from: problem(x)) { step in problem(zip(x, step).map { $0 + $1 }).value }.step, to: &x)
            }
            return problem(x).value
        }
        #expect(try left(leastScale: 0.1) < 0.1)
        #expect(try left(leastScale: 0) > 0.9)
    }

    @Test func resumedIsUninterrupted() throws {
        var whole = LevenbergMarquardt()
        var x = [-1.2, 1.0]
        for k in 0..<6 {
            if k == 3 { whole = LevenbergMarquardt(whole.settings, damping: whole.damping, updates: whole.updates) }
            add(1, try whole.step(from: Squares(rosenbrock: x)) { step in Squares(rosenbrock: zip(x, step).map { $0 + $1 }).value }.step, to: &x)
        }
        var again = LevenbergMarquardt()
        var y = [-1.2, 1.0]
        for _ in 0..<6 {
            add(1, try again.step(from: Squares(rosenbrock: y)) { step in Squares(rosenbrock: zip(y, step).map { $0 + $1 }).value }.step, to: &y)
        }
        #expect(x == y && whole == again && whole.updates == 6)
    }
}
