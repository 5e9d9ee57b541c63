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
        let network = try kind.network
        let check = GradientCheck([try kind.parameters(), sampleState(geometry)]) {
            linearised(network, $0, geometry, tolerance: 1e-14)
        }
        let errors = check.differenceErrors()
        #expect(measured("\(kind), gradient of the parameters", errors[0]) < 1e-7)
        #expect(measured("\(kind), gradient of the state", errors[1]) < 1e-7)
        #expect(measured("\(kind), dot product", check.dotProductError()) < 1e-7)
        for order in check.taylorOrders(steps: [4e-5, 2e-5, 1e-5]) {
            #expect(abs(measured("\(kind), Taylor order", order) - 2) < 0.1)
        }
    }

    @Test(arguments: NetworkKind.allCases) func everyWeightMatters(_ kind: NetworkKind) throws {
        let geometry = NetworkGeometry<Double>(try islandGrid(), scales: unitScales(depth: 25), timeStep: 4)
        // A rectified unit may be off in every cell of a small grid: of several draws one shows that a weight matters.
        var matters = Set<Int>()
        for seed in 3...14 as ClosedRange<UInt64> {
            let inputs = [try kind.parameters(seed: seed), sampleState(geometry, seed: seed)]
            let linearised = linearised(try kind.network, inputs, geometry, tolerance: 1e-14)
            let gradient = linearised.pullback(sampleTensor(linearised.value.shape))[0]
            matters.formUnion(gradient.scalars.indices.filter { gradient.scalars[$0] != 0 })
        }
        let layout = try kind.network.layout
        let idle = layout.blocks.flatMap { block in
            block.range.filter { !matters.contains($0) }.map { "\(block.name)[\($0 - block.range.lowerBound)]" }
        }
        // The coarse grid's last row is the grid's last row alone, whose north faces are closed: v there is always 0.
        let expected = kind == .nonLocal ? (0..<3).flatMap { unit in (24...26).map { "encoder.weights[\(45 * unit + $0)]" } } : []
        #expect(idle == expected)
    }

    @Test(arguments: NetworkKind.allCases) func floatAgreesWithDouble(_ kind: NetworkKind) throws {
        let grid = try islandGrid()
        let geometry = NetworkGeometry<Double>(grid, scales: unitScales(depth: 25), timeStep: 4)
        let inputs = [try kind.parameters(), sampleState(geometry)]
        let double = linearised(try kind.network, inputs, geometry, tolerance: 1e-14)
        let float = linearised(
            try kind.network, inputs.map { $0.converted(to: Float.self) },
            NetworkGeometry<Float>(grid, scales: unitScales(depth: 25), timeStep: 4), tolerance: 1e-6)
        let cotangent = sampleTensor(double.value.shape)
        #expect(measured("\(kind), value in Float", relativeError(float.value, double.value)) < 1e-5)
        for (a, b) in zip(float.pullback(cotangent.converted(to: Float.self)), double.pullback(cotangent)) {
            #expect(measured("\(kind), gradient in Float", relativeError(a, b)) < 1e-5)
        }
    }

    @Test(arguments: NetworkKind.allCases) func fromItsSeedANetworkOfChangesStartsNearTheIdentity(_ kind: NetworkKind) throws {
        let geometry = NetworkGeometry<Double>(try islandGrid(), scales: unitScales(depth: 25), timeStep: 4)
        let state = sampleState(geometry)
        let network = try kind.network
        let next = network.predict(
            network.layout.initialParameters(seed: 1), from: state, geometry: geometry,
            implicit: LinearImplicit(solver: GaussSeidel(tolerance: 1e-12)))
        switch kind {
        case .explicit, .unet, .nonLocal, .implicitResidual: #expect(next == state)
        // A smoother of zeta and a pressure response.
        case .implicit, .fluxForm: #expect(measured("\(kind), change at the start", relativeError(next, state)) < 1)
        // Fields said in full, as published: they start as noise of the state's size.
        case .bilinearImplicit, .bilinearExplicit: #expect(measured("\(kind), change at the start", relativeError(next, state)) < 3)
        }
    }
}
