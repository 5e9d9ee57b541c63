import ArgumentParser
import Basics
import Configuration

struct AssimilateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "assimilate",
        abstract: "Estimate states from noisy observations, by 4D-Var, 3D-Var and optimal interpolation.",
        discussion: """
            Twin experiments, one for each of assimilation.runs: the Fortran model makes a truth that is observed with errors, and each run tries to \
            follow it window after window, with the Fortran model or with an emulator, whose derivatives 4D-Var takes. Prints errors and \
            diagnostics, and writes DIRECTORY/RUN.nc for each, with DIRECTORY from assimilation.directory.
            """)

    @OptionGroup var options: ExperimentOptions

    @Option(name: .customLong("run"), help: ArgumentHelp("Only this run; may be repeated.", valueName: "name"))
    var only: [String] = []

    @Flag(help: "Only test what 4D-Var differentiates: operators, B, model and J, over the first window of each run.")
    var check = false

    func run() throws {
        Interruption.watch()
        let experiment = try options.changes.load(options.experiment)
        if experiment.model.lorenz96 != nil, let wanted = experiment.lorenz96.assimilation {
            let chosen = try chosen(of: wanted.runs, named: \.name)
            let assimilation = try Lorenz96Assimilation(experiment, wanted)
            guard !check else { return try report(assimilation.check(chosen)) }
            try Files.createFolder(wanted.directory)
            let results = try assimilation.run(chosen)
            print(Lorenz96Assimilation.report(results, wanted))
            return list(results.filter { $0.failure == nil }.map(\.run.name), in: wanted.directory)
        }
        guard let wanted = experiment.assimilation else {
            throw SeicheError(
                .invalidInput, "'\(options.experiment)' has no section assimilation",
                remedy: "start from experiments/assimilation_lorenz96.yaml or experiments/assimilation_basin.yaml")
        }
        let chosen = try chosen(of: wanted.runs, named: \.name)
        if chosen.contains(where: \.scheme.usesEmulator) { try experiment.model.checkLearnable() }
        let assimilation = try ShallowWaterAssimilation(experiment, wanted)
        guard !check else { return try report(assimilation.check(chosen)) }
        let results = try assimilation.run(chosen)
        print(results.report)
        let written = try results.runs.filter { try results.write($0, to: "\(wanted.directory)/\($0.settings.name).nc") }
        list(written.map(\.settings.name), in: wanted.directory)
    }

    private func chosen<Run>(of runs: [Run], named name: KeyPath<Run, String>) throws -> [Run] {
        for asked in only where !runs.contains(where: { $0[keyPath: name] == asked }) {
            throw SeicheError(
                .invalidInput, "there is no run '\(asked)' in '\(options.experiment)'",
                remedy: "its runs are \(runs.map { $0[keyPath: name] }.joined(separator: ", "))")
        }
        return only.isEmpty ? runs : runs.filter { only.contains($0[keyPath: name]) }
    }

    private func report(_ checks: [AssimilationCheck]) throws {
        print(AssimilationCheck.report(checks))
        try AssimilationCheck.verify(checks)
    }

    private func list(_ names: [String], in directory: String) {
        for name in names { print("written to \(directory)/\(name).nc") }
    }
}
