import Assimilation
import Basics
import Configuration
import Dynamics
import Optimisation

/// The twin experiments of a run of `seiche tune`, its repetitions side by side.
struct TuneStudy<Setting: TuneSetting>: Sendable {
    private let wanted: Experiment.Tuning
    private let setting: Setting

    init(_ wanted: Experiment.Tuning, setting: Setting) { (self.wanted, self.setting) = (wanted, setting) }

    func run(_ run: Experiment.Tuning.Run) throws -> TuneResult {
        guard !run.parameters.isEmpty else {
            throw SeicheError(
                .invalidInput, "run '\(run.name)' estimates nothing", remedy: "give it parameters: [{name: NAME, guess: VALUE, deviation: VALUE}]")
        }
        let names = run.parameters.map(\.name)
        // Refuses what the model does not have, before anything is computed.
        let truth = try setting.truth(run, 0, seed: wanted.seed).model
        _ = try AugmentedModel(setting.model(for: truth), estimating: names)
        let found = Slots<TuneResult.Repetition>(wanted.repetitions)
        let line = SharedProgress("estimating \(run.name), windows", total: run.windows * wanted.repetitions)
        try concurrentForEach(wanted.repetitions) { found.set($0, try repetition(run, $0, line)) }
        return TuneResult(run: run, truth: try AugmentedModel(truth, estimating: names).estimated, repetitions: found.values)
    }

    private func repetition(_ run: Experiment.Tuning.Run, _ index: Int, _ line: SharedProgress) throws -> TuneResult.Repetition {
        let seed = wanted.seed
        let (truthModel, start) = try setting.truth(run, index, seed: seed)
        let observable = setting.observable(truthModel)
        var draw = RandomStream(seed: seed, purpose: "tuning, observed variables", index: index)
        let share = max(1, Int((run.observed * Double(observable.count)).rounded()))
        let components = Array(observable.shuffled(using: &draw).prefix(share)).sorted()
        let size = start.vector.count
        // All runs see the same truths with the same errors.
        var errors = RandomStream(seed: seed, purpose: "tuning, observation errors", index: index)
        var twin = TwinExperiment(
            truth: truthModel, start: start, interval: run.interval, times: run.times, errorDeviation: run.observationError, seed: errors.next()
        ) { _ in try WeightedComponents(stateSize: size, components: components) }
        twin.firstStep = setting.spinUpSteps

        let augmented = try AugmentedModel(setting.model(for: truthModel), estimating: run.parameters.map(\.name))
        let covariance = try setting.stateCovariance(run, truthModel)
        let estimation = ParameterEstimation(
            model: augmented, stateCovariance: covariance,
            minimiser: .gaussNewton(outerLoops: run.iterations, inner: ConjugateGradients(tolerance: 1e-2, maximumIterations: 200)),
            tolerance: run.tolerance, solver: ConjugateGradients(tolerance: 1e-4, maximumIterations: 500))
        var parameters = try ParameterDistribution(
            augmented.transforms, medians: run.parameters.map(\.guess), deviations: run.parameters.map(\.deviation))
        var result = TuneResult.Repetition(parameters: parameters)
        var (truth, background) = (start, start)
        var stream = RandomStream(seed: seed, purpose: "tuning, first guess", index: index)
        let increment = try covariance.root(times: stream.normals(covariance.controlSize))
        background.vector = zip(start.vector, increment).map { $0 + $1 }
        do {
            for number in 0..<run.windows {
                if Interruption.isRequested { throw SeicheError(.interrupted, "stopped; nothing was written") }
                let (window, final) = try twin.window(number, from: truth)
                let estimate = try estimation.estimate(window, from: background, prior: parameters)
                (truth, parameters) = (final, estimate.parameters)
                // A state that is known stays the truth's.
                background = run.stateDeviation > 0 ? estimate.final : final
                result.add(estimate.parameters, estimate.minimisation, observations: window.observationCount)
                line.add(1)
            }
        } catch let error as SeicheError where error.category == .model {
            // One that has lost the truth for good; the others are worth having.
            result.failure = error
        }
        return result
    }
}

/// A run of `seiche tune` and what came of it.
struct TuneResult: Sendable {
    /// One truth and its observations.
    struct Repetition: Sendable {
        /// After the last window.
        var parameters: ParameterDistribution
        /// After each window, each parameter: [window][parameter].
        var estimates: [[Double]] = []
        var deviations: [[Double]] = []
        /// 2 J(min) / p of each window.
        var chiSquares: [Double] = []
        /// Runs of model or tangent-linear with adjoint, for the minima alone.
        var modelRuns = 0
        /// Why it ended early.
        var failure: SeicheError?

        init(parameters: ParameterDistribution) { self.parameters = parameters }

        mutating func add(_ parameters: ParameterDistribution, _ minimisation: Minimisation, observations: Int) {
            self.parameters = parameters
            estimates.append(parameters.medians)
            deviations.append(parameters.deviations)
            chiSquares.append(minimisation.chiSquare(observations: observations))
            modelRuns += minimisation.evaluations + minimisation.products
        }
    }

    let run: Experiment.Tuning.Run
    /// The estimated parameters with the truth's values.
    let truth: [ModelParameter]
    let repetitions: [Repetition]
}
