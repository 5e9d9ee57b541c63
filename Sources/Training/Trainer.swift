import Basics
import Emulators
import Layers
import Optimisation
import StencilSolvers

/// Lowers an objective over training samples, and keeps the weights that do best on validation samples.
public struct Trainer: Sendable {
    public let settings: TrainingSettings
    private let training: any TrainingObjective
    private let validation: any TrainingObjective
    private let variables: any ChangeOfVariables

    /// - Parameter variables: in which the optimiser works.
    public init(
        training: any TrainingObjective, validation: any TrainingObjective, variables: any ChangeOfVariables = SameVariables(),
        settings: TrainingSettings
    ) throws {
        try settings.check()
        self.settings = settings
        self.training = training
        self.validation = validation
        self.variables = variables
    }

    /// One normalised step of a network, over pairs of states.
    ///
    /// - Parameter solverTolerance: relative residual of implicit solves, forward and backward.
    public init(
        network: some EmulatorNetwork, training: TrainingPairs, validation: TrainingPairs, solverTolerance: Double, settings: TrainingSettings
    ) throws {
        for simulation in training.simulations + validation.simulations { try simulation.checkFits(network) }
        let implicit = LinearImplicit(solver: GaussSeidel(tolerance: solverTolerance))
        try self.init(
            training: OneStepLoss(network: network, pairs: training, implicit: implicit),
            validation: OneStepLoss(network: network, pairs: validation, implicit: implicit),
            variables: PatchPreconditioner(network.inputLayers, pairs: training), settings: settings)
    }

    /// Seeded weights.
    public func initialState(_ layout: ParameterLayout) -> TrainingState {
        TrainingState(parameters: layout.initialParameters(seed: settings.seed).scalars, optimiser: settings.optimiser)
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
        let batch = SampleOrder.batch(step: state.step, size: settings.batchSize, of: training.sampleCount, seed: settings.seed)
        var optimiser = state.optimiser
        let outcome: Outcome
        switch (settings.optimiser, optimiser) {
        case (.adam(let schedule, let clip), .adam(var adam)):
            outcome = try descend(state, batch, &adam, rate: schedule.rate(at: state.step), clip: clip)
            optimiser = .adam(adam)
        case (.levenbergMarquardt, .levenbergMarquardt(var method)):
            outcome = try solve(state, batch, &method)
            optimiser = .levenbergMarquardt(method)
        default:
            throw SeicheError(
                .invalidInput, "the training's state is of another optimiser than its settings", remedy: "start the training anew")
        }
        state.optimiser = optimiser
        add(1, variables.weights(outcome.step), to: &state.parameters)
        state.step += 1
        var validationLoss: Double?
        if state.step % settings.validateEvery == 0 || state.step == settings.steps {
            let loss = try validationLossOf(state.parameters)
            if loss < state.bestLoss { (state.best, state.bestLoss) = (state.parameters, loss) }
            validationLoss = loss
        }
        return TrainingProgress(
            step: state.step, steps: settings.steps, loss: outcome.loss, validationLoss: validationLoss, update: outcome.update,
            forward: outcome.record.forward, backward: outcome.record.backward, gradientError: outcome.record.largestGradientError?.coefficients)
    }

    /// What an optimiser made of a batch.
    private struct Outcome {
        let loss: Double
        /// In `variables`.
        let step: [Double]
        let update: TrainingProgress.Update
        let record: SolveMonitor.Record
    }

    private func descend(
        _ state: TrainingState, _ batch: [Int], _ adam: inout Adam, rate: Double, clip: Double
    ) throws -> Outcome {
        let value = try training.valueWithGradient(state.parameters, batch: batch)
        let record = training.drainSolves()
        try check(value.loss, value.gradient, record, step: state.step, batch: batch, remedy: "lower the learning rate or training.gradient_clip")
        let gradient = variables.gradient(value.gradient)
        let length = norm(gradient)
        let shrink = min(1, clip / max(length, .leastNormalMagnitude))
        return Outcome(
            loss: value.loss, step: adam.step(gradient: gradient.map { $0 * shrink }, rate: rate),
            update: .adam(learningRate: rate, gradientNorm: length), record: record)
    }

    private func solve(_ state: TrainingState, _ batch: [Int], _ method: inout LevenbergMarquardt) throws -> Outcome {
        let model = try training.localModel(state.parameters, batch: batch, variables: variables)
        let remedy = "use another seed, or train some steps with Adam first"
        try check(model.value, model.gradient, training.drainSolves(), step: state.step, batch: batch, remedy: remedy)
        var record = SolveMonitor.Record()
        let (step, report) = try method.step(from: model) { step in
            // Of the inner products: their failures are failures of the training, those at the step that is tried only of the step.
            record = training.drainSolves()
            try check(model.value, model.gradient, record, step: state.step, batch: batch, remedy: remedy)
            var parameters = state.parameters
            add(1, variables.weights(step), to: &parameters)
            let value = try training.value(parameters, over: batch)
            return training.drainSolves().failure == nil ? value : .infinity
        }
        return Outcome(loss: model.value, step: step, update: .levenbergMarquardt(report), record: record)
    }

    /// Mean loss of the validation samples; infinite where a solve failed.
    private func validationLossOf(_ parameters: [Double]) throws -> Double {
        let total = validation.sampleCount
        let looks = min(settings.validationSamples, total)
        let loss = try validation.value(parameters, over: (0..<looks).map { $0 * total / looks })
        return validation.drainSolves().failure == nil ? loss : .infinity
    }

    private func check(
        _ loss: Double, _ gradient: [Double], _ record: SolveMonitor.Record, step: Int, batch: [Int], remedy: String
    ) throws {
        if let failure = record.failure {
            throw SeicheError(
                .solver, "training step \(step), samples \(batch): a \(failure.direction.rawValue) solve \(failure.report.summary)",
                why: "the learned coefficients have grown, or the tolerance is below single precision",
                remedy: "\(remedy), or raise training.solver_tolerance; the last checkpoint is kept")
        }
        guard loss.isFinite, gradient.allSatisfy(\.isFinite) else {
            throw SeicheError(
                .model, "training step \(step), samples \(batch): the loss is \(loss) or its gradient is not finite",
                why: "training diverged", remedy: "\(remedy); the last checkpoint is kept")
        }
    }
}
