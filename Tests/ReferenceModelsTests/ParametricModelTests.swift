import Basics
import Dynamics
import ReferenceModels
import TestSupport
import Testing

/// Derivatives of steps with respect to state and parameters at once.
struct ParametricModelTests {
    /// <w, J d + P q> = <J^T w, d> + <P^T w, q>.
    private func dotProduct<Model: ParametricModel>(
        _ model: Model, at state: Model.State, _ direction: Model.State, _ parameters: [Double], _ cotangent: Model.State
    ) throws -> Double {
        let image = try model.tangentStep(at: state, number: 4, applying: direction, parameters: parameters)
        // Vectors without any relation have products that cancel, which would measure that.
        var cotangent = cotangent
        cotangent.vector = zip(cotangent.vector, image.vector).map { $0 + $1 }
        let gradient = try model.parametricAdjointStep(at: state, number: 4, applying: cotangent)
        let forward = dot(cotangent.vector, image.vector)
        return abs(forward - dot(gradient.state.vector, direction.vector) - dot(gradient.parameters, parameters)) / abs(forward)
    }

    /// ||M(x + e d, p + e q) - M(x, p) - e (J d + P q)|| for falling e: each tenth of e makes it a hundredth.
    private func remainders<Model: ParametricModel>(
        _ model: Model, at state: Model.State, _ direction: Model.State, _ parameters: [Double]
    ) throws -> [Double] {
        let start = try model.step(state, number: 4).vector
        let derivative = try model.tangentStep(at: state, number: 4, applying: direction, parameters: parameters).vector
        return try [1e-3, 1e-4, 1e-5].map { e in
            var moved = state
            moved.vector = zip(state.vector, direction.vector).map { $0 + e * $1 }
            let changed = try model.withParameters(zip(model.modelParameters, parameters).map { $0.value + e * $1 })
            return maximumNorm(zip(try changed.step(moved, number: 4).vector, zip(start, derivative)).map { $0 - $1.0 - e * $1.1 })
        }
    }

    private func check<Model: ParametricModel>(
        _ model: Model, at state: Model.State, _ direction: Model.State, _ parameters: [Double], _ cotangent: Model.State
    ) throws {
        #expect(try dotProduct(model, at: state, direction, parameters, cotangent) < 1e-13)
        let remainders = try remainders(model, at: state, direction, parameters)
        for k in 0..<2 { #expect((90...111).contains(remainders[k] / remainders[k + 1]), "\(remainders)") }
    }

    private func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }

    @Test(arguments: [Lorenz96Parameters.oneLevel, .twoLevels]) func lorenz96(parameters: Lorenz96Parameters) throws {
        let model = try Lorenz96Model(parameters: parameters, timeStep: parameters.fastPerSector > 0 ? 0.01 : 0.05)
        let state = try model.advance(model.initialState(seed: 1), steps: 1000)
        try check(
            model, at: state, model.initialState(seed: 2, perturbation: 0.1), [0.7], model.initialState(seed: 3, perturbation: 1))
    }

    @Test func shallowWater() throws {
        let basin = try ShallowWaterDerivativeTests()
        for isLinear in [false, true] {
            let model = try basin.model(implicitness: 0.7, isLinear: isLinear)
            try check(
                model, at: basin.state, ShallowWaterDerivativeTests.pattern(2, on: basin.grid), [0.02, 3000, 0.6],
                ShallowWaterDerivativeTests.pattern(3, on: basin.grid))
        }
    }

    @Test func aWrongNumberOfValuesIsRefused() throws {
        let model = try Lorenz96Model()
        #expect(complaint(.invalidInput, "2 values", "forcing") { _ = try model.withParameters([8, 9]) } == nil)
        let basin = try ShallowWaterDerivativeTests()
        #expect(complaint(.invalidInput, "1 values", "drag, lateral_friction, implicitness") {
            _ = try basin.model().tangentStep(at: basin.state, number: 0, applying: basin.state, parameters: [1])
        } == nil)
    }

    @Test func otherValuesMakeAnotherModel() throws {
        let basin = try ShallowWaterDerivativeTests()
        let model = try basin.model().withParameters([0.002, 300, 0.8])
        #expect(model.modelParameters.map(\.value) == [0.002, 300, 0.8])
        #expect(model.parameters.tolerance == 1e-15)
        #expect(try Lorenz96Model().withParameters([7]).parameters.forcing == 7)
    }
}
