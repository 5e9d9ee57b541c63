import Basics
import Dynamics
import Tensors
import TestSupport
import Testing
import Training

@Suite struct TrainingWindowsTests {
    @Test func pairsFollowOneAnotherWithinASimulation() throws {
        let waves = LinearWaves(grid: try islandGrid())
        let windows = try waves.windows(0..<3, count: 5)
        #expect(windows.count == 12)
        for index in 0..<12 {
            let next = waves.step(windows[index].input.scalars).map { Double($0) }
            #expect(relativeError(windows[index].target.scalars.map { Double($0) }, next) < 1e-6)
            if index < 11 { #expect((windows[index].target == windows[index + 1].input) == (index % 4 != 3)) }
        }
    }

    @Test func simulationsOfOneStateHaveNone() throws {
        let waves = LinearWaves(grid: try islandGrid())
        let windows = try TrainingWindows([1, 3, 1, 2].enumerated().map { try waves.simulation($0, count: $1) })
        #expect(windows.count == 3)
        #expect(windows[0].target == windows[1].input && windows[1].target != windows[2].input)
        #expect(complaint(.invalidInput, "no 2 consecutive states") { _ = try TrainingWindows([waves.simulation(0, count: 1)]) } == nil)
        #expect(complaint(.invalidInput, "no 2 consecutive states") { _ = try TrainingWindows([]) } == nil)
    }

    /// Whatever its length, a window starts where a shorter one does, and goes on through the same states.
    @Test(arguments: 1...4) func windowsOfManyStepsAreChainsOfPairs(steps: Int) throws {
        let pairs = try LinearWaves(grid: try islandGrid()).windows(0..<3, count: 5)
        let windows = try pairs.ofLength(steps)
        #expect(windows.count == 3 * (5 - steps) && windows.steps == steps)
        for index in 0..<windows.count {
            let first = index / (5 - steps) * 4 + index % (5 - steps)
            #expect(windows[index].input == pairs[first].input)
            for step in 0..<steps { #expect(windows[index].target.channels(3 * step..<3 * step + 3) == pairs[first + step].target) }
        }
        #expect(complaint(.invalidInput, "no 6 consecutive states", "has 5") { _ = try pairs.ofLength(5) } == nil)
    }

    @Test func channelsAreScaledAndWallsAreZero() throws {
        let grid = try islandGrid()
        let values = [Float](repeating: 6, count: 2 * 3 * grid.cellCount)
        let scales = ChannelScales(zeta: 2, u: 3, v: 6, depth: 10)
        let windows = try TrainingWindows([TrainingSimulation(grid: grid, values: values, scales: scales, timeStep: 12)])
        let isFree = grid.wet + grid.openEast + grid.openNorth
        let wanted = isFree.indices.map { isFree[$0] ? [3, 2, 1][$0 / grid.cellCount] as Float : 0 }
        #expect(windows[0].input.scalars == wanted && windows[0].target.scalars == wanted)
        #expect(windows[0].geometry.fields.scalars[1] == Float(grid.depth[1] / 10))
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

    @Test(arguments: [1, 3, 7, 12, 50]) func everyEpochVisitsEveryWindowOnce(size: Int) throws {
        let windows = try LinearWaves(grid: try islandGrid()).windows(0..<3, count: 5)
        let epochs = 25
        let visits = (0..<(epochs * 12 + size - 1) / size).flatMap { SampleOrder.batch(step: $0, size: size, of: windows.count, seed: 4) }
        var orders = Set<[Int]>()
        for epoch in 0..<epochs {
            let order = Array(visits[epoch * 12..<(epoch + 1) * 12])
            #expect(order.sorted() == Array(0..<12))
            orders.insert(order)
        }
        #expect(orders.count == epochs, "every epoch has an order of its own")
        #expect((0..<visits.count / size).allSatisfy { SampleOrder.batch(step: $0, size: size, of: windows.count, seed: 4).count == size })
    }

    @Test func orderDependsOnSeedAndEpochAlone() throws {
        let windows = try LinearWaves(grid: try islandGrid()).windows(0..<3, count: 5)
        let again = try LinearWaves(grid: try islandGrid()).windows(0..<3, count: 5)
        // Backwards and in another partition: nothing is carried from call to call.
        let forwards = (0..<8).flatMap { SampleOrder.batch(step: $0, size: 3, of: windows.count, seed: 4) }
        let backwards = (0..<8).reversed().map { SampleOrder.batch(step: $0, size: 3, of: again.count, seed: 4) }.reversed().flatMap { $0 }
        #expect(forwards == backwards)
        #expect((0..<2).flatMap { SampleOrder.batch(step: $0, size: 12, of: windows.count, seed: 4) } == forwards)
        #expect((0..<8).flatMap { SampleOrder.batch(step: $0, size: 3, of: windows.count, seed: 5) } != forwards)
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
