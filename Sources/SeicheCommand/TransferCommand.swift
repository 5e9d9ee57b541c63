import ArgumentParser
import Basics
import Configuration
import Emulators

struct TransferCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "transfer",
        abstract: "Try emulators, as they were trained, on cases that they were not trained on.",
        discussion: """
            The cases are the experiment's transfer.cases: other depths, sizes, time steps or seas. The Fortran model runs each in memory, \
            from the seeds of the test simulations; the first case is the experiment itself. Errors are relative to the RMS of the case's own \
            truth, with their ratio to the first case's, and to the RMS of the training set. An emulator that cannot take a case says why. \
            Writes transfer.nc into training.directory.
            """)

    @OptionGroup var options: ExperimentOptions

    @OptionGroup var emulators: EmulatorOptions

    @OptionGroup var computing: PrecisionOption

    func run() throws {
        Interruption.watch()
        let experiment = try options.loadShallowWater()
        let sources: [EmulatorSource] = try emulators.load(experiment)
        let path = "\(experiment.training.directory)/transfer.nc"
        try Files.createFolder(Files.folder(of: path))
        let study = try TransferStudy(experiment, sources, precision: computing.precision)
        try study.write(to: path)
        print(study.report)
        print("written to \(path)")
    }
}
