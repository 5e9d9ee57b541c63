import Basics
import Configuration
import Trajectories

/// A data set that can be made, whatever its model: what `seiche simulate` needs to know of it.
protocol SimulationPlan: Sendable {
    var experiment: Experiment { get }

    /// Whether the file of a simulation is there already, and what this experiment would write.
    func status(_ split: TrajectoryDataSet.Split, _ index: Int, of path: String) throws -> TrajectoryStatus

    /// What the files will hold.
    func volume() throws -> StoredVolume

    /// Makes one file, unless an interruption is asked for on the way; reports every so often how many more steps of the model are done.
    func simulate(_ split: TrajectoryDataSet.Split, _ index: Int, to path: String, progress: (Int) -> Void) throws
}

extension Experiment {
    /// How to make the experiment's data set.
    func simulationPlan() throws -> any SimulationPlan {
        if let model = model.lorenz96 { return try Lorenz96Plan(self, model) }
        return try ShallowWaterPlan(scenario: Scenario(self))
    }
}

/// How much a simulation's file holds, for an upper bound of its size before it is written.
struct StoredVolume {
    /// Values of one state: those that vary, and those that are the same in all states (land), which shrink to nearly nothing when deflated.
    var varying: Int
    var constant: Int
    /// Bytes of one value.
    var valueSize: Int
    /// Fields of one state, and states that share a chunk of each.
    var fields: Int
    var statesPerChunk = 1
    /// Bytes of what does not change with time.
    var fixed: Int
    var isDeflated: Bool

    /// Upper bound of a file's bytes: what varies counts in full, as deflating shortens it by a tenth only.
    func bytes(states: Int) -> Double {
        let values = Double(varying) + Double(constant) * (isDeflated ? 0.05 : 1)
        // The last chunk may hold fewer states, which shrink to nothing only when deflated.
        let chunks = (Double(states) / Double(statesPerChunk)).rounded(.up)
        let stored = isDeflated ? Double(states) : chunks * Double(statesPerChunk)
        // HDF5 keeps an index of chunks and some pages of its own; measured on small files. 8 bytes are the time.
        return stored * (values * Double(valueSize) + 8) + chunks * Double(fields) * 128 + Double(fixed) + 65_536
    }
}

extension TrajectoryDataSet.Split {
    /// The same in the experiment.
    var name: Experiment.Simulations.SplitName {
        switch self {
        case .training: .training
        case .validation: .validation
        case .test: .test
        }
    }
}

/// The error for a file that is in the way.
func foreign(_ path: String, _ why: String) -> SeicheError {
    SeicheError(
        .file, "'\(path)' is not what this experiment would write: \(why)",
        remedy: "give simulations.directory another value, or replace such files with `seiche simulate --overwrite`")
}
