import Basics
import Configuration
import Dynamics
import Emulators
import Evaluation
import Foundation
import NetCDF
import ReferenceModels
import Trajectories

/// Forecasts by Lorenz '96 emulators of the test simulations, and the Lyapunov exponents of emulators and model, as `seiche compare` tells them.
struct Lorenz96Comparison {
    /// The figures of one emulator, or of persistence.
    struct Entry: Sendable {
        let label: String
        /// Nil for what was not trained.
        var training: (parameters: Int, trajectories: Double, seconds: Double)?
        /// Error of one step over all test states, relative to the climatological standard deviation.
        let oneStep: Double
        /// [forecast][lead]
        let errors: [[Double]]
        /// Of each forecast in units of time; at least the length of the forecast where it stayed valid to its end.
        let validTimes: [Double]
        /// How many forecasts were valid to their end.
        let validToTheEnd: Int
    }

    /// Exponents, or why there are none.
    typealias Spectrum = Result<LyapunovSpectrum, SeicheError>

    let entries: [Entry]
    /// The model's, then the emulators'.
    let spectra: [Spectrum]
    private let threshold: Double
    private let timeStep: Double
    private let deviation: Double

    init(_ experiment: Experiment, _ sources: [TrainedEmulator<Lorenz96Checkpoint>]) throws {
        let wanted = experiment.lorenz96.comparison
        let plan = try Lorenz96Plan(experiment)
        let test = try plan.simulations(.test)
        let truths = try Self.truths(test, wanted)
        // The truth's own climate: all emulators are measured alike, whatever each was trained on.
        let deviation = try Lorenz96Scales(of: test.trajectories).deviation
        let error = PredictionError(deviation: deviation)
        let emulators = try sources.map { try $0.checkpoint.emulator() }
        timeStep = plan.model.timeStep
        threshold = wanted.threshold
        self.deviation = deviation

        let line = SharedProgress("comparing, forecasts", total: truths.count * (sources.count + 1))
        var entries = try zip(sources, emulators).map { source, emulator in
            var entry = try Self.entry(source.label, emulator, error, test, truths, wanted, line)
            entry.training = (
                emulator.parameters.count, source.checkpoint.numbers["trajectories"] ?? .nan, source.checkpoint.numbers["seconds"] ?? .nan
            )
            return entry
        }
        entries.append(try Self.entry("persistence", Persistence(timeStep: timeStep), error, test, truths, wanted, line))
        self.entries = entries
        let models: [any TangentLinearModel<Lorenz96State>] = [plan.model] + emulators
        spectra = try Self.spectra(models, from: test.trajectories[0][0], steps: wanted.lyapunovSteps)
    }

    /// What forecasts are compared with: pieces of the test trajectories, the start first.
    private static func truths(_ test: Lorenz96DataSet, _ wanted: Experiment.Lorenz96Comparison) throws -> [[Lorenz96State]] {
        try zip(test.paths, test.trajectories).flatMap { path, states in
            let last = states.count - 1 - wanted.leadSteps
            guard last >= wanted.starts - 1 else {
                throw SeicheError(
                    .invalidInput, "'\(path)' has \(states.count) states, too few for \(wanted.starts) forecasts of \(wanted.leadSteps) steps",
                    remedy: "lower comparison.lead_steps or comparison.starts, or simulate longer test runs")
            }
            return (0..<wanted.starts).map { start in
                let first = wanted.starts == 1 ? 0 : start * last / (wanted.starts - 1)
                return Array(states[first...first + wanted.leadSteps])
            }
        }
    }

    private static func entry(
        _ label: String, _ model: some DynamicalModel<Lorenz96State>, _ error: PredictionError, _ test: Lorenz96DataSet,
        _ truths: [[Lorenz96State]], _ wanted: Experiment.Lorenz96Comparison, _ line: SharedProgress
    ) throws -> Entry {
        let oneStep = Slots<Double>(test.trajectories.count)
        try concurrentForEach(test.trajectories.count) { k in
            try Interruption.check()
            oneStep.set(k, try error.oneStep(of: model, truth: test.trajectories[k]))
        }
        let errors = Slots<[Double]>(truths.count)
        try concurrentForEach(truths.count) { k in
            try Interruption.check()
            errors.set(k, error.byLead(of: model, truth: truths[k]))
            line.add(1)
        }
        let times = errors.values.map { PredictionError.validTime($0, threshold: wanted.threshold, timeStep: model.timeStep) }
        let squares = oneStep.values.map { $0 * $0 }
        return Entry(
            label: label, oneStep: (squares.reduce(0, +) / Double(squares.count)).squareRoot(), errors: errors.values,
            validTimes: times.map { $0 ?? Double(wanted.leadSteps) * model.timeStep }, validToTheEnd: times.count { $0 == nil })
    }

    private static func spectra(
        _ models: [any TangentLinearModel<Lorenz96State>], from state: Lorenz96State, steps: Int
    ) throws -> [Spectrum] {
        let transient = max(1, steps / 20)
        let line = SharedProgress("Lyapunov exponents, steps", total: models.count * (steps + transient))
        let found = Slots<Spectrum>(models.count)
        try concurrentForEach(models.count) { k in
            do {
                found.set(k, .success(try LyapunovSpectrum(of: models[k], from: state, transient: transient, steps: steps) { _ in
                    try Interruption.check()
                    line.add(1)
                }))
            } catch let error as SeicheError where error.category == .model {
                // An emulator that blows up has no exponents; the others' are worth having.
                found.set(k, .failure(error))
            }
        }
        return found.values
    }

    // MARK: What is printed

    /// In units of the model's time: 1 / the model's leading exponent; nil where the model is not chaotic.
    private var lyapunovTime: Double? {
        guard case .success(let spectrum) = spectra[0], let leading = spectrum.exponents.first, leading > 0 else { return nil }
        return 1 / leading
    }

    var report: String {
        let number = entries[0].errors.count
        var text = "\(number) forecasts of the test simulations; errors are relative to the climatological standard deviation, "
            + "\(Text.figure(deviation))\n" + Text.table([errorHeader] + entries.map(errorRow))
            + "\nvalid: until the error exceeds \(Text.figure(threshold)), mean and standard deviation over the forecasts, in units of time"
            + (lyapunovTime.map { "; a Lyapunov time is \(Text.figure($0))" } ?? "")
        for entry in entries where entry.validToTheEnd > 0 {
            text += "\n\(entry.label): \(entry.validToTheEnd) of \(number) forecasts were valid to their end, and count with their length"
        }
        text += "\n\nLyapunov exponents per unit of time, with standard errors\n"
        text += Text.table(
            [["", "leading", "second", "positive", "sum", "Kaplan-Yorke dimension"]]
                + zip(["Fortran model"] + entries.map(\.label), spectra).map(spectrumRow))
        for (entry, spectrum) in zip(entries, spectra.dropFirst()) {
            if case .failure(let error) = spectrum { text += "\n\(entry.label): \(error.what)" }
        }
        return text
    }

    /// Steps whose errors are shown: 1, then after 1, 2, 4, ... units of time.
    private var leads: [(steps: Int, name: String)] {
        let count = entries[0].errors[0].count
        let later = [1, 2, 4, 8, 16].map { units in (steps: Int((Double(units) / timeStep).rounded()), name: "\(units) units") }
        return [(1, "1 step")] + later.filter { $0.steps > 1 && $0.steps <= count }
    }

    private var errorHeader: [String] {
        ["emulator", "parameters", "trajectories", "trained"] + leads.map(\.name) + ["valid", "+-", "least", "Lyapunov times"]
    }

    private func errorRow(_ entry: Entry) -> [String] {
        var row = [entry.label]
        if let training = entry.training {
            row += ["\(training.parameters)", String(format: "%.0f", training.trajectories), ProgressLine.time(training.seconds)]
        } else {
            row += ["", "", ""]
        }
        row += leads.enumerated().map { index, lead in
            if index == 0 { return Text.figure(entry.oneStep) }
            let squares = entry.errors.reduce(0) { $0 + $1[lead.steps - 1] * $1[lead.steps - 1] }
            return Text.figure((squares / Double(entry.errors.count)).squareRoot())
        }
        let (mean, spread) = Self.meanAndDeviation(entry.validTimes)
        row += [mean, spread, entry.validTimes.min() ?? .nan].map { String(format: "%.2f", $0) }
        row.append(lyapunovTime.map { String(format: "%.1f", mean / $0) } ?? "")
        return row
    }

    private func spectrumRow(_ label: String, _ spectrum: Spectrum) -> [String] {
        guard case .success(let found) = spectrum else { return [label, "failed"] }
        func exponent(_ k: Int) -> String {
            found.exponents.count > k ? String(format: "%.3f +- %.3f", found.exponents[k], found.standardErrors[k]) : ""
        }
        return [
            label, exponent(0), exponent(1), "\(found.exponents.count { $0 > 0 })", String(format: "%.3f", found.sum),
            found.kaplanYorkeDimension.map { String(format: "%.2f", $0) } ?? "",
        ]
    }

    private static func meanAndDeviation(_ values: [Double]) -> (mean: Double, deviation: Double) {
        let mean = values.reduce(0, +) / Double(values.count)
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return (mean, (squares / Double(max(1, values.count - 1))).squareRoot())
    }

    // MARK: What is written

    /// Writes errors, valid times and exponents as NetCDF; exponents that there are none of are not numbers.
    func write(to path: String) throws {
        let (count, forecasts) = (entries[0].errors[0].count, entries[0].errors.count)
        let labels = entries.map(\.label)
        let exponents = spectra.map { (try? $0.get())?.exponents ?? [] }
        let size = exponents.map(\.count).max() ?? 0
        try NetCDFFile.writeAtomically(to: path) { file in
            try file.setAttribute("Conventions", "CF-1.11")
            try file.setAttribute("title", "Errors of Lorenz '96 forecasts by lead time, times for which they are valid, and Lyapunov exponents")
            try file.setAttribute("command", .text(Provenance.command))
            try file.setAttribute("version", .text(Provenance.version))
            try file.setAttribute("emulators", .texts(labels))
            try file.setAttribute("threshold", .double([threshold]))
            try file.setAttribute("climatological_deviation", .double([deviation]))
            try file.defineLabels("emulator", labels)
            try file.defineLabels("system", ["Fortran model"] + labels.dropLast())
            for (name, length) in [("lead", count), ("forecast", forecasts), ("exponent", size)] {
                try file.defineDimension(name, length: length)
            }
            func write(_ name: String, _ dimensions: [String], _ longName: String, _ values: [Double]) throws {
                try file.defineVariable(
                    name, Double.self, dimensions: dimensions, attributes: [("units", "1"), ("long_name", .text(longName))]
                ).write(values)
            }
            try write("lead", ["lead"], "lead time in the model's unit", (1...count).map { Double($0) * timeStep })
            try write(
                "one_step_error", ["emulator"], "root mean square error of one step over all test states, divided by the climatological deviation",
                entries.map(\.oneStep))
            try write(
                "error", ["emulator", "forecast", "lead"],
                "root mean square error over the ring, divided by the climatological deviation; infinite where a forecast failed",
                entries.flatMap { $0.errors.flatMap(\.self) })
            try write(
                "valid_time", ["emulator", "forecast"], "time until the error exceeds the threshold; the forecast's length where it does not",
                entries.flatMap(\.validTimes))
            try write(
                "lyapunov_exponent", ["system", "exponent"], "Lyapunov exponents per unit of time, the largest first",
                exponents.flatMap { $0 + [Double](repeating: .nan, count: size - $0.count) })
        }
    }
}
