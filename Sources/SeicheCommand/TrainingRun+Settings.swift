import Configuration
import Optimisation
import Training

// From an experiment's keys to what the training room takes.
extension TrainingRun {
    func trainer(steps: Int) throws -> Trainer {
        let t = recipe
        return try Trainer(
            network: network, training: training, validation: validation, solverTolerance: t.solverTolerance,
            loss: loss(steps: steps), forecasts: t.validation.rolloutSteps.map { (steps: $0, starts: t.validation.rolloutStarts) },
            settings: settings(steps: steps))
    }

    /// - Parameter steps: of the whole training.
    func loss(steps: Int) -> RolloutSettings {
        let loss = recipe.loss
        return RolloutSettings(
            horizon: ForecastHorizon(
                first: loss.steps, final: loss.finalSteps ?? loss.steps, growthSteps: Int((loss.growth * Double(steps)).rounded())),
            gradient: loss.gradient == .unrolled ? .unrolled : .pushforward, channelWeights: loss.channelWeights)
    }

    func settings(steps: Int) -> TrainingSettings {
        let t = recipe
        let optimiser: OptimiserSettings =
            switch t.optimiser {
            case .adam: adam(steps: steps)
            case .levenbergMarquardt:
                .levenbergMarquardt(
                    LevenbergMarquardt.Settings(
                        initialDamping: t.initialDamping,
                        solver: ConjugateGradients(tolerance: 1e-4, maximumIterations: t.innerIterations, leastGain: 5e-4)))
            case .lbfgs: .lbfgs(LBFGS.Settings(memory: t.memory), renewBatchEvery: t.renewBatchEvery)
            }
        return TrainingSettings(
            seed: t.seed, steps: steps, batchSize: t.batchSize, optimiser: optimiser, validateEvery: t.validateEvery,
            judgement: t.validation.judge == .loss ? .loss : .forecast, patience: t.validation.patience,
            averageDecay: t.averageDecay > 0 ? t.averageDecay : nil)
    }

    private func adam(steps: Int) -> OptimiserSettings {
        let t = recipe
        let rate = learningRate
        let final: Double
        let plateau: PlateauReduction.Settings?
        switch t.schedule {
        case .cosine: (final, plateau) = (rate * t.finalRateFraction, nil)
        case .plateau:
            // After the warm-up the schedule is constant, and the reductions end where the cosine would.
            let settings = PlateauReduction.Settings(
                factor: t.plateau.factor, patience: t.plateau.patience, threshold: t.plateau.threshold, least: t.finalRateFraction)
            (final, plateau) = (rate, settings)
        }
        return .adam(
            schedule: LearningRateSchedule(peak: rate, final: final, warmUpSteps: min(t.warmUpSteps, steps / 2), steps: steps),
            gradientClip: t.gradientClip, weightDecay: t.weightDecay, plateau: plateau)
    }
}
