import ArgumentParser
import Basics
import Configuration

struct AssimilateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "assimilate",
        abstract: "Estimate states from noisy observations, by 4D-Var, 3D-Var and optimal interpolation.",
        discussion: """
            Twin experiments with the Lorenz '96 model, one for each of assimilation.runs: a truth is observed with errors, and each run tries to \
            follow it window after window with the model's own tangent-linear and adjoint. Prints errors and diagnostics, and writes \
            DIRECTORY/RUN.nc for each, with DIRECTORY from assimilation.directory.
            """)

    @OptionGroup var options: ExperimentOptions

    @Option(name: .customLong("run"), help: ArgumentHelp("Only this run; may be repeated.", valueName: "name"))
    var only: [String] = []

    func run() throws {
        Interruption.watch()
        let experiment = try options.load()
        guard let wanted = experiment.lorenz96.assimilation, experiment.model.lorenz96 != nil else {
            throw SeicheError(
                .invalidInput, "'\(options.experiment)' has no section assimilation",
                remedy: "start from experiments/assimilation_lorenz96.yaml; data assimilation knows the Lorenz '96 model only")
        }
        for name in only where !wanted.runs.contains(where: { $0.name == name }) {
            throw SeicheError(
                .invalidInput, "there is no run '\(name)' in '\(options.experiment)'",
                remedy: "its runs are \(wanted.runs.map(\.name).joined(separator: ", "))")
        }
        let chosen = only.isEmpty ? wanted.runs : wanted.runs.filter { only.contains($0.name) }
        try Files.createFolder(wanted.directory)
        let results = try Lorenz96Assimilation(experiment, wanted).run(chosen)
        print(Lorenz96Assimilation.report(results, wanted))
        for result in results { print("written to \(wanted.directory)/\(result.run.name).nc") }
    }
}
