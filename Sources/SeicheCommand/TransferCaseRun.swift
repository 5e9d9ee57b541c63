import Basics
import Configuration
import Dynamics
import Emulators
import Evaluation
import ReferenceModels

/// The simulations of one transfer case, run in memory with all emulators beside them. Of truth and emulators no more than a state each is held.
struct TransferCaseRun {
    private let name: String
    private let experiment: Experiment
    private let sources: [EmulatorSource]
    private let precision: EmulatorPrecision
    private let simulations: Int
    private let steps: Int

    init(
        _ name: String, _ experiment: Experiment, _ transfer: Experiment.Transfer, _ sources: [EmulatorSource], _ precision: EmulatorPrecision
    ) {
        self.name = name
        self.experiment = experiment
        self.sources = sources
        self.precision = precision
        simulations = transfer.simulations
        steps = max(1, Int((transfer.hours * 3600 / experiment.model.timeStep - 1e-9).rounded(.up)))
    }

    func result() throws -> TransferStudy.Case {
        let scenario = try Scenario(experiment)
        let line = SharedProgress("transfer, \(name), states", total: simulations * (steps + 1))
        let results = Slots<Simulation>(simulations)
        try concurrentForEach(simulations) { index in
            results.set(index, try simulation(index, scenario, line))
        }
        let all = results.values
        let squares = (0..<3).map { channel in
            all.flatMap(\.truth).reduce(0) { $0 + $1[channel] * $1[channel] } / Double(simulations * (steps + 1))
        }
        let own = squares.map { $0.squareRoot() }
        let trials = try (0...sources.count).map { k in
            // Persistence is told in the scales of the first emulator.
            let scales = sources[k < sources.count ? k : 0].checkpoint.scales
            return try outcome { trial(try all.map { try $0.trials[k].get() }, own: own, scales: scales) }
        }
        return TransferStudy.Case(
            name: name, timeStep: experiment.model.timeStep, courantNumber: all.map(\.courantNumber).max() ?? .nan, rootMeanSquares: own,
            trials: trials)
    }

    /// What one simulation left.
    private struct Simulation {
        let courantNumber: Double
        /// RMS of the truth's channels, state by state.
        var truth: [[Double]] = []
        var trials: [Result<Outcome, SeicheError>] = []
    }

    private struct Outcome {
        let stepErrors: [[Double]]
        let stepFailure: String?
        let forecast: ForecastRecord

        init<Model>(_ trial: SimulationTrial<Model>) {
            (stepErrors, stepFailure, forecast) = (trial.stepErrors, trial.stepFailure, trial.forecasts[0])
        }
    }

    private func simulation(_ index: Int, _ scenario: Scenario, _ line: SharedProgress) throws -> Simulation {
        let (model, start) = try scenario.spunUp(.test, index)
        let grid = model.grid
        let masks = ChannelMasks(grid)
        var found = Simulation(courantNumber: model.courantNumber)
        var trials = try sources.map { source in
            try outcome {
                let emulator = try source.checkpoint.emulator(on: grid, timeStep: model.timeStep, precision: precision)
                return SimulationTrial(emulator, grid: grid, leadSteps: steps, starts: [0])
            }
        }
        var persistence = SimulationTrial(Persistence<ShallowWaterState>(timeStep: model.timeStep), grid: grid, leadSteps: steps, starts: [0])
        var state = start
        for step in 0...steps {
            try Interruption.check()
            if step > 0 { state = try model.step(state, number: experiment.simulations.spinUpSteps + step - 1) }
            found.truth.append(masks.rootMeanSquares(state))
            persistence.observe(state)
            for k in trials.indices {
                guard case .success(var trial) = trials[k] else { continue }
                trial.observe(state)
                trials[k] = .success(trial)
            }
            line.add(1)
        }
        found.trials = trials.map { $0.map { Outcome($0) } } + [.success(Outcome(persistence))]
        return found
    }

    private func trial(_ outcomes: [Outcome], own: [Double], scales: ChannelScales) -> TransferStudy.Trial {
        func skill(_ scales: ChannelScales) -> TransferStudy.Trial.Skill {
            let forecasts = ForecastSkill(outcomes.map(\.forecast), scales: scales)
            return .init(
                oneStep: OneStepSkill(outcomes.map(\.stepErrors), scales: scales).statistics, error: forecasts.error,
                relativeMassDrift: forecasts.relativeMassDrift)
        }
        return TransferStudy.Trial(
            own: skill(ChannelScales(zeta: own[0], u: own[1], v: own[2], depth: scales.depth)), training: skill(scales),
            failures: [
                outcomes.compactMap(\.stepFailure).first.map { "single steps: \($0)" },
                outcomes.compactMap(\.forecast.failure).first.map { "forecast: \($0)" },
            ].compactMap(\.self))
    }
}

/// What comes of work that may not be possible: its value, or what it said.
private func outcome<Value>(_ work: () throws -> Value) throws -> Result<Value, SeicheError> {
    do { return .success(try work()) } catch let error as SeicheError { return .failure(error) }
}

extension ShallowWaterModel {
    /// sqrt(g h) dt / min(dx, dy) at the deepest cell: how many cells the fastest wave crosses in a step.
    var courantNumber: Double {
        let deepest = grid.depth.max() ?? 0
        return (parameters.gravity * deepest).squareRoot() * timeStep / min(grid.dx, grid.dy)
    }
}
