import Basics
import Configuration
import Dynamics
import Emulators
import Foundation
import Layers
import Optimisation
import Training

/// Weights of a subgrid term from data, by Levenberg-Marquardt.
struct SubgridFitting: Sendable {
    let training: SubgridData
    let validation: SubgridData
    let scales: Lorenz96Scales
    let forcing: Double
    let timeStep: Double
    let wanted: Experiment.Subgrid

    struct Outcome: Sendable {
        let parameters: [Double]
        /// Wall clock, s.
        let seconds: Double
    }

    /// To the tendencies that the one-level model lacks, state by state.
    func offline(_ term: SubgridTerm) throws -> Outcome {
        var layout = ParameterLayout()
        guard let block = term.block(in: &layout) else { return Outcome(parameters: [], seconds: 0) }
        return try fit(
            block, pairs(training), pairs(validation), start: layout.initialParameters(seed: wanted.seed).scalars, wanted.offline,
            "fitting offline, steps")
    }

    /// To the states after 1, 2, ... steps of the one-level model with the term, from the true ones.
    func online(_ term: SubgridTerm, from start: [Double]) throws -> Outcome {
        try fit(
            step(term), windows(training), windows(validation), start: start,
            wanted.online, "fitting online, steps")
    }

    private func fit(
        _ block: any Block, _ training: RingSequences, _ validation: RingSequences, start: [Double], _ fit: Experiment.Subgrid.Fit, _ title: String
    ) throws -> Outcome {
        let settings = TrainingSettings(
            seed: wanted.seed, steps: fit.steps, batchSize: min(fit.batchSize, training.count),
            optimiser: .levenbergMarquardt(LevenbergMarquardt.Settings()), validateEvery: 1, validationSamples: 1000)
        let trainer = try Trainer(
            training: SequenceLoss<Double>(step: block, sequences: training), validation: SequenceLoss<Double>(step: block, sequences: validation),
            settings: settings)
        var state = TrainingState(parameters: start, settings: settings)
        let line = ProgressLine(title, total: fit.steps)
        let begin = Date()
        try trainer.run(&state) { progress, _ in
            if Interruption.isRequested { throw SeicheError(.interrupted, "stopped; nothing was written") }
            line.update(progress.step, detail: "error \(Text.figure(progress.loss.squareRoot()))")
            return true
        }
        return Outcome(parameters: state.best, seconds: Date().timeIntervalSince(begin))
    }

    /// Root mean square of what the term misses of the tendencies.
    func tendencyError(_ term: SubgridTerm, _ parameters: [Double]) throws -> Double {
        var layout = ParameterLayout()
        let pairs = try pairs(validation)
        let block = term.block(in: &layout) ?? Nothing()
        return try error(block, pairs, parameters)
    }

    /// Root mean square error over the states of a window.
    func windowError(_ term: SubgridTerm, _ parameters: [Double]) throws -> Double {
        try error(step(term), windows(validation), parameters)
    }

    /// Of the one-level model with a term.
    private func step(_ term: SubgridTerm) -> any Block { network(term).step(timeStep: timeStep, scales: scales).block }

    func network(_ term: SubgridTerm) -> Lorenz96Network { .subgrid(term, forcing: forcing) }

    private func error(_ block: any Block, _ sequences: RingSequences, _ parameters: [Double]) throws -> Double {
        let samples = min(1000, sequences.count)
        let loss = try SequenceLoss<Double>(step: block, sequences: sequences)
            .value(parameters, over: (0..<samples).map { $0 * sequences.count / samples })
        return scales.deviation * loss.squareRoot()
    }

    /// States and what is lacking at them as sequences of one step, which the term's block takes.
    private func pairs(_ data: SubgridData) throws -> RingSequences {
        let sequences = zip(data.states.lazy.joined(), data.lacking.lazy.joined()).map { state, lacking in
            // Sequences are normalised as states are, a tendency by the deviation alone.
            [state, Lorenz96State(x: lacking.x.map { $0 + scales.mean })]
        }
        return try RingSequences(sequences, scales: scales, steps: 1, reach: 0)
    }

    private func windows(_ data: SubgridData) throws -> RingSequences {
        try RingSequences(data.states, scales: scales, steps: wanted.window, reach: network(.none).reach)
    }
}

/// The term of a model without one.
private struct Nothing: Block {
    func callAsFunction<Field: FieldAlgebra>(_ x: Field, _ weights: Weights<Field>) -> Field { x.scaled(by: 0) }
}
