import Basics
import Layers
import Optimisation

extension Trainer {
    /// What an optimiser made of a batch.
    struct Outcome {
        let loss: Double
        /// In `variables`.
        let step: [Double]
        let update: TrainingProgress.Update
        let record: SolveMonitor.Record
        /// Of decoupled weight decay, beside the step.
        var decayRate: (decay: Double, rate: Double)?
    }

    /// One step of the optimiser from where the training stands.
    func update(_ optimiser: inout OptimiserState, at state: TrainingState) throws -> Outcome {
        let objective = training.stage(at: state.step)
        func batch(_ number: Int) -> [Int] {
            SampleOrder.batch(step: number, size: settings.batchSize, of: objective.sampleCount, seed: settings.seed)
        }
        switch (settings.optimiser, optimiser) {
        case (.adam(let schedule, let clip, let decay, _), .adam(var adam)):
            let rate = schedule.rate(at: state.step) * (state.plateau?.scale ?? 1)
            let outcome = try descend(state, objective, batch(state.step), rate, clip, decay) { adam.step(gradient: $0, rate: rate) }
            optimiser = .adam(adam)
            return outcome
        case (.soap(_, let schedule, let clip, let decay, _), .soap(var soap)):
            let rate = schedule.rate(at: state.step) * (state.plateau?.scale ?? 1)
            let outcome = try descend(state, objective, batch(state.step), rate, clip, decay) { soap.step(gradient: $0, rate: rate) }
            optimiser = .soap(soap)
            return outcome
        case (.levenbergMarquardt, .levenbergMarquardt(var method)):
            let outcome = try solve(state, objective, batch(state.step), &method)
            optimiser = .levenbergMarquardt(method)
            return outcome
        case (.lbfgs(_, let every), .lbfgs(var method)):
            let period = every ?? .max
            if state.step % period == 0 || training.isNewStage(at: state.step) { method.renew() }
            let outcome = try search(state, objective, batch(state.step / period), &method)
            optimiser = .lbfgs(method)
            return outcome
        default:
            throw SeicheError(
                .invalidInput, "the training's state is of another optimiser than its settings", remedy: "start the training anew")
        }
    }

    private func descend(
        _ state: TrainingState, _ objective: any TrainingObjective, _ batch: [Int], _ rate: Double, _ clip: Double, _ decay: Double,
        _ step: (_ gradient: [Double]) -> [Double]
    ) throws -> Outcome {
        let value = try objective.valueWithGradient(state.parameters, batch: batch)
        let record = objective.drainSolves()
        try check(value.loss, value.gradient, record, step: state.step, batch: batch, remedy: "lower the learning rate or training.gradient_clip")
        let gradient = variables.gradient(value.gradient)
        let length = norm(gradient)
        let shrink = min(1, clip / max(length, .leastNormalMagnitude))
        return Outcome(
            loss: value.loss, step: step(gradient.map { $0 * shrink }), update: .adam(learningRate: rate, gradientNorm: length), record: record,
            decayRate: decay > 0 ? (decay, rate) : nil)
    }

    private func solve(
        _ state: TrainingState, _ objective: any TrainingObjective, _ batch: [Int], _ method: inout LevenbergMarquardt
    ) throws -> Outcome {
        var model = try objective.localModel(state.parameters, batch: batch, variables: variables)
        let loss = model.value
        let (ridge, ranges) = (settings.ridge * loss, dispensable)
        if ridge > 0 {
            model = PenalisedModel(base: model, strength: ridge, ranges: ranges, parameters: state.parameters, variables: variables)
        }
        let remedy = Self.beforeDescent
        try check(model.value, model.gradient, objective.drainSolves(), step: state.step, batch: batch, remedy: remedy)
        var record = SolveMonitor.Record()
        let (step, report) = try method.step(from: model) { step in
            // Of the inner products: their failures are failures of the training, those at the step that is tried only of the step.
            record = objective.drainSolves()
            try check(model.value, model.gradient, record, step: state.step, batch: batch, remedy: remedy)
            let there = moved(state.parameters, by: step)
            let value = try objective.value(there, over: batch) + PenalisedModel.penalty(there, ranges, ridge)
            return objective.drainSolves().failure == nil ? value : .infinity
        }
        return Outcome(loss: loss, step: step, update: .levenbergMarquardt(report), record: record)
    }

    private func search(
        _ state: TrainingState, _ objective: any TrainingObjective, _ batch: [Int], _ method: inout LBFGS
    ) throws -> Outcome {
        var record = SolveMonitor.Record()
        var isAtStart = method.current == nil
        let (step, report) = try method.step({ step in
            let value = try objective.valueWithGradient(moved(state.parameters, by: step), batch: batch)
            let solves = objective.drainSolves()
            if isAtStart {
                try check(value.loss, value.gradient, solves, step: state.step, batch: batch, remedy: Self.beforeDescent)
            }
            isAtStart = false
            // Of the last trial, which is the one that is taken unless the search ended early.
            record = solves
            return Evaluation(value: solves.failure == nil ? value.loss : .infinity, gradient: variables.gradient(value.gradient))
        }, parameterCount: state.parameters.count)
        return Outcome(loss: report.before, step: step, update: .lbfgs(report), record: record)
    }

    /// What to do where a method that needs a good start fails at its own.
    private static let beforeDescent = "use another seed, or train some steps with Adam first"

    /// The parameters after a step in `variables`, as the training would take it.
    private func moved(_ parameters: [Double], by step: [Double]) -> [Double] {
        var result = parameters
        add(1, variables.weights(step), to: &result)
        return result
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
