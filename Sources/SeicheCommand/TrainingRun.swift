import Basics
import Configuration
import Emulators
import Foundation
import Layers
import Optimisation
import Training

/// One run of `seiche train`: its settings, its files, its end.
struct TrainingRun<Task: TrainingTask> {
    private let experiment: Experiment
    private let task: Task
    private let name: String
    /// Wall-clock seconds to train for, where the number of steps follows from them.
    private let seconds: Double?

    private var settings: Experiment.Training { task.settings }
    private var folder: String { "\(settings.directory)/\(name)" }
    private var latest: String { folder + "/latest.nc" }
    private var best: String { folder + "/best.nc" }

    init(_ task: Task, of experiment: Experiment, name: String, timeOf: String?) throws {
        self.experiment = experiment
        self.task = task
        self.name = name
        if let timeOf {
            let path = "\(task.settings.directory)/\(timeOf)/latest.nc"
            guard Files.exists(path) else {
                throw SeicheError(
                    .file, "there is no run '\(timeOf)' to take the time of: no file '\(path)'", remedy: "train it first with `seiche train`, or check the name")
            }
            guard let time = try Task.File(reading: path).numbers["seconds"] else {
                throw SeicheError(.file, "run '\(timeOf)' does not say how long it took", remedy: "train it again")
            }
            seconds = time
        } else if case .seconds(let time) = task.settings.budget {
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
            try checkResumable(checkpoint)
            state = checkpoint.trainingState(trainingSettings(steps: 1).optimiser)
            spent = checkpoint.numbers["seconds"] ?? 0
            steps = Int(checkpoint.numbers["steps"] ?? 0)
        }
        if steps == 0 { steps = try stepCount() }
        var trainer = try task.trainer(trainingSettings(steps: steps))
        var running = state ?? trainer.initialState(task.layout)
        print(
            "\(name): \(task.kind), \(task.layout.count) parameters, \(task.data), "
                + (seconds.map { "for \(ProgressLine.time($0)), some \(steps)" } ?? "\(steps)") + " steps of \(settings.batchSize)"
                + (running.step > 0 ? ", going on after step \(running.step)" : ""))
        guard running.step < steps else {
            print("complete already; --restart trains it anew")
            return
        }
        let log = try TrainingLog(path: folder + "/log.jsonl", from: running.step)
        let line = ProgressLine("training \(name)", total: steps, startedAt: running.step)
        let begin = Date()
        var lastPlan = (step: running.step, date: begin)
        var validationLoss = running.bestLoss
        func elapsed() -> Double { spent + Date().timeIntervalSince(begin) }
        func save(_ state: TrainingState) throws {
            // The latest last: a run that is killed between the two does the step again, and so writes the best again.
            // Before the first look at the validation runs no weights are the best.
            if state.bestLoss.isFinite {
                try checkpoint(state, weights: state.best, steps: steps, seconds: elapsed()).write(to: best)
            } else if Files.exists(best) {
                // Left by a run that this one restarts.
                try Files.remove(best)
            }
            try checkpoint(state, weights: state.parameters, steps: steps, seconds: elapsed()).write(to: latest)
        }
        // A training by time is planned anew at each of these shares of it: the first estimate can be far off on a busy machine.
        var plans = seconds == nil ? [] : [0.1, 0.25, 0.5, 0.75, 0.9, 0.97]
        while running.step < steps, !Interruption.isRequested {
            try trainer.run(&running) { progress, state in
                try log.append(progress)
                if let loss = progress.validationLoss { validationLoss = loss }
                line.update(progress.step, of: steps, detail: Self.detail(progress, validationLoss))
                if progress.validationLoss != nil { try save(state) }
                if let seconds, let share = plans.first, elapsed() > share * seconds { return false }
                return !Interruption.isRequested
            }
            if let seconds, running.step < steps, !Interruption.isRequested {
                plans.removeAll { elapsed() > $0 * seconds }
                let perStep = Date().timeIntervalSince(lastPlan.date) / Double(max(1, running.step - lastPlan.step))
                lastPlan = (running.step, Date())
                steps = running.step + max(1, Int((seconds - elapsed()) / perStep))
                trainer = try task.trainer(trainingSettings(steps: steps))
            }
        }
        if running.step < steps {
            try save(running)
            throw SeicheError(
                .interrupted, "stopped after step \(running.step) of \(steps); saved in '\(latest)'",
                remedy: "run the same command again to go on")
        }
        print(
            "\(name): one-step error \(Text.figure(running.bestLoss.squareRoot())) on validation runs, "
                + "\(steps * settings.batchSize) samples in \(ProgressLine.time(elapsed())); weights in \(best)")
    }

    private static func detail(_ progress: TrainingProgress, _ validation: Double) -> String {
        var text = "error \(Text.figure(progress.loss.squareRoot()))"
        if validation.isFinite { text += "  validation \(Text.figure(validation.squareRoot()))" }
        if case .levenbergMarquardt(let report) = progress.update {
            text += "  damping \(Text.figure(report.damping))  inner steps \(report.innerIterations)"
        }
        if progress.forward.solves > 0 {
            text += String(format: "  sweeps %.0f forward %.0f backward", progress.forward.meanIterations, progress.backward.meanIterations)
        }
        return text
    }

    private func trainingSettings(steps: Int) -> TrainingSettings {
        let t = settings
        let rate = task.learningRate
        let optimiser: OptimiserSettings =
            switch t.optimiser {
            case .adam:
                .adam(
                    schedule: LearningRateSchedule(
                        peak: rate, final: rate * t.finalRateFraction, warmUpSteps: min(t.warmUpSteps, steps / 2), steps: steps),
                    gradientClip: t.gradientClip)
            case .levenbergMarquardt:
                .levenbergMarquardt(
                    LevenbergMarquardt.Settings(
                        initialDamping: t.initialDamping,
                        solver: ConjugateGradients(tolerance: 1e-4, maximumIterations: t.innerIterations, leastGain: 5e-4)))
            }
        return TrainingSettings(
            seed: t.seed, steps: steps, batchSize: t.batchSize, optimiser: optimiser, validateEvery: t.validateEvery,
            validationSamples: task.validationSamples)
    }

    /// The number of steps asked for, or a first guess of how many fit into the time, from what some throw-away steps take.
    private func stepCount() throws -> Int {
        guard let seconds else {
            guard case .steps(let count) = settings.budget else { return 0 }
            return count
        }
        let (warmUp, trial) = (3, 15)
        let trainer = try task.trainer(trainingSettings(steps: trial))
        var state = trainer.initialState(task.layout)
        var begin = Date()
        try trainer.run(&state) { progress, _ in
            // The first steps fill caches and are not counted.
            if progress.step == warmUp { begin = Date() }
            return true
        }
        return max(1, Int(seconds * Double(trial - warmUp) / Date().timeIntervalSince(begin)))
    }

    private func checkpoint(_ state: TrainingState, weights: [Double], steps: Int, seconds: Double) throws -> Task.File {
        task.checkpoint(
            weights,
            provenance: [
                "experiment": try experiment.resolvedYAML, "command": Provenance.command, "version": Provenance.version,
                "data_checksum": task.checksum,
            ],
            numbers: [
                "step": Double(state.step), "steps": Double(steps), "seconds": seconds,
                "samples": Double(state.step * settings.batchSize),
                "validation_loss": state.bestLoss,
                // 0 for a training by steps.
                "time_asked_for": self.seconds ?? 0,
            ].merging(state.optimiser.numbers) { own, _ in own },
            vectors: ["best_parameters": state.best].merging(state.optimiser.vectors) { own, _ in own })
    }

    /// A checkpoint of another experiment, network or data set cannot be gone on with; the error names what differs.
    private func checkResumable(_ checkpoint: Task.File) throws {
        func refuse(_ what: String) -> SeicheError {
            SeicheError(
                .invalidInput, "'\(latest)' cannot be gone on with: \(what)",
                remedy: "pass --restart to train anew, or --name to keep both")
        }
        if let difference = task.difference(from: checkpoint) { throw refuse(difference) }
        guard checkpoint.provenance["data_checksum"] == task.checksum else { throw refuse("the training simulations have changed") }
        let mine = try Experiment.parse(experiment.resolvedYAML)
        let theirs = try Experiment.parse(checkpoint.provenance["experiment"] ?? "")
        guard task.isTrainedAlike(mine, theirs) else {
            throw refuse("the experiment's training section has changed")
        }
        let asked = checkpoint.numbers["time_asked_for"] ?? 0
        guard abs(asked - (seconds ?? 0)) <= 0.01 * asked else {
            func budget(_ time: Double) -> String { time == 0 ? "by steps" : "for \(ProgressLine.time(time))" }
            throw refuse("it was trained \(budget(asked)), and \(budget(seconds ?? 0)) is asked for")
        }
        guard checkpoint.trainingState(trainingSettings(steps: 1).optimiser) != nil else { throw refuse("it lacks the optimiser's state") }
    }
}

extension Checkpoint {
    /// Where the training stood, if the checkpoint was written by one with this kind of optimiser.
    func trainingState(_ settings: OptimiserSettings) -> TrainingState? {
        guard let best = vectors["best_parameters"], let step = numbers["step"], let loss = numbers["validation_loss"],
            let optimiser = OptimiserState(settings, numbers: numbers, vectors: vectors)
        else { return nil }
        return TrainingState(step: Int(step), parameters: parameters, optimiser: optimiser, best: best, bestLoss: loss)
    }
}
