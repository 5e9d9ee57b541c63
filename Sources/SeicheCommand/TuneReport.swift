import Assimilation
import Basics
import Configuration
import Dynamics
import NetCDF

/// What `seiche tune` prints and writes.
enum TuneReport {
    static func text(_ results: [TuneResult]) -> String {
        let header = [
            "run", "parameter", "truth", "guess", "+-", "estimate", "spread", "posterior", "largest error", "error/posterior", "2J/p", "runs",
        ]
        var rows = [header]
        var notes: [String] = []
        for result in results {
            let whole = result.repetitions.filter { $0.failure == nil }
            for (k, parameter) in result.truth.enumerated() {
                let guess = result.run.parameters[k]
                let set = [result.run.name, parameter.name, Text.figure(parameter.value), Text.figure(guess.guess), Text.figure(guess.deviation)]
                guard !whole.isEmpty else {
                    rows.append(set + ["failed"])
                    continue
                }
                let count = Double(whole.count)
                let estimates = whole.map { $0.parameters.medians[k] }
                let deviations = whole.map { $0.parameters.deviations[k] }
                let mean = estimates.reduce(0, +) / count
                let spread = (estimates.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / max(1, count - 1)).squareRoot()
                let posterior = (deviations.reduce(0) { $0 + $1 * $1 } / count).squareRoot()
                let worst = estimates.map { abs($0 - parameter.value) }.max() ?? 0
                let scores = zip(estimates, deviations).map { ($0 - parameter.value) / $1 }
                let chiSquares = whole.flatMap(\.chiSquares)
                rows.append(
                    set + [
                        Text.figure(mean), whole.count > 1 ? Text.figure(spread) : "", Text.figure(posterior),
                        Text.figure(100 * worst / abs(parameter.value)) + " %",
                        Text.figure((scores.reduce(0) { $0 + $1 * $1 } / count).squareRoot()),
                        k == 0 ? Text.figure(chiSquares.reduce(0, +) / Double(chiSquares.count)) : "",
                        k == 0 ? Text.figure(Double(whole.reduce(0) { $0 + $1.modelRuns }) / count) : "",
                    ])
            }
            for a in result.truth.indices {
                for b in result.truth.indices where b > a {
                    let correlation = whole.reduce(0) { $0 + $1.parameters.correlation(a, b) } / Double(max(1, whole.count))
                    let pair = "\(result.truth[a].name) and \(result.truth[b].name)"
                    notes.append("\(result.run.name): posterior correlation of \(pair) \(Text.figure(correlation))")
                }
            }
            for (index, repetition) in result.repetitions.enumerated() {
                if let failure = repetition.failure { notes.append("\(result.run.name), repetition \(index) lost the truth: \(failure.what)") }
            }
        }
        return """
            \(Text.table(rows))
            estimate, spread: mean and standard deviation over repetitions; posterior: deviation that the Hessian promises, root mean square
            error/posterior: root mean square of error over promised deviation, one where the promise is kept; largest error: of the truth's value
            2J/p: of the minima; runs: of model or tangent-linear with adjoint in a repetition, for the minima
            """ + notes.map { "\n" + $0 }.joined()
    }

    /// The estimates after each window of each repetition.
    static func write(_ result: TuneResult, _ wanted: Experiment.Tuning, of experiment: Experiment, to path: String) throws {
        let pending = try AtomicNetCDFFile(target: path)
        let file = pending.file
        let run = result.run
        try file.setAttribute("Conventions", "CF-1.11")
        try file.setAttribute("title", .text("Parameter estimation \(run.name) of \(experiment.name)"))
        try file.setAttribute("source", .text(experiment.model.lorenz96 == nil ? Provenance.source : Provenance.lorenz96Source))
        try file.setAttribute("history", .text(Provenance.history("tune")))
        try file.setAttribute("experiment", .text(try experiment.resolvedYAML))
        try file.defineDimension("repetition", length: result.repetitions.count)
        try file.defineDimension("window", length: run.windows)
        func define(_ name: String, _ longName: String, _ unit: String, _ values: (TuneResult.Repetition) -> [Double]) throws {
            let variable = try file.defineVariable(
                name, Double.self, dimensions: ["repetition", "window"], fill: missing,
                attributes: [("long_name", .text(longName)), ("units", .text(unit))])
            try variable.write(
                result.repetitions.flatMap { repetition in
                    let found = values(repetition)
                    return found + [Double](repeating: missing, count: run.windows - found.count)
                })
        }
        for (k, parameter) in result.truth.enumerated() {
            try define(parameter.name, "estimate after the window of a model's parameter", parameter.unit) { $0.estimates.map { $0[k] } }
            try define("\(parameter.name)_deviation", "posterior standard deviation", parameter.unit) { $0.deviations.map { $0[k] } }
            try file.setAttribute("true_\(parameter.name)", .double([parameter.value]))
        }
        try define("chi_square", "2 J(min) over the number of observations", "1", \.chiSquares)
        try pending.finish()
    }

    private static let missing = Double.netCDF.defaultFill
}
