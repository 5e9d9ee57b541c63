import Assimilation
import Dynamics
import Testing

/// The tests of derivatives: what is right passes, and what is wrong by a little does not.
struct DerivativeTestTests {
    /// Multiplies tangents or adjoints of an operator.
    private struct Off: ObservationOperator {
        let base: any ObservationOperator
        var tangentFactor = 1.0
        var adjointFactor = 1.0
        var stateSize: Int { base.stateSize }
        var count: Int { base.count }
        func apply(_ state: [Double]) throws -> [Double] { try base.apply(state) }
        func tangent(at state: [Double], applying perturbation: [Double]) throws -> [Double] {
            try base.tangent(at: state, applying: perturbation).map { tangentFactor * $0 }
        }
        func adjoint(at state: [Double], applying cotangent: [Double]) throws -> [Double] {
            try base.adjoint(at: state, applying: cotangent).map { adjointFactor * $0 }
        }
    }

    @Test func operatorsThatAreOffBySixDigitsAreFound() throws {
        for base in try ObservationOperatorTests.operators() {
            let state = normals(base.stateSize, seed: 1)
            #expect(try base.adjointTest(at: state) < 1e-14 && base.tangentTest(at: state) < 1e-7)
            #expect(try Off(base: base, tangentFactor: 1 + 1e-6).tangentTest(at: state) > 5e-7)
            #expect(try Off(base: base, adjointFactor: 1 + 1e-6).adjointTest(at: state) > 1e-9)
        }
        #expect(try CovarianceTests.masked().transposeTest() < 1e-12)
    }

    private func cost(of observationOperator: any ObservationOperator) throws -> WindowCost<LinearModel> {
        let batches = try [1, 3].map { step in
            try ObservationBatch(step: step, observationOperator, values: [1, -0.5], variances: [0.1, 0.2])
        }
        return try WindowCost(
            model: LinearModel(size: 4), background: VectorState(vector: normals(4, seed: 2)), window: ObservationWindow(steps: 3, batches: batches),
            covariance: DiagonalCovariance(deviations: [1, 0.5, 2, 1]))
    }

    @Test func windowsAndGradientsAreTestedWhole() throws {
        let speeds = SpeedOperator(count: 2)
        let (right, wrong) = (try cost(of: speeds), try cost(of: Off(base: speeds, adjointFactor: 1.001)))
        let control = normals(4, seed: 3)
        let (good, bad) = (try LinearisedWindow(right, at: control), try LinearisedWindow(wrong, at: control))
        #expect(try good.tangentTest() < 1e-8 && good.adjointTest() < 1e-14)
        #expect(try bad.tangentTest() < 1e-8 && bad.adjointTest() > 1e-5)
        let (gradient, other) = (try right.gradientTest(at: control), try wrong.gradientTest(at: control))
        #expect(gradient.error < 1e-8 && abs(gradient.taylorOrder - 2) < 0.1, "\(gradient)")
        #expect(other.error > 1e-5 && other.taylorOrder < 1.9, "\(other)")
    }
}
