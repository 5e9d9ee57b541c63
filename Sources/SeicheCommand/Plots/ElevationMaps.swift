import Basics
import Dynamics
import Evaluation
import Foundation
import NetCDF
import Trajectories

/// Elevations that emulators forecast from one state, beside the Fortran model's, at some lead times.
struct ElevationMaps {
    struct Forecast {
        let label: String
        /// [lead][y, x]; not a number from where the forecast failed.
        let zeta: [[Double]]
    }

    private let hours: [Double]
    private let truth: [[Double]]
    private let forecasts: [Forecast]
    private let trajectory: Trajectory
    private let simulation: Int

    /// - Parameter leads: in steps.
    init(_ sources: [EmulatorSource], of trajectory: Trajectory, simulation: Int, leads: [Int]) throws {
        guard let last = leads.max(), last < trajectory.count else {
            throw SeicheError(
                .invalidInput, "simulation \(simulation) has \(trajectory.count) states, too few for maps at step \(leads.max() ?? 0)",
                remedy: "give a smaller --lead or fewer --hours")
        }
        self.trajectory = trajectory
        self.simulation = simulation
        hours = leads.map { Double($0) * trajectory.timeStep / 3600 }
        let truth = try leads.map { try trajectory.state(at: $0).zeta }
        self.truth = truth
        let start = try trajectory.state(at: 0)
        forecasts = try sources.map { source in
            let model = try source.checkpoint.emulator(on: trajectory.grid, timeStep: trajectory.timeStep)
            // A forecast that blew up is drawn as not finite, not left out.
            return Forecast(label: source.label, zeta: zip(leads, truth).map { lead, truth in
                (try? model.advanced(start, steps: lead).zeta) ?? truth.map { _ in .nan }
            })
        }
    }

    func write(to path: String) throws {
        let grid = trajectory.grid
        let wet = grid.wet
        func masked(_ fields: [[Double]]) -> [Double] { fields.flatMap { zip($0, wet).map { $1 ? $0 : .nan } } }
        let (ny, nx) = (grid.ny, grid.nx)
        try NetCDFFile.writeFigure(
            path, title: "Elevations of test simulation \(simulation) and of forecasts from its first state",
            labels: [("emulator", forecasts.map(\.label))], lengths: [("lead", hours.count), ("y", ny), ("x", nx)],
            [
                ("lead_time", ["lead"], hours, "h", "lead time"),
                ("truth", ["lead", "y", "x"], masked(truth), "m", "elevation of the Fortran model"),
                ("zeta", ["emulator", "lead", "y", "x"], forecasts.flatMap { masked($0.zeta) }, "m", "elevation of the forecasts"),
            ])
    }

    /// A row for each lead time and emulator: truth, forecast, difference.
    func figure(of labels: [String]) throws -> MapFigure {
        // The truth sets the colours, so that a forecast that blew up does not wash the others out.
        let largest = truth.joined().map(abs).max().flatMap { $0 > 0 ? $0 : nil } ?? 1
        let elevation = ColorScale(label: "zeta, m", group: "elevation", range: -largest...largest)
        let rows = forecasts.filter { labels.contains($0.label) }.flatMap { forecast in
            let errors = zip(forecast.zeta, truth).map { zip($0, $1).map { $0 - $1 } }
            // Each emulator's errors have colours of their own, up to the size of the truth.
            let bound = min(largest, errors.joined().filter(\.isFinite).map(abs).max().flatMap { $0 > 0 ? $0 : nil } ?? largest)
            let difference = ColorScale(label: "difference, m", group: forecast.label, range: -bound...bound)
            return hours.indices.map { k in
                [
                    MapPanel(title: "Fortran model after \(String(format: "%.4g", hours[k])) h", values: truth[k], scale: elevation),
                    MapPanel(
                        title: forecast.label + (forecast.zeta[k].contains { $0.isFinite } ? "" : ": failed before"), values: forecast.zeta[k],
                        scale: elevation),
                    MapPanel(title: "\(forecast.label) - Fortran", values: errors[k], scale: difference),
                ]
            }
        }
        return try MapFigure(
            title: "Surface elevation, test simulation \(simulation)", rows: rows, coordinates: trajectory.grid.coordinates, wet: trajectory.grid.wet)
    }
}
