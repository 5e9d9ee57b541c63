import Configuration
import Optimisation
import Training

// From an experiment's keys to what the training room takes.
extension TrainingRun {
    func settings(steps: Int) -> TrainingSettings {
        let t = recipe
        let optimiser: OptimiserSettings =
            switch t.optimiser {
            case .adam: adam(steps: steps)
            case .soap: soap(steps: steps)
            case .levenbergMarquardt:
                .levenbergMarquardt(
                    LevenbergMarquardt.Settings(
                        initialDamping: t.initialDamping,
                        solver: ConjugateGradients(tolerance: 1e-4, maximumIterations: t.innerIterations, leastGain: 5e-4)))
            case .lbfgs: .lbfgs(LBFGS.Settings(memory: t.memory), renewBatchEvery: t.renewBatchEvery)
            }
        return TrainingSettings(
            seed: t.seed, steps: steps, batchSize: t.batchSize, optimiser: optimiser, validateEvery: t.validateEvery,
            validationSamples: task.validationSamples,
            judgement: t.validation.judge == .loss ? .loss : .forecast, patience: t.validation.patience,
            averageDecay: t.averageDecay > 0 ? t.averageDecay : nil)
    }

    private func adam(steps: Int) -> OptimiserSettings {
        let (schedule, plateau) = rates(steps: steps)
        return .adam(schedule: schedule, gradientClip: recipe.gradientClip, weightDecay: recipe.weightDecay, plateau: plateau)
    }

    /// Every block of weights as outputs by inputs; biases are left to Adam.
    private func soap(steps: Int) -> OptimiserSettings {
        let (schedule, plateau) = rates(steps: steps)
        let matrices = task.layout.blocks.filter { $0.shape.count > 1 }.map {
            SOAP.Matrix(range: $0.range, rows: $0.shape[0], columns: $0.range.count / $0.shape[0])
        }
        return .soap(
            SOAP.Settings(matrices: matrices), schedule: schedule, gradientClip: recipe.gradientClip, weightDecay: recipe.weightDecay, plateau: plateau)
    }

    private func rates(steps: Int) -> (schedule: LearningRateSchedule, plateau: PlateauReduction.Settings?) {
        let t = recipe
        let rate = task.learningRate
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
        return (LearningRateSchedule(peak: rate, final: final, warmUpSteps: min(t.warmUpSteps, steps / 2), steps: steps), plateau)
    }
}
