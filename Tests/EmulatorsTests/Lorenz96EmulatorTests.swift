import Basics
import Dynamics
import Emulators
import TestSupport
import Testing

/// A step on the ring with random weights: what holds for every network, trained or not.
@Suite struct Lorenz96EmulatorTests {
    static let networks: [Lorenz96Network] = [
        .bilinearRK4(products: 2), .reluRK4(hiddenLayers: 2, channels: 6), .reluResolvent(hiddenLayers: 3, channels: 6),
        .subgrid(.none, forcing: 8), .subgrid(.polynomial(degree: 3), forcing: 8), .subgrid(.network(width: 4), forcing: 8),
    ]

    /// Weights of a size at which every part of the network is felt and nothing overflows.
    static func emulator(_ network: Lorenz96Network, timeStep: Double = 0.05) throws -> Lorenz96Emulator {
        let layout = network.layout
        var parameters = layout.initialParameters(seed: 5).scalars
        let noise = sampleTensor([layout.count], seed: 6).scalars
        for k in parameters.indices { parameters[k] += 0.1 * noise[k] }
        return try Lorenz96Emulator(
            network: network, parameters: parameters, scales: Lorenz96Scales(mean: 2.3, deviation: 3.6), timeStep: timeStep)
    }

    static func state(_ cells: Int = 40, seed: UInt64 = 1) -> Lorenz96State {
        Lorenz96State(x: sampleTensor([cells], seed: seed).scalars.map { 2.3 + 3.6 * $0 })
    }

    private func dot(_ a: Lorenz96State, _ b: Lorenz96State) -> Double { zip(a.vector, b.vector).reduce(0) { $0 + $1.0 * $1.1 } }

    private func scaled(_ a: Lorenz96State, _ factor: Double) -> Lorenz96State { Lorenz96State(x: a.vector.map { factor * $0 }) }

    @Test(arguments: networks) func adjointIsTheTransposedTangent(_ network: Lorenz96Network) throws {
        let emulator = try Self.emulator(network)
        let (x, v, w) = (Self.state(), Self.state(seed: 2), Self.state(seed: 3))
        let tangent = try emulator.tangentStep(at: x, applying: v)
        let forward = dot(w, tangent)
        let backward = dot(try emulator.adjointStep(at: x, applying: w), v)
        let size = (dot(w, w) * dot(tangent, tangent)).squareRoot()
        #expect(measured("\(network.kind), dot product", abs(forward - backward) / size) < 1e-14)
    }

    /// The bilinear tendency's constant term is F: derivatives by it, and what becomes of it.
    @Test func theForcingOfABilinearTendencyIsDifferentiated() throws {
        let emulator = try Self.emulator(.bilinearRK4(products: 2))
        let (x, v, w) = (Self.state(), Self.state(seed: 2), Self.state(seed: 3))
        let forcing = try #require(emulator.modelParameters.first?.value)
        let tangent = try emulator.tangentStep(at: x, number: 0, applying: v, parameters: [0.8])
        let gradient = try emulator.parametricAdjointStep(at: x, number: 0, applying: w)
        let forward = dot(w, tangent)
        #expect(abs(forward - dot(gradient.state, v) - 0.8 * gradient.parameters[0]) < 1e-13 * abs(forward))
        let e = 1e-5
        func moved(_ by: Double) throws -> Lorenz96State {
            let changed = try emulator.withParameters([forcing + 0.8 * by])
            return try changed.step(Lorenz96State(x: zip(x.vector, v.vector).map { $0 + by * $1 }))
        }
        let difference = zip(try moved(e).vector, try moved(-e).vector).map { ($0 - $1) / (2 * e) }
        #expect(relativeError(tangent.vector, difference) < 1e-7)
        #expect(abs(try emulator.withParameters([7.25]).modelParameters[0].value - 7.25) < 1e-12)
    }

    @Test func netsWithoutAForcingHaveNoParameters() throws {
        let emulator = try Self.emulator(.reluResolvent(hiddenLayers: 2, channels: 4))
        #expect(emulator.modelParameters.isEmpty)
        #expect(try emulator.withParameters([]).parameters == emulator.parameters)
        #expect(complaint(.invalidInput, "bilinear_rk4") { _ = try emulator.withParameters([8]) } == nil)
    }

    @Test(arguments: networks) func tangentIsTheDerivativeOfTheStep(_ network: Lorenz96Network) throws {
        let emulator = try Self.emulator(network)
        let (x, v) = (Self.state(), Self.state(seed: 2))
        let tangent = try emulator.tangentStep(at: x, applying: v)
        // So small that no rectified unit changes sides.
        let e = 1e-6
        func moved(_ by: Double) throws -> Lorenz96State {
            try emulator.step(Lorenz96State(x: zip(x.vector, v.vector).map { $0 + by * $1 }))
        }
        let difference = zip(try moved(e).vector, try moved(-e).vector).map { ($0 - $1) / (2 * e) }
        #expect(measured("\(network.kind), tangent against differences", relativeError(tangent.vector, difference)) < 1e-7)
    }

    @Test(arguments: networks) func manyPerturbationsAtOnceAreEachAlone(_ network: Lorenz96Network) throws {
        let emulator = try Self.emulator(network)
        let x = Self.state()
        let perturbations = (0..<12).map { Self.state(seed: 10 + UInt64($0)) }
        let together = try emulator.tangentSteps(at: x, applying: perturbations)
        #expect(together.count == 12)
        for (one, perturbation) in zip(together, perturbations) {
            let alone = try emulator.tangentStep(at: x, applying: perturbation)
            #expect(relativeError(one.vector, alone.vector) < 1e-13)
        }
        #expect(try emulator.tangentSteps(at: x, applying: []).isEmpty)
    }

    /// A value depends on the cells that `reach` says, and on no other.
    @Test(arguments: networks) func reachIsHowFarAStepSees(_ network: Lorenz96Network) throws {
        let emulator = try Self.emulator(network)
        let cells = 2 * network.reach + 11
        var pulse = Lorenz96State(sectors: cells)
        pulse.vector[0] = 1
        // Rectified units may be off at one state: what is seen at any of several is seen.
        var seen = [Bool](repeating: false, count: cells)
        for seed in 0..<20 {
            let row = try emulator.adjointStep(at: Self.state(cells, seed: 30 + UInt64(seed)), applying: pulse).vector
            for k in 0..<cells where row[k] != 0 { seen[k] = true }
        }
        // The model's own tendency sees two cells on one side and one on the other.
        let right = if case .subgrid = network { network.reach / 2 } else { network.reach }
        #expect(seen == (0..<cells).map { $0 <= right || cells - $0 <= network.reach })
    }

    /// The same kernels everywhere: a state that is turned gives the result turned.
    @Test(arguments: networks) func allCellsAreAlike(_ network: Lorenz96Network) throws {
        let emulator = try Self.emulator(network)
        func turned(_ state: Lorenz96State) -> Lorenz96State { Lorenz96State(x: Array(state.x[13...] + state.x[..<13])) }
        for cells in [17, 40] {
            let x = Self.state(cells)
            let (a, b) = (turned(try emulator.step(x)), try emulator.step(turned(x)))
            #expect(relativeError(a.vector, b.vector) < 1e-14)
        }
    }

    /// Scales are a change of units: a network that changes nothing is the identity whatever they are.
    @Test(arguments: networks.prefix(3)) func untrainedNetworksChangeNothing(_ network: Lorenz96Network) throws {
        let parameters = network.layout.initialParameters(seed: 1).scalars
        let emulator = try Lorenz96Emulator(
            network: network, parameters: parameters, scales: Lorenz96Scales(mean: -7, deviation: 0.3), timeStep: 0.05)
        let x = Self.state()
        #expect(relativeError(try emulator.step(x).vector, x.vector) < 1e-14)
    }

    @Test func scalesAreMeanAndDeviationOfWhatIsObserved() throws {
        let trajectories = [[Lorenz96State(x: [1, 2, 100, 4])], [Lorenz96State(x: [5, 6, -100, 8]), Lorenz96State(x: [9, 10, 50, 12])]]
        let scales = try Lorenz96Scales(of: trajectories, observed: [true, true, false, true])
        let values = [1.0, 2, 4, 5, 6, 8, 9, 10, 12]
        let mean = values.reduce(0, +) / 9
        #expect(abs(scales.mean - mean) < 1e-14)
        #expect(abs(scales.deviation - (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 9).squareRoot()) < 1e-14)
        #expect(complaint(.invalidInput, "standard deviation 0") { _ = try Lorenz96Scales(of: [[Lorenz96State(x: [3, 3, 3, 3, 3])]]) } == nil)
        #expect(complaint(.invalidInput, "nan") { _ = try Lorenz96Scales(of: []) } == nil)
    }

    @Test func mistakesAreTold() throws {
        let network = Lorenz96Network.bilinearRK4(products: 1)
        let count = network.layout.count
        let scales = Lorenz96Scales(mean: 0, deviation: 1)
        func make(_ parameters: [Double], _ scales: Lorenz96Scales, _ timeStep: Double) throws -> Lorenz96Emulator {
            try Lorenz96Emulator(network: network, parameters: parameters, scales: scales, timeStep: timeStep)
        }
        let zeros = [Double](repeating: 0, count: count)
        #expect(complaint(.invalidInput, "\(count) parameters", "3 were given") { _ = try make([1, 2, 3], scales, 0.05) } == nil)
        #expect(complaint(.invalidInput, "weight 4", "nan") { _ = try make(zeros.enumerated().map { $0.offset == 4 ? .nan : 0 }, scales, 0.05) } == nil)
        #expect(complaint(.invalidInput, "time step is 0.0") { _ = try make(zeros, scales, 0) } == nil)
        #expect(complaint(.invalidInput, "standard deviation 0.0") { _ = try make(zeros, Lorenz96Scales(mean: 0, deviation: 0), 0.05) } == nil)
        let emulator = try make(zeros, scales, 0.05)
        #expect(complaint(.invalidInput, "4 sectors", "one level of 5") { _ = try emulator.step(Lorenz96State(sectors: 4)) } == nil)
        #expect(complaint(.invalidInput, "2 fast variables") { _ = try emulator.step(Lorenz96State(sectors: 8, fastPerSector: 2)) } == nil)
        #expect(complaint(.invalidInput, "k = 2", "nan") { _ = try emulator.step(Lorenz96State(x: [0, 0, .nan, 0, 0])) } == nil)
        #expect(complaint(.invalidInput, "cotangent") {
            _ = try emulator.adjointStep(at: Lorenz96State(sectors: 8), applying: Lorenz96State(sectors: 8, fastPerSector: 1))
        } == nil)
        let wild = try make([Double](repeating: 1e150, count: count), scales, 0.05)
        #expect(complaint(.model, "blown up") { _ = try wild.step(Self.state(8)) } == nil)
    }
}
