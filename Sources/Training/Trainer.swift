import Basics
import Emulators
import Layers
import Optimisation
import StencilSolvers

/// Lowers an objective over training samples, and keeps the weights that do best on validation samples.
public struct Trainer: Sendable {
    public let settings: TrainingSettings
    let training: any TrainingObjective
    private let validation: any TrainingObjective
    private let forecasts: (any ValidationMeasure)?
    let variables: any ChangeOfVariables
    /// Parameters that weight decay concerns.
    let decayed: [Range<Int>]
    /// Ranges of weights that a ridge holds small.
    let dispensable: [Range<Int>]

    /// - Parameters:
    ///   - forecasts: looked at beside the validation samples; must be there where the settings judge by them.
    ///   - variables: in which the optimiser works.
    ///   - decayed: parameters that weight decay concerns; biases should not be among them.
    public init(
        training: any TrainingObjective, validation: any TrainingObjective, forecasts: (any ValidationMeasure)? = nil,
        variables: any ChangeOfVariables = SameVariables(), decayed: [Range<Int>] = [], dispensable: [Range<Int>] = [], settings: TrainingSettings
    ) throws {
        try settings.check()
        guard forecasts != nil || settings.judgement != .forecast else {
            throw SeicheError(.invalidInput, "the training is to be judged by forecasts, but makes none", remedy: "say how many steps they have")
        }
        self.settings = settings
        self.training = training
        self.validation = validation
        self.forecasts = forecasts
        self.variables = variables
        self.decayed = decayed
        self.dispensable = dispensable
    }

    /// A network's normalised steps, over windows of states.
    ///
    /// - Parameters:
    ///   - training, validation: windows of any length; the loss takes its own from their simulations.
    ///   - solverTolerance: relative residual of implicit solves, forward and backward.
    ///   - loss: one step by default. Validation always looks as far ahead as the end of the training does.
    ///   - tangents: of the reference model at the training windows' states, for a loss with a tangent weight. Validation does without.
    ///   - forecasts: steps of each forecast of a validation simulation, and forecasts of each; nil for none.
    public init(
        network: some EmulatorNetwork, training: TrainingWindows, validation: TrainingWindows, solverTolerance: Double,
        loss: RolloutSettings = RolloutSettings(), tangents: (any ReferenceTangents)? = nil, forecasts: (steps: Int, starts: Int)? = nil, settings: TrainingSettings
    ) throws {
        for simulation in training.simulations + validation.simulations { try simulation.checkFits(network) }
        let implicit = LinearImplicit(solver: GaussSeidel(tolerance: solverTolerance))
        if loss.gradient == .pushforward, loss.horizon.final > 1 {
            switch settings.optimiser {
            case .adam, .soap: break
            case .levenbergMarquardt, .lbfgs:
                throw SeicheError(
                    .invalidInput, "\(settings.optimiser.name) cannot lower a loss with the pushforward trick",
                    why: "its gradient leaves out how the forecast's states depend on the weights, so that the loss does not fall as a step promises",
                    remedy: "use Adam, or let the gradient go through all steps")
            }
        }
        var judged = loss
        judged.tangentWeight = 0
        try self.init(
            training: RolloutLoss(loss, network: network, windows: training, tangents: tangents, implicit: implicit),
            validation: RolloutLoss(judged, network: network, windows: validation, implicit: implicit),
            forecasts: forecasts.map {
                try ForecastError(network: network, simulations: validation, steps: $0.steps, starts: $0.starts, implicit: implicit)
            },
            variables: PatchPreconditioner(network, windows: training),
            decayed: network.layout.blocks.filter { !$0.name.hasSuffix(".bias") }.map(\.range), dispensable: network.dispensableWeights,
            settings: settings)
    }

    /// Seeded weights.
    public func initialState(_ layout: ParameterLayout) -> TrainingState {
        TrainingState(parameters: layout.initialParameters(seed: settings.seed).scalars, settings: settings)
    }

    /// Whether nothing is left to be done: all steps, or the validation has not improved for as long as the settings' patience.
    public func hasEnded(_ state: TrainingState) -> Bool {
        state.step >= settings.steps || state.looksSinceBest >= settings.patience ?? .max
    }

    /// Trains from `state` until it has ended.
    ///
    /// - Parameter report: called after every step; returning false stops there, with the state as it is.
    public func run(_ state: inout TrainingState, report: (TrainingProgress, TrainingState) throws -> Bool) throws {
        while !hasEnded(state) {
            let progress = try advance(&state)
            if try !report(progress, state) { return }
        }
    }

    private func advance(_ state: inout TrainingState) throws -> TrainingProgress {
        var optimiser = state.optimiser
        let outcome = try update(&optimiser, at: state)
        state.optimiser = optimiser
        if let rate = outcome.decayRate { WeightDecay(decay: rate.decay, ranges: decayed).apply(to: &state.parameters, rate: rate.rate) }
        add(1, variables.weights(outcome.step), to: &state.parameters)
        state.step += 1
        state.average?.add(state.parameters, update: state.step)
        var validation: TrainingProgress.Validation?
        if state.step % settings.validateEvery == 0 || state.step == settings.steps {
            let look = try look(at: state.judged)
            state.take(score: settings.judgement == .forecast ? look.forecastError ?? .infinity : look.loss)
            validation = look
        }
        return TrainingProgress(
            step: state.step, steps: settings.steps, loss: outcome.loss, validation: validation, update: outcome.update,
            forward: outcome.record.forward, backward: outcome.record.backward, gradientError: outcome.record.largestGradientError?.coefficients)
    }

    private func look(at parameters: [Double]) throws -> TrainingProgress.Validation {
        let total = validation.sampleCount
        let looks = min(settings.validationSamples, total)
        let loss = try validation.value(parameters, over: (0..<looks).map { $0 * total / looks })
        let isWhole = validation.drainSolves().failure == nil && loss.isFinite
        return try TrainingProgress.Validation(loss: isWhole ? loss : .infinity, forecastError: forecasts?.error(parameters))
    }
}
