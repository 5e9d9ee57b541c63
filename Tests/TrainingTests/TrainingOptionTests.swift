import Basics
import Emulators
import Layers
import Optimisation
import StencilSolvers
import TestSupport
import Testing
import Training

/// What a training may do beside following Adam over one step.
@Suite struct TrainingOptionTests {
    private let kind = kinds[0]

    private func run(_ trainer: Trainer, steps: Int? = nil) throws -> (state: TrainingState, progress: [TrainingProgress]) {
        var state = trainer.initialState(try kind.network().layout)
        var seen: [TrainingProgress] = []
        try trainer.run(&state) { progress, reached in
            seen.append(progress)
            return reached.step != steps
        }
        return (state, seen)
    }

    private func with(_ optimiser: OptimiserSettings, steps: Int, batchSize: Int = 8) -> TrainingSettings {
        TrainingSettings(seed: 1, steps: steps, batchSize: batchSize, optimiser: optimiser, validateEvery: 5, validationSamples: 8)
    }

    // MARK: Ridge

    /// A ridge as large as the loss holds small what the network can do without, and nothing else.
    @Test func aRidgeHoldsDispensableWeightsSmall() throws {
        let network = try kind.network()
        let ranges = network.dispensableWeights
        // Taps of depth and mask in two speeds; all of four coefficients, of two products' factors and of their six sums; constants of products and speeds.
        let count = ranges.map(\.count).reduce(0, +)
        #expect(count == 36 + 180 + 54 + 90 + 12 + 2 + 2)
        func size(_ ridge: Double) throws -> (dispensable: Double, others: Double) {
            var settings = with(.levenbergMarquardt(LevenbergMarquardt.Settings(solver: ConjugateGradients(tolerance: 1e-6, maximumIterations: 200))), steps: 12)
            settings.ridge = ridge
            let state = try run(trainer(kind, settings)).state
            let dispensable = ranges.joined().reduce(0) { $0 + state.parameters[$1] * state.parameters[$1] }
            return (dispensable, state.parameters.reduce(0) { $0 + $1 * $1 } - dispensable)
        }
        let (held, free) = (try size(1), try size(0))
        #expect(measured("squares of dispensable weights, ridge", held.dispensable) < 0.05 * measured("none", free.dispensable))
        #expect(held.others > 1)
    }

    // MARK: Going on

    private static let optimisers: [OptimiserSettings] = [
        .adam(
            schedule: LearningRateSchedule(peak: 5e-3, final: 5e-3, warmUpSteps: 2, steps: 12), gradientClip: 1, weightDecay: 0.1,
            plateau: PlateauReduction.Settings(factor: 0.5, patience: 1, threshold: 0.9)),
        .levenbergMarquardt(LevenbergMarquardt.Settings(solver: ConjugateGradients(tolerance: 1e-4, maximumIterations: 5))),
        .soap(
            SOAP.Settings(matrices: [SOAP.Matrix(range: 0..<60, rows: 6, columns: 10)], refreshEvery: 3),
            schedule: LearningRateSchedule(peak: 5e-3, final: 5e-3, warmUpSteps: 2, steps: 12), gradientClip: 1, weightDecay: 0.1,
            plateau: PlateauReduction.Settings(factor: 0.5, patience: 1, threshold: 0.9)),
        .lbfgs(LBFGS.Settings(memory: 3)), .lbfgs(LBFGS.Settings(memory: 3), renewBatchEvery: 5),
    ]

    /// Nothing but what a checkpoint holds goes from one trainer to the next, wherever the first stops: with horizons that grow, averages and
    /// plateaus.
    @Test(arguments: optimisers) func resumedIsUninterrupted(_ optimiser: OptimiserSettings) throws {
        var settings = with(optimiser, steps: 12)
        settings.validateEvery = 2
        settings.averageDecay = 0.9
        let loss = RolloutSettings(horizon: ForecastHorizon(first: 1, final: 3, growthSteps: 9))
        let whole = try run(trainer(kind, settings, loss: loss)).state
        for pause in [1, 4, 5, 6, 11] {
            let first = try run(trainer(kind, settings, loss: loss), steps: pause).state
            #expect(first.step == pause)
            var second = try #require(
                TrainingState(parameters: first.parameters, settings: settings, numbers: first.numbers, vectors: first.vectors))
            #expect(second == first)
            try trainer(kind, settings, loss: loss).run(&second) { _, _ in true }
            #expect(second == whole, "paused after step \(pause)")
        }
    }

    @Test func aStateThatLacksSomethingIsNone() throws {
        for optimiser in Self.optimisers {
            var settings = with(optimiser, steps: 3)
            settings.averageDecay = 0.9
            let state = try run(trainer(kind, settings)).state
            for name in state.numbers.keys where name != "lbfgs_value" {
                let left = state.numbers.filter { $0.key != name }
                #expect(TrainingState(parameters: state.parameters, settings: settings, numbers: left, vectors: state.vectors) == nil, "\(name)")
            }
            for name in state.vectors.keys where name != "lbfgs_gradient" {
                let left = state.vectors.filter { $0.key != name }
                #expect(TrainingState(parameters: state.parameters, settings: settings, numbers: state.numbers, vectors: left) == nil, "\(name)")
            }
        }
    }

    // MARK: L-BFGS

    @Test func lbfgsLowersItsBatchAtEveryStepAndTheValidation() throws {
        let (state, progress) = try run(trainer(kind, with(.lbfgs(LBFGS.Settings()), steps: 60, batchSize: 32)))
        let losses = progress.map(\.loss)
        #expect(zip(losses, losses.dropFirst()).allSatisfy { $0 >= $1 })
        #expect(measured("training loss falls to the share", losses[59] / losses[0]) < 0.35)
        #expect(measured("validation loss falls to the share", state.bestScore / (progress[4].validation?.loss ?? 0)) < 0.5)
        #expect(progress.allSatisfy { if case .lbfgs(let report) = $0.update { report.satisfiesWolfe && report.length > 0 } else { false } })
        // The function where a step ended is not evaluated again: 1 evaluation where the first length is right.
        let evaluations = progress.dropFirst().map { if case .lbfgs(let report) = $0.update { report.evaluations } else { 0 } }
        #expect(evaluations.min() == 1 && progress[3].forward.solves >= 32)
    }

    @Test func lbfgsKeepsItsBatchUntilItIsRenewed() throws {
        // With steps that are the function's own, the loss before a step is that after the step before, unless the batch has changed.
        for (every, changes) in [(nil, []), (4, [4, 8])] as [(Int?, [Int])] {
            let (_, progress) = try run(trainer(kind, with(.lbfgs(LBFGS.Settings(), renewBatchEvery: every), steps: 11)))
            let after = progress.map { if case .lbfgs(let report) = $0.update { report.after } else { Double.nan } }
            #expect((1..<11).filter { progress[$0].loss != after[$0 - 1] } == changes)
        }
    }

    /// Where the loss becomes another one, what the method knows of the last one's value is of no use.
    @Test func lbfgsLooksAnewWhereTheHorizonGrows() throws {
        let waves = LinearWaves(grid: try flatGrid())
        let horizon = ForecastHorizon(first: 1, final: 3, growthSteps: 6)
        let implicit = LinearImplicit(solver: GaussSeidel(tolerance: 1e-5))
        let loss = try RolloutLoss(
            RolloutSettings(horizon: horizon), network: FluxFormImplicitNet(products: 2, stresses: 2), windows: waves.windows(0..<4),
            implicit: implicit)
        let growing = try trainer(kind, with(.lbfgs(LBFGS.Settings()), steps: 9), loss: RolloutSettings(horizon: horizon))
        var state = growing.initialState(try kind.network().layout)
        var before = state.parameters
        try growing.run(&state) { progress, reached in
            let stage = loss.stage(at: progress.step - 1)
            let batch = SampleOrder.batch(step: 0, size: 8, of: stage.sampleCount, seed: 1)
            let value = try stage.value(before, over: batch)
            #expect(abs(value - progress.loss) < 1e-5 * value, "step \(progress.step)")
            before = reached.parameters
            return true
        }
    }

    @Test func pushforwardNeedsAnOptimiserThatAsksForNoDecrease() throws {
        let loss = RolloutSettings(horizon: ForecastHorizon(3), gradient: .pushforward)
        for optimiser in [.lbfgs(LBFGS.Settings()), .levenbergMarquardt(LevenbergMarquardt.Settings())] as [OptimiserSettings] {
            #expect(complaint(.invalidInput, optimiser.name, "pushforward", "Adam") {
                _ = try trainer(kind, with(optimiser, steps: 3), loss: loss)
            } == nil)
        }
        let (_, progress) = try run(trainer(kind, settings(steps: 200), loss: loss))
        let last = progress.suffix(10).reduce(0) { $0 + $1.loss } / 10
        #expect(measured("pushforward loss falls to the share", last / progress[0].loss) < 0.8)
    }

    // MARK: Decay, averages, plateaus

    @Test func decayActsBesideTheStep() throws {
        // After one step, from the same start: the difference of both is the decay of what is no bias, rate times decay times weight.
        let plain = try trainer(kind, settings(steps: 1))
        let start = plain.initialState(try kind.network().layout).parameters
        let (without, with) = (try run(plain).state, try run(trainer(kind, settings(steps: 1, weightDecay: 2))).state)
        let rate = 5e-3 / 10
        #expect(with.optimiser == without.optimiser, "Adam does not see it")
        for block in try kind.network().layout.blocks {
            for k in block.range {
                let expected = block.name.hasSuffix(".bias") ? 0 : -rate * 2 * start[k]
                #expect(abs(with.parameters[k] - without.parameters[k] - expected) < 1e-15)
            }
        }
    }

    @Test func theAverageIsWhatIsJudgedAndKept() throws {
        var (average, seen) = (nil as WeightAverage?, [(loss: Double, values: [Double])]())
        let averaging = try trainer(kind, settings(steps: 40, rate: 0.03, validateEvery: 1, averageDecay: 0.8))
        var state = averaging.initialState(try kind.network().layout)
        average = WeightAverage(decay: 0.8, values: state.parameters)
        try averaging.run(&state) { progress, reached in
            average?.add(reached.parameters, update: reached.step)
            #expect(reached.average == average)
            seen.append((try #require(progress.validation?.loss), try #require(average?.values)))
            return true
        }
        let best = try #require(seen.min { $0.loss < $1.loss })
        #expect(state.best == best.values && state.bestScore == best.loss)
        // The descent itself does not feel it.
        let plain = try run(trainer(kind, settings(steps: 40, rate: 0.03, validateEvery: 1))).state
        #expect(plain.parameters == state.parameters && plain.best != state.best)
    }

    @Test func theRateFallsOnAPlateau() throws {
        let reduction = PlateauReduction.Settings(factor: 0.25, patience: 2, threshold: 0.5, least: 1e-2)
        let (_, progress) = try run(trainer(kind, settings(steps: 120, validateEvery: 5, plateau: reduction)))
        var plateau = PlateauReduction(reduction)
        let schedule = LearningRateSchedule(peak: 5e-3, final: 5e-4, warmUpSteps: 10, steps: 400)
        for (step, line) in progress.enumerated() {
            guard case .adam(let rate, _) = line.update else { return }
            #expect(rate == schedule.rate(at: step) * plateau.scale)
            if let look = line.validation { plateau.look(at: look.loss) }
        }
        #expect(plateau.scale < 0.2, "it must have fallen more than once to be a test")
    }

    // MARK: Forecasts and the end

    @Test func forecastsJudgeWhereTheyAreAskedTo() throws {
        var chosen = settings(steps: 40, validateEvery: 2)
        chosen.judgement = .forecast
        let (state, progress) = try run(trainer(kind, chosen, forecasts: (steps: 6, starts: 2)))
        let looks = progress.compactMap(\.validation)
        #expect(looks.count == 20 && state.bestScore == looks.compactMap(\.forecastError).min())
        // Forecasts cost the descent nothing.
        let plain = try run(trainer(kind, settings(steps: 40, validateEvery: 2)))
        #expect(plain.state.parameters == state.parameters && plain.progress.compactMap(\.validation).map(\.loss) == looks.map(\.loss))
        #expect(complaint(.invalidInput, "judged by forecasts") { _ = try trainer(kind, chosen) } == nil)
        #expect(complaint(.invalidInput, "no 10 consecutive states") { _ = try trainer(kind, chosen, forecasts: (steps: 9, starts: 1)) } == nil)
    }

    @Test func withoutABetterLookItEnds() throws {
        // At this rate the validation loss soon goes up and down.
        let free = try run(trainer(kind, settings(steps: 120, rate: 0.03, validateEvery: 1))).progress.compactMap { $0.validation?.loss }
        for patience in [1, 3, 6] {
            let impatient = try trainer(kind, settings(steps: 120, rate: 0.03, validateEvery: 1, patience: patience))
            let (state, progress) = try run(impatient)
            #expect(progress.count < 120 && impatient.hasEnded(state) && state.looksSinceBest == patience)
            // The last `patience` looks, and no such stretch before them, are without a better one.
            var (lowest, waiting, expected) = (Double.infinity, 0, 0)
            for loss in free where waiting < patience {
                (lowest, waiting) = loss < lowest ? (loss, 0) : (lowest, waiting + 1)
                expected += 1
            }
            #expect(progress.count == expected && state.bestScore == lowest)
        }
    }
}
