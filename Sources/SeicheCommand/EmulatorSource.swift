import ArgumentParser
import Basics
import Configuration
import Dynamics
import Emulators

/// A trained emulator as the user names it: a run in training.directory, or a path of a checkpoint.
struct EmulatorSource {
    let label: String
    let path: String
    let checkpoint: EmulatorCheckpoint

    /// The label as part of a file's name.
    var name: String {
        let last = Files.name(of: label)
        return last.hasSuffix(".nc") ? String(last.dropLast(3)) : last
    }

    init(_ given: String, experiment: Experiment) throws {
        let run = "\(experiment.training.directory)/\(given)/best.nc"
        if Files.exists(run) {
            (label, path) = (given, run)
        } else if Files.exists(given), !Files.isFolder(given) {
            (label, path) = (given, given)
        } else {
            throw SeicheError(
                .file, "there is no emulator '\(given)': neither '\(run)' nor a file of that name",
                remedy: "train it first with `seiche train`, or check the name")
        }
        checkpoint = try EmulatorCheckpoint(reading: path)
        guard checkpoint.timeStep == experiment.model.timeStep else {
            throw SeicheError(
                .invalidInput, "the emulator '\(given)' steps \(checkpoint.timeStep) s, the experiment \(experiment.model.timeStep) s",
                remedy: "use an emulator that was trained for this experiment")
        }
    }

    /// The runs in training.directory, sorted by name.
    static func all(_ experiment: Experiment) throws -> [EmulatorSource] {
        let folder = experiment.training.directory
        let names = Files.isFolder(folder) ? try Files.list(folder: folder).filter { Files.exists("\(folder)/\($0)/best.nc") } : []
        guard !names.isEmpty else {
            throw SeicheError(.file, "there is no trained emulator in '\(folder)'", remedy: "train one first with `seiche train`")
        }
        // The implicit emulator is what the others are compared with.
        let sources = try names.map { try EmulatorSource($0, experiment: experiment) }
        return sources.filter { $0.checkpoint.specification.kind == "implicit" } + sources.filter { $0.checkpoint.specification.kind != "implicit" }
    }
}

/// The emulators that a command looks at.
struct EmulatorOptions: ParsableArguments {
    @Option(name: .long, parsing: .singleValue, help: "A run in training.directory or a checkpoint's path; may be repeated; all runs by default.")
    var emulator: [String] = []

    func load(_ experiment: Experiment) throws -> [EmulatorSource] {
        emulator.isEmpty ? try EmulatorSource.all(experiment) : try emulator.map { try EmulatorSource($0, experiment: experiment) }
    }
}

/// What emulators compute in.
struct PrecisionOption: ParsableArguments {
    @Option(help: "What the emulators compute in: single is about twice as fast.")
    var precision: EmulatorPrecision = .double
}

extension EmulatorPrecision: ExpressibleByArgument {}
