import ArgumentParser
import Basics
import Configuration
import Dynamics
import Emulators

/// A trained emulator as the user names it: a run in training.directory, or a path of a checkpoint.
struct TrainedEmulator<File: Checkpoint> {
    let label: String
    let path: String
    let checkpoint: File

    /// The label as part of a file's name.
    var name: String {
        let last = Files.name(of: label)
        return last.hasSuffix(".nc") ? String(last.dropLast(3)) : last
    }

    /// - Parameter wanted: the step that it shall take; the experiment's model's where nil.
    init(_ given: String, experiment: Experiment, timeStep wanted: Double? = nil) throws {
        let run = "\(experiment.training.directory)/\(given)/best.nc"
        if Files.exists(run) {
            (label, path) = (given, run)
        } else if Files.exists(given), !Files.isFolder(given) {
            (label, path) = (given, given)
        } else {
            throw SeicheError(
                .file, "there is no emulator '\(given)': neither '\(run)' nor a file of that name",
                remedy: "train it first, with `seiche train` or, of a subgrid term, `seiche subgrid`, or check the name")
        }
        checkpoint = try File(reading: path)
        let (own, unit) = experiment.model.lorenz96.map { ($0.timeStep, "") } ?? (experiment.model.timeStep, " s")
        let timeStep = wanted ?? own
        guard checkpoint.timeStep == timeStep || checkpoint.servesOtherDiscretisations else {
            throw SeicheError(
                .invalidInput, "the emulator '\(given)' steps \(checkpoint.timeStep)\(unit), the experiment \(timeStep)\(unit)",
                remedy: "use an emulator that was trained for this experiment")
        }
    }

    /// The runs in training.directory, sorted by name.
    static func all(_ experiment: Experiment) throws -> [Self] {
        let folder = experiment.training.directory
        let names = Files.isFolder(folder) ? try Files.list(folder: folder).filter { Files.exists("\(folder)/\($0)/best.nc") } : []
        guard !names.isEmpty else {
            throw SeicheError(.file, "there is no trained emulator in '\(folder)'", remedy: "train one first with `seiche train`")
        }
        let emulators = try names.map { try Self($0, experiment: experiment) }
        let isFirst = { (emulator: Self) in emulator.checkpoint.kind == File.kinds[0] }
        return emulators.filter(isFirst) + emulators.filter { !isFirst($0) }
    }
}

typealias EmulatorSource = TrainedEmulator<EmulatorCheckpoint>

extension TrainedEmulator<EmulatorCheckpoint> {
    /// The label, and whether its training has ended.
    var labelOfState: String {
        let isUnfinished = (checkpoint.numbers["step"] ?? 0) < (checkpoint.numbers["steps"] ?? 0)
        return label + (isUnfinished ? " (unfinished)" : "")
    }

    /// Weights, samples seen and seconds taken in training.
    var training: (parameters: Int, samples: Double, seconds: Double) {
        (checkpoint.parameters.count, checkpoint.numbers["samples"] ?? .nan, checkpoint.numbers["seconds"] ?? .nan)
    }
}

/// The emulators that a command looks at.
struct EmulatorOptions: ParsableArguments {
    @Option(name: .long, parsing: .singleValue, help: "A run in training.directory or a checkpoint's path; may be repeated; all runs by default.")
    var emulator: [String] = []

    func load<File>(_ experiment: Experiment) throws -> [TrainedEmulator<File>] {
        emulator.isEmpty ? try TrainedEmulator.all(experiment) : try emulator.map { try TrainedEmulator($0, experiment: experiment) }
    }
}

/// What emulators compute in.
struct PrecisionOption: ParsableArguments {
    @Option(help: "What the emulators compute in: single is about twice as fast.")
    var precision: EmulatorPrecision = .double
}

extension EmulatorPrecision: ExpressibleByArgument {}
