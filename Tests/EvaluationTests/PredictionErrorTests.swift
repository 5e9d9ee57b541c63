import Basics
import Dynamics
import Evaluation
import TestSupport
import Testing

/// Multiplies all values; blows up, as a model says it, beyond a bound.
private struct Growth: DynamicalModel {
    let timeStep = 0.25
    let factor: Double
    var bound = Double.infinity

    func step(_ state: Lorenz96State) throws -> Lorenz96State {
        let next = Lorenz96State(x: state.vector.map { factor * $0 })
        if next.vector.contains(where: { abs($0) > bound }) { throw SeicheError(.model, "too large") }
        return next
    }
}

@Suite struct PredictionErrorTests {
    /// 1, 2, 4, ... in every cell.
    private func truth(_ count: Int) throws -> [Lorenz96State] {
        var states = [Lorenz96State(x: [1, 1, 1, 1])]
        for _ in 1..<count { states.append(try Growth(factor: 2).step(states[states.count - 1])) }
        return states
    }

    @Test func errorsByLeadAreThoseOfTheForecast() throws {
        let error = PredictionError(deviation: 5)
        let errors = error.byLead(of: Growth(factor: 3), truth: try truth(5))
        #expect(errors == [1.0, 5, 19, 65].map { $0 / 5 })
        // Beyond 20 the model fails: 27 is never reached.
        #expect(error.byLead(of: Growth(factor: 3, bound: 20), truth: try truth(5)) == [0.2, 1, .infinity, .infinity])
        #expect(try error.oneStep(of: Growth(factor: 3), truth: truth(3)) == ((1.0 + 4) / 2).squareRoot() / 5)
        #expect(complaint(.model, "too large") { _ = try error.oneStep(of: Growth(factor: 3, bound: 2), truth: truth(3)) } == nil)
    }

    @Test func aForecastIsValidUntilItsErrorFirstExceedsTheThreshold() {
        func valid(_ errors: [Double]) -> Double? { PredictionError.validTime(errors, threshold: 0.4, timeStep: 0.25) }
        #expect(valid([0.1, 0.4, 0.41, 0.1]) == 0.5)
        #expect(valid([0.5]) == 0)
        #expect(valid([0.1, .infinity]) == 0.25)
        #expect(valid([0.1, .nan]) == 0.25)
        #expect(valid([0.1, 0.2]) == nil)
    }
}
