import ArgumentParser
import Basics
import Configuration

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
            residual blocks with implicit layers. Of Lorenz '96: \(Lorenz96EmulatorKind.names). The first by default.
            """)
    var emulator: String?

    @Option(help: "Name of the run, a folder in training.directory; the emulator's kind by default.")
    var name: String?

    @Option(
        help: ArgumentHelp(
            "Train for as long as the run of this name took, instead of training.steps: a comparison at equal time.", valueName: "run"))
    var timeOf: String?

    @Option(
        help: ArgumentHelp(
            "Start from the weights of this run or checkpoint, of the same network and time step, instead of random ones.", valueName: "run"))
    var from: String?

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
        if experiment.model.lorenz96 != nil {
            let kind = try Lorenz96EmulatorKind.named(emulator)
            try train(experiment, kind.rawValue, Lorenz96Training(experiment, kind))
        } else {
            let kind = try EmulatorKind.named(emulator)
            try train(experiment, kind.rawValue, ShallowWaterTraining(experiment, kind))
        }
    }

    private func train(_ experiment: Experiment, _ kind: String, _ task: some TrainingTask) throws {
        try TrainingRun(task, of: experiment, name: name ?? kind, timeOf: timeOf, from: from).train(restart: restart)
    }
}

/// The emulators of a model, as the command line names them.
protocol EmulatorChoice: RawRepresentable<String>, CaseIterable {}

extension EmulatorChoice {
    /// All, for a sentence.
    static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }

    /// The one of this name, the first where there is none.
    static func named(_ name: String?) throws -> Self {
        guard let name else { return allCases[allCases.startIndex] }
        guard let kind = Self(rawValue: name) else {
            throw SeicheError(.invalidInput, "the experiment has no emulator '\(name)'", remedy: "give --emulator one of \(names)")
        }
        return kind
    }
}
