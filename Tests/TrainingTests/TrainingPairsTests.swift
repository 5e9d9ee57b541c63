import Basics
import Dynamics
import TestSupport
import Testing
import Training

@Suite struct TrainingPairsTests {
    @Test func pairsFollowOneAnotherWithinASimulation() throws {
        let waves = LinearWaves(grid: try islandGrid())
        let pairs = try waves.pairs(0..<3, count: 5)
        #expect(pairs.count == 12)
        for index in 0..<12 {
            #expect(relativeError(pairs[index].target.scalars.map { Double($0) }, waves.step(pairs[index].input.scalars).map { Double($0) }) < 1e-6)
            if index < 11 { #expect((pairs[index].target == pairs[index + 1].input) == (index % 4 != 3)) }
        }
    }

    @Test func simulationsOfOneStateHaveNoPairs() throws {
        let waves = LinearWaves(grid: try islandGrid())
        let pairs = try TrainingPairs([1, 3, 1, 2].enumerated().map { try waves.simulation($0, count: $1) })
        #expect(pairs.count == 3)
        #expect(pairs[0].target == pairs[1].input && pairs[1].target != pairs[2].input)
        #expect(complaint(.invalidInput, "no pair") { _ = try TrainingPairs([waves.simulation(0, count: 1)]) } == nil)
        #expect(complaint(.invalidInput, "no pair") { _ = try TrainingPairs([]) } == nil)
    }

    @Test func channelsAreScaledAndWallsAreZero() throws {
        let grid = try islandGrid()
        let values = [Float](repeating: 6, count: 2 * 3 * grid.cellCount)
        let pairs = try TrainingPairs([TrainingSimulation(grid: grid, values: values, scales: ChannelScales(zeta: 2, u: 3, v: 6, depth: 10), timeStep: 12)])
        let isFree = grid.wet + grid.openEast + grid.openNorth
        let wanted = isFree.indices.map { isFree[$0] ? [3, 2, 1][$0 / grid.cellCount] as Float : 0 }
        #expect(pairs[0].input.scalars == wanted && pairs[0].target.scalars == wanted)
        #expect(pairs[0].geometry.fields.scalars[1] == Float(grid.depth[1] / 10))
    }

    @Test func dataThatDoNotFit() throws {
        let grid = try islandGrid()
        let scales = ChannelScales(zeta: 1, u: 1, v: 1, depth: 1)
        #expect(complaint(.invalidInput, "91 values", "90") {
            _ = try TrainingSimulation(grid: grid, values: [Float](repeating: 0, count: 91), scales: scales, timeStep: 12)
        } == nil)
        #expect(complaint(.invalidInput, "scale of v", "0.0") {
            _ = try TrainingSimulation(grid: grid, values: [], scales: ChannelScales(zeta: 1, u: 1, v: 0, depth: 1), timeStep: 12)
        } == nil)
    }

    // MARK: The order of batches

    @Test(arguments: [1, 3, 7, 12, 50]) func everyEpochVisitsEveryPairOnce(size: Int) throws {
        let pairs = try LinearWaves(grid: try islandGrid()).pairs(0..<3, count: 5)
        let epochs = 25
        let visits = (0..<(epochs * 12 + size - 1) / size).flatMap { SampleOrder.batch(step: $0, size: size, of: pairs.count, seed: 4) }
        var orders = Set<[Int]>()
        for epoch in 0..<epochs {
            let order = Array(visits[epoch * 12..<(epoch + 1) * 12])
            #expect(order.sorted() == Array(0..<12))
            orders.insert(order)
        }
        #expect(orders.count == epochs, "every epoch has an order of its own")
        #expect((0..<visits.count / size).allSatisfy { SampleOrder.batch(step: $0, size: size, of: pairs.count, seed: 4).count == size })
    }

    @Test func orderDependsOnSeedAndEpochAlone() throws {
        let pairs = try LinearWaves(grid: try islandGrid()).pairs(0..<3, count: 5)
        let again = try LinearWaves(grid: try islandGrid()).pairs(0..<3, count: 5)
        // Backwards and in another partition: nothing is carried from call to call.
        let forwards = (0..<8).flatMap { SampleOrder.batch(step: $0, size: 3, of: pairs.count, seed: 4) }
        let backwards = (0..<8).reversed().map { SampleOrder.batch(step: $0, size: 3, of: again.count, seed: 4) }.reversed().flatMap { $0 }
        #expect(forwards == backwards)
        #expect((0..<2).flatMap { SampleOrder.batch(step: $0, size: 12, of: pairs.count, seed: 4) } == forwards)
        #expect((0..<8).flatMap { SampleOrder.batch(step: $0, size: 3, of: pairs.count, seed: 5) } != forwards)
    }

    @Test func periodicGridsAreRefused() throws {
        let grid = try islandGrid()
        let periodic = try ShallowWaterGrid(nx: 6, ny: 5, dx: 1000, dy: 1500, depth: grid.depth, periodicX: true, periodicY: true)
        let values = [Float](repeating: 1, count: 2 * 3 * grid.cellCount)
        #expect(complaint(.invalidInput, "periodic along x and y", "closed edges only") {
            _ = try TrainingSimulation(grid: periodic, values: values, scales: ChannelScales(zeta: 1, u: 1, v: 1, depth: 1), timeStep: 12)
        } == nil)
    }
}
