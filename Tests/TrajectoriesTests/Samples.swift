import Basics
import Dynamics
import TestSupport
import Trajectories

/// 4 x 3 cells, 1 km x 2 km, with one dry corner and one dry cell inside.
func smallGrid(depthOffset: Double = 0) throws -> ShallowWaterGrid {
    var depth = (0..<12).map { 10 + Double($0) / 3 + depthOffset }
    depth[3] = 0
    depth[5] = -2
    return try ShallowWaterGrid(nx: 4, ny: 3, dx: 1000, dy: 2000, depth: depth)
}

/// A state of random numbers that keeps the grid's walls.
func randomState(_ grid: ShallowWaterGrid, index: Int = 0) -> ShallowWaterState {
    var stream = RandomStream(seed: 1, purpose: "test state", index: index)
    let values = stream.normals(3 * grid.cellCount)
    var state = ShallowWaterState(nx: grid.nx, ny: grid.ny)
    let isActive = grid.wet + grid.openEast + grid.openNorth
    state.vector = zip(values, isActive).map { $1 ? $0 : 0 }
    return state
}

let sampleParameters = ["gravity": 9.81, "implicitness": 0.5, "drag": 1e-3]

/// Writes `count` random states and returns them.
@discardableResult
func writeSample(
    to path: String, header: TrajectoryHeader, count: Int = 3, options: TrajectoryWriter.Options = .init()
) throws -> [ShallowWaterState] {
    let states = (0..<count).map { randomState(header.grid, index: $0) }
    let writer = try TrajectoryWriter(path: path, header: header, options: options)
    try writer.append(contentsOf: states)
    try writer.finish()
    return states
}
