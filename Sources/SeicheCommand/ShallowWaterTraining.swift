import Configuration
import Dynamics
import Emulators
import Layers
import Training
import Trajectories

/// A shallow-water network, to be trained on pairs of states.
struct ShallowWaterTraining: TrainingTask {
    private let experiment: Experiment
    private let emulator: EmulatorKind
    private let specification: NetworkSpecification
    private let simulations: TrajectoryDataSet
    private let scales: ChannelScales
    private let training: TrainingPairs
    private let validation: TrainingPairs
    let checksum: String

    init(_ experiment: Experiment, _ emulator: EmulatorKind) throws {
        self.experiment = experiment
        self.emulator = emulator
        specification = experiment.specification(emulator)
        let scenario = try Scenario(experiment)
        simulations = try scenario.simulations(.training)
        scales = try simulations.channelScales()
        training = try Self.pairs(simulations, scales)
        validation = try Self.pairs(scenario.simulations(.validation), scales)
        checksum = try simulations.checksum()
    }

    private static func pairs(_ data: TrajectoryDataSet, _ scales: ChannelScales) throws -> TrainingPairs {
        try TrainingPairs((0..<data.count).map { index in
            let trajectory = try data.trajectory(index)
            return try TrainingSimulation(grid: trajectory.grid, values: trajectory.floats(), scales: scales)
        })
    }

    var kind: String { specification.kind }
    var layout: ParameterLayout { specification.network().layout }
    var data: String { "\(training.count) pairs" }
    var settings: Experiment.Training { experiment.training }
    var learningRate: Double { experiment.learningRate(emulator) }
    var validationSamples: Int { 16 }

    func trainer(_ settings: TrainingSettings) throws -> Trainer {
        try Trainer(
            network: specification.network(), training: training, validation: validation, solverTolerance: experiment.training.solverTolerance,
            settings: settings)
    }

    func checkpoint(
        _ parameters: [Double], provenance: [String: String], numbers: [String: Double], vectors: [String: [Double]]
    ) -> EmulatorCheckpoint {
        EmulatorCheckpoint(
            specification: specification, parameters: parameters, scales: scales, timeStep: simulations.timeStep, dx: simulations.dx,
            dy: simulations.dy, provenance: provenance, numbers: numbers, vectors: vectors)
    }

    func difference(from checkpoint: EmulatorCheckpoint) -> String? {
        checkpoint.specification == specification ? nil : "its network is \(checkpoint.specification), not \(specification)"
    }

    func isTrainedAlike(_ a: Experiment, _ b: Experiment) -> Bool {
        a.training == b.training && a.learningRate(emulator) == b.learningRate(emulator)
    }
}
