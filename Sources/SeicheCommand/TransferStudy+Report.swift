import Basics
import Evaluation
import NetCDF

extension TransferStudy {
    /// Error over the first case's, of one step and at the end.
    private func ratios(_ trial: Trial, _ emulator: Int) -> (oneStep: Double, end: Double) {
        guard case .success(let first) = cases[0].result, case .success(let reference) = first.trials[emulator] else { return (.nan, .nan) }
        return (
            trial.own.oneStep.mean / reference.own.oneStep.mean, (trial.own.error.last ?? .nan) / (reference.own.error.last ?? .nan)
        )
    }

    /// A table for each case.
    var report: String {
        let end = "\(Text.figure(hours)) h"
        return cases.map { name, result in
            guard case .success(let found) = result else {
                if case .failure(let error) = result { return "\(name): the Fortran model failed: \(error.what)" }
                return name
            }
            let title = "\(name): steps of \(Text.figure(found.timeStep)) s, Courant number up to \(Text.figure(found.courantNumber)), RMS "
                + zip(found.rootMeanSquares, ["m", "m/s", "m/s"]).map { "\(Text.figure($0)) \($1)" }.joined(separator: ", ")
            var notes: [String] = []
            let header = ["emulator", "one step", "ratio", end, "ratio", "one step, training RMS", end, "relative mass drift"]
            let rows = zip(labels, found.trials).enumerated().map { emulator, pair -> [String] in
                let (label, trial) = pair
                switch trial {
                case .failure(let error):
                    notes.append("\(label), cannot: \(error.what)")
                    return [label, "cannot"]
                case .success(let trial):
                    notes += trial.failures.map { "\(label), \($0)".split(separator: "\n").first.map(String.init) ?? "" }
                    let ratio = ratios(trial, emulator)
                    return [label, Text.figure(trial.own.oneStep), Text.figure(ratio.oneStep), Text.figure(trial.own.error.last ?? .nan)]
                        + [Text.figure(ratio.end), Text.figure(trial.training.oneStep.mean), Text.figure(trial.training.error.last ?? .nan)]
                        + [Text.figure(trial.own.relativeMassDrift.last ?? .nan)]
                }
            }
            return ([title, Text.table([header] + rows)] + notes).joined(separator: "\n")
        }.joined(separator: "\n\n")
    }

    /// Writes errors by case, emulator and lead time; not a number where an emulator cannot take the case, infinite where it failed.
    func write(to path: String) throws {
        let leads = leadHours
        let nothing = leads.map { _ in Double.nan }
        func found(_ k: Int) -> Case? { try? cases[k].result.get() }
        func all(_ value: (Trial, Int) -> Double) -> [Double] {
            cases.indices.flatMap { k in
                labels.indices.map { emulator in
                    guard let found = found(k), case .success(let trial) = found.trials[emulator] else { return .nan }
                    return value(trial, emulator)
                }
            }
        }
        func byLead(_ value: (Trial) -> [Double]) -> [Double] {
            cases.indices.flatMap { k in
                labels.indices.flatMap { emulator in
                    guard let found = found(k), case .success(let trial) = found.trials[emulator] else { return nothing }
                    return atLeadHours(value(trial), timeStep: found.timeStep)
                }
            }
        }
        try NetCDFFile.writeAtomically(to: path) { file in
            try file.describe("Errors of emulators on cases that they were not trained on")
            try file.setAttribute("emulators", .texts(labels))
            try file.setAttribute("cases", .texts(cases.map(\.name)))
            try file.defineLabels("case", cases.map(\.name))
            try file.defineLabels("emulator", labels)
            try file.defineLabels("channel", ["zeta", "u", "v"])
            try file.defineDimension("lead", length: leads.count)
            try file.defineFigures("lead", ["lead"], leads, units: "hours", "lead time")
            try file.defineFigures("courant_number", ["case"], cases.indices.map { found($0)?.courantNumber ?? .nan }, "largest Courant number of gravity waves")
            try file.defineFigures("time_step", ["case"], cases.indices.map { found($0)?.timeStep ?? .nan }, units: "s", "time step")
            try file.defineFigures(
                "rms", ["case", "channel"], cases.indices.flatMap { found($0)?.rootMeanSquares ?? [.nan, .nan, .nan] },
                "root mean square of the case's truth: zeta in m, u and v in m/s")
            let measure = "root mean square error over wet cells and open faces"
            for (suffix, scales, skill) in [
                ("", "the RMS of the case's truth", \Trial.own), ("_training_scales", "their training RMS", \Trial.training),
            ] {
                let relative = "\(measure), channels divided by \(scales)"
                try file.defineFigures(
                    "one_step_error" + suffix, ["case", "emulator"], all { trial, _ in trial[keyPath: skill].oneStep.mean }, "\(relative), mean over all states")
                try file.defineFigures(
                    "error" + suffix, ["case", "emulator", "lead"], byLead { $0[keyPath: skill].error }, "\(relative), mean over forecasts")
            }
            try file.defineFigures(
                "one_step_error_deviation", ["case", "emulator"], all { trial, _ in trial.own.oneStep.deviation },
                "standard deviation over simulations of a simulation's mean of one_step_error")
            try file.defineFigures(
                "one_step_ratio", ["case", "emulator"], all { ratios($0, $1).oneStep }, "one_step_error over that of the first case")
            try file.defineFigures(
                "relative_mass_drift", ["case", "emulator", "lead"], byLead(\.own.relativeMassDrift),
                "largest change of the sum of zeta since the start over the sum of its magnitude at the start")
        }
    }
}
