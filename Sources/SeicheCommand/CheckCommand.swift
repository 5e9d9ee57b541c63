import ArgumentParser
import Basics
import Configuration
import Dynamics
import Emulators
import Evaluation
import Foundation
import Trajectories

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Compare an emulator's derivatives with finite differences, of itself and of the Fortran model.",
        discussion: """
            One step from the middle of the first test simulation. Perturbations are differences of simulated states, so that they are \
            of the kind that data assimilation corrects, and white noise, which shows every wave. Errors are relative. Of Lorenz '96 the \
            full Jacobian at many test states, beside the exact one of the Fortran model.

            With --jacobian N the full one-step Jacobian on a domain of N x N cells with the experiment's spacing, time step and bed, beside \
            the exact one of the Fortran model; of a real sea the window with the most wet cells. Needs no simulations. Writes \
            jacobian.nc into training.directory.
            """)

    @OptionGroup var options: ExperimentOptions

    @OptionGroup var emulators: EmulatorOptions

    @Option(help: ArgumentHelp("Cells along x and y of a small domain on which full Jacobians are compared, 12 to 48.", valueName: "cells"))
    var jacobian: Int?

    func validate() throws {
        if let jacobian, !(12...48).contains(jacobian) { throw ValidationError("--jacobian takes 12 to 48 cells.") }
    }

    func run() throws {
        if let jacobian { return try checkJacobian(options.loadShallowWater(), cells: jacobian) }
        let experiment = try options.load()
        if experiment.model.lorenz96 != nil { return try checkLorenz96(experiment) }
        let sources: [EmulatorSource] = try emulators.load(experiment)
        let check = try DerivativeCheck(experiment)
        for source in sources {
            print("\(source.label): one-step derivatives at the middle of test simulation 0")
            for (name, directions) in check.directions(scales: source.checkpoint.scales) {
                let fidelity = try check.measure(source, directions: directions, title: "\(source.label), \(name)")
                print(" along \(name)")
                print(
                    Text.table(
                        [["  step", "adjoint / own differences", "tangent / Fortran", "gradient / Fortran"]]
                            + fidelity.rows.map {
                                [
                                    "  " + Text.figure($0.size), Text.figure($0.adjointAgainstItself), Text.figure($0.tangentAgainstModel),
                                    Text.figure($0.gradientAgainstModel),
                                ]
                            }))
            }
        }
        print("adjoint: |<J'w, d> - <w, dF>| / (|w| |dF|), the emulator's gradient beside its own differences.")
        print("tangent, gradient: relative error of the emulator's derivative against the Fortran model's differences.")
    }

    private func checkJacobian(_ experiment: Experiment, cells: Int) throws {
        Interruption.watch()
        let path = "\(experiment.training.directory)/jacobian.nc"
        let sources: [EmulatorSource] = try emulators.load(experiment)
        try Files.createFolder(Files.folder(of: path))
        let check = try JacobianCheck(experiment, cells: cells, sources)
        try check.write(to: path)
        print(check.report)
        print("written to \(path)")
    }

    private func checkLorenz96(_ experiment: Experiment) throws {
        let sources: [TrainedEmulator<Lorenz96Checkpoint>] = try emulators.load(experiment)
        let check = try Lorenz96DerivativeCheck(experiment)
        for source in sources { print(try check.report(source)) }
    }
}

/// The state, the model and the perturbations of a derivative check.
struct DerivativeCheck {
    private let experiment: Experiment
    private let grid: ShallowWaterGrid
    private let model: any DynamicalModel<ShallowWaterState>
    private let state: ShallowWaterState
    /// Differences of simulated states from `state`, in SI units.
    private let differences: [[Double]]
    private let mask: [Bool]

    init(_ experiment: Experiment) throws {
        self.experiment = experiment
        let test = try Scenario(experiment).simulations(.test)
        let trajectory = try test.trajectory(0)
        grid = trajectory.grid
        model = try Scenario(experiment).model(on: trajectory.grid)
        let middle = trajectory.count / 2
        let here = try trajectory.state(at: middle)
        state = here
        guard trajectory.count > 1 else {
            throw SeicheError(.invalidInput, "'\(trajectory.path)' has a single state", remedy: "simulate longer test runs")
        }
        let directions = experiment.check.directions
        differences = try (0..<directions).map { k in
            // Spread over the run, never the state itself.
            let offset = 1 + k * (trajectory.count - 1) / directions
            let other = try trajectory.state(at: (middle + offset) % trajectory.count)
            return zip(other.vector, here.vector).map { $0 - $1 }
        }
        mask = grid.wet + grid.openEast + grid.openNorth
    }

    /// The two kinds of perturbation, in normalised units.
    func directions(scales: ChannelScales) -> [(name: String, directions: [[Double]])] {
        let cells = grid.cellCount
        var stream = RandomStream(seed: experiment.check.seed, purpose: "derivative check")
        let noise = differences.map { _ in zip(stream.normals(3 * cells), mask).map { $1 ? $0 : 0 } }
        let smooth = differences.map { difference in difference.indices.map { difference[$0] / scales.state[$0 / cells] } }
        return [("differences of simulated states", smooth), ("white noise", noise)]
    }

    func measure(_ source: EmulatorSource, directions: [[Double]], title: String) throws -> DerivativeFidelity {
        let emulator = try source.checkpoint.emulator(on: grid, timeStep: experiment.model.timeStep)
        let line = ProgressLine("checking \(title), finite-difference steps", total: experiment.check.stepSizes.count)
        return try DerivativeFidelity.measure(
            emulator: emulator, model: model, at: state, directions: directions, cotangents: Array(directions.reversed()),
            components: components(), sizes: experiment.check.stepSizes, scales: source.checkpoint.scales
        ) { done, _ in line.update(done) }
    }

    /// Twenty free values of each channel, drawn from the experiment's seed.
    private func components() -> [Int] {
        var stream = RandomStream(seed: experiment.check.seed, purpose: "derivative check components")
        let cells = grid.cellCount
        return (0..<3).flatMap { channel in
            let free = (channel * cells..<(channel + 1) * cells).filter { mask[$0] }
            return free.isEmpty ? [] : (0..<20).map { _ in free[Int.random(in: 0..<free.count, using: &stream)] }
        }
    }
}
