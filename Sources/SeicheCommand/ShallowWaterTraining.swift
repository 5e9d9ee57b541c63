import Configuration
import Dynamics
import Emulators
import Layers
import Training
import Trajectories

/// A shallow-water network, to be trained on runs of states.
struct ShallowWaterTraining: TrainingTask {
    let recipe: Experiment.Training
    let learningRate: Double
    let checksum: String
    private let emulator: EmulatorKind
    private let specification: NetworkSpecification
    private let network: any EmulatorNetwork
    private let simulations: TrajectoryDataSet
    private let scales: ChannelScales
    private let training: TrainingWindows
    private let validation: TrainingWindows
    private let tangents: ModelTangents?

    init(_ experiment: Experiment, _ emulator: EmulatorKind) throws {
        self.emulator = emulator
        (recipe, learningRate) = experiment.recipe(emulator)
        let scenario = try Scenario(experiment)
        simulations = try scenario.simulations(.training)
        specification = try experiment.specification(emulator, nx: simulations.nx, ny: simulations.ny)
        network = try specification.network()
        let fields = try simulations.fields()
        scales = try fields.channelScales()
        training = try Self.windows(fields, scales, timeStep: simulations.timeStep)
        let heldOut = try scenario.simulations(.validation)
        validation = try Self.windows(heldOut.fields(), scales, timeStep: heldOut.timeStep)
        checksum = try simulations.checksum()
        if recipe.loss.tangentWeight > 0 {
            let data = simulations
            let models = try (0..<data.count).map { try scenario.model(on: data.trajectory($0).grid) }
            tangents = ModelTangents(models: models, windows: training, scales: scales, seed: recipe.seed)
        } else {
            tangents = nil
        }
    }

    private static func windows(_ fields: [TrajectoryFields], _ scales: ChannelScales, timeStep: Double) throws -> TrainingWindows {
        try TrainingWindows(fields.map { try TrainingSimulation(grid: $0.grid, values: $0.values, scales: scales, timeStep: timeStep) })
    }

    var kind: String { specification.kind }
    var layout: ParameterLayout { network.layout }
    var data: String { "\(training.count) pairs" }
    var gridSizes: [String: Double] { ["grid_nx": Double(simulations.nx), "grid_ny": Double(simulations.ny)] }
    var validationSamples: Int { 16 }
    var forecastSteps: Int { recipe.loss.finalSteps ?? recipe.loss.steps }

    func trainer(_ settings: TrainingSettings) throws -> Trainer {
        let loss = recipe.loss
        let horizon = ForecastHorizon(
            first: loss.steps, final: forecastSteps, growthSteps: Int((loss.growth * Double(settings.steps)).rounded()))
        return try Trainer(
            network: network, training: training, validation: validation, solverTolerance: recipe.solverTolerance,
            loss: RolloutSettings(
                horizon: horizon, gradient: loss.gradient == .unrolled ? .unrolled : .pushforward, channelWeights: loss.channelWeights,
                tangentWeight: loss.tangentWeight),
            tangents: tangents,
            forecasts: recipe.validation.rolloutSteps.map { (steps: $0, starts: recipe.validation.rolloutStarts) }, settings: settings)
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

    func difference(of earlier: Experiment, from experiment: Experiment) throws -> String? {
        // Each with the recipe in force in the place of the one that all emulators share.
        func inForce(_ experiment: Experiment) -> Experiment {
            var copy = experiment
            copy.training = experiment.recipe(emulator).training
            return copy
        }
        if let difference = try inForce(earlier).difference(from: inForce(experiment), in: "training") { return difference }
        let (theirs, mine) = (earlier.recipe(emulator).learningRate, experiment.recipe(emulator).learningRate)
        return theirs == mine ? nil : "learning rate is \(theirs), not \(mine)"
    }
}
