import Basics
import Dynamics

/// All states of one simulation in memory, in single precision.
public struct TrajectoryFields: Sendable {
    public let grid: ShallowWaterGrid
    /// [time, 3, y, x]: zeta, u, v in m, m/s, m/s; zero on dry cells and closed faces.
    public let values: [Float]

    init(_ trajectory: Trajectory) throws {
        grid = trajectory.grid
        values = try trajectory.floats()
    }
}

extension TrajectoryDataSet {
    /// Reads every trajectory whole; they come in the order of their indices.
    public func fields() throws -> [TrajectoryFields] {
        let slots = Slots<TrajectoryFields>(count)
        try concurrentForEach(count) { try slots.set($0, TrajectoryFields(trajectory($0))) }
        return slots.values
    }
}
