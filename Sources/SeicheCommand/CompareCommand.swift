import ArgumentParser
import Basics
import Configuration
import Emulators
import Foundation

struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Print forecast errors against lead time, on simulations never seen in training.",
        discussion: """
            The error is the root mean square over wet cells and open faces of zeta, u and v, each divided by its RMS over the \
            training set; mean over forecasts. A forecast that blows up counts as infinitely wrong from there on. Of Lorenz '96 also the \
            time for which forecasts are valid, and Lyapunov exponents. Writes comparison.nc into training.directory.
            """)

    @OptionGroup var options: ExperimentOptions

    @OptionGroup var emulators: EmulatorOptions

    @OptionGroup var computing: PrecisionOption

    func run() throws {
        Interruption.watch()
        let experiment = try options.load()
        let path = "\(experiment.training.directory)/comparison.nc"
        if experiment.model.lorenz96 != nil {
            let sources: [TrainedEmulator<Lorenz96Checkpoint>] = try emulators.load(experiment)
            try Files.createFolder(Files.folder(of: path))
            let comparison = try Lorenz96Comparison(experiment, sources)
            try comparison.write(to: path)
            print(comparison.report)
        } else {
            let sources: [EmulatorSource] = try emulators.load(experiment)
            // Before the work, not after it: the emulators may come from elsewhere.
            try Files.createFolder(Files.folder(of: path))
            let comparison = try Comparison.run(experiment, sources: sources, precision: computing.precision)
            try comparison.write(to: path)
            print("Forecast error by lead time in steps of \(Text.figure(comparison.timeStep)) s (1 = the training set's RMS), on test simulations")
            print(comparison.table)
            for failure in comparison.failures { print(failure) }
        }
        print("written to \(path)")
    }
}
