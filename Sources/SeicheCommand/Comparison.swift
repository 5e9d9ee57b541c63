import Basics
import Configuration
import Dynamics
import Emulators
import Evaluation
import Foundation
import Trajectories

/// Errors of single steps and of forecasts, as `seiche compare` makes and `seiche plot` draws them.
struct Comparison {
    struct Entry: Sendable {
        let label: String
        let oneStep: OneStepSkill
        let skill: ForecastSkill
        /// Samples seen and seconds taken in training; nil for what was not trained.
        let training: (parameters: Int, samples: Double, seconds: Double)?
    }

    let timeStep: Double
    let entries: [Entry]

    /// Single steps from every state of every test simulation, and forecasts from `comparison.starts` of them, by every emulator and by
    /// persistence; all are measured in the first emulator's scales.
    static func run(_ experiment: Experiment, sources: [EmulatorSource], precision: EmulatorPrecision = .double) throws -> Comparison {
        let test = try Scenario(experiment).simulations(.test)
        guard let scales = sources.first?.checkpoint.scales else {
            throw SeicheError(.invalidInput, "there is no emulator to compare", remedy: "train one first with `seiche train`")
        }
        let (lead, starts) = (experiment.comparison.leadSteps, experiment.comparison.starts)
        if let short = test.stateCounts.firstIndex(where: { $0 <= lead }) {
            throw SeicheError(
                .invalidInput, "'\(test.paths[short])' has \(test.stateCounts[short]) states, too few for forecasts of \(lead) steps",
                remedy: "lower comparison.lead_steps, or simulate longer test runs")
        }
        // The emulators, and persistence last.
        let count = sources.count + 1
        let line = SharedProgress("comparing, states", total: test.stateCounts.reduce(0, +) * count)
        let results = Slots<Trial>(test.count * count)
        try concurrentForEach(test.count * count) { job in
            let trajectory = try test.trajectory(job / count)
            let first = Set((0..<starts).map { starts == 1 ? 0 : $0 * (trajectory.count - 1 - lead) / (starts - 1) })
            let source = job % count < sources.count ? sources[job % count] : nil
            if let source {
                let emulator = try source.checkpoint.emulator(on: trajectory.grid, timeStep: trajectory.timeStep, precision: precision)
                results.set(job, try trial(emulator, trajectory, leadSteps: lead, starts: first, line))
            } else {
                let persistence = Persistence<ShallowWaterState>(timeStep: trajectory.timeStep)
                results.set(job, try trial(persistence, trajectory, leadSteps: lead, starts: first, line))
            }
        }
        let trials = results.values
        let entries = (0..<count).map { k in
            let own = stride(from: k, to: trials.count, by: count).map { trials[$0] }
            return Entry(
                label: k < sources.count ? sources[k].labelOfState : "persistence",
                oneStep: OneStepSkill(own.map(\.stepErrors), scales: scales),
                skill: ForecastSkill(own.flatMap(\.forecasts), scales: scales),
                training: k < sources.count ? sources[k].training : nil)
        }
        return Comparison(timeStep: test.timeStep, entries: entries)
    }

    private typealias Trial = (stepErrors: [[Double]], forecasts: [ForecastRecord])

    private static func trial<Model: DynamicalModel<ShallowWaterState>>(
        _ model: Model, _ trajectory: Trajectory, leadSteps: Int, starts: Set<Int>, _ line: SharedProgress
    ) throws -> Trial {
        var trial = SimulationTrial(model, grid: trajectory.grid, leadSteps: leadSteps, starts: starts)
        for time in 0..<trajectory.count {
            try Interruption.check()
            trial.observe(try trajectory.state(at: time))
            line.add(1)
        }
        return (trial.stepErrors, trial.forecasts)
    }

    /// The table that `seiche compare` prints.
    var table: String {
        let count = entries.first?.skill.error.count ?? 0
        let leads = [1, 2, 3, 6, 12, 24, 36, 72, 144, 288].filter { $0 < count } + [count]
        let header = ["emulator", "parameters", "samples", "trained", "one step"] + leads.map { "\($0)" } + ["relative mass drift"]
        let rows = entries.map { entry in
            var row = [entry.label]
            if let training = entry.training {
                row += ["\(training.parameters)", String(format: "%.0f", training.samples), ProgressLine.time(training.seconds)]
            } else {
                row += ["", "", ""]
            }
            row.append(Text.figure(entry.oneStep.statistics))
            row += leads.map { Text.figure(entry.skill.error[$0 - 1]) }
            row.append(Text.figure(entry.skill.relativeMassDrift[count - 1]))
            return row
        }
        return Text.table([header] + rows)
    }

    /// What stopped forecasts, one line each emulator.
    var failures: [String] {
        entries.compactMap { entry in
            guard let first = entry.skill.failures.first?.split(separator: "\n").first else { return nil }
            return "\(entry.label): \(entry.skill.failures.count) of \(entry.skill.records.count) forecasts failed; the first at \(first)"
        }
    }
}
