import Basics
import Configuration
import Foundation
import Trajectories

/// The data set of one experiment: what of it is there, and the making of the rest.
struct DataSetInTheMaking {
    private let plan: any SimulationPlan
    private let checksums: ChecksumFile
    private let all: [Simulation]
    private let missing: [Simulation]

    var directory: String { plan.experiment.simulations.directory }
    var filesToMake: Int { missing.count }
    /// Upper bound of what these files take on the disk.
    let bytesNeeded: Double

    private struct Simulation: Sendable {
        let split: TrajectoryDataSet.Split
        let index: Int
        let path: String
        /// With the spin-up.
        let steps: Int
    }

    /// Looks at every file that is there; one that this experiment would not write is an error, or to be replaced with `overwrite`.
    init(_ plan: any SimulationPlan, overwrite: Bool) throws {
        let settings = plan.experiment.simulations
        let all = TrajectoryDataSet.Split.allCases.flatMap { split in
            (0..<settings[split.name].count).map { index in
                Simulation(
                    split: split, index: index, path: TrajectoryDataSet.path(directory: settings.directory, split: split, index: index),
                    steps: settings.spinUpSteps + settings[split.name].steps)
            }
        }
        let isMissing = Slots<Bool>(all.count)
        try concurrentForEach(all.count) { k in
            switch try plan.status(all[k].split, all[k].index, of: all[k].path) {
            case .missing: isMissing.set(k, true)
            case .complete: isMissing.set(k, false)
            case .differs(let why):
                guard overwrite else { throw foreign(all[k].path, why) }
                isMissing.set(k, true)
            }
        }
        self.plan = plan
        self.all = all
        missing = zip(all, isMissing.values).filter(\.1).map(\.0)
        let volume = try plan.volume()
        bytesNeeded = missing.reduce(0) { $0 + volume.bytes(states: $1.steps - settings.spinUpSteps + 1) }
        checksums = try ChecksumFile(folder: settings.directory)
    }

    /// Makes what is missing, and the checksums of all. Stopped by the user, it throws once the files in the making are gone.
    func make() throws {
        if missing.count < all.count { print("\(all.count - missing.count) of \(all.count) simulations are complete already") }
        if !missing.isEmpty {
            try Files.createFolder(directory)
            try checksums.remove()
            try simulate()
        }
        let names = all.map { String($0.path.dropFirst(directory.count + 1)) }
        if !checksums.lists(names) { try writeChecksums(names) }
        print("\(all.count) simulations in \(directory)")
    }

    private func simulate() throws {
        let progress = SharedProgress("simulating \(missing.count) runs, steps", total: missing.reduce(0) { $0 + $1.steps })
        try concurrentForEach(missing.count) { k in
            if Interruption.isRequested { return }
            try plan.simulate(missing[k].split, missing[k].index, to: missing[k].path) { progress.add($0) }
        }
        if Interruption.isRequested {
            throw SeicheError(.interrupted, "stopped; finished simulations are kept", remedy: "run the same command again to go on")
        }
    }

    private func writeChecksums(_ names: [String]) throws {
        let progress = SharedProgress("checksums of files", total: names.count)
        try checksums.write(names) { progress.add($0) }
    }
}
