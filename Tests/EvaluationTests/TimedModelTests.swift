import Basics
import Dynamics
import Evaluation
import TestSupport
import Testing

/// Rollouts and finite differences of a model whose steps depend on time.
@Suite struct TimedModelTests {
    private let model = TimedModel()
    private let state = Lorenz96State(x: [0.3, 0.5])

    /// The product of the derivatives 1 + 2 n x of the steps n = 4, 5.
    private var exact: [Double] {
        state.vector.map { x in (1 + 8 * x) * (1 + 10 * (x + 4 * x * x)) }
    }

    @Test func numbersReachEveryStep() throws {
        #expect(try model.advanced(state, steps: 2, firstStep: 4) == model.step(model.step(state, number: 4), number: 5))
        let difference = try model.finiteDifference(at: state, along: [1, 1], size: 1e-5, steps: 2, firstStep: 4)
        let study = try model.finiteDifferenceStudy(at: state, along: [1, 1], steps: 2, firstStep: 4)
        let jacobian = try model.finiteDifferenceJacobian(at: state, steps: 2, firstStep: 4, size: 1e-5)
        let studied = try model.finiteDifferenceJacobianStudy(at: state, steps: 2, firstStep: 4).jacobian
        for k in 0..<2 {
            for value in [difference[k], study.derivative[k], jacobian[k, k], studied[k, k]] { #expect(abs(value / exact[k] - 1) < 1e-7) }
        }
    }

    @Test func withoutANumberTheModelRefuses() {
        for call in [
            { _ = try model.advanced(state, steps: 1) }, { _ = try model.finiteDifference(at: state, along: [1, 1], size: 1e-3) },
            { _ = try model.finiteDifferenceStudy(at: state, along: [1, 1]) }, { _ = try model.finiteDifferenceJacobian(at: state, size: 1e-3) },
        ] {
            #expect(complaint(.invalidInput, "a step without its number", about: call) == nil)
        }
    }
}
