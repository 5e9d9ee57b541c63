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
            training set. That of one step is the mean over all states of all test simulations, with the standard deviation over \
            simulations; that of forecasts the mean over forecasts. A forecast that blows up counts as infinitely wrong from there on. Of Lorenz '96 also the \
            time for which forecasts are valid, and Lyapunov exponents. Writes comparison.nc into training.directory.

            With --stability N also N steps of each emulator in single precision from the first test state: whether they stay finite, \
            their RMS and the drift of their mass.
            """)

    @OptionGroup var options: ExperimentOptions

    @OptionGroup var emulators: EmulatorOptions

    @OptionGroup var computing: PrecisionOption

    @Option(help: ArgumentHelp("Also run each emulator for so many steps in single precision, and write stability.nc.", valueName: "steps"))
    var stability: Int?

    func validate() throws {
        if let stability, !(1...1_000_000_000).contains(stability) { throw ValidationError("--stability takes a number of steps of at least 1.") }
    }

    func run() throws {
        Interruption.watch()
        let experiment = try options.load()
        let path = "\(experiment.training.directory)/comparison.nc"
        if experiment.model.lorenz96 != nil {
            if stability != nil {
                throw SeicheError(
                    .invalidInput, "--stability is for shallow-water emulators", why: "the Lyapunov exponents tell of those of Lorenz '96",
                    remedy: "leave it out")
            }
            let sources: [TrainedEmulator<Lorenz96Checkpoint>] = try emulators.load(experiment)
            try Files.createFolder(Files.folder(of: path))
            let comparison = try Lorenz96Comparison(experiment, sources)
            try comparison.write(to: path)
            print(comparison.report)
            print("written to \(path)")
        } else {
            let sources: [EmulatorSource] = try emulators.load(experiment)
            // Before the work, not after it: the emulators may come from elsewhere.
            try Files.createFolder(Files.folder(of: path))
            let comparison = try Comparison.run(experiment, sources: sources, precision: computing.precision)
            try comparison.write(to: path)
            print("Forecast error by lead time in steps of \(Text.figure(comparison.timeStep)) s (1 = the training set's RMS), on test simulations")
            print(comparison.table)
            for failure in comparison.failures { print(failure) }
            print("written to \(path)")
            if let stability { try runOn(experiment, sources, steps: stability) }
        }
    }

    private func runOn(_ experiment: Experiment, _ sources: [EmulatorSource], steps: Int) throws {
        let path = "\(experiment.training.directory)/stability.nc"
        let study = try StabilityStudy(experiment, sources, steps: steps)
        try study.write(to: path)
        print(study.report)
        print("written to \(path)")
    }
}
