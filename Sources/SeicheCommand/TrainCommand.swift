import ArgumentParser
import Basics
import Configuration
import Dynamics
import Emulators
import Foundation
import Tensors
import Training
import Trajectories

struct TrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Train an emulator on the training simulations.",
        discussion: """
            Writes DIRECTORY/NAME/latest.nc, best.nc (lowest validation error) and log.jsonl, with DIRECTORY from training.directory. \
            Stopped by Ctrl-C, it saves first; the same command goes on where it stopped and, trained by steps, ends bit for bit where an \
            uninterrupted run would have.
            """)

    @OptionGroup var options: ExperimentOptions

    @Option(help: "Which emulator; flux_form is the implicit one without its solve.")
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

enum EmulatorKind: String, ExpressibleByArgument, CaseIterable {
    case implicit, explicit
    /// The implicit one without its solve; it has the implicit one's settings.
    case fluxForm = "flux_form"
}

extension Experiment {
    /// The network of a kind, with the explicit one's size matched to the implicit one's unless it is given.
    func specification(_ kind: EmulatorKind) -> NetworkSpecification {
        let implicit = NetworkSpecification.implicit(products: emulators.implicit.products, stresses: emulators.implicit.stresses)
        switch kind {
        case .implicit: return implicit
        case .fluxForm: return .fluxForm(products: emulators.implicit.products, stresses: emulators.implicit.stresses)
        case .explicit:
            let explicit = emulators.explicit
            if let hidden = explicit.hidden {
                return .explicit(products: explicit.products, linear: explicit.linear, hidden: hidden)
            }
            return .explicit(matching: implicit, products: explicit.products, linear: explicit.linear)
        }
    }

    func learningRate(_ kind: EmulatorKind) -> Double {
        switch kind {
        case .implicit, .fluxForm: emulators.implicit.learningRate
        case .explicit: emulators.explicit.learningRate
        }
    }
}
