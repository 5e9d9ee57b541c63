import Basics
import Configuration
import Dynamics
import Emulators
import Evaluation
import Foundation
import NetCDF
import Trajectories

/// Errors of several forecasts by lead time, as `seiche compare` makes and `seiche plot` draws them.
struct Comparison {
    struct Entry {
        let label: String
        let skill: ForecastSkill
        /// Samples seen and seconds taken in training; nil for what was not trained.
        let training: (parameters: Int, samples: Double, seconds: Double)?
    }

    let timeStep: Double
    let entries: [Entry]

    /// Forecasts from `starts` states of every test simulation, by every emulator and by persistence; all are measured in the first
    /// emulator's scales.
    static func run(_ experiment: Experiment, sources: [EmulatorSource], precision: EmulatorPrecision = .double) throws -> Comparison {
        let test = try Scenario(experiment).simulations(.test)
        guard let scales = sources.first?.checkpoint.scales else {
            throw SeicheError(.invalidInput, "there is no emulator to compare", remedy: "train one first with `seiche train`")
        }
        let lead = experiment.comparison.leadSteps
        let starts = experiment.comparison.starts
        let jobs = test.count * starts
        let line = ProgressLine("comparing, forecasts", total: jobs * sources.count)
        var skills = sources.map { _ in ForecastSkill(leadSteps: lead) }
        var persistence = ForecastSkill(leadSteps: lead)
        var done = 0
        for index in 0..<test.count {
            let trajectory = try test.trajectory(index)
            guard trajectory.count > lead else {
                throw SeicheError(
                    .invalidInput, "'\(trajectory.path)' has \(trajectory.count) states, too few for forecasts of \(lead) steps",
                    remedy: "lower comparison.lead_steps, or simulate longer test runs")
            }
            for start in 0..<starts {
                let first = starts == 1 ? 0 : start * (trajectory.count - 1 - lead) / (starts - 1)
                let truth = try trajectory.states(first..<first + lead + 1)
                for (k, source) in sources.enumerated() {
                    if Interruption.isRequested { throw SeicheError(.interrupted, "stopped; nothing was written") }
                    let model = try source.checkpoint.emulator(on: trajectory.grid, timeStep: trajectory.timeStep, precision: precision)
                    skills[k].merge(
                        ForecastSkill.forecast(model, truth: truth, grid: trajectory.grid, scales: scales))
                    done += 1
                    line.update(done)
                }
                persistence.merge(
                    ForecastSkill.forecast(
                        Persistence(timeStep: trajectory.timeStep), truth: truth, grid: trajectory.grid, scales: scales))
            }
        }
        let entries = zip(sources, skills).map { source, skill in
            let numbers = source.checkpoint.numbers
            let isUnfinished = (numbers["step"] ?? 0) < (numbers["steps"] ?? 0)
            return Entry(
                label: source.label + (isUnfinished ? " (unfinished)" : ""), skill: skill,
                training: (
                    source.checkpoint.parameters.count, source.checkpoint.numbers["samples"] ?? .nan,
                    source.checkpoint.numbers["seconds"] ?? .nan
                ))
        }
        return Comparison(
            timeStep: test.timeStep, entries: entries + [Entry(label: "persistence", skill: persistence, training: nil)])
    }

    /// The table that `seiche compare` prints.
    var table: String {
        let count = entries.first?.skill.error.count ?? 0
        let leads = [1, 2, 3, 6, 12, 24, 36, 72, 144, 288].filter { $0 < count } + [count]
        let header = ["emulator", "parameters", "samples", "trained"] + leads.map { "\($0)" } + ["mean zeta drift, m", "ms/step"]
        let rows = entries.map { entry in
            var row = [entry.label]
            if let training = entry.training {
                row += ["\(training.parameters)", String(format: "%.0f", training.samples), ProgressLine.time(training.seconds)]
            } else {
                row += ["", "", ""]
            }
            row += leads.map { Text.figure(entry.skill.error[$0 - 1]) }
            row.append(Text.figure(entry.skill.meanElevationDrift[count - 1]))
            row.append(entry.training == nil ? "" : String(format: "%.1f", entry.skill.secondsPerStep * 1000))
            return row
        }
        return Text.table([header] + rows)
    }

    /// What stopped forecasts, one line each emulator.
    var failures: [String] {
        entries.compactMap { entry in
            guard let first = entry.skill.failures.first?.split(separator: "\n").first else { return nil }
            return "\(entry.label): \(entry.skill.failures.count) of \(entry.skill.forecasts) forecasts failed; the first at \(first)"
        }
    }

    /// Writes the errors as NetCDF: error(emulator, lead), channel_error(emulator, channel, lead), drift(emulator, lead).
    func write(to path: String) throws {
        let count = entries.first?.skill.error.count ?? 0
        try NetCDFFile.writeAtomically(to: path) { file in
            try file.setAttribute("Conventions", "CF-1.11")
            try file.setAttribute("title", "Errors of forecasts by lead time")
            try file.setAttribute("command", .text(Provenance.command))
            try file.setAttribute("version", .text(Provenance.version))
            try file.setAttribute("emulators", .texts(entries.map(\.label)))
            try file.defineDimension("lead", length: count)
            try file.defineLabels("emulator", entries.map(\.label))
            try file.defineLabels("channel", ["zeta", "u", "v"])
            try file.defineVariable(
                "lead", Double.self, dimensions: ["lead"], attributes: [("units", "s"), ("long_name", "lead time")]
            ).write((1...count).map { Double($0) * timeStep })
            try file.defineVariable(
                "error", Double.self, dimensions: ["emulator", "lead"],
                attributes: [
                    ("units", "1"),
                    ("long_name", "root mean square error over wet cells and open faces, channels divided by their training RMS; infinite where a forecast failed"),
                ]
            ).write(entries.flatMap(\.skill.error))
            try file.defineVariable(
                "channel_error", Double.self, dimensions: ["emulator", "channel", "lead"],
                attributes: [("units", "1"), ("long_name", "the same for zeta, u and v alone")]
            ).write(entries.flatMap { $0.skill.channelError.flatMap(\.self) })
            try file.defineVariable(
                "mean_elevation_drift", Double.self, dimensions: ["emulator", "lead"],
                attributes: [("units", "m"), ("long_name", "largest change of the mean elevation since the start")]
            ).write(entries.flatMap(\.skill.meanElevationDrift))
        }
    }

    /// Labels and errors of a file that `write` made.
    static func read(_ path: String) throws -> (leads: [Double], labels: [String], errors: [[Double]]) {
        let file = try NetCDFFile(reading: path)
        defer { try? file.close() }
        let leads = try file.variable("lead").read(Double.self)
        let labels: [String]
        switch try file.attribute("emulators") {
        case .texts(let texts): labels = texts
        case .text(let text): labels = [text]
        default: labels = []
        }
        let errors = try file.variable("error", shape: [labels.count, leads.count]).read(Double.self)
        return (leads, labels, labels.indices.map { Array(errors[$0 * leads.count..<($0 + 1) * leads.count]) })
    }
}

extension NetCDFFile {
    /// An axis whose values are words.
    func defineLabels(_ name: String, _ labels: [String]) throws {
        try defineDimension(name, length: labels.count)
        // CF's way of naming the values of an axis: one word each.
        let words = labels.map { $0.split(separator: " ").joined(separator: "_") }.joined(separator: " ")
        let values = labels.indices.map { Int32($0) }
        try defineVariable(
            name, Int32.self, dimensions: [name],
            attributes: [("long_name", .text(name)), ("flag_values", .int32(values)), ("flag_meanings", .text(words))]
        ).write(values)
    }
}
