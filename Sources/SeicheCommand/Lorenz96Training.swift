import Basics
import Configuration
import Dynamics
import Emulators
import Layers
import Training
import Trajectories

/// A Lorenz '96 network, to be trained on sequences of states.
struct Lorenz96Training: TrainingTask {
    private let experiment: Experiment
    private let emulator: Lorenz96EmulatorKind
    private let network: Lorenz96Network
    private let scales: Lorenz96Scales
    private let training: RingSequences
    private let validation: RingSequences
    private let trajectories: Int
    private let timeStep: Double
    let checksum: String

    init(_ experiment: Experiment, _ emulator: Lorenz96EmulatorKind) throws {
        self.experiment = experiment
        self.emulator = emulator
        network = experiment.lorenz96.emulators.network(emulator)
        let wanted = experiment.lorenz96.data
        let plan = try Lorenz96Plan(experiment)
        let observed = wanted.isObserved(sectors: plan.model.parameters.sectors)
        let simulations = try plan.simulations(.training, first: wanted.trajectories)
        let (reach, steps) = (network.reach, wanted.rolloutSteps)
        let scales = try Lorenz96Scales(of: simulations.trajectories, observed: observed)
        training = try RingSequences(simulations.trajectories, scales: scales, steps: steps, observed: observed, reach: reach)
        validation = try RingSequences(
            plan.simulations(.validation).trajectories, scales: scales, steps: steps, observed: observed, reach: reach)
        self.scales = scales
        trajectories = simulations.paths.count
        timeStep = plan.model.timeStep
        checksum = try simulations.checksum()
    }

    private var descent: Experiment.Lorenz96Emulators.Descent { experiment.lorenz96.emulators.descent(emulator) }

    var kind: String { network.kind }
    var layout: ParameterLayout { network.layout }
    var data: String { "\(trajectories) trajectories, \(training.count) sequences" }
    var learningRate: Double { descent.learningRate }
    var gridSizes: [String: Double] { ["grid_sectors": Double(experiment.model.lorenz96?.sectors ?? 0)] }
    var validationSamples: Int { 512 }
    var forecastSteps: Int { experiment.lorenz96.data.rolloutSteps }

    var recipe: Experiment.Training {
        var settings = experiment.training
        settings.optimiser = descent.optimiser
        settings.budget = .steps(descent.steps)
        settings.batchSize = descent.batchSize
        return settings
    }

    func trainer(_ settings: TrainingSettings) throws -> Trainer {
        let block = network.step(timeStep: timeStep, scales: scales).block
        switch emulator {
        case .bilinearRK4:
            // The model is among its functions: single precision would be what limits it.
            return try Trainer(
                training: SequenceLoss<Double>(step: block, sequences: training),
                validation: SequenceLoss<Double>(step: block, sequences: validation), settings: settings)
        case .reluRK4, .reluResolvent:
            return try Trainer(
                training: SequenceLoss<Float>(step: block, sequences: training),
                validation: SequenceLoss<Float>(step: block, sequences: validation), settings: settings)
        }
    }

    func checkpoint(
        _ parameters: [Double], provenance: [String: String], numbers: [String: Double], vectors: [String: [Double]]
    ) -> Lorenz96Checkpoint {
        Lorenz96Checkpoint(
            network: network, parameters: parameters, scales: scales, timeStep: timeStep, provenance: provenance,
            numbers: numbers.merging(["trajectories": Double(trajectories)]) { own, _ in own }, vectors: vectors)
    }

    func difference(from checkpoint: Lorenz96Checkpoint) -> String? {
        checkpoint.network == network ? nil : "its network is \(checkpoint.network), not \(network)"
    }

    func difference(of earlier: Experiment, from experiment: Experiment) throws -> String? {
        try ["training", "emulators.\(emulator.rawValue)"].compactMap { try earlier.difference(from: experiment, in: $0) }.first
    }
}

enum Lorenz96EmulatorKind: String, EmulatorChoice {
    case bilinearRK4 = "bilinear_rk4"
    case reluRK4 = "relu_rk4"
    case reluResolvent = "relu_resolvent"
}

extension Experiment.Lorenz96Emulators {
    func network(_ kind: Lorenz96EmulatorKind) -> Lorenz96Network {
        switch kind {
        case .bilinearRK4: .bilinearRK4(products: bilinearRK4.products)
        case .reluRK4: .reluRK4(hiddenLayers: reluRK4.hiddenLayers, channels: reluRK4.channels)
        case .reluResolvent: .reluResolvent(hiddenLayers: reluResolvent.hiddenLayers, channels: reluResolvent.channels)
        }
    }

    func descent(_ kind: Lorenz96EmulatorKind) -> Descent {
        switch kind {
        case .bilinearRK4: bilinearRK4.descent
        case .reluRK4: reluRK4.descent
        case .reluResolvent: reluResolvent.descent
        }
    }
}
