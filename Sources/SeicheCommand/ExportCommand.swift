import ArgumentParser
import Basics
import Emulators
import Foundation

struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write the best weights of a run as a file to keep or to give away.",
        discussion: """
            Weights, scales, time step, grid, the whole experiment and the data's checksum, without what only a training needs to go on. Every command takes \
            such a file in the place of a run's name.
            """)

    @OptionGroup var options: ExperimentOptions

    @Option(help: "A run in training.directory, or the path of a checkpoint.")
    var emulator: String

    @Option(help: "The file to write; it must not be there yet.", completion: .file(extensions: ["nc"]))
    var output: String

    @Flag(help: "Write it even if it is there already.")
    var overwrite = false

    func run() throws {
        let experiment = try options.load()
        guard overwrite || !Files.exists(output) else {
            throw SeicheError(.file, "'\(output)' is there already", remedy: "give another --output, or --overwrite")
        }
        if experiment.model.lorenz96 != nil {
            let source: TrainedEmulator<Lorenz96Checkpoint> = try TrainedEmulator(emulator, experiment: experiment)
            var checkpoint = source.checkpoint
            checkpoint.vectors = [:]
            try write(checkpoint)
        } else {
            var checkpoint = try EmulatorSource(emulator, experiment: experiment).checkpoint
            checkpoint.vectors = [:]
            try write(checkpoint)
        }
    }

    private func write(_ checkpoint: some Checkpoint) throws {
        try Files.createFolder(Files.folder(of: output))
        try checkpoint.write(to: output)
        print("\(checkpoint.parameters.count) weights of a network of kind \(checkpoint.kind) in \(output)")
    }
}
