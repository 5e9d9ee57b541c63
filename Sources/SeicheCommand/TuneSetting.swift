import Assimilation
import Basics
import Configuration
import Dynamics
import Emulators
import ReferenceModels

/// A truth for twin experiments of parameter estimation, what can be observed of it, and what its states may be off by.
protocol TuneSetting: Sendable {
    associatedtype Truth: ParametricModel
    /// Whose parameters are estimated.
    associatedtype Model: ParametricModel where Model.State == Truth.State

    /// Steps from the truth's initial state to its first window, which forcing that changes with time has seen.
    var spinUpSteps: Int { get }

    /// The truth's model and its state at the beginning of repetition `index`, after the spin-up.
    func truth(_ run: Experiment.Tuning.Run, _ index: Int, seed: UInt64) throws -> (model: Truth, start: Truth.State)

    /// What stands for the truth in the estimation.
    func model(for truth: Truth) -> Model

    /// Components of the state's vector that can be observed.
    func observable(_ truth: Truth) -> [Int]

    /// B of the state at the beginning of windows.
    func stateCovariance(_ run: Experiment.Tuning.Run, _ truth: Truth) throws -> any ErrorCovariance
}

extension TuneSetting where Model == Truth {
    func model(for truth: Truth) -> Model { truth }
}

/// The ring of Lorenz '96 on its attractor; every variable can be observed.
struct Lorenz96Tuning: TuneSetting {
    private let model: Lorenz96Model
    private let perturbation: Double
    let spinUpSteps: Int

    init(_ experiment: Experiment) throws {
        model = try Lorenz96Plan(experiment).model
        perturbation = experiment.model.lorenz96?.perturbation ?? 0.01
        spinUpSteps = experiment.simulations.spinUpSteps
    }

    func truth(_ run: Experiment.Tuning.Run, _ index: Int, seed: UInt64) throws -> (model: Lorenz96Model, start: Lorenz96State) {
        guard run.elevationFactor == 1 else {
            throw SeicheError(
                .invalidInput, "run '\(run.name)' has an elevation_factor", why: "the Lorenz '96 model has no elevation", remedy: "leave it out")
        }
        return (model, try model.advance(model.initialState(seed: seed, index: index, perturbation: perturbation), steps: spinUpSteps))
    }

    func observable(_ model: Lorenz96Model) -> [Int] { Array(0..<model.parameters.sectors) }

    func stateCovariance(_ run: Experiment.Tuning.Run, _ model: Lorenz96Model) throws -> any ErrorCovariance {
        let sectors = model.parameters.sectors
        guard run.stateDeviation > 0 else { return KnownValues(count: sectors) }
        let deviations = [Double](repeating: run.stateDeviation, count: sectors)
        guard run.correlationLength > 0 else { return try DiagonalCovariance(deviations: deviations) }
        return try DiffusionCovariance(DiffusionGrid(ring: sectors), deviations: deviations, correlationLength: run.correlationLength)
    }
}

/// The same, through an emulator whose learned tendency has a forcing of its own.
struct EmulatedLorenz96Tuning: TuneSetting {
    private let ring: Lorenz96Tuning
    private let emulator: Lorenz96Emulator

    var spinUpSteps: Int { ring.spinUpSteps }

    /// - Parameter emulator: a run in training.directory or the path of a checkpoint.
    init(_ experiment: Experiment, emulator: String) throws {
        ring = try Lorenz96Tuning(experiment)
        self.emulator = try TrainedEmulator<Lorenz96Checkpoint>(emulator, experiment: experiment).checkpoint.emulator()
    }

    func truth(_ run: Experiment.Tuning.Run, _ index: Int, seed: UInt64) throws -> (model: Lorenz96Model, start: Lorenz96State) {
        try ring.truth(run, index, seed: seed)
    }

    func model(for truth: Lorenz96Model) -> Lorenz96Emulator { emulator }

    func observable(_ truth: Lorenz96Model) -> [Int] { ring.observable(truth) }

    func stateCovariance(_ run: Experiment.Tuning.Run, _ truth: Lorenz96Model) throws -> any ErrorCovariance {
        try ring.stateCovariance(run, truth)
    }
}

/// The shallow-water model from the experiment's initial elevation on; elevations of wet cells can be observed, and be wrong at first.
struct ShallowWaterTuning: TuneSetting {
    private let scenario: Scenario

    var spinUpSteps: Int { scenario.experiment.simulations.spinUpSteps }

    init(_ experiment: Experiment) throws { scenario = try Scenario(experiment) }

    func truth(_ run: Experiment.Tuning.Run, _ index: Int, seed: UInt64) throws -> (model: ShallowWaterModel, start: ShallowWaterState) {
        var seeded = scenario.experiment
        seeded.simulations.seed = seed
        var (grid, state) = try Scenario(seeded, sharedGrid: scenario.sharedGrid).start(.test, index)
        state.zeta = state.zeta.map { run.elevationFactor * $0 }
        let model = try scenario.model(on: grid)
        return (model, try model.advance(state, steps: spinUpSteps).state)
    }

    func observable(_ model: ShallowWaterModel) -> [Int] {
        let wet = model.grid.wet
        return wet.indices.filter { wet[$0] }
    }

    func stateCovariance(_ run: Experiment.Tuning.Run, _ model: ShallowWaterModel) throws -> any ErrorCovariance {
        let (grid, cells) = (model.grid, model.grid.cellCount)
        guard run.stateDeviation > 0 else { return KnownValues(count: 3 * cells) }
        let deviations = grid.wet.map { $0 ? run.stateDeviation : 0 }
        let elevation: any ErrorCovariance =
            if run.correlationLength > 0 {
                try DiffusionCovariance(DiffusionGrid(grid, .zeta), deviations: deviations, correlationLength: run.correlationLength)
            } else {
                try DiagonalCovariance(deviations: deviations)
            }
        return BlockCovariance([elevation, KnownValues(count: 2 * cells)])
    }
}
