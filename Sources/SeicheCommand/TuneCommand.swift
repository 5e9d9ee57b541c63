import ArgumentParser
import Basics
import Configuration

struct TuneCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tune",
        abstract: "Estimate parameters of a model from noisy observations, alone or together with its state.",
        discussion: """
            Twin experiments, one for each of tuning.runs and each repetition: the experiment's model is observed with errors, and its parameters \
            are to be found again from a wrong first guess, by 4D-Var of state and parameters with the model's own tangent-linear and adjoint. \
            Prints estimates with the deviations that the cost's Hessian promises, and writes DIRECTORY/RUN.nc for each run, with DIRECTORY from \
            tuning.directory.
            """)

    @OptionGroup var options: ExperimentOptions

    @Option(name: .customLong("run"), help: ArgumentHelp("Only this run; may be repeated.", valueName: "name"))
    var only: [String] = []

    func run() throws {
        Interruption.watch()
        let experiment = try options.load()
        guard let wanted = experiment.tuning else {
            throw SeicheError(
                .invalidInput, "'\(options.experiment)' has no section tuning",
                remedy: "start from experiments/tune_lorenz96.yaml or experiments/tune_basin.yaml")
        }
        for name in only where !wanted.runs.contains(where: { $0.name == name }) {
            throw SeicheError(
                .invalidInput, "there is no run '\(name)' in '\(options.experiment)'",
                remedy: "its runs are \(wanted.runs.map(\.name).joined(separator: ", "))")
        }
        let chosen = only.isEmpty ? wanted.runs : wanted.runs.filter { only.contains($0.name) }
        try Files.createFolder(wanted.directory)
        let results = try chosen.map { run in
            switch (experiment.model.lorenz96, run.usesEmulator) {
            case (nil, false): return try TuneStudy(wanted, setting: ShallowWaterTuning(experiment)).run(run)
            case (nil, true):
                throw SeicheError(
                    .invalidInput, "run '\(run.name)' is to estimate through the emulator '\(run.model)'",
                    why: "emulators of the shallow-water model have no drag and no friction", remedy: "leave out model")
            case (_?, false): return try TuneStudy(wanted, setting: Lorenz96Tuning(experiment)).run(run)
            case (_?, true): return try TuneStudy(wanted, setting: EmulatedLorenz96Tuning(experiment, emulator: run.model)).run(run)
            }
        }
        print(TuneReport.text(results))
        for result in results {
            let path = "\(wanted.directory)/\(result.run.name).nc"
            try TuneReport.write(result, wanted, of: experiment, to: path)
            print("written to \(path)")
        }
    }
}
