import Basics
import Optimisation

/// What a training does; every value is recorded with the result.
public struct TrainingSettings: Equatable, Sendable {
    /// Of starting weights and batch order.
    public var seed: UInt64
    public var steps: Int
    public var batchSize: Int
    public var optimiser: OptimiserSettings
    /// Training steps between two looks at the validation samples.
    public var validateEvery: Int
    /// Validation samples that are looked at, spread evenly.
    public var validationSamples: Int

    public init(
        seed: UInt64, steps: Int, batchSize: Int, optimiser: OptimiserSettings, validateEvery: Int, validationSamples: Int = 16
    ) {
        self.seed = seed
        self.steps = steps
        self.batchSize = batchSize
        self.optimiser = optimiser
        self.validateEvery = validateEvery
        self.validationSamples = validationSamples
    }

    /// Throws for a value that no training can have.
    func check() throws {
        for (name, value) in [
            ("steps", steps), ("batchSize", batchSize), ("validateEvery", validateEvery), ("validationSamples", validationSamples),
        ] where value < 1 {
            throw SeicheError(.invalidInput, "the training's \(name) is \(value)", remedy: "give 1 or more")
        }
    }
}
