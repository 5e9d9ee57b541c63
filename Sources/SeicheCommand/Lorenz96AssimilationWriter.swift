import Assimilation
import Basics
import Configuration
import Dynamics
import NetCDF
import Optimisation
import ReferenceModels

/// The file of one run of `seiche assimilate`: states, increments and diagnostics of every cycle that is judged. It appears with `finish()`.
final class Lorenz96AssimilationWriter {
    private let pending: AtomicNetCDFFile
    private let run: Experiment.Assimilation.Run
    private let wanted: Experiment.Assimilation
    private let sectors: Int
    private let timeStep: Double
    private var variables: [String: NetCDFVariable] = [:]
    private var count = 0
    private var observations: [ObservationRecord] = []

    init(
        path: String, _ run: Experiment.Assimilation.Run, _ wanted: Experiment.Assimilation, title: String, sectors: Int, timeStep: Double
    ) throws {
        (self.run, self.wanted, self.sectors, self.timeStep) = (run, wanted, sectors, timeStep)
        pending = try AtomicNetCDFFile(target: path)
        let file = pending.file
        try file.setAttribute("Conventions", "CF-1.11")
        try file.setAttribute("title", .text(title))
        try file.setAttribute("source", .text(Provenance.lorenz96Source))
        try file.setAttribute("history", .text(Provenance.history("assimilate")))
        try file.setAttribute("method", .text(run.scheme.method.rawValue))
        try file.setAttribute("model", .text(run.scheme.model))
        for (name, value) in [
            ("background_deviation", run.backgroundDeviation), ("correlation_length", run.correlationLength),
            ("observation_error", wanted.observationError), ("time_step", timeStep), ("observation_interval", Double(run.interval)),
            ("observation_times", Double(run.window)), ("model_error_deviation", run.modelErrorDeviation),
        ] { try file.setAttribute(name, .double([value])) }
        try file.defineUnlimitedDimension("cycle")
        try file.defineDimension("k", length: sectors)
        try file.defineVariable("k", Int32.self, dimensions: ["k"], attributes: [("long_name", "sector of the ring"), ("units", "1")])
            .write((0..<sectors).map { Int32($0) })
        for (name, longName) in [
            ("model_time", "dimensionless model time at the beginning of the window"),
            ("background_rmse", "root mean square error of the background at the beginning of the window"),
            ("analysis_rmse", "root mean square error of the analysis at the beginning of the window"),
            ("final_rmse", "root mean square error of the analysis at the end of the window"),
        ] { try define(name, longName, ["cycle"]) }
        for (name, longName) in [
            ("truth", "true state at the beginning of the window"), ("background", "background at the beginning of the window"),
            ("analysis", "analysis at the beginning of the window"), ("increment", "analysis minus background"),
            ("final_truth", "true state at the end of the window"), ("final_analysis", "analysis at the end of the window"),
        ] { try define(name, longName, ["cycle", "k"]) }
        if run.scheme.method == .fourDVar {
            try define(
                "posterior_deviation", "standard deviation of the analysis's error from the Hessian; every tenth cycle", ["cycle", "k"], fill: true)
            try file.defineDimension("iteration", length: run.scheme.iterations + 1)
            for (name, longName) in [
                ("cost", "J"), ("background_cost", "Jb, the background's term of J"), ("observation_cost", "Jo, the observations' term of J"),
                ("gradient_norm", "norm of J's gradient with respect to the control"),
            ] { try define(name, "\(longName), before the first iteration and after each", ["cycle", "iteration"], fill: true) }
            try define("chi_square", "2 J(min) over the number of observations", ["cycle"])
        }
    }

    private func define(_ name: String, _ longName: String, _ dimensions: [String], fill: Bool = false) throws {
        let lengths = dimensions.map { $0 == "cycle" ? 64 : $0 == "k" ? sectors : run.scheme.iterations + 1 }
        variables[name] = try pending.file.defineVariable(
            name, Double.self, dimensions: dimensions, fill: fill ? Self.missing : nil, storage: NetCDFStorage(chunks: lengths, deflate: 1),
            attributes: [("long_name", .text(longName)), ("units", "1")])
    }

    private static let missing = Double.netCDF.defaultFill

    func append(_ cycle: TwinExperiment<RecordedRun<Lorenz96State>>.Cycle, posteriorVariances: [Double]?) throws {
        let (index, analysis) = (count, cycle.analysis)
        func put(_ name: String, _ values: [Double]) throws {
            guard let variable = variables[name] else { return }
            let isScalar = variable.dimensionNames.count == 1
            try variable.write(values, start: isScalar ? [index] : [index, 0], count: isScalar ? [1] : [1, values.count])
        }
        try put("model_time", [Double(cycle.window.firstStep) * timeStep])
        try put("background_rmse", [cycle.backgroundError])
        try put("analysis_rmse", [cycle.initialError])
        try put("final_rmse", [cycle.finalError])
        try put("truth", cycle.truth.initial.vector)
        try put("background", cycle.background.vector)
        try put("analysis", analysis.initial.vector)
        try put("increment", zip(analysis.initial.vector, cycle.background.vector).map(-))
        try put("final_truth", cycle.truth.final.vector)
        try put("final_analysis", analysis.final.vector)
        try put("posterior_deviation", posteriorVariances?.map { $0.squareRoot() } ?? [Double](repeating: Self.missing, count: sectors))
        if let minimisation = analysis.minimisation {
            let rest = [Double](repeating: Self.missing, count: run.scheme.iterations + 1 - minimisation.history.count)
            try put("cost", minimisation.history.map(\.total) + rest)
            try put("background_cost", minimisation.history.map(\.background) + rest)
            try put("observation_cost", minimisation.history.map(\.observations) + rest)
            try put("gradient_norm", minimisation.history.map(\.gradientNorm) + rest)
            try put("chi_square", [minimisation.chiSquare(observations: cycle.window.observationCount)])
        }
        count += 1
        guard wanted.writesObservations else { return }
        for batch in cycle.window.batches {
            guard let network = batch.observationOperator as? WeightedComponents else { continue }
            for (row, value) in batch.values.enumerated() {
                for term in network.terms(ofRow: row) {
                    observations.append(
                        ObservationRecord(step: batch.step, variable: "X", x: Double(term.component), value: value, variance: batch.variances[row]))
                }
            }
        }
    }

    func finish() throws {
        try pending.finish()
        guard !observations.isEmpty else { return }
        try ObservationFile(coordinates: .ring, timeStep: timeStep, records: observations).write(
            to: "\(wanted.directory)/\(run.name)_observations.nc", title: "Observations of run \(run.name)")
    }

    func abandon() { pending.abandon() }
}
