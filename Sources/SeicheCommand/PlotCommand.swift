import ArgumentParser
import Basics
import Configuration
import Dynamics
import Emulators
import Evaluation
import Foundation
import Trajectories

struct PlotCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plot",
        abstract: "Draw maps of truth, emulators and their differences, and error against lead time, as PNG.",
        discussion: "Needs gnuplot, and comparison.nc from `seiche compare`. Writes into training.directory/figures.")

    @OptionGroup var options: ExperimentOptions

    @OptionGroup var emulators: EmulatorOptions

    @Option(help: "Which test simulation the maps show.")
    var simulation: Int = 0

    @Option(help: "Lead time of the maps, in steps; a quarter of comparison.lead_steps by default.")
    var lead: Int?

    func validate() throws {
        if let lead, lead < 1 { throw ValidationError("--lead must be at least 1.") }
        if simulation < 0 { throw ValidationError("--simulation counts from 0.") }
    }

    func run() throws {
        let experiment = try options.loadShallowWater()
        let sources: [EmulatorSource] = try emulators.load(experiment)
        let comparison = "\(experiment.training.directory)/comparison.nc"
        guard Files.exists(comparison) else {
            throw SeicheError(.file, "there is no '\(comparison)' to draw", remedy: "make it first with `seiche compare`")
        }
        let folder = "\(experiment.training.directory)/figures"
        try Files.createFolder(folder)
        try errors(comparison, to: "\(folder)/error_by_lead_time.png")
        try maps(experiment, sources, to: "\(folder)/elevation_maps.png")
    }

    private func errors(_ comparison: String, to path: String) throws {
        let (leads, labels, errors) = try Comparison.read(comparison)
        let hours = leads.map { $0 / 3600 }
        // Errors far beyond the signal's own size say only "useless": the axis ends at ten times persistence.
        let persistence = labels.firstIndex(of: "persistence").map { errors[$0] } ?? []
        let ceiling = 10 * (persistence.filter(\.isFinite).max() ?? 1)
        let floor = errors.flatMap { $0 }.filter { $0 > 0 && $0.isFinite }.min() ?? 1e-3
        let curves = zip(labels, errors).map { label, values in
            let shown = zip(hours, values).prefix { $1.isFinite && $1 < 10 * ceiling }
            return Curve(
                label: label, x: shown.map(\.0), y: shown.map(\.1), style: label == "persistence" ? .dashed : .line)
        }
        let figure = try CurveFigure(
            title: "Forecast error on unseen simulations", curves: curves,
            x: CurveAxis(label: "lead time, h"),
            y: CurveAxis(label: "error / RMS of the training set", isLogarithmic: true, range: floor / 1.5...ceiling))
        try FigureRenderer().render(figure, to: path)
        print(path)
    }

    private func maps(_ experiment: Experiment, _ sources: [EmulatorSource], to path: String) throws {
        let test = try Scenario(experiment).simulations(.test)
        let trajectory = try test.trajectory(simulation)
        let steps = lead ?? max(1, experiment.comparison.leadSteps / 4)
        guard steps < trajectory.count else {
            throw SeicheError(
                .invalidInput, "simulation \(simulation) has \(trajectory.count) states, too few for maps at step \(steps)",
                remedy: "give a smaller --lead")
        }
        let start = try trajectory.state(at: 0)
        let truth = try trajectory.state(at: steps).zeta
        // The truth sets the colours, so that a forecast that blew up does not wash the others out.
        let largest = truth.map(abs).max() ?? 1
        let elevation = ColorScale(label: "zeta, m", group: "elevation", range: -largest...largest)
        let hours = Text.figure(Double(steps) * trajectory.timeStep / 3600)
        let rows = try sources.map { source in
            let model = try source.checkpoint.emulator(on: trajectory.grid, timeStep: trajectory.timeStep)
            // A forecast that blew up is drawn as not finite, not left out.
            let forecast = (try? model.advanced(start, steps: steps).zeta) ?? truth.map { _ in .nan }
            let errors = zip(forecast, truth).map { $0 - $1 }
            // Each emulator's errors have colours of their own, up to the size of the truth.
            let bound = min(largest, errors.filter(\.isFinite).map(abs).max().flatMap { $0 > 0 ? $0 : nil } ?? largest)
            let difference = ColorScale(label: "difference, m", group: source.label, range: -bound...bound)
            return [
                MapPanel(title: "Fortran model after \(hours) h", values: truth, scale: elevation),
                MapPanel(
                    title: source.label + (forecast.contains { $0.isFinite } ? "" : ": failed before"), values: forecast, scale: elevation),
                MapPanel(title: "\(source.label) - Fortran", values: errors, scale: difference),
            ]
        }
        let figure = try MapFigure(
            title: "Surface elevation, test simulation \(simulation)", rows: rows, coordinates: trajectory.grid.coordinates,
            wet: trajectory.grid.wet)
        try FigureRenderer().render(figure, to: path)
        print(path)
    }
}
