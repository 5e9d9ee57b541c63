import Basics
import Configuration
import Emulators
import Foundation
import Layers
import Training

/// One run of `seiche train`: its settings, its files, its end.
struct TrainingRun<Task: TrainingTask> {
    let experiment: Experiment
    let task: Task
    let name: String
    /// Wall-clock seconds to train for, where the number of steps follows from them.
    let seconds: Double?
    /// Whose weights it starts from; random ones without.
    let start: TrainedEmulator<Task.File>?

    var recipe: Experiment.Training { task.recipe }
    private var folder: String { "\(recipe.directory)/\(name)" }
    var latest: String { folder + "/latest.nc" }
    private var best: String { folder + "/best.nc" }

    init(_ task: Task, of experiment: Experiment, name: String, timeOf: String?, from: String?) throws {
        self.experiment = experiment
        self.task = task
        self.name = name
        start = try from.map { try TrainedEmulator($0, experiment: experiment) }
        if let start, let difference = task.difference(from: start.checkpoint) {
            throw SeicheError(
                .invalidInput, "the training cannot start from '\(start.path)': \(difference)",
                remedy: "start from a checkpoint of the same network, or leave out --from")
        }
        if let timeOf {
            let path = "\(task.recipe.directory)/\(timeOf)/latest.nc"
            guard Files.exists(path) else {
                throw SeicheError(
                    .file, "there is no run '\(timeOf)' to take the time of: no file '\(path)'",
                    remedy: "train it first with `seiche train`, or check the name")
            }
            guard let time = try Task.File(reading: path).numbers["seconds"] else {
                throw SeicheError(.file, "run '\(timeOf)' does not say how long it took", remedy: "train it again")
            }
            seconds = time
        } else if case .seconds(let time) = task.recipe.budget {
            seconds = time
        } else {
            seconds = nil
        }
    }

    func train(restart: Bool) throws {
        try Files.createFolder(folder)
        var (state, spent, steps) = (nil as TrainingState?, 0.0, 0)
        if !restart, Files.exists(latest) {
            let checkpoint = try Task.File(reading: latest)
            state = try resumed(checkpoint)
            spent = checkpoint.numbers["seconds"] ?? 0
            steps = Int(checkpoint.numbers["steps"] ?? 0)
        }
        if steps == 0 { steps = try stepCount() }
        var trainer = try task.trainer(settings(steps: steps))
        var running = state ?? start.map { TrainingState(parameters: $0.checkpoint.parameters, settings: trainer.settings) }
            ?? trainer.initialState(task.layout)
        print(
            "\(name): \(task.kind), \(task.layout.count) parameters, \(task.data), "
                + (seconds.map { "for \(ProgressLine.time($0)), some \(steps)" } ?? "\(steps)") + " steps of \(recipe.batchSize)"
                + (running.step > 0 ? ", going on after step \(running.step)" : ""))
        guard !trainer.hasEnded(running) else {
            print("complete already; --restart trains it anew")
            return
        }
        let log = try TrainingLog(folder: folder, from: running.step, writesEvents: recipe.tensorboard)
        let line = ProgressLine("training \(name)", total: steps, startedAt: running.step)
        let begin = Date()
        let beginStep = running.step
        var lastPlan = (step: running.step, date: begin)
        var validation: TrainingProgress.Validation?
        func elapsed() -> Double { spent + Date().timeIntervalSince(begin) }
        func save(_ state: TrainingState) throws {
            // A training that has ended early is whole.
            let planned = trainer.hasEnded(state) ? state.step : steps
            // The latest last: a run that is killed between the two does the step again, and so writes the best again.
            // Before the first look at the validation runs no weights are the best.
            if state.bestScore.isFinite {
                try checkpoint(state, weights: state.best, steps: planned, seconds: elapsed(), isToGoOn: false).write(to: best)
            } else if Files.exists(best) {
                // Left by a run that this one restarts.
                try Files.remove(best)
            }
            try checkpoint(state, weights: state.parameters, steps: planned, seconds: elapsed()).write(to: latest)
        }
        // A training by time is planned anew at each of these shares of it: the first estimate can be far off on a busy machine.
        var plans = seconds == nil ? [] : [0.1, 0.25, 0.5, 0.75, 0.9, 0.97]
        while !trainer.hasEnded(running), !Interruption.isRequested {
            try trainer.run(&running) { progress, state in
                try log.append(progress)
                validation = progress.validation ?? validation
                let samples = Double((state.step - beginStep) * recipe.batchSize)
                line.update(
                    progress.step, of: trainer.hasEnded(state) ? state.step : steps,
                    detail: Self.detail(progress, validation, samplesPerSecond: samples / Date().timeIntervalSince(begin)))
                if progress.validation != nil { try save(state) }
                if let seconds, let share = plans.first, elapsed() > share * seconds { return false }
                return !Interruption.isRequested
            }
            if let seconds, !trainer.hasEnded(running), !Interruption.isRequested {
                plans.removeAll { elapsed() > $0 * seconds }
                let perStep = Date().timeIntervalSince(lastPlan.date) / Double(max(1, running.step - lastPlan.step))
                lastPlan = (running.step, Date())
                steps = running.step + max(1, Int((seconds - elapsed()) / perStep))
                trainer = try task.trainer(settings(steps: steps))
            }
        }
        guard trainer.hasEnded(running) else {
            try save(running)
            throw SeicheError(
                .interrupted, "stopped after step \(running.step) of \(steps); saved in '\(latest)'",
                remedy: "run the same command again to go on")
        }
        print("\(name): \(score(running)) on validation runs, "
            + "\(running.step * recipe.batchSize) samples in \(ProgressLine.time(elapsed())); weights in \(best)")
        if running.step < steps {
            print("ended after step \(running.step) of \(steps): \(running.looksSinceBest) looks at the validation runs without a better one")
        }
    }

    private static func detail(_ progress: TrainingProgress, _ validation: TrainingProgress.Validation?, samplesPerSecond: Double) -> String {
        var text = "error \(Text.figure(progress.loss.squareRoot()))"
        if let validation {
            if validation.loss.isFinite { text += "  validation \(Text.figure(validation.loss.squareRoot()))" }
            if let error = validation.forecastError { text += error.isFinite ? "  rollout \(Text.figure(error))" : "  rollout failed" }
        }
        switch progress.update {
        case .adam: break
        case .levenbergMarquardt(let report): text += "  damping \(Text.figure(report.damping))  inner steps \(report.innerIterations)"
        case .lbfgs(let report): text += "  gradient \(Text.figure(report.gradientNorm))  evaluations \(report.evaluations)"
        }
        text += String(format: "  %.0f samples/s", samplesPerSecond)
        if progress.forward.solves > 0 {
            text += String(format: "  sweeps %.0f forward %.0f backward", progress.forward.meanIterations, progress.backward.meanIterations)
        }
        return text
    }

    private func score(_ state: TrainingState) -> String {
        switch recipe.validation.judge {
        case .rollout: return "rollout error \(Text.figure(state.bestScore))"
        case .loss:
            let steps = task.forecastSteps
            return (steps == 1 ? "one-step error " : "error of \(steps) steps ") + Text.figure(state.bestScore.squareRoot())
        }
    }

    /// The number of steps asked for, or a first guess of how many fit into the time, from what some throw-away steps take.
    private func stepCount() throws -> Int {
        guard let seconds else {
            guard case .steps(let count) = recipe.budget else { return 0 }
            return count
        }
        let (warmUp, trial) = (3, 15)
        let trainer = try task.trainer(settings(steps: trial))
        var state = trainer.initialState(task.layout)
        var begin = Date()
        try trainer.run(&state) { progress, _ in
            // The first steps fill caches and are not counted.
            if progress.step == warmUp { begin = Date() }
            return true
        }
        return max(1, Int(seconds * Double(trial - warmUp) / Date().timeIntervalSince(begin)))
    }
}
