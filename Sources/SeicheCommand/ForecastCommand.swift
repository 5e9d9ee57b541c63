import ArgumentParser
import Basics
import Configuration
import Dynamics
import Emulators
import Foundation
import Trajectories

struct ForecastCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forecast",
        abstract: "Run an emulator from a simulated state and write the forecast as NetCDF.",
        discussion: "The file has the layout of the simulations, so that every tool that reads those reads forecasts.")

    @OptionGroup var options: ExperimentOptions

    @Option(help: "A run in training.directory, or the path of a checkpoint.")
    var emulator: String = "implicit"

    @Option(help: "Which test simulation to start from.")
    var simulation: Int = 0

    @Option(help: "At which of its states.")
    var start: Int = 0

    @Option(help: "How many steps; comparison.lead_steps by default.")
    var steps: Int?

    @Option(help: "Write every so many steps.")
    var every: Int = 1

    @OptionGroup var computing: PrecisionOption

    @Option(help: "The file to write; forecast_RUN_SIMULATION.nc in the run's folder by default.", completion: .file(extensions: ["nc"]))
    var output: String?

    func validate() throws {
        if let steps, steps < 1 { throw ValidationError("--steps must be at least 1.") }
        if every < 1 { throw ValidationError("--every must be at least 1.") }
        if start < 0 || simulation < 0 { throw ValidationError("--start and --simulation count from 0.") }
    }

    func run() throws {
        Interruption.watch()
        let experiment = try options.loadShallowWater()
        let source = try EmulatorSource(emulator, experiment: experiment)
        let test = try Scenario(experiment).simulations(.test)
        let trajectory = try test.trajectory(simulation)
        let model = try source.checkpoint.emulator(
            on: trajectory.grid, timeStep: trajectory.timeStep, precision: computing.precision)
        let steps = steps ?? experiment.comparison.leadSteps
        let path = output ?? "\(Files.folder(of: source.path))/forecast_\(source.name)_\(simulation).nc"
        guard start < trajectory.count else {
            throw SeicheError(
                .invalidInput, "simulation \(simulation) has \(trajectory.count) states; there is no state \(start)", remedy: "give a smaller --start")
        }

        var header = trajectory.header
        header.startTime += Double(start) * trajectory.timeStep
        header.timeStep *= Double(every)
        header.texts.title = "Forecast of emulator \(source.label) from state \(start) of test simulation \(simulation)"
        header.texts.source = "Seiche \(Provenance.version), \(source.checkpoint.specification.kind) emulator '\(source.path)'"
        header.texts.history = Provenance.history("forecast")
        header.texts.references = ""
        header.texts.experiment = ""
        header.texts.comment = "u sits on the east, v on the north face of a cell. Training data checksum: "
            + (source.checkpoint.provenance["data_checksum"] ?? "unknown")
        // What the reference model was run with says nothing of an emulator.
        header.parameters = [:]
        header.seed = nil
        header.texts.command = Provenance.command
        header.texts.version = Provenance.version
        let writer = try TrajectoryWriter(
            path: path, header: header, options: TrajectoryWriter.Options(deflate: experiment.simulations.compression))
        var state = try trajectory.state(at: start)
        try writer.append(state)
        let line = ProgressLine("forecasting, steps", total: steps)
        for step in 1...steps {
            if Interruption.isRequested {
                writer.abandon()
                throw SeicheError(.interrupted, "stopped at step \(step); nothing was written")
            }
            do { state = try model.step(state) } catch let error as SeicheError {
                writer.abandon()
                throw SeicheError(error.category, "forecast step \(step): \(error.what)", why: error.why, remedy: error.remedy)
            }
            if step % every == 0 { try writer.append(state) }
            line.update(step)
        }
        try writer.finish()
        print(path)
    }
}
