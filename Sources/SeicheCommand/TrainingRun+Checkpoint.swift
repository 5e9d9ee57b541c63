import Basics
import Configuration
import Emulators
import Training

extension TrainingRun {
    /// - Parameter isToGoOn: with what the optimiser carries, for a training that goes on from it; otherwise for use alone, and small.
    func checkpoint(_ state: TrainingState, weights: [Double], steps: Int, seconds: Double, isToGoOn: Bool = true) throws -> Task.File {
        task.checkpoint(
            weights,
            provenance: [
                "experiment": try experiment.resolvedYAML, "command": Provenance.command, "version": Provenance.version,
                "data_checksum": task.checksum,
            ].merging(start.map { ["started_from": $0.path] } ?? [:]) { own, _ in own },
            numbers: [
                "steps": Double(steps), "seconds": seconds, "samples": Double(state.step * recipe.batchSize),
                // 0 for a training by steps.
                "time_asked_for": self.seconds ?? 0, "seed": Double(recipe.seed), "simulations_seed": Double(experiment.simulations.seed),
            ].merging(task.gridSizes) { own, _ in own }.merging(state.numbers) { own, _ in own },
            vectors: isToGoOn ? state.vectors : [:])
    }

    /// Where the training stood. A checkpoint of another experiment, network or data set cannot be gone on with; the error names what differs.
    func resumed(_ checkpoint: Task.File) throws -> TrainingState {
        func refuse(_ what: String) -> SeicheError {
            SeicheError(
                .invalidInput, "'\(latest)' cannot be gone on with: \(what)",
                remedy: "pass --restart to train anew, or --name to keep both")
        }
        if let difference = task.difference(from: checkpoint) { throw refuse(difference) }
        let theirs = try Experiment.parse(checkpoint.provenance["experiment"] ?? "")
        guard checkpoint.provenance["data_checksum"] == task.checksum else {
            let cause = try ["model", "initial", "simulations"].compactMap { try theirs.difference(from: experiment, in: $0) }.first
            throw refuse("the training simulations have changed" + (cause.map { ": its \($0)" } ?? ""))
        }
        if let difference = try task.difference(of: theirs, from: experiment) { throw refuse("its \(difference)") }
        let asked = checkpoint.numbers["time_asked_for"] ?? 0
        guard abs(asked - (seconds ?? 0)) <= 0.01 * asked else {
            func budget(_ time: Double) -> String { time == 0 ? "by steps" : "for \(ProgressLine.time(time))" }
            throw refuse("it was trained \(budget(asked)), and \(budget(seconds ?? 0)) is asked for")
        }
        let settings = settings(steps: 1)
        guard
            let state = TrainingState(
                parameters: checkpoint.parameters, settings: settings, numbers: checkpoint.numbers, vectors: checkpoint.vectors)
        else { throw refuse("it lacks the state of \(settings.optimiser.name)") }
        return state
    }
}
