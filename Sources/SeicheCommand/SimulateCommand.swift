import ArgumentParser
import Basics
import Configuration
import Foundation

struct SimulateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Run the Fortran model and write its trajectories as NetCDF.",
        discussion: """
            Writes DIRECTORY/training, validation and test, one file per simulation, and DIRECTORY/SHA256SUMS, with DIRECTORY from \
            simulations.directory. Says first how much disk this takes at most, and stops if that is not free. Files that are there already \
            and belong to this experiment are kept, so an interrupted run goes on where it stopped. The same experiment gives the same \
            bytes, on any number of threads: all cores, or as many as SEICHE_THREADS in the environment says.
            """)

    @Argument(help: "One or more experiments, YAML files.", completion: .file(extensions: ["yaml", "yml"]))
    var experiments: [String]

    @OptionGroup var changes: ExperimentChanges

    @Flag(help: "Replace files that are damaged or belong to another experiment.")
    var overwrite = false

    func run() throws {
        Interruption.watch()
        let loaded = try experiments.map { try changes.load($0) }
        try requireFoldersOfTheirOwn(loaded)
        let sets = try loaded.map { try DataSetInTheMaking($0.simulationPlan(), overwrite: overwrite) }
        try checkSpace(sets)
        for set in sets { try set.make() }
    }

    /// Two experiments in one folder would overwrite each other's files.
    private func requireFoldersOfTheirOwn(_ loaded: [Experiment]) throws {
        var owners: [String: String] = [:]
        for (path, experiment) in zip(experiments, loaded) {
            let folder = URL(fileURLWithPath: experiment.simulations.directory).standardizedFileURL.path
            if let owner = owners.updateValue(path, forKey: folder) {
                throw SeicheError(
                    .invalidInput, "'\(owner)' and '\(path)' would write to one folder, '\(experiment.simulations.directory)'",
                    remedy: "give each experiment a simulations.directory of its own, or simulate them one by one")
            }
        }
    }

    /// Says how much disk all the files need at most, and refuses when a volume does not have as much.
    private func checkSpace(_ sets: [DataSetInTheMaking]) throws {
        var needs: [UInt64: (needed: Double, free: Double?, sets: [DataSetInTheMaking])] = [:]
        for set in sets where set.filesToMake > 0 {
            let volume = try Files.volume(holding: set.directory)
            let before = needs[volume.id] ?? (0, volume.free, [])
            needs[volume.id] = (before.needed + set.bytesNeeded, volume.free, before.sets + [set])
        }
        for (needed, free, sets) in needs.values.sorted(by: { $0.sets[0].directory < $1.sets[0].directory }) {
            let files = sets.reduce(0) { $0 + $1.filesToMake }
            let place = sets.count == 1 ? "'\(sets[0].directory)'" : "'\(sets[0].directory)' and \(sets.count - 1) more"
            let need = "\(files) files in \(place) need at most \(Text.bytes(needed))"
            if let free, needed > free {
                throw SeicheError(
                    .file, "\(need), but \(Text.bytes(free)) are free",
                    why: "every value that varies counts in full, as deflating shortens it by a tenth only",
                    remedy: "free some space, give simulations.directory a place on another disk, or make fewer or shorter simulations")
            }
            print(need + (free.map { "; \(Text.bytes($0)) are free" } ?? ""))
        }
    }
}
