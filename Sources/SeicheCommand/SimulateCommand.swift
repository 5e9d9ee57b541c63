import ArgumentParser
import Basics
import Configuration
import Dynamics
import Foundation
import ReferenceModels
import Synchronization
import Trajectories

struct SimulateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Run the Fortran model and write its trajectories as NetCDF.",
        discussion: """
            Writes DIRECTORY/training, validation and test, one file per simulation. Files that are there already and belong to \
            this experiment are kept, so an interrupted run goes on where it stopped. The same seed gives the same bytes.
            """)

    @OptionGroup var options: ExperimentOptions

    @Flag(help: "Replace files that are damaged or belong to another experiment.")
    var overwrite = false

    func run() throws {
        Interruption.watch()
        let experiment = try options.load()
        let scenario = try Scenario(experiment)
        let work = try TrajectoryDataSet.Split.allCases.flatMap { split in
            try (0..<scenario.settings(of: split).count).compactMap { try pending(scenario, split, $0) }
        }
        let total = TrajectoryDataSet.Split.allCases.reduce(0) { $0 + scenario.settings(of: $1).count }
        if work.count < total { print("\(total - work.count) of \(total) simulations are complete already") }
        let steps = work.reduce(0) { $0 + $1.steps }
        let line = ProgressLine("simulating \(work.count) runs, steps", total: steps)
        let progress = Mutex((done: 0, line: line))
        try concurrentForEach(work.count) { k in
            if Interruption.isRequested { return }
            try simulate(scenario, work[k]) { steps in
                progress.withLock {
                    $0.done += steps
                    $0.line.update($0.done)
                }
            }
        }
        if Interruption.isRequested {
            throw SeicheError(.interrupted, "stopped; finished simulations are kept", remedy: "run the same command again to go on")
        }
        print("\(total) simulations in \(experiment.simulations.directory)")
    }

    private struct Work: Sendable {
        let split: TrajectoryDataSet.Split
        let index: Int
        let path: String
        /// With the spin-up.
        let steps: Int
    }

    /// The work of a simulation whose file is not there yet; nil where it is.
    private func pending(_ scenario: Scenario, _ split: TrajectoryDataSet.Split, _ index: Int) throws -> Work? {
        let path = TrajectoryDataSet.path(directory: scenario.experiment.simulations.directory, split: split, index: index)
        let steps = scenario.settings(of: split).steps
        let work = Work(split: split, index: index, path: path, steps: steps + scenario.experiment.simulations.spinUpSteps)
        guard Files.exists(path) else { return work }
        let (grid, _) = try scenario.start(split, index)
        switch Trajectory.status(of: path, expecting: scenario.header(split, index, grid: grid), count: steps + 1) {
        case .missing: return work
        case .complete: return nil
        case .differs(let why):
            if overwrite { return work }
            throw Scenario.foreign(path, why)
        }
    }

    private func simulate(_ scenario: Scenario, _ work: Work, progress: (Int) -> Void) throws {
        let (grid, start) = try scenario.start(work.split, work.index)
        let model = try scenario.model(on: grid)
        let spinUp = scenario.experiment.simulations.spinUpSteps
        let writer = try TrajectoryWriter(
            path: work.path, header: scenario.header(work.split, work.index, grid: grid),
            options: TrajectoryWriter.Options(deflate: scenario.experiment.simulations.compression))
        var state = try model.advance(start, steps: spinUp).state
        progress(spinUp)
        try writer.append(state)
        for _ in 0..<work.steps - spinUp {
            if Interruption.isRequested { return writer.abandon() }
            state = try model.step(state)
            try writer.append(state)
            progress(1)
        }
        try writer.finish()
    }
}
