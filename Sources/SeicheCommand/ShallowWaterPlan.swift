import Basics
import Configuration
import Dynamics
import ReferenceModels
import Trajectories

/// Simulations of the shallow-water model.
struct ShallowWaterPlan: SimulationPlan {
    let scenario: Scenario
    var experiment: Experiment { scenario.experiment }

    private var options: TrajectoryWriter.Options {
        TrajectoryWriter.Options(deflate: experiment.simulations.compression, centreVelocities: experiment.simulations.centreVelocities)
    }

    func status(_ split: TrajectoryDataSet.Split, _ index: Int, of path: String) throws -> TrajectoryStatus {
        guard Files.exists(path) else { return .missing }
        let header = try scenario.header(split, index, grid: scenario.start(split, index).grid)
        return Trajectory.status(of: path, expecting: header, count: scenario.settings(of: split).steps + 1, options: options)
    }

    func volume() throws -> StoredVolume {
        let grid = try scenario.start(.training, 0).grid
        let wet = grid.wet.count { $0 }
        let centres = options.centreVelocities ? 2 : 0
        let varying = wet * (1 + centres) + grid.openEast.count { $0 } + grid.openNorth.count { $0 }
        return StoredVolume(
            varying: varying, constant: (3 + centres) * grid.cellCount - varying,
            valueSize: experiment.simulations.precision == .double ? 8 : 4, fields: 3 + centres,
            // Depth, area and mask.
            fixed: 17 * grid.cellCount, isDeflated: options.deflate > 0)
    }

    func simulate(_ split: TrajectoryDataSet.Split, _ index: Int, to path: String, progress: (Int) -> Void) throws {
        let (grid, start) = try scenario.start(split, index)
        let model = try scenario.model(on: grid)
        let spinUp = experiment.simulations.spinUpSteps
        let writer = try TrajectoryWriter(path: path, header: try scenario.header(split, index, grid: grid), options: options)
        var state = try model.advance(start, steps: spinUp).state
        progress(spinUp)
        try writer.append(state)
        for step in spinUp..<spinUp + scenario.settings(of: split).steps {
            if Interruption.isRequested { return writer.abandon() }
            state = try model.step(state, number: step)
            try writer.append(state)
            progress(1)
        }
        try writer.finish()
    }
}
