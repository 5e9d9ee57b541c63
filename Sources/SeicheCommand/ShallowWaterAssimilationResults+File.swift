import Assimilation
import Basics
import Dynamics
import NetCDF
import ReferenceModels

// The files of the runs.
extension ShallowWaterAssimilationResults {
    private typealias Cycle = TwinExperiment<ShallowWaterModel>.Cycle
    private typealias Variable = (name: String, axes: [String], values: [Double], units: String, meaning: String)

    /// The file of a run, of the cases in which it did not fail; none, and false, where it failed in all.
    func write(_ run: Run, to path: String) throws -> Bool {
        let whole = run.cases.filter { $0.failure == nil }
        guard !whole.isEmpty else { return false }
        let cycles = whole.flatMap(\.cycles)
        let minimisations = cycles.compactMap(\.analysis.minimisation)
        let iterations = minimisations.map(\.history.count).max() ?? 0
        var variables = states(cycles) + errors(whole)
        variables.append(("core_seconds", ["case"], whole.map(\.seconds), "s", "time of one core"))
        if iterations > 0 { variables += costs(cycles, minimisations, iterations: iterations) }
        let (settings, grid) = (run.settings, assimilation.grid)
        try Files.createFolder(Files.folder(of: path))
        try NetCDFFile.writeFigure(
            path,
            title: "Data assimilation \(settings.name) of \(assimilation.experiment.name), \(settings.scheme.method.rawValue) with \(settings.scheme.model)",
            labels: [],
            lengths: [("case", whole.count), ("cycle", wanted.cycles), ("lead", leads.count), ("y", grid.ny), ("x", grid.nx)]
                + (iterations > 0 ? [("iteration", iterations)] : []),
            variables)
        if wanted.writesObservations { try writeObservations(run) }
        return true
    }

    /// Not a number on land and closed faces.
    private func states(_ cycles: [Cycle]) -> [Variable] {
        let grid = assimilation.grid
        let fields: [(name: String, units: String, meaning: String, mask: [Bool], values: (ShallowWaterState) -> [Double])] = [
            ("zeta", "m", "elevation", grid.wet, { $0.zeta }), ("u", "m s-1", "velocity along x on east faces", grid.openEast, { $0.u }),
            ("v", "m s-1", "velocity along y on north faces", grid.openNorth, { $0.v }),
        ]
        let states: [(name: String, meaning: String, state: (Cycle) -> ShallowWaterState)] = [
            ("truth", "of the truth at the beginning of the window", { $0.truth.initial }),
            ("background", "of the background at the beginning of the window", { $0.background }),
            ("analysis", "of the analysis at the beginning of the window", { $0.analysis.initial }),
            ("increment", "of analysis minus background at the beginning of the window", Self.increment),
            ("final_truth", "of the truth at the end of the window", { $0.truth.final }),
            ("final_analysis", "of the analysis at the end of the window", { $0.analysis.final }),
        ]
        return fields.flatMap { field in
            states.map { state in
                let values = cycles.flatMap { cycle in zip(field.values(state.state(cycle)), field.mask).map { $1 ? $0 : .nan } }
                return ("\(state.name)_\(field.name)", ["case", "cycle", "y", "x"], values, field.units, "\(field.meaning) \(state.meaning)")
            }
        }
    }

    private static func increment(_ cycle: Cycle) -> ShallowWaterState {
        var state = cycle.analysis.initial
        state.vector = zip(state.vector, cycle.background.vector).map(-)
        return state
    }

    private func errors(_ cases: [ShallowWaterAssimilation.CaseResult]) -> [Variable] {
        let sizes = errors
        let fields: [(name: String, units: String, value: (ShallowWaterErrors.Size) -> Double)] = [
            ("zeta", "m", { $0.zeta }), ("velocity", "m s-1", { $0.velocity }),
        ]
        let moments: [(name: String, state: (Cycle) -> ShallowWaterState)] = [
            ("background", { $0.background }), ("analysis", { $0.analysis.initial }),
        ]
        let cycles = cases.flatMap(\.cycles)
        return [("lead", ["lead"], leads, "h", "time after the end of the last window")]
            + fields.flatMap { field in
                moments.map { moment -> Variable in
                    (
                        "\(moment.name)_\(field.name)_rmse", ["case", "cycle"],
                        cycles.map { field.value(sizes.size(moment.state($0), $0.truth.initial)) }, field.units,
                        "root mean square error of the \(moment.name) at the beginning of the window"
                    )
                } + [
                    (
                        "forecast_\(field.name)_rmse", ["case", "lead"], cases.flatMap { $0.forecastErrors.map(field.value) }, field.units,
                        "root mean square error of forecasts from the analysis at the end of the last window"
                    ),
                ]
            }
    }

    private func costs(_ cycles: [Cycle], _ minimisations: [Minimisation], iterations: Int) -> [Variable] {
        let figures: [(name: String, meaning: String, value: (Minimisation.Iteration) -> Double)] = [
            ("cost", "J", { $0.total }), ("background_cost", "Jb, the background's term of J", { $0.background }),
            ("observation_cost", "Jo, the observations' term of J", { $0.observations }),
            ("gradient_norm", "norm of J's gradient with respect to the control", { $0.gradientNorm }),
            ("model_runs", "runs of model or tangent-linear with adjoint", { Double($0.runs) }),
        ]
        let chiSquares = zip(minimisations, cycles).map { $0.chiSquare(observations: $1.window.observationCount) }
        return [("chi_square", ["case", "cycle"], chiSquares, "1", "2 J(min) over the number of observations")]
            + figures.map { figure in
                (
                    figure.name, ["case", "cycle", "iteration"], minimisations.flatMap { $0.history.map(figure.value).padded(to: iterations) }, "1",
                    "\(figure.meaning), before the first iteration and after each"
                )
            }
    }

    /// One file a case, as steps and places of one case belong together.
    private func writeObservations(_ run: Run) throws {
        let experiment = assimilation.experiment
        let coordinates: ObservationFile.Coordinates = if case .projected = assimilation.grid.coordinates { .projected } else { .geographic }
        for (index, result) in run.cases.enumerated() where result.failure == nil {
            let batches = result.cycles.flatMap(\.window.batches)
            let records = try batches.enumerated().flatMap { time, batch in
                try zip(assimilation.observedPoints(case: index, time: time), batch.values).map { point, value in
                    ObservationRecord(
                        step: batch.step, variable: point.field.rawValue, x: point.x, y: point.y, value: value, variance: batch.variances[0])
                }
            }
            let name = run.settings.name
            try ObservationFile(
                coordinates: coordinates, timeStep: experiment.model.timeStep, startTime: experiment.model.startTime, records: records
            ).write(to: "\(wanted.directory)/\(name)_observations_\(index).nc", title: "Observations of run \(name), case \(index)")
        }
    }
}
