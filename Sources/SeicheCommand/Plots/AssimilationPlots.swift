import Basics
import Configuration
import Dynamics
import Evaluation

/// Figures of shallow-water assimilation, from what `seiche assimilate` wrote.
struct AssimilationPlots {
    private struct Run {
        let name: String
        /// Dashed lines are those of emulators, so that what they should lie on shows between.
        let style: Curve.Style
        let file: ResultFile

        /// Mean over the cases of rows of `count` values.
        func mean(_ variable: String) throws -> [Double] {
            let rows = try file.rows(variable) ?? []
            return (rows.first ?? []).indices.map { k in rows.reduce(0) { $0 + $1[k] } / Double(rows.count) }
        }
    }

    private let runs: [Run]
    private let grid: ShallowWaterGrid
    private let wanted: Experiment.SeaAssimilation

    /// - Parameter grid: of all cases.
    init(_ wanted: Experiment.SeaAssimilation, grid: ShallowWaterGrid) throws {
        (self.wanted, self.grid) = (wanted, grid)
        runs = try wanted.runs.compactMap { run in
            try ResultFile(ifPresent: "\(wanted.directory)/\(run.name).nc").map {
                Run(name: run.name, style: run.scheme.usesEmulator ? .dashed : .lineWithMarkers, file: $0)
            }
        }
        guard !runs.isEmpty else {
            throw SeicheError(.file, "there is no result of assimilation in '\(wanted.directory)'", remedy: "make it first with `seiche assimilate`")
        }
    }

    /// Errors of elevations from the analysis at the window's end on; at minus the window's length those at its beginning.
    func errorFigure(hours window: Double) throws -> CurveFigure {
        try CurveFigure(
            title: "Errors of the analysis at the window's start and end, and of forecasts from it",
            curves: runs.map { run in
                let start = try run.mean("analysis_zeta_rmse").last ?? .nan
                return Curve(
                    label: run.name, x: [-window] + (try run.file.values("lead") ?? []), y: [start] + (try run.mean("forecast_zeta_rmse")),
                    style: run.style)
            },
            x: CurveAxis(label: "time after the window's end, h"), y: CurveAxis(label: "RMS error of zeta, m", isLogarithmic: true))
    }

    /// J of the first case's first window, against the runs of model or tangent-linear with adjoint; nil where no run minimises.
    func costFigure() throws -> CurveFigure? {
        let curves = try runs.compactMap { run -> Curve? in
            guard let costs = try run.file.rows("cost")?.first, let counts = try run.file.rows("model_runs")?.first else { return nil }
            return Curve(label: run.name, x: counts, y: costs, style: run.style)
        }
        guard !curves.isEmpty else { return nil }
        return try CurveFigure(
            title: "Cost of the first window", curves: curves, x: CurveAxis(label: "runs of model or tangent-linear with adjoint"),
            y: CurveAxis(label: "J", isLogarithmic: true))
    }

    /// Elevations of the first case's last window at its end: of every run the truth, the analysis and its error.
    func finalMaps() throws -> MapFigure {
        try maps("Elevations at the window's end, first case", runs) { run in
            let (truth, analysis) = (try field("final_truth_zeta", of: run), try field("final_analysis_zeta", of: run))
            return [("truth", truth), (run.name, analysis), ("\(run.name) - truth", zip(analysis, truth).map(-))]
        }
    }

    /// The same at its beginning, of the runs that change it: truth, background, increment and analysis; nil where there is none.
    func initialMaps() throws -> MapFigure? {
        let variational = runs.filter { $0.file.has("cost") }
        guard !variational.isEmpty else { return nil }
        return try maps("Elevations at the window's beginning, first case", variational) { run in
            let titles = ["truth", "background", "\(run.name), increment", "\(run.name), analysis"]
            return try zip(titles, ["truth", "background", "increment", "analysis"]).map { ($0, try field("\($1)_zeta", of: run)) }
        }
    }

    /// A row of panels for each run, in the colours of the row's first field.
    private func maps(_ title: String, _ runs: [Run], panels: (Run) throws -> [(title: String, values: [Double])]) throws -> MapFigure {
        let rows = try runs.map(panels)
        let size = rows.first?.first?.values.filter(\.isFinite).map(abs).max().flatMap { $0 > 0 ? $0 : nil } ?? 1
        let scale = ColorScale(label: "zeta, m", group: "elevation", range: -size...size)
        return try MapFigure(
            title: title, rows: rows.map { $0.map { MapPanel(title: $0.title, values: $0.values, scale: scale) } }, coordinates: grid.coordinates,
            wet: grid.wet)
    }

    /// Of the first case's last cycle.
    private func field(_ name: String, of run: Run) throws -> [Double] {
        let cells = grid.cellCount
        let values = try run.file.values(name) ?? []
        let first = (wanted.cycles - 1) * cells
        guard values.count >= first + cells else {
            throw SeicheError(
                .file, "'\(run.file.path)' has no \(name) of cycle \(wanted.cycles - 1) on \(grid.nx) x \(grid.ny) cells",
                why: "the experiment has changed since", remedy: "run `seiche assimilate` again")
        }
        return Array(values[first..<first + cells])
    }
}
