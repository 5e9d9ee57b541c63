import Basics
import Optimisation

/// What a training does; every value is recorded with the result.
public struct TrainingSettings: Equatable, Sendable {
    /// What makes weights the best so far, and what a stop and a lower rate wait for.
    public enum Judgement: String, Equatable, Sendable {
        /// Mean loss of the validation samples.
        case loss
        /// Error of forecasts of the validation simulations.
        case forecast
    }

    /// Of starting weights and batch order.
    public var seed: UInt64
    public var steps: Int
    public var batchSize: Int
    public var optimiser: OptimiserSettings
    /// Training steps between two looks at the validation samples.
    public var validateEvery: Int
    /// Validation samples that are looked at, spread evenly.
    public var validationSamples: Int
    public var judgement: Judgement
    /// Looks without a better one after which the training ends; nil for never.
    public var patience: Int?
    /// Of an exponential moving average of the weights, which is then what validation looks at and what is kept as the best; nil for none.
    public var averageDecay: Double?
    /// Of Levenberg-Marquardt: in each step this number times the batch's loss at its beginning, times the sum of the squares of the network's
    /// `dispensableWeights`, is added to the loss. So the ridge falls with the loss and never outweighs it (iteratively regularised Gauss-Newton, Bakushinskii 1992).
    public var ridge: Double

    public init(
        seed: UInt64, steps: Int, batchSize: Int, optimiser: OptimiserSettings, validateEvery: Int, validationSamples: Int = 16,
        judgement: Judgement = .loss, patience: Int? = nil, averageDecay: Double? = nil, ridge: Double = 0
    ) {
        self.seed = seed
        self.steps = steps
        self.batchSize = batchSize
        self.optimiser = optimiser
        self.validateEvery = validateEvery
        self.validationSamples = validationSamples
        self.judgement = judgement
        self.patience = patience
        self.averageDecay = averageDecay
        self.ridge = ridge
    }

    /// Throws for a value that no training can have.
    func check() throws {
        for (name, value) in [
            ("steps", steps), ("batchSize", batchSize), ("validateEvery", validateEvery), ("validationSamples", validationSamples),
            ("patience", patience ?? 1),
        ] where value < 1 {
            throw SeicheError(.invalidInput, "the training's \(name) is \(value)", remedy: "give 1 or more")
        }
        guard ridge >= 0, ridge.isFinite else {
            throw SeicheError(.invalidInput, "the training's ridge is \(ridge)", remedy: "give 0, or a number such as 0.1")
        }
        if let averageDecay, !(averageDecay > 0 && averageDecay < 1) {
            throw SeicheError(.invalidInput, "the training's averageDecay is \(averageDecay)", remedy: "give a number between 0 and 1, such as 0.999")
        }
        if case .lbfgs(_, let every?) = optimiser, every < 1 {
            throw SeicheError(.invalidInput, "the training's batch is to be renewed every \(every) steps", remedy: "give 1 or more")
        }
    }
}
