import Configuration
import Emulators
import Layers
import Training

/// What a training run trains: a network with its data, whatever the model.
protocol TrainingTask {
    associatedtype File: Checkpoint

    /// Of the network, in experiments and checkpoints.
    var kind: String { get }
    var layout: ParameterLayout { get }
    /// Of the training set: "720 pairs".
    var data: String { get }
    /// Of the training set.
    var checksum: String { get }
    /// Of the grid of the training set, by name: `grid_nx`.
    var gridSizes: [String: Double] { get }
    /// How this network is trained.
    var recipe: Experiment.Training { get }
    /// Of Adam: the largest.
    var learningRate: Double { get }
    var validationSamples: Int { get }
    /// Of the forecasts that validation looks at.
    var forecastSteps: Int { get }

    func trainer(_ settings: TrainingSettings) throws -> Trainer

    /// The network with these weights, and with what a file says of its making.
    func checkpoint(
        _ parameters: [Double], provenance: [String: String], numbers: [String: Double], vectors: [String: [Double]]
    ) -> File

    /// What keeps a checkpoint's network from being this one, in words; nil where it is.
    func difference(from checkpoint: File) -> String?

    /// What differs in how an earlier experiment trained this network from how `experiment` does: "training.seed is 1, not 2"; nil where nothing does.
    func difference(of earlier: Experiment, from experiment: Experiment) throws -> String?
}
