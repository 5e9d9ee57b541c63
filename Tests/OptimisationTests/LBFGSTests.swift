import Basics
import Optimisation
import TestSupport
import Testing

@Suite struct LBFGSTests {
    private struct Descent {
        var x: [Double]
        var method: LBFGS
        var reports: [LBFGS.Report] = []
        var path: [[Double]] = []
    }

    private func descend(
        _ function: TestFunction, _ settings: LBFGS.Settings = LBFGS.Settings(), steps: Int, pausedAfter pause: Int? = nil
    ) throws -> Descent {
        var descent = Descent(x: function.start, method: LBFGS(settings))
        for k in 0..<steps {
            if k == pause {
                let saved = descent.method
                descent.method = LBFGS(saved.settings, updates: saved.updates, pairs: saved.pairs, current: saved.current)
            }
            let (step, report) = try descent.method.step(
                { step in function.evaluate(zip(descent.x, step).map { $0 + $1 }) }, parameterCount: descent.x.count)
            add(1, step, to: &descent.x)
            descent.reports.append(report)
            descent.path.append(descent.x)
        }
        return descent
    }

    private func distance(_ x: [Double], _ function: TestFunction) -> Double { norm(zip(x, function.minimiser).map { $0 - $1 }) }

    /// With exact searches it is the method of conjugate gradients (Nocedal and Wright 2006, section 7.2), which ends after as many steps as
    /// dimensions.
    @Test(arguments: [1, 2, 5, 12]) func ofAQuadraticItFindsTheBottomInAsManyStepsAsDimensions(count: Int) throws {
        let function = TestFunction.quadratic(count, condition: 30)
        let exact = LBFGS.Settings(memory: count, lineSearch: WolfeLineSearch(curvature: 1e-10))
        let descent = try descend(function, exact, steps: count)
        let share = distance(descent.x, function) / distance(function.start, function)
        #expect(measured("distance left after \(count) steps", share) < 1e-6)
        if count > 2 {
            #expect(distance(descent.path[count - 2], function) > 1e-4 * distance(function.start, function), "one step fewer does not do")
        }
    }

    @Test(arguments: [2, 20, 100]) func findsTheEndOfTheValley(count: Int) throws {
        let function = TestFunction.rosenbrock(count)
        let descent = try descend(function, steps: 60)
        #expect(measured("distance from the end of the valley in \(count) dimensions", distance(descent.x, function)) < 1e-7)
        let evaluations = descent.reports.prefix { $0.gradientNorm > 1e-8 }.reduce(0) { $0 + $1.evaluations }
        #expect(measured("evaluations to a gradient of 1e-8 in \(count) dimensions", Double(evaluations)) < 80)
    }

    /// Each step taken from its report and its evaluations, not from what the search says of itself.
    @Test func theWolfeConditionsHoldAtEveryStep() throws {
        for function in [TestFunction.rosenbrock(20), .quadratic(30, condition: 1e4)] {
            let search = WolfeLineSearch()
            let descent = try descend(function, steps: 35)
            var before = function.start
            for (x, report) in zip(descent.path, descent.reports) where report.gradientNorm > 1e-6 {
                let (start, end) = (function.evaluate(before), function.evaluate(x))
                let step = zip(x, before).map { $0 - $1 }
                let slope = inner(start.gradient, step)
                #expect(report.satisfiesWolfe && report.before == start.value && abs(report.after - end.value) < 1e-12 * start.value)
                #expect(slope < 0 && end.value <= start.value + search.sufficientDecrease * slope * (1 - 1e-10))
                #expect(abs(inner(end.gradient, step)) <= -search.curvature * slope * (1 + 1e-10))
                before = x
            }
        }
    }

    /// The initial scaling makes it blind to units of the function, and of the variables where the first length has the same.
    @Test func unitsDoNotMatter() throws {
        let plain = TestFunction.rosenbrock(6)
        let path = try descend(plain, steps: 25).path
        // Powers of two change no digit.
        #expect(try descend(plain.scaled(by: 1024), steps: 25).path == path)
        #expect(try descend(plain.scaled(by: 0x1p-30), steps: 25).path == path)
        let stretched = try descend(plain.scaled(by: 4, length: 0x1p10), LBFGS.Settings(firstLength: 0x1p10), steps: 25).path
        #expect(stretched.map { $0.map { $0 / 0x1p10 } } == path)
        // Other factors change the last digits, which the valley makes into more.
        let tenfold = try descend(plain.scaled(by: 10), steps: 12).path
        #expect(zip(tenfold, path).allSatisfy { relativeError($0, $1) < 1e-9 })
    }

    @Test func resumedIsUninterrupted() throws {
        let function = TestFunction.rosenbrock(10)
        let whole = try descend(function, steps: 30)
        for pause in [1, 7, 29] {
            let paused = try descend(function, steps: 30, pausedAfter: pause)
            #expect(paused.path == whole.path && paused.method == whole.method && paused.reports == whole.reports)
        }
        #expect(whole.method.updates == 30 && whole.method.pairs.count == 10)
    }

    /// What the method knows of where it stands is no more than a saving: without it the path is the same at one evaluation more a step.
    @Test func aRenewedFunctionIsEvaluatedAnew() throws {
        let function = TestFunction.rosenbrock(4)
        let plain = try descend(function, steps: 8)
        var (x, method) = (function.start, LBFGS())
        for k in 0..<8 {
            method.renew()
            let (step, report) = try method.step({ step in function.evaluate(zip(x, step).map { $0 + $1 }) }, parameterCount: 4)
            add(1, step, to: &x)
            #expect(x == plain.path[k] && report.evaluations == plain.reports[k].evaluations + (k == 0 ? 0 : 1))
        }
    }

    @Test func whereNothingIsLowerItStaysAndForgets() throws {
        let function = TestFunction.quadratic(3, condition: 10)
        var descent = try descend(function, steps: 2)
        #expect(!descent.method.pairs.isEmpty)
        let (step, report) = try descent.method.step({ _ in Evaluation(value: .infinity, gradient: [.nan, .nan, .nan]) }, parameterCount: 3)
        #expect(step == [0, 0, 0] && report.length == 0 && !report.satisfiesWolfe && report.after == report.before)
        #expect(descent.method.pairs.isEmpty)
        // And goes on where the function can be had again.
        var x = descent.x
        for _ in 0..<12 {
            add(1, try descent.method.step({ step in function.evaluate(zip(x, step).map { $0 + $1 }) }, parameterCount: 3).step, to: &x)
        }
        #expect(distance(x, function) < 1e-3)
        var still = LBFGS()
        let (none, rest) = try still.step({ _ in Evaluation(value: 1, gradient: [0, 0]) }, parameterCount: 2)
        #expect(none == [0, 0] && rest.satisfiesWolfe && rest.evaluations == 1)
    }
}
