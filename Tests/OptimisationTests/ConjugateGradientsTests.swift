import Basics
import Optimisation
import TestSupport
import Testing

@Suite struct ConjugateGradientsTests {
    /// M = Q diag(1, 2, ..., n) Q^T with Q made of reflections: dense, and its condition known.
    private struct System {
        let count: Int
        let reflections: [[Double]]
        let b: [Double]

        init(count: Int, seed: UInt64 = 1) {
            self.count = count
            var stream = RandomStream(seed: seed, purpose: "conjugate gradients test")
            reflections = (0..<3).map { _ in
                let v = stream.normals(count)
                let length = norm(v)
                return v.map { $0 / length }
            }
            b = stream.normals(count)
        }

        func product(_ x: [Double]) -> [Double] {
            var y = x
            for v in reflections { add(-2 * inner(v, y), v, to: &y) }
            for k in y.indices { y[k] *= Double(k + 1) }
            for v in reflections.reversed() { add(-2 * inner(v, y), v, to: &y) }
            return y
        }
    }

    @Test func solvesInAsManyStepsAsUnknowns() throws {
        let system = System(count: 12)
        let solution = try ConjugateGradients(tolerance: 1e-12, maximumIterations: 14).solve(system.b) { system.product($0) }
        var residual = system.b
        add(-1, system.product(solution.x), to: &residual)
        #expect(solution.hasConverged && solution.iterations <= 12)
        #expect(measured("residual", norm(residual) / norm(system.b)) < 1e-11)
        // q at the solution is -<b, x>/2.
        #expect(abs(solution.quadratic + inner(system.b, solution.x) / 2) < 1e-12 * abs(solution.quadratic))
    }

    @Test func theInverseAsPreconditionerTakesOneStep() throws {
        let system = System(count: 30)
        let exact = ConjugateGradients(tolerance: 1e-13, maximumIterations: 40)
        let solution = try ConjugateGradients(tolerance: 1e-8, maximumIterations: 40).solve(
            system.b, preconditioner: { right in (try? exact.solve(right) { system.product($0) }.x) ?? right }, product: { system.product($0) })
        #expect(solution.iterations == 1 && solution.hasConverged)
    }

    @Test func aTruncatedSolveSaysSo() throws {
        let system = System(count: 200)
        let short = try ConjugateGradients(tolerance: 1e-12, maximumIterations: 5).solve(system.b) { system.product($0) }
        #expect(!short.hasConverged && short.iterations == 5 && short.relativeResidual > 1e-12)
        // With a least gain it ends once steps bring little, and counts as done.
        let content = try ConjugateGradients(tolerance: 1e-14, maximumIterations: 1000, leastGain: 5e-4).solve(system.b) { system.product($0) }
        let whole = try ConjugateGradients(tolerance: 1e-14, maximumIterations: 1000).solve(system.b) { system.product($0) }
        #expect(content.hasConverged && content.iterations < whole.iterations)
        #expect(content.quadratic < 0.98 * whole.quadratic, "both are negative")
    }

    @Test func aDirectionWithoutCurvatureEndsIt() throws {
        let solution = try ConjugateGradients(tolerance: 1e-12, maximumIterations: 10).solve([0, 1]) { [$0[0], 0] }
        #expect(!solution.hasConverged && solution.x == [0, 0])
        let nothing = try ConjugateGradients(tolerance: 1e-12, maximumIterations: 10).solve([0, 0]) { $0 }
        #expect(nothing.hasConverged && nothing.iterations == 0 && nothing.relativeResidual == 0)
    }
}
