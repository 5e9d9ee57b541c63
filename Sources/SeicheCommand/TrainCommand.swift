import ArgumentParser

struct TrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Train an emulator on the training simulations.",
        discussion: """
            Writes DIRECTORY/NAME/latest.nc, best.nc (lowest validation error) and log.jsonl, with DIRECTORY from training.directory. \
            Stopped by Ctrl-C, it saves first; the same command goes on where it stopped and, trained by steps, ends bit for bit where an \
            uninterrupted run would have. A section training in an emulator's own section, such as emulators.explicit.training, holds what \
            differs from the experiment's.
            """)

    @OptionGroup var options: ExperimentOptions

    @Option(
        help: """
            Which emulator: implicit, of flux form with a linear implicit layer; flux_form, the same without its solve; explicit, a small \
            convolutional net; bilinear_implicit and bilinear_explicit, the talk's; unet; non_local, dense layers on one grid; implicit_residual, \
            residual blocks with implicit layers.
            """)
    var emulator: EmulatorKind = .implicit

    @Option(help: "Name of the run, a folder in training.directory; the emulator's kind by default.")
    var name: String?

    @Option(
        help: ArgumentHelp(
            "Train for as long as the run of this name took, instead of training.steps: a comparison at equal time.", valueName: "run"))
    var timeOf: String?

    @Flag(help: "Start anew where a run of this name is there already.")
    var restart = false

    func validate() throws {
        // The name becomes a folder.
        if let name, name.isEmpty || name.hasPrefix(".") || !name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "_-.".contains($0)) }) {
            throw ValidationError("--name may hold letters, digits, '_', '-' and '.', and must not start with '.'.")
        }
    }

    func run() throws {
        Interruption.watch()
        let experiment = try options.load()
        let run = try TrainingRun(experiment: experiment, kind: emulator, name: name ?? emulator.rawValue, timeOf: timeOf)
        try run.train(restart: restart)
    }
}
