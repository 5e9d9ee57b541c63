import Emulators
import Layers
import StencilSolvers
import Tensors
import TestSupport
import Testing
import _Differentiation

/// Derivatives of whole networks, with all paths at work, around an island.
@Suite struct NetworkGradientTests {
    private func linearised<Network: EmulatorNetwork, Scalar: TensorScalar>(
        _ network: Network, _ inputs: [Tensor<Scalar>], _ geometry: NetworkGeometry<Scalar>, tolerance: Double
    ) -> Linearised<Scalar> {
        let implicit = LinearImplicit(solver: GaussSeidel(tolerance: tolerance))
        return Linearised(at: inputs[0], inputs[1]) { network.predict($0, from: $1, geometry: geometry, implicit: implicit) }
    }

    @Test(arguments: NetworkKind.allCases) func gradientIsTheCentralDifference(_ kind: NetworkKind) throws {
        let geometry = NetworkGeometry<Double>(try islandGrid(), scales: unitScales(depth: 25), timeStep: 4)
        let check = GradientCheck([kind.parameters(), sampleState(geometry)]) {
            linearised(kind.network, $0, geometry, tolerance: 1e-14)
        }
        let errors = check.differenceErrors()
        #expect(measured("\(kind), gradient of the parameters", errors[0]) < 1e-7)
        #expect(measured("\(kind), gradient of the state", errors[1]) < 1e-7)
        #expect(measured("\(kind), dot product", check.dotProductError()) < 1e-7)
        for order in check.taylorOrders(steps: [1e-3, 5e-4, 2.5e-4]) {
            #expect(abs(measured("\(kind), Taylor order", order) - 2) < 0.1)
        }
    }

    @Test(arguments: NetworkKind.allCases) func everyWeightMatters(_ kind: NetworkKind) throws {
        let geometry = NetworkGeometry<Double>(try islandGrid(), scales: unitScales(depth: 25), timeStep: 4)
        let linearised = linearised(kind.network, [kind.parameters(), sampleState(geometry)], geometry, tolerance: 1e-14)
        let gradient = linearised.pullback(sampleTensor(linearised.value.shape))[0]
        #expect(gradient.scalars.allSatisfy { $0 != 0 })
    }

    @Test(arguments: NetworkKind.allCases) func floatAgreesWithDouble(_ kind: NetworkKind) throws {
        let grid = try islandGrid()
        let geometry = NetworkGeometry<Double>(grid, scales: unitScales(depth: 25), timeStep: 4)
        let inputs = [kind.parameters(), sampleState(geometry)]
        let double = linearised(kind.network, inputs, geometry, tolerance: 1e-14)
        let float = linearised(
            kind.network, inputs.map { $0.converted(to: Float.self) },
            NetworkGeometry<Float>(grid, scales: unitScales(depth: 25), timeStep: 4), tolerance: 1e-6)
        let cotangent = sampleTensor(double.value.shape)
        #expect(measured("\(kind), value in Float", relativeError(float.value, double.value)) < 1e-5)
        for (a, b) in zip(float.pullback(cotangent.converted(to: Float.self)), double.pullback(cotangent)) {
            #expect(measured("\(kind), gradient in Float", relativeError(a, b)) < 1e-5)
        }
    }

    @Test(arguments: NetworkKind.allCases) func fromItsSeedANetworkStartsNearTheIdentity(_ kind: NetworkKind) throws {
        let geometry = NetworkGeometry<Double>(try islandGrid(), scales: unitScales(depth: 25), timeStep: 4)
        let state = sampleState(geometry)
        let network = kind.network
        let next = network.predict(
            network.layout.initialParameters(seed: 1), from: state, geometry: geometry,
            implicit: LinearImplicit(solver: GaussSeidel(tolerance: 1e-12)))
        // The implicit net starts with a pressure response, the explicit one with nothing.
        if kind == .explicit { #expect(next == state) }
        #expect(measured("\(kind), change at the start", relativeError(next, state)) < 1)
    }
}
