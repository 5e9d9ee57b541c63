import Assimilation
import Basics
import Configuration
import Dynamics
import Emulators
import ReferenceModels
import StencilSolvers

/// The twin experiments of `seiche assimilate` with the shallow-water model, side by side.
///
/// Every case has a truth and, as first background, another simulation from the same bed, which knows nothing of the truth: its errors are
/// differences of simulations, and B is estimated from differences of others.
struct ShallowWaterAssimilation: Sendable {
    let experiment: Experiment
    let wanted: Experiment.SeaAssimilation
    let grid: ShallowWaterGrid
    let errorStatistics: ShallowWaterErrorStatistics
    private let model: ShallowWaterModel
    /// Of every case, where the first window begins.
    private let starts: [(truth: ShallowWaterState, background: ShallowWaterState)]

    init(_ experiment: Experiment, _ wanted: Experiment.SeaAssimilation) throws {
        let scenario = try Scenario(experiment)
        let grid = try scenario.start(.test, 0).grid
        let model = try scenario.model(on: grid)
        // Validation simulations are as smooth as test ones, and share no bump with them.
        let states = Slots<ShallowWaterState>(2 * (wanted.cases + wanted.background.pairs))
        let line = SharedProgress("simulating", total: 2 * (wanted.cases + wanted.background.pairs))
        try concurrentForEach(2 * (wanted.cases + wanted.background.pairs)) { k in
            let start = try k < 2 * wanted.cases ? scenario.start(.test, k) : scenario.start(.validation, k - 2 * wanted.cases)
            var state = ShallowWaterState(nx: grid.nx, ny: grid.ny)
            state.zeta = zip(start.state.zeta, grid.wet).map { $1 ? $0 : 0 }
            states.set(k, try model.advance(state, steps: wanted.spinUpSteps).state)
            line.add(1)
        }
        let all = states.values
        (self.experiment, self.wanted, self.grid, self.model) = (experiment, wanted, grid, model)
        starts = (0..<wanted.cases).map { (all[2 * $0], all[2 * $0 + 1]) }
        errorStatistics = try ShallowWaterErrorStatistics(
            grid,
            errors: (wanted.cases..<wanted.cases + wanted.background.pairs).map { pair in
                var error = all[2 * pair]
                error.vector = zip(error.vector, all[2 * pair + 1].vector).map(-)
                return error
            }, places: wanted.background.places == .byDepth ? .byDepth : .uniform)
    }

    /// One run in one case.
    struct CaseResult: Sendable {
        var cycles: [TwinExperiment<ShallowWaterModel>.Cycle] = []
        /// After the last window, one for each observation interval, the first at the window's end.
        var forecastErrors: [ShallowWaterErrors.Size] = []
        /// Of one core, for all windows and the forecast.
        var seconds = 0.0
        /// Why it ended early.
        var failure: SeicheError?
    }

    func run(_ runs: [Experiment.SeaAssimilation.Run]) throws -> ShallowWaterAssimilationResults {
        let covariances = try runs.map(covariance)
        let results = Slots<CaseResult>(runs.count * wanted.cases)
        let line = SharedProgress("assimilating, windows", total: runs.count * wanted.cases * wanted.cycles)
        try concurrentForEach(runs.count * wanted.cases) { k in
            results.set(k, try result(runs[k / wanted.cases], covariances[k / wanted.cases], case: k % wanted.cases, line))
        }
        let all = results.values
        return ShallowWaterAssimilationResults(
            assimilation: self,
            runs: runs.enumerated().map { index, run in
                .init(settings: run, cases: Array(all[index * wanted.cases..<(index + 1) * wanted.cases]))
            })
    }

    private func result(
        _ run: Experiment.SeaAssimilation.Run, _ covariance: any ErrorCovariance, case index: Int, _ line: SharedProgress
    ) throws -> CaseResult {
        guard run.scheme.usesEmulator else { return try result(run, with: model, covariance, case: index, line) }
        return try result(run, with: emulator(run), covariance, case: index, line)
    }

    private func emulator(_ run: Experiment.SeaAssimilation.Run) throws -> ShallowWaterEmulator {
        let isSingle = run.scheme.precision == .single
        // In double precision solves are as good as the Fortran model's; in single rounding ends some above the default, 1e-6.
        return try EmulatorSource(run.scheme.model, experiment: experiment).checkpoint.emulator(
            on: grid, timeStep: experiment.model.timeStep, precision: isSingle ? .single : .double,
            solver: GaussSeidel(tolerance: isSingle ? 1e-5 : experiment.model.solverTolerance))
    }

    /// - Parameter forecast: what the method takes for the truth's model.
    private func result<Forecast: AdjointModel & TangentLinearModel>(
        _ run: Experiment.SeaAssimilation.Run, with forecast: Forecast, _ covariance: any ErrorCovariance, case index: Int, _ line: SharedProgress
    ) throws -> CaseResult where Forecast.State == ShallowWaterState {
        let twin = twin(case: index)
        var result = CaseResult()
        let began = ProcessorTime.ofThread
        do {
            try twin.run(run.scheme.assimilation(forecast, covariance), cycles: wanted.cycles) { cycle in
                if Interruption.isRequested { throw SeicheError(.interrupted, "stopped; nothing was written of \(run.name)") }
                result.cycles.append(cycle)
                line.add(1)
            }
            if let last = result.cycles.last { result.forecastErrors = try forecastErrors(forecast, from: last) }
        } catch let error as SeicheError where error.category == .model || error.category == .solver {
            // A run that has lost the truth for good; the others are worth having.
            result.failure = error
        }
        result.seconds = ProcessorTime.ofThread - began
        return result
    }

    private func twin(case index: Int) -> TwinExperiment<ShallowWaterModel> {
        var twin = TwinExperiment(
            truth: model, start: starts[index].truth, interval: wanted.interval, times: wanted.window, errorDeviation: wanted.observations.deviation,
            seed: seed(ofCase: index)
        ) { time in try WeightedComponents(grid, points: observedPoints(case: index, time: time)) }
        twin.firstStep = wanted.spinUpSteps
        twin.firstBackground = starts[index].background
        return twin
    }

    /// Tests of what 4D-Var differentiates, over the first window of the first case.
    func check(_ runs: [Experiment.SeaAssimilation.Run]) throws -> [AssimilationCheck] {
        var first: TwinExperiment<ShallowWaterModel>.Cycle?
        try twin(case: 0).run(FreeRun(model: model), cycles: 1) { first = $0 }
        guard let first else { return [] }
        return try runs.filter { $0.scheme.method == .fourDVar }.map { run in
            let covariance = try covariance(run)
            func check(_ model: some AdjointModel<ShallowWaterState> & TangentLinearModel<ShallowWaterState>) throws -> AssimilationCheck {
                try AssimilationCheck(
                    run.name, run.scheme.fourDVar(model, covariance).cost(first.window, from: first.background), adjointTolerance: 1e-12)
            }
            return run.scheme.usesEmulator ? try check(emulator(run)) : try check(model)
        }
    }

    private func covariance(_ run: Experiment.SeaAssimilation.Run) throws -> any ErrorCovariance {
        try errorStatistics.covariance(
            on: grid, velocities: wanted.background.velocities == .potential ? .potential : .independent, factor: run.backgroundFactor,
            seed: wanted.seed)
    }

    /// Cases have places and errors of their own.
    private func seed(ofCase index: Int) -> UInt64 { wanted.seed &+ UInt64(index) &* 1_000_003 }

    /// - Parameter time: number of the observation time in the case.
    func observedPoints(case index: Int, time: Int) throws -> [ObservedPoint] {
        let observations = wanted.observations
        return try ObservedPoint.random(
            .zeta, share: observations.share, on: grid, seed: seed(ofCase: index), index: observations.moving ? time : 0)
    }

    private func forecastErrors(
        _ forecast: some DynamicalModel<ShallowWaterState>, from cycle: TwinExperiment<ShallowWaterModel>.Cycle
    ) throws -> [ShallowWaterErrors.Size] {
        let errors = ShallowWaterErrors(grid)
        var (state, truth) = (cycle.analysis.final, cycle.truth.final)
        var found = [errors.size(state, truth)]
        let end = cycle.window.firstStep + cycle.window.steps
        for step in stride(from: 0, to: wanted.forecastSteps, by: wanted.interval) {
            let steps = min(wanted.interval, wanted.forecastSteps - step)
            state = try forecast.advanced(state, steps: steps, firstStep: end + step)
            truth = try model.advance(truth, steps: steps, firstStep: end + step).state
            found.append(errors.size(state, truth))
        }
        return found
    }
}
