import Assimilation
import Basics
import Configuration
import Dynamics
import NetCDF
import ReferenceModels

/// What the runs of shallow-water assimilation came to: a table, and files.
struct ShallowWaterAssimilationResults {
    struct Run {
        let settings: Experiment.SeaAssimilation.Run
        let cases: [ShallowWaterAssimilation.CaseResult]

        var failure: SeicheError? { cases.lazy.compactMap(\.failure).first }

        /// Of the cases.
        func mean(_ value: (ShallowWaterAssimilation.CaseResult) -> Double) -> Double {
            cases.reduce(0) { $0 + value($1) } / Double(cases.count)
        }
    }

    let assimilation: ShallowWaterAssimilation
    let runs: [Run]

    private var wanted: Experiment.SeaAssimilation { assimilation.wanted }
    private var hour: Double { assimilation.experiment.model.timeStep / 3600 }
    private var errors: ShallowWaterErrors { ShallowWaterErrors(assimilation.grid) }

    /// After the last window, in h.
    var leads: [Double] {
        (Array(stride(from: 0, to: wanted.forecastSteps, by: wanted.interval)) + [wanted.forecastSteps]).map { Double($0) * hour }
    }

    // MARK: What is printed

    var report: String {
        // The window's end, the middle and the end of the forecast.
        let shown = Array(Set([0, (leads.count - 1) / 2, leads.count - 1])).sorted()
        func names(_ field: String) -> [String] {
            ["\(field) start"] + shown.map { leads[$0] == 0 ? "end" : "+\(Text.figure(leads[$0])) h" }
        }
        let header = ["run", "method", "model", "factor"] + names("zeta") + names("velocity") + ["2J/p", "R", "HBH'", "runs", "core s"]
        let rows = runs.map { run in
            let settings = run.settings
            let set = [
                settings.name, settings.scheme.method.rawValue, Files.name(of: settings.scheme.model),
                settings.scheme.method == .freeRun ? "" : Text.figure(settings.backgroundFactor),
            ]
            guard run.failure == nil else { return set + ["failed"] }
            let start = { (result: ShallowWaterAssimilation.CaseResult) in
                errors.size(result.cycles[result.cycles.count - 1].analysis.initial, result.cycles[result.cycles.count - 1].truth.initial)
            }
            var statistics = TwinStatistics()
            for cycle in run.cases.flatMap(\.cycles) { statistics.add(cycle) }
            let minimisations = run.cases.flatMap(\.cycles).compactMap(\.analysis.minimisation)
            let isVariational = !minimisations.isEmpty
            let products = minimisations.reduce(0) { $0 + $1.products + $1.evaluations }
            return set + [Text.figure(run.mean { start($0).zeta })] + shown.map { lead in Text.figure(run.mean { $0.forecastErrors[lead].zeta }) }
                + [Text.figure(run.mean { start($0).velocity })] + shown.map { lead in Text.figure(run.mean { $0.forecastErrors[lead].velocity }) }
                + [
                    isVariational ? Text.figure(TwinStatistics.mean(statistics.chiSquares).mean) : "",
                    Text.figure(statistics.departures.observationVariance), Text.figure(statistics.departures.backgroundVariance),
                    isVariational ? Text.figure(Double(products) / Double(minimisations.count)) : "", Text.figure(run.mean(\.seconds)),
                ]
        }
        let statistics = assimilation.errorStatistics
        let count = runs.first?.cases.first?.cycles.first?.window.observationCount ?? 0
        var text = """
            Root mean square errors of the last window's analysis at its start and end, and of forecasts from it; zeta in m, velocities in m/s; \
            means over \(wanted.cases) cases
            \(Text.table([header] + rows))
            windows of \(Text.figure(Double(wanted.window * wanted.interval) * hour)) h with \(count) elevations, errors of \
            \(Text.figure(wanted.observations.deviation)) m, variance \(Text.figure(wanted.observations.deviation * wanted.observations.deviation))
            B: deviations of \(Text.figure(statistics.elevationDeviation)) m and \(Text.figure(statistics.velocityDeviation)) m/s times the factor, \
            lengths of \(Text.figure(statistics.elevationLength / 1000)) and \(Text.figure(statistics.velocityLength / 1000)) km
            2J/p: of the minimum, one where B and R are right; R and HBH': variances that departures tell (Desroziers et al. 2005)
            runs: of model or tangent-linear with adjoint, a window; core s: of one core, for all windows and the forecast of a case
            """
        for run in runs {
            if let failure = run.failure { text += "\n\(run.settings.name) lost the truth: \(failure.what)" }
        }
        return text
    }

    // MARK: What is written

    /// The file of a run; nothing where it failed in all cases.
    func write(_ run: Run, to path: String) throws {
        let whole = run.cases.filter { $0.failure == nil }
        guard !whole.isEmpty else { return }
        let grid = assimilation.grid
        let fields: [(name: String, units: String, meaning: String, value: (ShallowWaterState) -> [Double])] = [
            ("zeta", "m", "elevation", { Self.masked($0.zeta, grid.wet) }), ("u", "m s-1", "velocity along x on east faces", { Self.masked($0.u, grid.openEast) }),
            ("v", "m s-1", "velocity along y on north faces", { Self.masked($0.v, grid.openNorth) }),
        ]
        typealias Cycle = TwinExperiment<ShallowWaterModel>.Cycle
        let states: [(name: String, meaning: String, state: (Cycle) -> ShallowWaterState)] = [
            ("truth", "of the truth at the beginning of the window", { $0.truth.initial }),
            ("background", "of the background at the beginning of the window", { $0.background }),
            ("analysis", "of the analysis at the beginning of the window", { $0.analysis.initial }),
            ("final_truth", "of the truth at the end of the window", { $0.truth.final }),
            ("final_analysis", "of the analysis at the end of the window", { $0.analysis.final }),
        ]
        let cycles = whole.flatMap(\.cycles)
        let axes = ["case", "cycle", "y", "x"]
        var variables: [(name: String, axes: [String], values: [Double], units: String, meaning: String)] = [
            ("lead", ["lead"], leads, "h", "time after the end of the last window")
        ]
        for field in fields {
            for state in states {
                variables.append(("\(state.name)_\(field.name)", axes, cycles.flatMap { field.value(state.state($0)) }, field.units, "\(field.meaning) \(state.meaning)"))
            }
            variables.append((
                "increment_\(field.name)", axes, cycles.flatMap { zip(field.value($0.analysis.initial), field.value($0.background)).map(-) }, field.units,
                "\(field.meaning), analysis minus background at the beginning of the window"
            ))
        }
        for (name, units, value) in [
            ("zeta", "m", { (size: ShallowWaterErrors.Size) in size.zeta }), ("velocity", "m s-1", { (size: ShallowWaterErrors.Size) in size.velocity }),
        ] {
            for (moment, meaning, pair) in [
                ("background", "background", { (cycle: Cycle) in (cycle.background, cycle.truth.initial) }),
                ("analysis", "analysis", { (cycle: Cycle) in (cycle.analysis.initial, cycle.truth.initial) }),
            ] {
                variables.append((
                    "\(moment)_\(name)_rmse", ["case", "cycle"], cycles.map { value(errors.size(pair($0).0, pair($0).1)) }, units,
                    "root mean square error of the \(meaning) at the beginning of the window"
                ))
            }
            variables.append((
                "forecast_\(name)_rmse", ["case", "lead"], whole.flatMap { $0.forecastErrors.map(value) }, units, "root mean square error of forecasts"
            ))
        }
        variables.append(("core_seconds", ["case"], whole.map(\.seconds), "s", "time of one core"))
        let minimisations = cycles.compactMap(\.analysis.minimisation)
        let iterations = minimisations.map(\.history.count).max() ?? 0
        if iterations > 0 {
            variables.append(("chi_square", ["case", "cycle"], cycles.map { cycle in
                cycle.analysis.minimisation?.chiSquare(observations: cycle.window.observationCount) ?? .nan
            }, "1", "2 J(min) over the number of observations"))
            let figures: [(name: String, meaning: String, value: (Minimisation.Iteration) -> Double)] = [
                ("cost", "J", { $0.total }), ("background_cost", "Jb, the background's term of J", { $0.background }),
                ("observation_cost", "Jo, the observations' term of J", { $0.observations }),
                ("gradient_norm", "norm of J's gradient with respect to the control", { $0.gradientNorm }),
                ("model_runs", "runs of model or tangent-linear with adjoint", { Double($0.runs) }),
            ]
            for (name, meaning, value) in figures {
                variables.append((
                    name, ["case", "cycle", "iteration"], minimisations.flatMap { $0.history.map(value).padded(to: iterations) }, "1",
                    "\(meaning), before the first iteration and after each"
                ))
            }
        }
        try Files.createFolder(Files.folder(of: path))
        try NetCDFFile.writeFigure(
            path, title: "Data assimilation \(run.settings.name) of \(assimilation.experiment.name), \(run.settings.scheme.method.rawValue) with \(run.settings.scheme.model)",
            labels: [],
            lengths: [("case", whole.count), ("cycle", wanted.cycles), ("lead", leads.count), ("y", grid.ny), ("x", grid.nx)]
                + (iterations > 0 ? [("iteration", iterations)] : []),
            variables)
        if wanted.writesObservations { try writeObservations(run) }
    }

    /// One file a case, as steps and places of one case belong together.
    private func writeObservations(_ run: Run) throws {
        let experiment = assimilation.experiment
        let coordinates: ObservationFile.Coordinates = if case .projected = assimilation.grid.coordinates { .projected } else { .geographic }
        for (index, result) in run.cases.enumerated() where result.failure == nil {
            let batches = result.cycles.flatMap(\.window.batches)
            let records = try batches.enumerated().flatMap { time, batch in
                zip(try assimilation.observedPoints(case: index, time: time), batch.values).map { point, value in
                    ObservationRecord(
                        step: batch.step, variable: point.field.rawValue, x: point.x, y: point.y, value: value, variance: batch.variances[0])
                }
            }
            try ObservationFile(
                coordinates: coordinates, timeStep: experiment.model.timeStep, startTime: experiment.model.startTime, records: records
            ).write(to: "\(wanted.directory)/\(run.settings.name)_observations_\(index).nc", title: "Observations of run \(run.settings.name), case \(index)")
        }
    }

    private static func masked(_ values: [Double], _ mask: [Bool]) -> [Double] { zip(values, mask).map { $1 ? $0 : .nan } }
}
