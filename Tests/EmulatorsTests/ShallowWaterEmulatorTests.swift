import Basics
import Dynamics
import Emulators
import StencilSolvers
import Tensors
import TestSupport
import Testing

@Suite struct ShallowWaterEmulatorTests {
    private func dot(_ a: ShallowWaterState, _ b: ShallowWaterState) -> Double { zip(a.vector, b.vector).reduce(0) { $0 + $1.0 * $1.1 } }

    @Test(arguments: NetworkKind.allCases) func adjointStepIsTheTransposeOfTheStep(_ kind: NetworkKind) throws {
        let grid = try islandGrid()
        let emulator = try sampleEmulator(kind, on: grid)
        let state = physicalState(grid)
        let (direction, cotangent) = (physicalState(grid, seed: 20), physicalState(grid, seed: 21))
        func step(_ size: Double) throws -> ShallowWaterState {
            var moved = state
            moved.vector = zip(state.vector, direction.vector).map { $0 + size * $1 }
            return try emulator.step(moved)
        }
        let h = 1e-5
        let forward = (dot(cotangent, try step(h)) - dot(cotangent, try step(-h))) / (2 * h)
        let backward = dot(try emulator.adjointStep(at: state, applying: cotangent), direction)
        #expect(measured("\(kind), <w, J d> against <J^T w, d>", abs(forward - backward) / abs(forward)) < 1e-7)
    }

    @Test(arguments: NetworkKind.allCases) func tangentStepIsTheDerivativeOfTheStepAndTheTransposeOfTheAdjoint(_ kind: NetworkKind) throws {
        let grid = try islandGrid()
        let emulator = try sampleEmulator(kind, on: grid)
        let state = physicalState(grid)
        let (direction, cotangent) = (physicalState(grid, seed: 20), physicalState(grid, seed: 21))
        func step(_ size: Double) throws -> [Double] {
            var moved = state
            moved.vector = zip(state.vector, direction.vector).map { $0 + size * $1 }
            return try emulator.step(moved).vector
        }
        let h = 1e-5
        let difference = zip(try step(h), try step(-h)).map { ($0 - $1) / (2 * h) }
        let tangent = try emulator.tangentStep(at: state, applying: direction)
        #expect(measured("\(kind), tangent step, difference", relativeError(tangent.vector, difference)) < 1e-8)
        let (forward, backward) = (dot(cotangent, tangent), dot(try emulator.adjointStep(at: state, applying: cotangent), direction))
        // Relative to the terms of the sum, which may cancel.
        let size = (dot(cotangent, cotangent) * dot(tangent, tangent)).squareRoot()
        #expect(measured("\(kind), tangent step against adjoint step", abs(forward - backward) / size) < 1e-12)
    }

    @Test(arguments: NetworkKind.allCases) func stepsInPhysicalUnits(_ kind: NetworkKind) throws {
        let grid = try islandGrid()
        let emulator = try sampleEmulator(kind, on: grid)
        let state = physicalState(grid)
        let geometry = NetworkGeometry<Double>(grid, scales: sampleScales, timeStep: emulator.timeStep)
        let next = try kind.network.predict(
            kind.parameters(), from: sampleState(geometry), geometry: geometry, implicit: .init(solver: GaussSeidel(tolerance: 1e-14)))
        let expected = next.scalars.enumerated().map { $1 * sampleScales.state[$0 / grid.cellCount] }
        #expect(relativeError(try emulator.step(state).vector, expected) < 1e-12)
        #expect(emulator.timeStep == 600)
    }

    @Test(arguments: NetworkKind.allCases) func whatLiesOnLandIsNotSeen(_ kind: NetworkKind) throws {
        let grid = try islandGrid()
        let emulator = try sampleEmulator(kind, on: grid)
        let state = physicalState(grid)
        var littered = state
        let free = grid.wet + grid.openEast + grid.openNorth
        for k in free.indices where !free[k] { littered.vector[k] = 7 }
        #expect(try emulator.step(littered) == emulator.step(state))
        let adjoint = try emulator.adjointStep(at: littered, applying: littered)
        #expect(free.indices.allSatisfy { free[$0] || adjoint.vector[$0] == 0 })
        let tangent = try emulator.tangentStep(at: littered, applying: littered)
        #expect(try tangent == emulator.tangentStep(at: state, applying: state))
        #expect(free.indices.allSatisfy { free[$0] || tangent.vector[$0] == 0 })
    }

    @Test func faceCoefficientsAreThoseOfTheMatrix() throws {
        let grid = try islandGrid()
        let (east, north) = try #require(try sampleEmulator(.implicit, on: grid).faceCoefficients(at: physicalState(grid)))
        #expect(east.count == 30 && north.count == 30 && (east + north).allSatisfy { $0 >= 0 })
        #expect(zip(east + north, grid.openEast + grid.openNorth).allSatisfy { $1 || $0 == 0 })
        #expect((east + north).filter { $0 > 0 }.count > 5)
        #expect(try sampleEmulator(.explicit, on: grid).faceCoefficients(at: physicalState(grid)) == nil)
    }

    // MARK: Errors

    @Test func unusableWeightsAndScales() throws {
        let (grid, network) = (try islandGrid(), try NetworkKind.implicit.network)
        func make(_ parameters: Tensor<Double>, _ scales: ChannelScales = sampleScales, timeStep: Double = 600) throws {
            _ = try ShallowWaterEmulator(network: network, parameters: parameters, scales: scales, grid: grid, timeStep: timeStep)
        }
        let weights = try NetworkKind.implicit.parameters()
        let count = weights.count
        #expect(complaint(.invalidInput, "\(count) parameters", "\(count + 1) were given") {
            try make(Tensor(shape: [count + 1], repeating: 0))
        } == nil)
        for value in [Double.nan, .infinity] {
            var bad = weights
            bad.scalars[5] = value
            #expect(complaint(.invalidInput, "weight 5", "\(value)") { try make(bad) } == nil)
        }
        for value in [0, -1, Double.nan, .infinity] {
            var scales = sampleScales
            scales.u = value
            #expect(complaint(.invalidInput, "scale of u", "\(value)") { try make(weights, scales) } == nil)
            #expect(complaint(.invalidInput, "time step", "\(value)") { try make(weights, timeStep: value) } == nil)
        }
    }

    @Test(arguments: NetworkKind.allCases) func stateOfAnotherGrid(_ kind: NetworkKind) throws {
        let grid = try islandGrid()
        let emulator = try sampleEmulator(kind, on: grid)
        let (state, other) = (physicalState(grid), ShallowWaterState(nx: 5, ny: 6))
        #expect(complaint(.invalidInput, "5 x 6", "6 x 5") { _ = try emulator.step(other) } == nil)
        #expect(complaint(.invalidInput, "5 x 6", "6 x 5") { _ = try emulator.adjointStep(at: other, applying: state) } == nil)
        #expect(complaint(.invalidInput, "5 x 6", "6 x 5") { _ = try emulator.adjointStep(at: state, applying: other) } == nil)
        #expect(complaint(.invalidInput, "5 x 6", "6 x 5") { _ = try emulator.tangentStep(at: other, applying: state) } == nil)
        #expect(complaint(.invalidInput, "perturbation", "5 x 6", "6 x 5") { _ = try emulator.tangentStep(at: state, applying: other) } == nil)
        var short = state
        short.vector.removeLast()
        #expect(complaint(.invalidInput, "89 values", "90") { _ = try emulator.step(short) } == nil)
    }

    @Test func nonLocalNetworkServesOneSizeOfGrid() throws {
        let grid = try islandGrid()
        let turned = try ShallowWaterGrid(nx: 5, ny: 6, dx: 1000, dy: 1500, depth: grid.depth)
        #expect(complaint(.invalidInput, "5 x 6 cells", "6 x 5", "try:") { _ = try sampleEmulator(.nonLocal, on: turned) } == nil)
        for kind in NetworkKind.allCases where kind != .nonLocal { _ = try sampleEmulator(kind, on: turned) }
    }

    @Test func stateThatIsNotFinite() throws {
        let grid = try islandGrid()
        var state = physicalState(grid)
        state.vector[7] = .nan
        #expect(complaint(.solver, "forward solve", "not finite") { _ = try sampleEmulator(.implicit, on: grid).step(state) } == nil)
        #expect(complaint(.model, "zeta is nan", "blown up") { _ = try sampleEmulator(.explicit, on: grid).step(state) } == nil)
    }

    @Test func solveThatDoesNotConverge() throws {
        let grid = try islandGrid()
        let emulator = try sampleEmulator(.implicit, on: grid, tolerance: 1e-30)
        #expect(complaint(.solver, "forward solve", "stagnated", "1e-30") { _ = try emulator.step(physicalState(grid)) } == nil)
        #expect(complaint(.solver, "forward solve", "stagnated", "1e-30") {
            _ = try emulator.tangentStep(at: physicalState(grid), applying: physicalState(grid, seed: 9))
        } == nil)
    }

    @Test(arguments: NetworkKind.allCases) func periodicGridsAreRefused(_ kind: NetworkKind) throws {
        let grid = try islandGrid()
        let periodic = try ShallowWaterGrid(nx: 6, ny: 5, dx: 1000, dy: 1500, depth: grid.depth, periodicX: true)
        #expect(complaint(.invalidInput, "periodic along x", "closed edges only", "try:") { _ = try sampleEmulator(kind, on: periodic) } == nil)
    }
}
