import Basics
import Emulators
import Layers
import StencilSolvers
import Tensors

/// What a training does; every value is recorded with the result.
public struct TrainingSettings: Equatable, Sendable {
    /// Of starting weights and batch order.
    public var seed: UInt64
    public var steps: Int
    public var batchSize: Int
    public var schedule: LearningRateSchedule
    /// Gradients longer than this are shortened to it.
    public var gradientClip: Double
    /// Relative residual of implicit solves, forward and backward.
    public var solverTolerance: Double
    /// Training steps between two looks at the validation pairs.
    public var validateEvery: Int
    /// Validation pairs that are looked at, spread evenly.
    public var validationPairs: Int

    public init(
        seed: UInt64, steps: Int, batchSize: Int, schedule: LearningRateSchedule, gradientClip: Double, solverTolerance: Double,
        validateEvery: Int, validationPairs: Int = 16
    ) {
        self.seed = seed
        self.steps = steps
        self.batchSize = batchSize
        self.schedule = schedule
        self.gradientClip = gradientClip
        self.solverTolerance = solverTolerance
        self.validateEvery = validateEvery
        self.validationPairs = validationPairs
    }
}

extension TrainingSettings {
    /// Throws for a value that no training can have.
    func check() throws {
        for (name, value) in [("steps", steps), ("batchSize", batchSize), ("validateEvery", validateEvery), ("validationPairs", validationPairs)]
        where value < 1 {
            throw SeicheError(.invalidInput, "the training's \(name) is \(value)", remedy: "give 1 or more")
        }
    }
}

/// Where a training stands: all that is needed to go on as if it had never stopped.
public struct TrainingState: Equatable, Sendable {
    /// Steps done.
    public var step: Int
    public var parameters: [Double]
    public var optimiser: Adam
    /// The weights with the lowest validation loss so far, and that loss.
    public var best: [Double]
    public var bestLoss: Double

    /// The start.
    public init(parameters: [Double]) {
        step = 0
        self.parameters = parameters
        optimiser = Adam(count: parameters.count)
        best = parameters
        bestLoss = .infinity
    }

    public init(step: Int, parameters: [Double], optimiser: Adam, best: [Double], bestLoss: Double) {
        self.step = step
        self.parameters = parameters
        self.optimiser = optimiser
        self.best = best
        self.bestLoss = bestLoss
    }
}

/// One line of a training's log.
public struct TrainingProgress: Sendable {
    /// Steps done, of `steps`.
    public let step: Int
    public let steps: Int
    /// Mean squared error of this step's batch, in normalised units.
    public let loss: Double
    /// Of the validation pairs, where this step looked at them.
    public let validationLoss: Double?
    public let learningRate: Double
    public let gradientNorm: Double
    public let forward: SolveMonitor.Summary
    public let backward: SolveMonitor.Summary
    /// A bound on the relative error, from the solves' tolerance, of any sample's gradient by its system's coefficients; nil where no implicit
    /// layer has one.
    public let gradientError: Double?
}

/// Fits a network to pairs of states by Adam on the one-step error.
public struct Trainer: Sendable {
    public let network: any EmulatorNetwork
    public let settings: TrainingSettings
    private let training: OneStepLoss
    private let validation: OneStepLoss
    private let implicit: LinearImplicit
    private let preconditioner: PatchPreconditioner

    public init(
        network: any EmulatorNetwork, training: TrainingPairs, validation: TrainingPairs, settings: TrainingSettings
    ) throws {
        try settings.check()
        self.network = network
        self.settings = settings
        implicit = LinearImplicit(solver: GaussSeidel(tolerance: settings.solverTolerance))
        self.training = OneStepLoss(pairs: training, implicit: implicit)
        self.validation = OneStepLoss(pairs: validation, implicit: implicit)
        preconditioner = try PatchPreconditioner(network.inputLayers, pairs: training)
    }

    /// Seeded weights.
    public func initialState() -> TrainingState {
        TrainingState(parameters: network.layout.initialParameters(seed: settings.seed).scalars)
    }

    /// Trains from `state` to `settings.steps`.
    ///
    /// - Parameter report: called after every step; returning false stops there, with the state as it is.
    public func run(_ state: inout TrainingState, report: (TrainingProgress, TrainingState) throws -> Bool) throws {
        while state.step < settings.steps {
            let progress = try advance(&state)
            if try !report(progress, state) { return }
        }
    }

    private func advance(_ state: inout TrainingState) throws -> TrainingProgress {
        let batch = training.pairs.batch(step: state.step, size: settings.batchSize, seed: settings.seed)
        let value = try training.valueWithGradient(network, parameters: state.parameters, batch: batch)
        let record = implicit.monitor.drain()
        try check(value, record, step: state.step, batch: batch)
        let gradient = preconditioner.gradient(value.gradient)
        let norm = gradient.reduce(0) { $0 + $1 * $1 }.squareRoot()
        let shrink = min(1, settings.gradientClip / max(norm, .leastNormalMagnitude))
        let rate = settings.schedule.rate(at: state.step)
        let step = preconditioner.weights(state.optimiser.step(gradient: gradient.map { $0 * shrink }, rate: rate))
        for k in step.indices { state.parameters[k] += step[k] }
        state.step += 1
        var validationLoss: Double?
        if state.step % settings.validateEvery == 0 || state.step == settings.steps {
            let loss = try validationLossOf(state.parameters)
            if loss < state.bestLoss { (state.best, state.bestLoss) = (state.parameters, loss) }
            validationLoss = loss
        }
        return TrainingProgress(
            step: state.step, steps: settings.steps, loss: value.loss, validationLoss: validationLoss, learningRate: rate,
            gradientNorm: norm, forward: record.forward, backward: record.backward,
            gradientError: record.largestGradientError?.coefficients)
    }

    /// Mean squared one-step error on the validation pairs; infinite where a solve failed.
    private func validationLossOf(_ parameters: [Double]) throws -> Double {
        let total = validation.pairs.count
        let looks = min(settings.validationPairs, total)
        let loss = try validation.value(network, parameters: parameters, over: (0..<looks).map { $0 * total / looks })
        return implicit.monitor.drain().failure == nil ? loss : .infinity
    }

    private func check(_ value: OneStepLoss.Value, _ record: SolveMonitor.Record, step: Int, batch: [Int]) throws {
        if let failure = record.failure {
            throw SeicheError(
                .solver, "training step \(step), pairs \(batch): a \(failure.direction.rawValue) solve \(failure.report.summary)",
                why: "the learned coefficients have grown, or the tolerance is below single precision",
                remedy: "lower training.learning_rate, or raise training.solver_tolerance; the last checkpoint is kept")
        }
        guard value.loss.isFinite, value.gradient.allSatisfy(\.isFinite) else {
            throw SeicheError(
                .model, "training step \(step), pairs \(batch): the loss is \(value.loss) or its gradient is not finite",
                why: "training diverged", remedy: "lower training.learning_rate or training.gradient_clip; the last checkpoint is kept")
        }
    }
}
