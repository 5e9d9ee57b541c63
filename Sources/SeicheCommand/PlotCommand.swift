import ArgumentParser
import Basics
import Configuration
import Dynamics
import Emulators
import Evaluation
import Foundation
import StencilSolvers
import Trajectories

struct PlotCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plot",
        abstract: "Draw errors, maps, learned stencils, convergence of solvers and training curves, as PNG.",
        discussion: """
            Needs gnuplot, and comparison.nc from `seiche compare`. Writes into training.directory/figures, the numbers of a figure beside it as NetCDF. \
            Of an experiment with data assimilation of shallow water instead its errors, costs and maps, into assimilation.directory/figures. \
            Stencils and convergence are those of emulators that solve a system for the elevation. Runs NAME_seed2, NAME_seed3 are seeds of NAME. Of \
            Lorenz '96: errors, training curves and, of runs NAME_10, NAME_30, ..., learning curves.
            """)

    @OptionGroup var options: ExperimentOptions

    @OptionGroup var emulators: EmulatorOptions

    @Option(help: "Which test simulation the maps show.")
    var simulation: Int = 0

    @Option(help: "Lead time of the maps, in steps; a quarter of comparison.lead_steps by default.")
    var lead: Int?

    @Option(
        name: .long, parsing: .singleValue,
        help: "Lead time of maps in hours, in place of --lead; may be repeated. Each emulator has a figure of its own then.")
    var hours: [Double] = []

    @Option(help: ArgumentHelp("Figures of published nets to draw as points, such as experiments/published_nets.yaml.", valueName: "file"))
    var published: String?

    func validate() throws {
        if let lead, lead < 1 { throw ValidationError("--lead must be at least 1.") }
        if simulation < 0 { throw ValidationError("--simulation counts from 0.") }
        if let bad = hours.first(where: { !($0 >= 0 && $0 < 1e6) }) { throw ValidationError("--hours \(bad) is no lead time.") }
    }

    func run() throws {
        let experiment = try options.load()
        if let wanted = experiment.assimilation { return try assimilation(wanted, experiment) }
        let comparison = "\(experiment.training.directory)/comparison.nc"
        guard Files.exists(comparison) else {
            throw SeicheError(.file, "there is no '\(comparison)' to draw", remedy: "make it first with `seiche compare`")
        }
        try Files.createFolder(folder(experiment))
        if experiment.model.lorenz96 != nil {
            let sources: [TrainedEmulator<Lorenz96Checkpoint>] = try emulators.load(experiment)
            let plots = try Lorenz96Plots(comparison)
            try draw(plots.errorFigure(), "error_by_lead_time", experiment)
            if let learning = try plots.learningFigure() { try draw(learning, "learning_curves", experiment) }
            let shown = Lorenz96Plots.shown(sources.map(\.label))
            return try trainingCurves(experiment, sources.filter { shown.contains($0.label) })
        }
        let sources: [EmulatorSource] = try emulators.load(experiment)
        let (leads, labels, errors) = try Comparison.read(comparison)
        let nets = try published.map { try PublishedNets.load(path: $0).nets(timeStep: experiment.model.timeStep) } ?? []
        // Published errors "at 25 h" count from the start of the simulation, leads from the end of the spin-up.
        let end = 25 - Double(experiment.simulations.spinUpSteps) * experiment.model.timeStep / 3600
        try draw(ErrorCurves(leads: leads, labels: labels, errors: errors).figure(beside: nets, endHours: end), "error_by_lead_time", experiment)
        // The first seed stands for the others where fields are shown.
        let shown = sources.filter { BasinResults.family(of: $0.label) == $0.label }
        try maps(experiment, shown)
        try systems(experiment, shown)
        try trainingCurves(experiment, sources)
    }

    /// In place of all other figures, as an experiment of assimilation trains nothing.
    private func assimilation(_ wanted: Experiment.SeaAssimilation, _ experiment: Experiment) throws {
        let plots = try AssimilationPlots(wanted, grid: Scenario(experiment).start(.test, 0).grid)
        func draw(_ figure: (some Figure)?, _ name: String) throws {
            guard let figure else { return }
            let path = "\(wanted.directory)/figures/\(name).png"
            try FigureRenderer().render(figure, to: path)
            print(path)
        }
        let hours = Double(wanted.window * wanted.interval) * experiment.model.timeStep / 3600
        try draw(plots.errorFigure(hours: hours), "error_by_lead_time")
        try draw(plots.costFigure(), "cost")
        try draw(plots.initialMaps(), "maps_start")
        try draw(plots.finalMaps(), "maps_end")
    }

    private func folder(_ experiment: Experiment) -> String { "\(experiment.training.directory)/figures" }

    private func draw(_ figure: some Figure, _ name: String, _ experiment: Experiment) throws {
        let path = "\(folder(experiment))/\(name).png"
        try FigureRenderer().render(figure, to: path)
        print(path)
    }

    private func maps(_ experiment: Experiment, _ sources: [EmulatorSource]) throws {
        let trajectory = try Scenario(experiment).simulations(.test).trajectory(simulation)
        let leads = hours.isEmpty
            ? [lead ?? max(1, experiment.comparison.leadSteps / 4)] : hours.map { Int(($0 * 3600 / trajectory.timeStep).rounded()) }
        let maps = try ElevationMaps(sources, of: trajectory, simulation: simulation, leads: leads)
        try maps.write(to: "\(folder(experiment))/maps.nc")
        guard !hours.isEmpty else { return try draw(maps.figure(of: sources.map(\.label)), "elevation_maps", experiment) }
        for source in sources { try draw(maps.figure(of: [source.label]), "maps_\(source.name)", experiment) }
    }

    /// Stencils and convergence at the middle of a test simulation.
    private func systems(_ experiment: Experiment, _ sources: [EmulatorSource]) throws {
        let scenario = try Scenario(experiment)
        let trajectory = try scenario.simulations(.test).trajectory(simulation)
        let state = try trajectory.state(at: trajectory.count / 2)
        let systems = try sources.compactMap { source in
            try source.checkpoint.emulator(on: trajectory.grid, timeStep: trajectory.timeStep).elevationSystem(at: state)
                .map { (label: source.label, name: source.name, matrix: $0.matrix, rightHandSide: $0.rightHandSide) }
        }
        guard !systems.isEmpty else { return }
        let stencils = try StencilPlot(systems.map { ($0.label, $0.matrix) }, model: scenario.model(on: trajectory.grid), state: state)
        try stencils.write(to: "\(folder(experiment))/stencils.nc")
        try draw(stencils.figure(), "stencils", experiment)
        let convergence = ConvergencePlot(systems.map { ($0.label, $0.matrix, $0.rightHandSide) }, wet: trajectory.grid.wet)
        try convergence.write(to: "\(folder(experiment))/convergence.nc")
        for (entry, system) in zip(convergence.entries, systems) {
            try draw(convergence.figure(entry), "convergence_\(system.name)", experiment)
        }
    }

    private func trainingCurves<File>(_ experiment: Experiment, _ sources: [TrainedEmulator<File>]) throws {
        let curves = try TrainingCurves(sources.map { ($0.label, Files.folder(of: $0.path), $0.checkpoint.numbers["seconds"] ?? .nan) })
        guard !curves.runs.isEmpty else { return }
        try curves.write(to: "\(folder(experiment))/training_curves.nc")
        try draw(curves.figure(), "training_curves", experiment)
    }
}
