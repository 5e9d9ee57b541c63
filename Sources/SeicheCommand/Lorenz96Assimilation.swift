import Assimilation
import Basics
import Configuration
import Dynamics
import Emulators
import ReferenceModels

/// The twin experiments of `seiche assimilate`, side by side.
struct Lorenz96Assimilation: Sendable {
    /// One run, and how it went.
    struct Result: Sendable {
        let run: Experiment.Assimilation.Run
        var statistics = TwinStatistics()
        var iterations = 0.0
        /// The posterior deviation at the window's beginning, root mean square over the ring; of some cycles.
        var posteriorDeviations: [Double] = []
        /// Why it ended early.
        var failure: SeicheError?
    }

    private let wanted: Experiment.Assimilation
    /// What forecasts where no emulator does: of one level, as all that forecast.
    private let model: Lorenz96Model
    private let truth: RecordedRun<Lorenz96State>
    private let experiment: Experiment

    init(_ experiment: Experiment, _ wanted: Experiment.Assimilation) throws {
        self.wanted = wanted
        self.experiment = experiment
        let nature = try Lorenz96Plan(experiment).model
        let stepsBetween = try nature.steps(in: wanted.timeStep ?? nature.timeStep, named: "assimilation.time_step")
        model = try nature.oneLevel(timeStep: wanted.timeStep ?? nature.timeStep)
        let first = nature.initialState(seed: wanted.seed, perturbation: experiment.model.lorenz96?.perturbation ?? 0.01)
        var state = try nature.advance(first, steps: experiment.simulations.spinUpSteps)
        let steps = (wanted.spinUpCycles + wanted.cycles) * (wanted.runs.map { $0.interval * $0.window }.max() ?? 0)
        let sectors = nature.parameters.sectors
        guard Double(steps) * Double(sectors) < Double(1 << 28) else {
            throw SeicheError(
                .invalidInput, "the truth of \(steps) steps of \(sectors) variables takes more than 2 GiB",
                remedy: "lower assimilation.cycles, or a run's interval or window")
        }
        var states = [Lorenz96State(x: state.x)]
        for _ in 0..<steps {
            if Interruption.isRequested { throw SeicheError(.interrupted, "stopped; nothing was written") }
            state = try nature.advance(state, steps: stepsBetween)
            states.append(Lorenz96State(x: state.x))
        }
        truth = RecordedRun(states: states, timeStep: model.timeStep)
    }

    func run(_ runs: [Experiment.Assimilation.Run]) throws -> [Result] {
        let results = Slots<Result>(runs.count)
        let line = SharedProgress("assimilating, cycles", total: runs.count * (wanted.cycles + wanted.spinUpCycles))
        try concurrentForEach(runs.count) { k in results.set(k, try run(runs[k], line)) }
        return results.values
    }

    private func run(_ run: Experiment.Assimilation.Run, _ line: SharedProgress) throws -> Result {
        guard run.scheme.usesEmulator else { return try self.run(run, with: model, line) }
        return try self.run(run, with: emulator(run), line)
    }

    /// - Parameter forecast: what the method takes for the truth's model.
    private func run<Forecast: AdjointModel & TangentLinearModel>(
        _ run: Experiment.Assimilation.Run, with forecast: Forecast, _ line: SharedProgress
    ) throws -> Result where Forecast.State == Lorenz96State {
        let b = try covariance(run)
        let q = run.modelErrorDeviation > 0 ? try diagonal(run.modelErrorDeviation) : nil
        let fourDVar = run.scheme.method == .fourDVar ? run.scheme.fourDVar(forecast, b, modelErrorCovariance: q) : nil
        let method = run.scheme.assimilation(forecast, b, modelErrorCovariance: q)
        let sectors = model.parameters.sectors
        let writer = try Lorenz96AssimilationWriter(
            path: "\(wanted.directory)/\(run.name).nc", run, wanted, title: "Data assimilation \(run.name) of \(experiment.name)", sectors: sectors,
            timeStep: model.timeStep)
        var result = Result(run: run)
        do {
            try twin(run).run(method, cycles: wanted.spinUpCycles + wanted.cycles) { cycle in
                if Interruption.isRequested { throw SeicheError(.interrupted, "stopped; nothing was written of \(run.name)") }
                line.add(1)
                guard cycle.number >= wanted.spinUpCycles else { return }
                result.statistics.add(cycle)
                result.iterations += Double(cycle.analysis.minimisation.map { $0.products + $0.evaluations } ?? 0) / Double(wanted.cycles)
                var variances: [Double]?
                if let fourDVar, let minimisation = cycle.analysis.minimisation, (cycle.number - wanted.spinUpCycles) % 10 == 0 {
                    let linearised = try LinearisedWindow(fourDVar.cost(cycle.window, from: cycle.background), at: minimisation.control)
                    let found = try linearised.exactPosteriorVariances()
                    result.posteriorDeviations.append((found.reduce(0, +) / Double(found.count)).squareRoot())
                    variances = found
                }
                try writer.append(cycle, posteriorVariances: variances)
            }
            try writer.finish()
        } catch let error as SeicheError where error.category == .model {
            // A run that has lost the truth for good; the others are worth having.
            writer.abandon()
            result.failure = error
        }
        return result
    }

    private func twin(_ run: Experiment.Assimilation.Run) -> TwinExperiment<RecordedRun<Lorenz96State>> {
        let (sectors, network) = (model.parameters.sectors, wanted.network)
        return TwinExperiment(
            truth: truth, start: truth.states[0], interval: run.interval, times: run.window, errorDeviation: wanted.observationError, seed: wanted.seed
        ) { time in
            try WeightedComponents(
                stateSize: sectors, components: Array(stride(from: network.rotating ? time % network.every : 0, to: sectors, by: network.every)))
        }
    }

    /// Tests of what 4D-Var differentiates, over the first window.
    func check(_ runs: [Experiment.Assimilation.Run]) throws -> [AssimilationCheck] {
        try runs.filter { $0.scheme.method == .fourDVar }.map { run in
            var first: TwinExperiment<RecordedRun<Lorenz96State>>.Cycle?
            try twin(run).run(FreeRun(model: model), cycles: 1) { first = $0 }
            guard let first else { throw SeicheError(.model, "run \(run.name) has no window") }
            let covariance = try covariance(run)
            func check(_ model: some AdjointModel<Lorenz96State> & TangentLinearModel<Lorenz96State>) throws -> AssimilationCheck {
                try AssimilationCheck(
                    run.name, run.scheme.fourDVar(model, covariance).cost(first.window, from: first.background), adjointTolerance: 1e-14)
            }
            return try run.scheme.usesEmulator ? check(emulator(run)) : check(model)
        }
    }

    private func emulator(_ run: Experiment.Assimilation.Run) throws -> Lorenz96Emulator {
        try TrainedEmulator<Lorenz96Checkpoint>(run.scheme.model, experiment: experiment, timeStep: model.timeStep).checkpoint.emulator()
    }

    private func diagonal(_ deviation: Double) throws -> DiagonalCovariance {
        try DiagonalCovariance(deviations: [Double](repeating: deviation, count: model.parameters.sectors))
    }

    private func covariance(_ run: Experiment.Assimilation.Run) throws -> any ErrorCovariance {
        guard run.correlationLength > 0 else { return try diagonal(run.backgroundDeviation) }
        let sectors = model.parameters.sectors
        return try DiffusionCovariance(
            DiffusionGrid(ring: sectors), deviations: [Double](repeating: run.backgroundDeviation, count: sectors),
            correlationLength: run.correlationLength)
    }

    // MARK: What is printed

    static func report(_ results: [Result], _ wanted: Experiment.Assimilation) -> String {
        let header = [
            "run", "method", "model", "interval", "window", "deviation", "length", "background", "analysis", "+-", "at the end", "+-", "posterior",
            "2J/p", "R", "HBH'", "runs",
        ]
        let rows = results.map { result in
            let (run, statistics) = (result.run, result.statistics)
            let set = [
                run.name, run.scheme.method.rawValue, run.scheme.model, "\(run.interval)", "\(run.window)",
                run.scheme.method == .freeRun ? "" : Text.figure(run.backgroundDeviation),
                run.correlationLength > 0 ? Text.figure(run.correlationLength) : "",
            ]
            guard result.failure == nil else { return set + ["failed"] }
            let (initial, final) = (TwinStatistics.mean(statistics.initialErrors), TwinStatistics.mean(statistics.finalErrors))
            let isVariational = result.iterations > 0
            return set + [
                Text.figure(TwinStatistics.mean(statistics.backgroundErrors).mean), Text.figure(initial.mean), Text.figure(initial.standardError),
                Text.figure(final.mean), Text.figure(final.standardError),
                isVariational ? Text.figure(TwinStatistics.mean(result.posteriorDeviations).mean) : "",
                isVariational ? Text.figure(TwinStatistics.mean(statistics.chiSquares).mean) : "",
                Text.figure(statistics.departures.observationVariance), Text.figure(statistics.departures.backgroundVariance),
                isVariational ? Text.figure(result.iterations) : "",
            ]
        }
        var text = """
            Root mean square errors, means over \(wanted.cycles) cycles with standard errors; observations have errors of \
            \(Text.figure(wanted.observationError))
            \(Text.table([header] + rows))
            background and analysis: at the beginning of windows; at the end: the analysis there, from which the next window begins
            posterior: deviation of the analysis that the Hessian promises; 2J/p: of the minimum, one where B and R are right
            R and HBH': variances that departures tell (Desroziers et al. 2005); runs: of model or tangent-linear with adjoint, a cycle
            """
        for result in results {
            if let failure = result.failure { text += "\n\(result.run.name) lost the truth: \(failure.what)" }
        }
        return text
    }
}
