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

    @Option(
        help: """
            Which emulator: \(EmulatorKind.names); flux_form is the implicit one without its solve. Of Lorenz '96: \(Lorenz96EmulatorKind.names). \
            The first by default.
            """)
    var emulator: String?

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
        if experiment.model.lorenz96 != nil {
            let kind = try Lorenz96EmulatorKind.named(emulator)
            try train(experiment, kind.rawValue, Lorenz96Training(experiment, kind))
        } else {
            let kind = try EmulatorKind.named(emulator)
            try train(experiment, kind.rawValue, ShallowWaterTraining(experiment, kind))
        }
    }

    private func train(_ experiment: Experiment, _ kind: String, _ task: some TrainingTask) throws {
        try TrainingRun(task, of: experiment, name: name ?? kind, timeOf: timeOf).train(restart: restart)
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

enum EmulatorKind: String, EmulatorChoice {
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
