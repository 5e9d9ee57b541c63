import Basics
import Dynamics
import Emulators
import Layers
import StencilSolvers
import Tensors
import TestSupport
import Testing

/// What holds for every network whatever its weights.
@Suite struct NetworkInvariantTests {
    private func predict(
        _ kind: NetworkKind, _ geometry: NetworkGeometry<Double>, _ state: Tensor<Double>, seed: UInt64 = 3,
        solver: any StencilSolver = GaussSeidel(tolerance: 1e-13)
    ) throws -> Tensor<Double> {
        try kind.network.predict(kind.parameters(seed: seed), from: state, geometry: geometry, implicit: LinearImplicit(solver: solver))
    }

    @Test(arguments: [1e-2, 1e-13], 1...5 as ClosedRange<UInt64>) func implicitNetKeepsTheSumOfZeta(tolerance: Double, seed: UInt64) throws {
        let geometry = NetworkGeometry<Double>(try islandGrid(), scales: unitScales(depth: 25), timeStep: 4)
        let state = sampleState(geometry)
        let next = try predict(.implicit, geometry, state, seed: seed, solver: GaussSeidel(tolerance: tolerance)).channels(0..<1)
        let before = state.channels(0..<1)
        #expect(relativeError(next, before) > 0.01, "something must have moved")
        let size = next.scalars.reduce(0) { $0 + abs($1) }
        #expect(measured("change of the sum of zeta at tolerance \(tolerance)", abs(next.total - before.total) / size) < 1e-14)
    }

    /// Over a rough bed with an island.
    @Test(arguments: [NetworkKind.implicit, .fluxForm], 1...3 as ClosedRange<UInt64>) func aLakeAtRestStaysAtRest(_ kind: NetworkKind, seed: UInt64) throws {
        let geometry = NetworkGeometry<Double>(try islandGrid(), scales: unitScales(depth: 25), timeStep: 4)
        let rest = Tensor<Double>(shape: geometry.stateMask.shape, repeating: 0)
        #expect(try predict(kind, geometry, rest, seed: seed).scalars.allSatisfy { $0 == 0 })
        #expect(try predict(kind, geometry, sampleState(geometry), seed: seed).scalars.contains { $0 != 0 }, "something must have moved")
    }

    @Test(arguments: NetworkKind.allCases) func wallsStayAtZero(_ kind: NetworkKind) throws {
        let geometry = NetworkGeometry<Double>(try islandGrid(), scales: unitScales(depth: 25), timeStep: 4)
        let next = try predict(kind, geometry, sampleState(geometry))
        #expect(zip(next.scalars, geometry.stateMask.scalars).allSatisfy { $1 == 1 ? $0 != 0 : $0 == 0 })
    }

    @Test(arguments: NetworkKind.allCases) func heightOfLandIsNotSeen(_ kind: NetworkKind) throws {
        let grid = try islandGrid()
        let hills = try ShallowWaterGrid(
            nx: grid.nx, ny: grid.ny, dx: grid.dx, dy: grid.dy, depth: zip(grid.depth, grid.wet).map { $1 ? $0 : -500 })
        let (flat, hilly) = (
            NetworkGeometry<Double>(grid, scales: unitScales(depth: 25), timeStep: 4),
            NetworkGeometry<Double>(hills, scales: unitScales(depth: 25), timeStep: 4))
        #expect(try predict(kind, flat, sampleState(flat)) == predict(kind, hilly, sampleState(hilly)))
    }

    // MARK: Basins

    /// Two basins of 4 x 5 cells with `wall` dry columns between; the states differ in the western one alone.
    private func twoBasins(wall: Int) throws -> (geometry: NetworkGeometry<Double>, eastern: [Int], states: [Tensor<Double>]) {
        let nx = 8 + wall
        let depth = (0..<5 * nx).map { (4..<4 + wall).contains($0 % nx) ? 0 : 10 + Double($0 % 7) }
        let geometry = NetworkGeometry<Double>(
            try ShallowWaterGrid(nx: nx, ny: 5, dx: 1000, dy: 1000, depth: depth), scales: unitScales(depth: 25), timeStep: 4)
        let eastern = (0..<5 * nx).filter { $0 % nx >= 4 + wall }
        let first = sampleState(geometry)
        var second = sampleState(geometry, seed: 99)
        for k in first.scalars.indices where k % nx >= 4 + wall { second.scalars[k] = first.scalars[k] }
        return (geometry, eastern, [first, second])
    }

    @Test func aWallParts() throws {
        // Elimination does not let basins touch each other's digits; one dry column keeps their coefficients apart.
        let (geometry, eastern, states) = try twoBasins(wall: 1)
        let zeta = try states.map { try predict(.implicit, geometry, $0, solver: DenseSolver()).channels(0..<1).scalars }
        #expect(eastern.allSatisfy { zeta[0][$0] == zeta[1][$0] })
        #expect(zeta[0] != zeta[1])
        // Red-black sweeps stop when the residual of both basins together is small.
        let swept = try states.map { try predict(.implicit, geometry, $0).channels(0..<1).scalars }
        let error = relativeError(eastern.map { swept[0][$0] }, eastern.map { swept[1][$0] })
        #expect(measured("what a basin feels of another through the stopping test", error) < 1e-11)
    }

    @Test(arguments: NetworkKind.allCases.filter { $0.reachOverLand != nil })
    func aWallWiderThanTheStencilPartsTheWholeState(_ kind: NetworkKind) throws {
        let (geometry, eastern, states) = try twoBasins(wall: try #require(kind.reachOverLand))
        let next = try states.map { try predict(kind, geometry, $0, solver: DenseSolver()).scalars }
        let plane = next[0].count / 3
        for channel in 0..<3 { #expect(eastern.allSatisfy { next[0][channel * plane + $0] == next[1][channel * plane + $0] }) }
        #expect(next[0] != next[1])
    }

    @Test func explicitNetReachesThreeCells() throws {
        let geometry = NetworkGeometry<Double>(
            try ShallowWaterGrid(nx: 9, ny: 1, dx: 1000, dy: 1000, depth: [Double](repeating: 20, count: 9)),
            scales: unitScales(depth: 25), timeStep: 4)
        // A rectified unit that is off hides what it sees, so that only several draws show the whole reach.
        var reached = Set<Int>()
        for seed in 1...5 as ClosedRange<UInt64> {
            let state = sampleState(geometry, seed: seed)
            var poked = state
            poked.scalars[4] += 1
            let next = try [state, poked].map { try predict(.explicit, geometry, $0, seed: seed).scalars }
            reached.formUnion((0..<27).filter { next[0][$0] != next[1][$0] }.map { $0 % 9 })
        }
        #expect(reached.sorted() == Array(1...7))
    }

    @Test func implicitNetReachesTheWholeBasin() throws {
        let geometry = NetworkGeometry<Double>(
            try ShallowWaterGrid(nx: 9, ny: 1, dx: 1000, dy: 1000, depth: [Double](repeating: 20, count: 9)),
            scales: unitScales(depth: 25), timeStep: 4)
        // East faces are all at work: the bias of their pressure response outweighs everything else.
        let network = try NetworkKind.implicit.network
        var parameters = try NetworkKind.implicit.parameters()
        let bias = try #require(network.layout.blocks.first { $0.name == "coefficients.bias" })
        parameters.scalars[bias.range.lowerBound] = 100
        let state = sampleState(geometry)
        var poked = state
        poked.scalars[0] += 1
        let next = [state, poked].map {
            network.predict(parameters, from: $0, geometry: geometry, implicit: LinearImplicit(solver: DenseSolver())).scalars
        }
        #expect((0..<9).allSatisfy { next[0][$0] != next[1][$0] })
    }
}
