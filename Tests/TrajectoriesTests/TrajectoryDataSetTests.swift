import Basics
import Dynamics
import Foundation
import TestSupport
import Testing
import Trajectories

@Suite struct TrajectoryDataSetTests {
    let scratch: Scratch
    init() throws { scratch = try Scratch() }

    private func simulate(_ index: Int, split: TrajectoryDataSet.Split = .training, count: Int = 3, timeStep: Double = 300) throws {
        let header = TrajectoryHeader(grid: try smallGrid(depthOffset: Double(index)), timeStep: timeStep, precision: .double, index: index)
        try writeSample(to: TrajectoryDataSet.path(directory: scratch.folder, split: split, index: index), header: header, count: count)
    }

    @Test func filesAreListedByNumberAndOthersIgnored() throws {
        for index in [10_000, 2, 0, 9_999] { try simulate(index, count: index == 2 ? 5 : 3) }
        for name in ["notes.txt", ".simulation_0003.nc.1-1.partial", "simulation_x.nc", "simulation_7.nc", "simulation_-001.nc", "simulation_+001.nc"] {
            try scratch.write(Data("x".utf8), to: "training/" + name)
        }
        let data = try TrajectoryDataSet(directory: scratch.folder, split: .training)
        #expect(data.paths.map { String($0.split(separator: "/").last!) }
            == ["simulation_0000.nc", "simulation_0002.nc", "simulation_9999.nc", "simulation_10000.nc"])
        #expect(data.stateCounts == [3, 5, 3, 3])
        #expect((data.nx, data.ny, data.dx, data.dy, data.timeStep) == (4, 3, 1000, 2000, 300))
        #expect(try data.trajectory(2).header.index == 9_999)
        #expect(complaint(.invalidInput, "trajectory 4", "has 4") { _ = try data.trajectory(4) } == nil)
    }

    @Test func missingEmptyAndMixedDataSets() throws {
        #expect(complaint(.file, "no data set", "test", "seiche simulate") { _ = try TrajectoryDataSet(directory: scratch.folder, split: .test) } == nil)
        try FileManager.default.createDirectory(atPath: scratch.path("test"), withIntermediateDirectories: true)
        #expect(complaint(.file, "is empty", "seiche simulate") { _ = try TrajectoryDataSet(directory: scratch.folder, split: .test) } == nil)
        try simulate(0, split: .validation)
        try simulate(1, split: .validation, timeStep: 600)
        #expect(complaint(.file, "simulation_0001.nc", "every 600.0 s", "every 300.0 s") {
            _ = try TrajectoryDataSet(directory: scratch.folder, split: .validation)
        } == nil)
    }

    @Test func scalesAreTheRootMeanSquaresOfWhatIsAlive() throws {
        for index in 0..<2 { try simulate(index, count: index + 2) }
        let data = try TrajectoryDataSet(directory: scratch.folder, split: .training)
        // The same numbers, gathered first and averaged after, in the single precision in which training sets are held.
        var gathered: [[Double]] = [[], [], [], []]
        for index in 0..<2 {
            let trajectory = try data.trajectory(index)
            let grid = trajectory.grid
            func alive(_ values: [Double], _ mask: [Bool]) -> [Double] { zip(values, mask).filter(\.1).map { Double(Float($0.0)) } }
            for state in try trajectory.states() {
                gathered[0] += alive(state.zeta, grid.wet)
                gathered[1] += alive(state.u, grid.openEast)
                gathered[2] += alive(state.v, grid.openNorth)
            }
            gathered[3] += zip(grid.depth, grid.wet).filter(\.1).map(\.0)
        }
        let scales = try data.fields().channelScales()
        for (scale, values) in zip([scales.zeta, scales.u, scales.v, scales.depth], gathered) {
            let expected = (values.map { $0 * $0 }.reduce(0, +) / Double(values.count)).squareRoot()
            #expect(abs(scale - expected) <= 1e-14 * expected)
            #expect(scale > 0.1)
        }
    }

    @Test func checksumKnowsEveryByteAndTheOrder() throws {
        for index in 0..<2 { try simulate(index) }
        let data = try TrajectoryDataSet(directory: scratch.folder, split: .training)
        let before = try data.checksum()
        #expect(before.count == 16)
        #expect(try data.checksum() == before)
        try simulate(1, count: 4)
        #expect(try data.checksum() != before)
        try simulate(1)
        #expect(try data.checksum() == before, "the same simulation gives the same bytes")
    }

    @Test func threadsMayMakeTheDataSetTogether() throws {
        let folder = scratch.folder
        let grid = try smallGrid()
        try concurrentForEach(12) { index in
            try writeSample(
                to: TrajectoryDataSet.path(directory: folder, split: .training, index: index),
                header: TrajectoryHeader(grid: grid, timeStep: 60, index: index), count: index + 1)
        }
        let data = try TrajectoryDataSet(directory: folder, split: .training)
        #expect(data.stateCounts == Array(1...12))
        try concurrentForEach(12) { index in
            let last = try data.trajectory(index).state(at: index)
            guard last.vector == randomState(grid, index: index).vector.map({ Double(Float($0)) }) else {
                throw SeicheError(.file, "simulation \(index) holds another's states")
            }
        }
    }
}
