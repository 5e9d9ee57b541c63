import Basics
import Dynamics
import Emulators
import Layers
import Optimisation
import StencilSolvers
import Tensors
import TestSupport
import Testing
import Training

/// The tangent-linear of `LinearWaves`, which is the map itself, times `factor`.
private struct WaveTangents: ReferenceTangents {
    let waves: LinearWaves
    var factor: Float = 1

    func tangent(simulation: Int, time: Int) throws -> (direction: Tensor<Float>, image: Tensor<Float>) {
        var stream = RandomStream(seed: 4, purpose: "tangents of simulation \(simulation)", index: time)
        let grid = waves.grid
        let shape = [1, 3, grid.ny, grid.nx]
        let direction = zip(stream.normals(3 * grid.cellCount), grid.wet + grid.openEast + grid.openNorth).map { $1 ? Float($0) : 0 }
        return (Tensor(shape: shape, scalars: direction), Tensor(shape: shape, scalars: waves.step(direction).map { factor * $0 }))
    }
}

@Suite struct TangentLossTests {
    private let implicit = LinearImplicit(solver: GaussSeidel(tolerance: 1e-6))

    private func loss(
        _ network: some EmulatorNetwork, weight: Double, steps: Int = 1, factor: Float = 1
    ) throws -> any TrainingObjective {
        let waves = LinearWaves(grid: try islandGrid())
        return try RolloutLoss(
            RolloutSettings(horizon: ForecastHorizon(steps), tangentWeight: weight), network: network, windows: waves.windows(0..<3),
            tangents: WaveTangents(waves: waves, factor: factor), implicit: implicit)
    }

    @Test(arguments: 1...3) func theExactMapHasNoError(steps: Int) throws {
        let net = LinearWavesNet()
        let parameters = net.layout.initialParameters(seed: 1).scalars
        let exact = try loss(net, weight: 2, steps: steps)
        // Rounding of the difference quotient: 6e-8 / 0.01, squared.
        #expect(try measured("squared error of the exact map", exact.value(parameters, over: [0, 5, 7])) < 1e-10)
        // A reference of half the size is off by half of M d; states, all exact, weigh as much as they are many.
        let half = try loss(net, weight: 2, steps: steps, factor: 0.5).value(parameters, over: [5])
        let whole = try loss(net, weight: 2, steps: steps, factor: 0).value(parameters, over: [5])
        #expect(abs(half - whole / 4) < 1e-4 * whole && whole > 0.1)
        let alone = try loss(net, weight: 1e6, steps: steps, factor: 0).value(parameters, over: [5])
        #expect(abs(whole - alone * 2 / Double(2 + steps)) < 1e-4 * whole)
    }

    /// Beside the network's own tangent-linear in double precision.
    @Test(arguments: kinds) func itIsTheErrorOfTheTangentLinear(_ kind: NetworkSpecification) throws {
        func check(_ network: some EmulatorNetwork) throws {
            let waves = LinearWaves(grid: try islandGrid())
            let (windows, tangents) = (try waves.windows(0..<3), WaveTangents(waves: waves))
            let parameters = network.layout.initialParameters(seed: 2).scalars.map { Double(Float($0)) }
            let weights = Tensor(shape: [parameters.count], scalars: parameters)
            let place = windows.place(11)
            #expect(place.simulation == 1 && place.time == 3)
            let (window, pair) = (windows[11], try tangents.tangent(simulation: place.simulation, time: place.time))
            let geometry = NetworkGeometry<Double>(
                try islandGrid(), scales: ChannelScales(zeta: 1, u: 1, v: 1, depth: 25), timeStep: 12)
            let exact = network.predictWithTangent(
                weights, from: window.input.converted(to: Double.self), along: (.zero, pair.direction.converted(to: Double.self)), geometry: geometry,
                implicit: LinearImplicit(solver: GaussSeidel(tolerance: 1e-12)))
            let mask = geometry.stateMask
            let state = exact.value.meanSquaredError(to: window.target.converted(to: Double.self), weight: mask)
            let tangent = exact.tangent.meanSquaredError(to: pair.image.converted(to: Double.self), weight: mask)
            let ours = try loss(network, weight: 3).value(parameters, over: [11])
            #expect(measured("\(kind.kind): tangent loss", abs(ours - (state + 3 * tangent) / 4) / ours) < 1e-4)
        }
        try check(try kind.network())
    }

    /// Central differences of fourth order of a polynomial of the coefficients, in single precision.
    @Test func gradientIsTheCentralDifference() throws {
        let loss = try loss(LinearWavesNet(), weight: 5, steps: 2)
        let at = [0.2, 0.4, 0.8, 0.95, 0.25, 0.35]
        let gradient = try loss.valueWithGradient(at, batch: [0, 4, 1]).gradient
        let difference = try fourthOrderDifferences(at: at) { try loss.value($0, over: [0, 4, 1]) }
        #expect(measured("gradient against differences", relativeError(gradient, difference)) < 1e-4)
        let model = try loss.localModel(at, batch: [0, 4, 1], variables: SameVariables())
        #expect(relativeError(model.gradient, gradient) < 1e-4)
    }

    @Test func aWeightWithoutAReferenceIsRefused() throws {
        let windows = try LinearWaves(grid: try islandGrid()).windows(0..<3)
        #expect(throws: SeicheError.self) {
            try RolloutLoss(RolloutSettings(tangentWeight: 1), network: LinearWavesNet(), windows: windows, implicit: implicit)
        }
    }
}
